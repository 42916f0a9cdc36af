// StreamsOracle: what may come of batches, of time and of queries of streams, from docs/streams.md,
// with the model of modules/streams/model as its memory.
//
//   - a batch is read by a reader of its own, each operation is given to the model, and the reply
//     and the facts are compared whole, byte by byte, with those that must follow: what was
//     acknowledged is there once, a packet id of QoS 2 stores once, a will is published once;
//   - time does what is due and nothing else, the earliest first, in pieces as the document says;
//   - every page of every query is made again by brute force;
//   - at rest nothing that was due is left, no will that was due is unpublished.
#pragma once

#include "modules/streams/model/model.hpp"
#include "sim/torture/streams/asked_batch.hpp"
#include "sim/torture/workload.hpp"

namespace keel::torture {

class StreamsOracle final : public Oracle {
 public:
  // Counts what was met, as "publish: repeated".
  StreamsOracle(const streams::StreamsOptions& options, Counts& counts)
      : model_(options), counts_(counts) {}

  Finding command(const Ask& ask, const Decided& decided) override;
  Finding time_passed(Timestamp now, Timestamp last, const std::vector<Fact>& facts) override;
  Finding query(const Ask& ask, ByteView reply) override;
  Finding at_rest(const Rest& rest) override;
  Finding refused(const Ask& ask, const Error& error) override;

  // Everything that is to be met, at zero.
  static void declare(Counts& counts);

 private:
  // A fact, but of one operation where several are recorded together.
  struct Step {
    std::uint32_t type = 0;
    Bytes bytes;
    friend bool operator==(const Step&, const Step&) = default;
  };
  // What must come of a batch.
  struct Expected {
    Bytes results;
    Bytes dropped;
    std::vector<Step> steps;
  };

  void expect(AskedOp& op, Timestamp now, Expected& expected);
  streams::ModelResult expect_publish(AskedOp& op, Timestamp now, Expected& expected);
  streams::ModelResult expect_open(AskedOp& op, Timestamp now, Expected& expected);
  streams::ModelResult expect_close(const AskedOp& op, Timestamp now, Expected& expected);
  streams::ModelResult expect_filter(const AskedOp& op, Expected& expected);
  streams::ModelResult expect_small(const AskedOp& op, Expected& expected);
  void count(const AskedOp& op, const streams::ModelResult& result);
  static std::vector<Step> steps_of(const std::vector<Fact>& facts);
  // When what the fact says was due; the model has done it. nullopt: it is wrong.
  std::optional<Timestamp> pass(const Fact& fact, Timestamp now);

  streams::Model model_;
  Counts& counts_;
};

// The reply to a query over what the model holds; nullopt: it is malformed.
std::optional<Finding> compare_streams_query(const streams::Model& model, const Ask& ask,
                                             ByteView reply);

}  // namespace keel::torture
