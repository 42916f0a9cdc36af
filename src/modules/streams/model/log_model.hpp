// An independent model of named streams and their consumers: plain maps, one tenant, every message
// with its own time and size. Written from docs/streams.md, not from the module; it shares no code
// with it but the words (log/types.hpp).
//
// For tests. Time comes in; what is over is dropped when expire() is called, all at once.
#pragma once

#include <map>
#include <string>

#include "modules/streams/log/requests.hpp"
#include "modules/streams/requests.hpp"

namespace keel::streams {

struct ModelStored {
  std::string topic;
  std::string payload;
  Timestamp published{};
  std::uint64_t bytes() const {  // as stored
    return (40 + topic.size() + payload.size() + 127) / 128 * 128;
  }
};

struct ModelPending {
  std::uint64_t consumer_sequence = 0;
  Timestamp due{};
  std::uint32_t deliveries = 0;
};

struct ModelConsumer {
  ConsumerTerms terms;
  Sequence next = 1;
  std::uint64_t delivered = 0;
  std::uint64_t redelivered = 0;
  std::uint64_t given_up = 0;
  std::map<Sequence, ModelPending> pending;
};

struct ModelStream {
  StreamTerms terms;
  std::map<Sequence, ModelStored> messages;
  Sequence last = 0;
  std::map<std::string, ModelConsumer> consumers;

  std::uint64_t bytes() const;
  Sequence first() const { return messages.empty() ? last + 1 : messages.begin()->first; }
};

class LogModel {
 public:
  LogCode put(const PutStream& asked);
  LogCode remove(const std::string& name);
  std::uint64_t purge(const PurgeStream& asked);
  // What a publish comes to; the sequence is zero when no stream takes it.
  struct Appended {
    OpCode code = OpCode::done;
    Sequence sequence = 0;
  };
  Appended publish(const std::string& topic, const std::string& payload, Timestamp now);
  LogCode put(const PutConsumer& asked);
  LogCode remove(const std::string& stream, const std::string& consumer);
  std::vector<Delivery> fetch(const std::string& stream, const std::string& consumer,
                              std::uint32_t most, Timestamp now);
  // How many were pending.
  std::uint64_t acknowledge(const Acknowledge& asked, Timestamp now);
  void expire(Timestamp now);

  std::map<std::string, ModelStream>& streams() { return streams_; }

 private:
  static bool fits(const std::string& filter, const std::string& topic);
  static void keep_limits(ModelStream& stream);

  std::map<std::string, ModelStream> streams_;
};

}  // namespace keel::streams
