// What the tests of clients share: a machine with a core for the cell and two for its clients, and
// a host that opens the cell on a journal in memory.
#pragma once

#include "engine/cell/cell_host.hpp"
#include "engine/requests/client.hpp"
#include "engine/testing/test_cell.hpp"

namespace keel::engine::test {

using Answers = journal::MemoryJournal::Answer;

class MemoryOpener final : public JournalOpener {
 public:
  explicit MemoryOpener(runtime::Core& core) : core_(core) {}
  runtime::Task<Result<std::unique_ptr<journal::Journal>>> open() override {
    ++openings;
    if (failure.has_value()) co_return *failure;
    auto memory = std::make_unique<journal::MemoryJournal>(core_, history);
    memory->answer(std::exchange(next_answer, Answers::durable));
    co_return memory;
  }
  journal::MemoryHistory history;
  Answers next_answer = Answers::durable;
  std::optional<Error> failure;
  int openings = 0;

 private:
  runtime::Core& core_;
};

inline kernel::Command command_of(const AddCommand& body, std::uint64_t id) {
  return {.tenant = TenantId(1),
          .principal = PrincipalId(5),
          .id = CommandId(id),
          .type = AddCommand::kType,
          .schema_version = kernel::SchemaVersion(1),
          .payload = object_bytes(body)};
}

// A machine with a core for the cell and two for its clients.
class ClientTest : public testing::Test {
 protected:
  ClientTest() : machine_(world_.add_machine("10.0.0.1", 3)) {}
  ~ClientTest() override { stop(); }

  void stop() {
    clients_.clear();
    if (host_ == nullptr) return;
    host_->stop();
    run();
    EXPECT_TRUE(ended_.has_value() && ended_->ok());
    host_.reset();
  }
  void start(CellHostOptions options = {}) {
    host_ = std::make_unique<CellHost>(CellHost::Parts{.core = machine_.core(0),
                                                       .journals = opener_,
                                                       .modules = make_modules,
                                                       .authorizer = *authorizer_},
                                       options);
    machine_.start(
        0,
        +[](CellHost* host, std::optional<Result<>>* ended) -> runtime::Task<> {
          ended->emplace(co_await host->run());
          co_await host->drain();
        },
        host_.get(), &ended_);
    for (std::size_t core = 0; core < 3; ++core) {
      clients_.push_back(std::make_unique<CellClient>(machine_.core(core), host_->inbox()));
    }
  }
  void run() { EXPECT_TRUE(world_.run_until_idle()); }

  sim::World world_{{.seed = 5}};
  sim::Machine& machine_;
  AllowAll allow_all_;
  const Authorizer* authorizer_ = &allow_all_;
  MemoryOpener opener_{machine_.core(0)};
  std::unique_ptr<CellHost> host_;
  std::optional<Result<>> ended_;
  std::vector<std::unique_ptr<CellClient>> clients_;
};

}  // namespace keel::engine::test
