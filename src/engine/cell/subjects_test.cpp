// Personal data from a client to the disk and back: sealed wherever it is stored, gone when its
// person is erased, and no state changes by it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "engine/requests/client.hpp"
#include "engine/testing/local_opener.hpp"
#include "engine/testing/test_cell.hpp"
#include "engine/testing/test_guests.hpp"
#include "vault/errors.hpp"

namespace keel::engine::test {
namespace {

using kernel::Subject;
using kernel::SubjectId;
using runtime::Task;

const std::filesystem::path kGolden = KEEL_GOLDEN_ERASED;
constexpr std::string_view kErased = "(erased)";
constexpr std::uint32_t kNameField = 2;

Modules guests_only(kernel::UndoLog& undo, kernel::HashSeed seed) {
  Modules modules;
  modules.push_back(std::make_unique<Guests>(undo, seed));
  return modules;
}

Subject guest(std::uint64_t number) {
  return {TenantId(1), SubjectId(number)};
}

constexpr PrincipalId kStranger{6};

class NoStrangers final : public Authorizer {
 public:
  Result<> authorize(PrincipalId, const kernel::Command&) const override { return success(); }
  Result<> authorize(PrincipalId, const kernel::Query&) const override { return success(); }
  Result<> authorize_personal(PrincipalId principal, const Subject&) const override {
    if (principal == kStranger) return kNotAllowed;
    return success();
  }
};

// A machine with a cell of guests, its journal, its snapshots and its vault.
class Hotel {
 public:
  // Command ids begin behind `commands`, which an earlier life may have used.
  explicit Hotel(std::uint64_t seed, std::uint64_t commands = 0)
      : world_({.seed = seed, .disk = {}, .network = {}}), commands_(commands) {}
  ~Hotel() { stop(); }

  sim::Machine& machine() noexcept { return machine_; }

