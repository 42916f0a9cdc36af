// What the tests of the engine share: a simulated machine, a cell on a journal in memory whose
// durability can be held back, and requests that remember how they ended.
#pragma once

#include <gtest/gtest.h>

#include <deque>

#include "engine/cell/cell.hpp"
#include "engine/testing/test_counters.hpp"
#include "journal/fake/memory_journal.hpp"
#include "sim/world/world.hpp"

namespace keel::engine::test {

class AllowAll final : public Authorizer {
 public:
  Result<> authorize(PrincipalId, const kernel::Command&) const override { return success(); }
  Result<> authorize(PrincipalId, const kernel::Query&) const override { return success(); }
  Result<> authorize_reading(PrincipalId, std::optional<TenantId>) const override {
    return success();
  }
  Result<> authorize_personal(PrincipalId, const kernel::Subject&) const override {
    return success();
  }
};

// Little work crosses many boundaries: a block of 31 additions, and few of them in memory.
inline ColdOptions tiny_archive() {
  return {.directory = "keel_data/archive",
          .hot_bytes = 8 * sizeof(Addition),
          .store = {.block_bytes = 4096,
                    .blocks_per_file = 2,
                    .cache_bytes = 64 * 4096,
                    .run_rows = 62,
                    .fan_out_unique = 2,
                    .fan_out = 2,
                    .most_runs_unique = 8,
                    .most_runs = 8}};
}

inline Modules make_modules(kernel::UndoLog& undo, kernel::HashSeed seed) {
  Modules modules;
  modules.push_back(std::make_unique<Counters>(undo, seed));
  return modules;
}

// Groups wait here until the test lets them go to the journal behind it.
class HeldJournal final : public journal::Journal {
 public:
  HeldJournal(runtime::Core& core, std::unique_ptr<journal::Journal> inner)
      : inner_(std::move(inner)), let_go_(core) {
    let_go_.set();
  }
  void hold() { let_go_.reset(); }
  void let_go() { let_go_.set(); }

  journal::GroupBuilder* form() override { return inner_->form(); }
  runtime::Task<journal::AppendResult> append(journal::GroupBuilder& group) override {
    static_cast<void>(co_await let_go_.wait({}));
    co_return co_await inner_->append(group);
  }
  void discard(journal::GroupBuilder& group) override { inner_->discard(group); }
  Position durable() const override { return inner_->durable(); }
  Timestamp last_time() const override { return inner_->last_time(); }
  std::size_t in_flight_limit() const override { return inner_->in_flight_limit(); }
  std::string_view durability() const override { return inner_->durability(); }
  runtime::Task<Result<std::unique_ptr<journal::Cursor>>> read(Position after) override {
    co_return co_await inner_->read(after);
  }
  runtime::Task<Result<>> wait_durable(Position after, runtime::Wait wait) override {
    co_return co_await inner_->wait_durable(after, wait);
  }
  runtime::Task<Result<>> close() override { co_return co_await inner_->close(); }

 private:
  std::unique_ptr<journal::Journal> inner_;
  runtime::Notification let_go_;
};

// A request that a test looks at afterwards.
class Asked final : public Request {
 public:
  using Request::Request;
  bool ended() const noexcept { return endings_ == 1; }
  // The outcome's code; asks for an answer that is there.
  std::uint16_t code() const {
    EXPECT_TRUE(ended() && !error.has_value()) << (error ? error->to_string() : "not answered");
    return answer.code;
  }
  bool failed(const ErrorKind& kind) const {
    return ended() && error.has_value() && error->is(kind);
  }
  std::int64_t number() const {
    return ByteReader(answer.payload).read<std::int64_t>().value_or(-1);
  }

 private:
  void settled() noexcept override { ++endings_; }
  int endings_ = 0;
};

class CellTest : public testing::Test {
 protected:
  CellTest() : machine_(world_.add_machine("10.0.0.1", 1)) {}
  ~CellTest() override {
    if (cell_ != nullptr) EXPECT_TRUE(close().ok());
  }

  runtime::Core& core() { return machine_.core(0); }

