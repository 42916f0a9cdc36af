// TransferLoad: clients that move money through a node's API, and what became of it.
//
// Every request carries an Idempotency-Key and transfer ids that nobody has used; every answer is
// read and each of its result codes checked. With a rate the load is open: a request's latency
// counts from the moment at which it was to be sent, whether or not the client was ready then, so
// that a stall of the server is seen by all who would have come meanwhile (coordinated omission
// corrected). Without one it is closed.
//
// Thread: one core of the process that measures.
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.hpp"
#include "node/client/http_client.hpp"
#include "node/load/histogram.hpp"
#include "node/load/slots.hpp"
#include "runtime/scope.hpp"

namespace keel::node {

struct LoadOptions {
  std::uint32_t clients = 32;
  std::uint32_t batch = 1;  // transfers a request
  bool binary = false;      // packed records; always when batch > 1
  std::uint64_t rate = 0;   // requests a second, all clients together; 0: as fast as answers come
  std::uint64_t accounts = 1'000;
  // Ids of acknowledged transfers to keep: all up to so many, then evenly fewer of them.
  std::size_t remember = 0;
};

struct LoadResult {
  std::uint64_t requests = 0;         // answered
  std::uint64_t transfers = 0;        // acknowledged as created
  std::uint64_t not_created = 0;      // answered with another result code
  std::uint64_t refused = 0;          // answered with a status of 400 and more
  std::uint64_t lost = 0;             // connection lost before the answer
  Histogram latency;                  // of answered requests
  std::vector<uint128> acknowledged;  // some of them, when there were more than to remember

  // Takes in what came after.
  void add(const LoadResult& later);
};

class TransferLoad {
 public:
  // `run_id` makes this run's transfer ids its own: random.
  TransferLoad(runtime::Core& core, NodeAddress address, LoadOptions options, std::uint64_t run_id);

  // Opens the ledger and creates the accounts, if they are not there.
  runtime::Task<Result<>> prepare(runtime::Wait wait);
  // Sends until stop() or until `wait` is called off, then returns when every client has ended.
  runtime::Task<> run(runtime::Wait wait);
  void stop() noexcept { stopped_ = true; }

  // What has happened since the last call; the latencies too.
  LoadResult take() noexcept;

 private:
  static runtime::Task<> client(TransferLoad* load, std::uint32_t index, runtime::Wait wait);
  runtime::Task<bool> one_request(HttpClient& client, std::uint32_t index, runtime::Wait wait);
  uint128 write_json(std::uint64_t number, std::string& body) const;
  uint128 write_rows(std::uint64_t number, std::string& body) const;
  std::uint64_t count_created(const ApiResponse& response) const;
  void remember(uint128 id);
  std::pair<std::uint64_t, std::uint64_t> accounts_of(std::uint64_t number) const;

  runtime::Core& core_;
  NodeAddress address_;
  LoadOptions options_;
  std::uint64_t run_id_;
  std::uint64_t next_transfer_ = 1;
  Slots slots_;
  bool stopped_ = false;
  std::uint64_t remember_each_ = 1;  // every so many of the acknowledged
  std::uint64_t acknowledged_ = 0;
  LoadResult result_;
};

// The gauge or counter of this name, with its labels if it has any, in the text of /metrics.
std::uint64_t metric(std::string_view text, std::string_view name);

}  // namespace keel::node