  // False: the power went before it was open.
  bool start(std::uint64_t max_subjects = 1'000) {
    run(
        +[](Hotel* hotel, std::uint64_t most) -> Task<> {
          auto vault = co_await vault::Vault::open(
              hotel->machine_.core(0),
              {.directory = "keel_data/vault", .max_subjects = most, .keys_at_hand = 1'024});
          if (vault.ok()) hotel->vault_ = *std::move(vault);
        },
        this, max_subjects);
    if (vault_ == nullptr) return false;
    CellHostOptions options;
    options.cell.snapshots = {.directory = "keel_data/snapshots", .every_records = 20};
    host_ = std::make_unique<CellHost>(CellHost::Parts{.core = machine_.core(0),
                                                       .journals = opener_,
                                                       .modules = guests_only,
                                                       .authorizer = authorizer_,
                                                       .vault = vault_.get()},
                                       options);
    host_ended_ = false;
    machine_.start(
        0,
        +[](CellHost* host, bool* ended) -> Task<> {
          static_cast<void>(co_await host->run());
          co_await host->drain();
          *ended = true;
        },
        host_.get(), &host_ended_);
    EXPECT_TRUE(world_.run_until_true([this] { return host_->cell() != nullptr || host_ended_; }));
    if (host_->cell() == nullptr) return false;
    client_ = std::make_unique<CellClient>(machine_.core(0), host_->inbox());
    return true;
  }
  void stop() {
    if (host_ != nullptr) {
      host_->stop();
      client_.reset();
      EXPECT_TRUE(world_.run_until_true([this] { return host_ended_; }));
      EXPECT_TRUE(world_.run_until_idle());
      host_.reset();
    }
    vault_.reset();
  }

  Result<> invite(std::uint64_t number, std::string_view name) {
    Result<> done;
    run(
        +[](Hotel* hotel, std::uint64_t n, std::string_view text, Result<>* out) -> Task<> {
          *out = co_await hotel->ask(n, text);
        },
        this, number, name, &done);
    return done;
  }
  Task<Result<>> ask(std::uint64_t number, std::string_view name) {
    Bytes payload;
    const ByteView text = as_bytes(name);
    encode(Invitation{.guest = SubjectId(number), .name = {text.begin(), text.end()}}, payload);
    const kernel::Command command{.tenant = TenantId(1),
                                  .principal = PrincipalId(5),
                                  .id = CommandId(++commands_),
                                  .type = kInvite,
                                  .schema_version = kernel::SchemaVersion(1),
                                  .payload = payload};
    const Result<Answer> answer = co_await client_->submit(command, {});
    if (!answer.ok()) co_return answer.error();
    co_return success();
  }
  // What an answer shows of a guest: the name, kErased, or the error's name.
  std::string name_of(std::uint64_t number) {
    std::string name;
    run(
        +[](Hotel* hotel, std::uint64_t n, std::string* out) -> Task<> {
          *out = co_await hotel->look_up(n);
        },
        this, number, &name);
    return name;
  }
  // Whether the guest had been erased before.
  Result<bool> erase(std::uint64_t number, PrincipalId principal = PrincipalId(5)) {
    Result<bool> before = false;
    run(
        +[](Hotel* hotel, std::uint64_t n, PrincipalId who, Result<bool>* out) -> Task<> {
          *out = co_await hotel->client_->erase({.principal = who, .subject = guest(n)}, {});
        },
        this, number, principal, &before);
    return before;
  }
  Digest state_hash() { return host_->cell()->state_hash(); }
  std::uint64_t snapshots() { return host_->cell()->statistics().snapshots; }
  Position replayed_from() { return host_->cell()->replay_report().from; }

  // Every file of the machine, by path.
  std::map<std::string, Bytes> files() {
    std::map<std::string, Bytes> all;
    for (const std::string_view directory :
         {"keel_data/journal", "keel_data/snapshots", "keel_data/vault"}) {
      for (const std::string& name : machine_.medium().list(directory)) {
        const std::string path = std::string(directory) + "/" + name;
        const auto node = machine_.medium().find(path);
        Bytes bytes(node->visible.size_bytes);
        node->visible.read(0, bytes);
        all[path] = std::move(bytes);
      }
    }
    return all;
  }
  bool holds(std::string_view text) {
    return std::ranges::any_of(files(), [&](const auto& file) {
      return as_text(file.second).find(text) != std::string_view::npos;
    });
  }
  void put(const std::string& path, Bytes bytes) {
    run(
        +[](Hotel* hotel, std::string to, Bytes content) -> Task<> {
          runtime::Disk& disk = hotel->machine_.core(0).disk();
          EXPECT_TRUE((co_await disk.make_directory(to.substr(0, to.rfind('/')))).ok());
          const auto file = (co_await disk.open(to, {.write = true, .create = true})).value();
          EXPECT_TRUE((co_await file->write(0, content)).ok());
          EXPECT_TRUE((co_await file->sync()).ok());
        },
        this, path, std::move(bytes));
  }
  // Six clients at once, until each has ended.
  template <typename F>
  void invite_together(F client, std::vector<std::uint64_t>& acknowledged) {
    int left = 6;
    for (std::uint64_t first = 1; first <= 6; ++first)
      machine_.start(0, client, this, first, &acknowledged, &left);
    EXPECT_TRUE(world_.run_until_true([&] { return left == 0 || !machine_.power().on; }));
    machine_.cut_power();
    host_->stop();
    EXPECT_TRUE(world_.run_until_true([&] { return left == 0; }));
  }
  void restore_power() {
    machine_.cut_power();
    stop();
    machine_.power().cut_before_write = UINT64_MAX;
    machine_.restore_power();
  }

 private:
  Task<std::string> look_up(std::uint64_t number) {
    const SubjectId id(number);
    const kernel::Query query{.tenant = TenantId(1),
                              .principal = PrincipalId(5),
                              .type = kGetGuest,
                              .payload = object_bytes(id)};
    const Result<Answer> answer = co_await client_->query(query, {});
    if (!answer.ok()) co_return std::string(answer.error().kind().name);
    const auto shown = decode<Invitation>(answer->payload).value();
    const Result<std::optional<Bytes>> name = co_await client_->unseal(
        {.principal = PrincipalId(5),
         .place = {.subject = guest(number), .event = kInvited, .field = kNameField},
         .sealed = shown.name},
        {});
    if (!name.ok()) co_return std::string(name.error().kind().name);
    co_return std::string(*name ? as_text(**name) : kErased);
  }
  template <typename F, typename... Values>
  void run(F task, Values... values) {
    bool done = false;
    machine_.start(
        0,
        +[](F body, bool* ended, Values... given) -> Task<> {
          co_await body(std::move(given)...);
          *ended = true;
        },
        task, &done, std::move(values)...);
    EXPECT_TRUE(world_.run_until_true([&done] { return done; }, Duration::seconds(60)));
  }

  sim::World world_;
  sim::Machine& machine_ = world_.add_machine("10.0.0.1", 1);
  NoStrangers authorizer_;
  LocalOpener opener_{machine_.core(0)};
  std::unique_ptr<vault::Vault> vault_;
  std::unique_ptr<CellHost> host_;
  std::unique_ptr<CellClient> client_;
  std::uint64_t commands_;
  bool host_ended_ = true;
};

TEST(Subjects, journal_snapshots_and_vault_hold_sealed_bytes_only) {
  Hotel hotel(1);
  ASSERT_TRUE(hotel.start());
  for (std::uint64_t number = 1; number <= 40; ++number)
    ASSERT_TRUE(hotel.invite(number, "Augusta Ada King").ok());
  EXPECT_GT(hotel.snapshots(), 0u);
  EXPECT_EQ(hotel.name_of(7), "Augusta Ada King");
  EXPECT_FALSE(hotel.holds("Augusta"));
  EXPECT_FALSE(hotel.holds("Ada"));
  EXPECT_EQ(hotel.name_of(99), "kernel.subject_unknown");
}

TEST(Subjects, an_erasure_changes_no_state_and_a_replay_copes_with_it) {
  Hotel hotel(2);
  ASSERT_TRUE(hotel.start());
  for (std::uint64_t number = 1; number <= 30; ++number)
    ASSERT_TRUE(hotel.invite(number, "Augusta Ada King").ok());
  const Digest before = hotel.state_hash();
  ASSERT_TRUE(hotel.erase(7).ok());
  EXPECT_EQ(hotel.state_hash(), before);
  EXPECT_EQ(hotel.name_of(7), kErased);
  EXPECT_EQ(hotel.name_of(8), "Augusta Ada King");
  EXPECT_TRUE(hotel.invite(7, "Somebody else").error().is(kernel::kSubjectErased));
  hotel.stop();

  ASSERT_TRUE(hotel.start());
  EXPECT_GT(hotel.replayed_from(), Position(0)) << "from a snapshot and a tail";
  EXPECT_EQ(hotel.state_hash(), before);
  EXPECT_EQ(hotel.name_of(7), kErased);
  EXPECT_EQ(hotel.name_of(8), "Augusta Ada King");
  hotel.stop();
  for (const std::string& name : hotel.machine().medium().list("keel_data/snapshots"))
    hotel.machine().medium().remove("keel_data/snapshots/" + name);

  ASSERT_TRUE(hotel.start());
  EXPECT_EQ(hotel.replayed_from(), Position(0)) << "from the whole journal";
  EXPECT_EQ(hotel.state_hash(), before);
  EXPECT_EQ(hotel.name_of(7), kErased);
}

TEST(Subjects, an_erasure_is_of_one_who_is_known_by_one_who_may_and_again_is_said) {
  Hotel hotel(5);
  ASSERT_TRUE(hotel.start());
  ASSERT_TRUE(hotel.invite(7, "Augusta Ada King").ok());
  EXPECT_TRUE(hotel.erase(8).error().is(vault::kNoSuchSubject));
  EXPECT_TRUE(hotel.erase(7, kStranger).error().is(kNotAllowed));
  EXPECT_EQ(hotel.name_of(7), "Augusta Ada King");
  EXPECT_FALSE(hotel.erase(7).value());
  EXPECT_TRUE(hotel.erase(7).value());
  EXPECT_EQ(hotel.name_of(7), kErased);
}

TEST(Subjects, a_person_too_many_is_refused_and_the_others_are_not) {
  Hotel hotel(3);
  ASSERT_TRUE(hotel.start(2));
  EXPECT_TRUE(hotel.invite(1, "Ada").ok());
  EXPECT_TRUE(hotel.invite(2, "Bob").ok());
  EXPECT_TRUE(hotel.invite(3, "Eve").error().is(vault::kFull));
  EXPECT_TRUE(hotel.invite(1, "Ada again").ok());
  EXPECT_EQ(hotel.name_of(1), "Ada again");
}

Task<> invite_some(Hotel* hotel, std::uint64_t first, std::vector<std::uint64_t>* acknowledged,
                   int* left) {
  for (std::uint64_t number = first; number <= 60; number += 6) {
    if (!(co_await hotel->ask(number, "Augusta Ada King")).ok()) break;
    acknowledged->push_back(number);
  }
  --*left;
}

TEST(Subjects, every_guest_that_was_acknowledged_opens_after_a_power_cut) {
  std::size_t seen = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Hotel hotel(seed);
    std::vector<std::uint64_t> acknowledged;
    ASSERT_TRUE(hotel.start());
    sim::Power& power = hotel.machine().power();
    power.cut_before_write = power.writes_begun + 1 + seed * 2;
    hotel.invite_together(invite_some, acknowledged);
    hotel.restore_power();
    ASSERT_TRUE(hotel.start());
    for (const std::uint64_t number : acknowledged)
      EXPECT_EQ(hotel.name_of(number), "Augusta Ada King") << "seed " << seed << ", " << number;
    seen += acknowledged.size();
  }
  EXPECT_GT(seen, 100u);
}

// --- the golden journal of an erased person ---

Bytes read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return {as_bytes(text).begin(), as_bytes(text).end()};
}

void write_golden() {
  Hotel hotel(1'815);
  ASSERT_TRUE(hotel.start());
  ASSERT_TRUE(hotel.invite(1, "Ada Lovelace").ok());
  ASSERT_TRUE(hotel.invite(2, "Grace Hopper").ok());
  ASSERT_TRUE(hotel.erase(1).ok());
  const std::string hash = to_hex(hotel.state_hash());
  hotel.stop();
  for (const auto& [path, bytes] : hotel.files()) {
    const std::filesystem::path to = kGolden / path;
    std::filesystem::create_directories(to.parent_path());
    std::ofstream(to, std::ios::binary) << as_text(bytes);
  }
  std::ofstream(kGolden / "state_hash") << hash << "\n";
}

TEST(GoldenErased, is_read_for_ever_and_its_person_stays_erased) {
  if (std::getenv("KEEL_WRITE_GOLDEN") != nullptr) write_golden();
  Hotel hotel(1, 100);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kGolden / "keel_data")) {
    if (entry.is_regular_file() && entry.path().filename() != "lock")
      hotel.put(std::filesystem::relative(entry.path(), kGolden).string(), read_file(entry.path()));
  }
  ASSERT_TRUE(hotel.start());
  EXPECT_EQ(to_hex(hotel.state_hash()) + "\n", as_text(read_file(kGolden / "state_hash")));
  EXPECT_EQ(hotel.name_of(1), kErased);
  EXPECT_EQ(hotel.name_of(2), "Grace Hopper");
  EXPECT_TRUE(hotel.invite(1, "Ada Lovelace").error().is(kernel::kSubjectErased));
  EXPECT_FALSE(hotel.holds("Lovelace"));
}

}  // namespace
}  // namespace keel::engine::test