  void open(CellOptions options = {}) {
    Result<> opened = try_open(options);
    ASSERT_TRUE(opened.ok()) << opened.error().to_string();
  }
  Result<> try_open(CellOptions options = {}) {
    auto memory = std::make_unique<journal::MemoryJournal>(core(), history_);
    memory_ = memory.get();
    return open_on(std::move(memory), options);
  }
  Result<> open_on(std::unique_ptr<journal::Journal> inner, CellOptions options = {}) {
    auto held = std::make_unique<HeldJournal>(core(), std::move(inner));
    held_ = held.get();
    CellParts parts{.core = core(),
                    .journal = std::move(held),
                    .modules = modules_,
                    .authorizer = *authorizer_,
                    .upcaster = upcaster_};
    Result<std::unique_ptr<Cell>> opened = kStopping;
    machine_.start(
        0,
        +[](CellParts* from, CellOptions with, Result<std::unique_ptr<Cell>>* to)
            -> runtime::Task<> { *to = co_await Cell::open(std::move(*from), with, {}); },
        &parts, options, &opened);
    EXPECT_TRUE(world_.run_until_idle());
    if (!opened.ok()) return std::move(opened).error();
    cell_ = *std::move(opened);
    ended_.reset();
    machine_.start(
        0,
        +[](Cell* cell, std::optional<Result<>>* ended) -> runtime::Task<> {
          ended->emplace(co_await cell->run());
        },
        cell_.get(), &ended_);
    return success();
  }
  // Stops the cell and waits for it; what run() said.
  Result<> close() {
    held_->let_go();
    cell_->stop();
    run();
    EXPECT_TRUE(ended_.has_value());
    cell_.reset();
    return ended_.value_or(Result<>());
  }
  void reopen(CellOptions options = {}) {
    EXPECT_TRUE(close().ok());
    open(options);
  }
  void run() { EXPECT_TRUE(world_.run_until_idle()); }
  void run_for(Duration duration) { world_.run_for(duration); }

  template <typename T>
  Asked& send(const T& body, std::uint64_t id, TenantId tenant = TenantId(1),
              std::optional<Position> expected = {}) {
    const ByteView payload = keep(object_bytes(body));
    return submit(kernel::Command{.tenant = tenant,
                                  .principal = PrincipalId(5),
                                  .id = CommandId(id),
                                  .expected_revision = expected,
                                  .type = T::kType,
                                  .schema_version = kernel::SchemaVersion(1),
                                  .payload = payload});
  }
  template <typename What>
  Asked& submit(const What& what) {
    Asked& asked = asked_.emplace_back(what);
    cell_->submit(asked);
    return asked;
  }
  Asked& ask_value(std::uint64_t counter, TenantId tenant = TenantId(1)) {
    const ByteView payload = keep(object_bytes(ValueQuery{.counter = counter}));
    return submit(kernel::Query{.tenant = tenant,
                                .principal = PrincipalId(5),
                                .type = ValueQuery::kType,
                                .payload = payload});
  }
  template <typename Q>
  Asked& ask(const Q& query, TenantId tenant = TenantId(1)) {
    const ByteView payload = keep(object_bytes(query));
    return submit(kernel::Query{
        .tenant = tenant, .principal = PrincipalId(5), .type = Q::kType, .payload = payload});
  }
  std::int64_t value(std::uint64_t counter, TenantId tenant = TenantId(1)) {
    Asked& asked = ask_value(counter, tenant);
    run();
    return asked.number();
  }

  sim::World world_{{.seed = 11}};
  sim::Machine& machine_;
  AllowAll allow_all_;
  const Authorizer* authorizer_ = &allow_all_;
  const Upcaster* upcaster_ = nullptr;
  ModuleFactory modules_ = make_modules;
  journal::MemoryHistory history_;
  journal::MemoryJournal* memory_ = nullptr;
  HeldJournal* held_ = nullptr;
  std::unique_ptr<Cell> cell_;
  std::optional<Result<>> ended_;
  std::deque<Asked> asked_;

 private:
  ByteView keep(ByteView bytes) { return bodies_.emplace_back(bytes.begin(), bytes.end()); }
  std::deque<Bytes> bodies_;
};

}  // namespace keel::engine::test
