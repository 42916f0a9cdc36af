// A module that keeps personal data, and what becomes of it when the person is erased.
#include "kernel/personal.hpp"

#include <gtest/gtest.h>

#include "base/hash/sha256.hpp"
#include "kernel/errors.hpp"
#include "kernel/module.hpp"
#include "kernel/table.hpp"
#include "kernel/testing/fake_vault.hpp"
#include "kernel/testing/module_harness.hpp"

namespace keel::kernel {
namespace {

using testing::Decided;
using testing::FakeVault;
using testing::ModuleHarness;
using testing::Modules;

constexpr ModuleId kGuestsModule{60101};
constexpr CommandType kInvite{kGuestsModule, 1};
constexpr QueryType kGetGuest{kGuestsModule, 1};
constexpr EventType kInvited{kGuestsModule, 1};
constexpr std::uint32_t kNameField = 2;
constexpr std::array kEvents{EventSchema{kInvited, SchemaVersion(1), "guests.invited"}};

constexpr Subject kAda{TenantId(1), SubjectId(1815)};

struct Guest {
  std::array<std::byte, 120> sealed_name;
  std::uint64_t size;
};

// Payload of the command: a SubjectId and a name; of the event: a SubjectId and the sealed name.
class Guests final : public Module {
 public:
  Guests(UndoLog& undo, HashSeed seed) : guests_({kGuestsModule, 1}, "guests", undo, seed) {}

  ModuleInfo info() const override {
    return {.id = kGuestsModule, .name = "guests", .events = kEvents};
  }
  void needs(const Command& command, Needs& needs) const override {
    const auto subject = ByteReader(command.payload).read<uint128>();
    if (subject.ok()) needs.subject({command.tenant, SubjectId(*subject)});
  }
  Result<Outcome> decide(Transaction& tx, const Command& command, const Context&) const override {
    ByteReader reader(command.payload);
    const SubjectId subject(KEEL_TRY(reader.read<uint128>()));
    const ByteView name = KEEL_TRY(reader.take(reader.remaining()));
    Bytes event;
    append(event, object_bytes(subject));
    append(event, KEEL_TRY(tx.seal(subject, kInvited, kNameField, name)));
    tx.emit(kInvited, SchemaVersion(1), event);
    return Outcome{};
  }
  void apply(const Event& event) override {
    ByteReader reader(event.payload);
    const auto subject = reader.read_object<SubjectId>().value();
    Guest guest{.sealed_name = {}, .size = reader.remaining()};
    ByteWriter(guest.sealed_name).write(reader.take(guest.size).value());
    guests_.insert(subject, guest);
  }
  // Answers with the sealed name: the edge opens it.
  Result<> query(const Query& query, Bytes& reply) const override {
    const Guest* guest = guests_.find(KEEL_TRY(ByteReader(query.payload).read_object<SubjectId>()));
    if (guest == nullptr) return kSubjectUnknown;
    append(reply, ByteView(guest->sealed_name).first(guest->size));
    return success();
  }
  std::span<TableBase* const> tables() override { return tables_; }

 private:
  Table<SubjectId, Guest> guests_;
  std::array<TableBase*, 1> tables_{&guests_};
};

struct PersonalTest : ::testing::Test {
  Decided invite(SubjectId subject, std::string_view name) {
    Bytes payload;
    append(payload, object_bytes(subject));
    append(payload, as_bytes(name));
    return harness.when(kInvite, payload);
  }
  Bytes sealed_name() { return harness.query(kGetGuest, object_bytes(kAda.id)).value(); }
  Result<std::optional<Bytes>> open(std::uint32_t field, ByteView sealed) {
    return vault.open({.subject = kAda, .event = kInvited, .field = field}, sealed);
  }

  FakeVault vault;
  ModuleHarness harness{[](UndoLog& undo, HashSeed seed) {
                          Modules modules;
                          modules.push_back(std::make_unique<Guests>(undo, seed));
                          return modules;
                        },
                        {.vault = &vault}};
};

TEST_F(PersonalTest, what_is_kept_is_sealed_and_opens_at_its_place_only) {
  vault.admit(kAda);
  ASSERT_TRUE(invite(kAda.id, "Ada").ok());
  const Bytes sealed = sealed_name();
  EXPECT_EQ(as_text(sealed).find("Ada"), std::string_view::npos);
  EXPECT_LE(sealed.size(), 3 + kSealOverhead);
  EXPECT_EQ(as_text(*open(kNameField, sealed).value()), "Ada");
  EXPECT_TRUE(open(kNameField + 1, sealed).error().is(kSealBroken));
}

TEST_F(PersonalTest, erasing_a_person_changes_no_state_and_leaves_nothing_to_read) {
  vault.admit(kAda);
  ASSERT_TRUE(invite(kAda.id, "Ada").ok());
  const Digest before = harness.digest();
  vault.erase(kAda);
  EXPECT_EQ(open(kNameField, sealed_name()).value(), std::nullopt);
  harness.check_replay();
  EXPECT_EQ(harness.digest(), before);
}

TEST_F(PersonalTest, nothing_is_sealed_for_whom_there_is_no_key) {
  EXPECT_TRUE(invite(kAda.id, "Ada").is(kSubjectUnknown));
  vault.erase(kAda);
  EXPECT_TRUE(invite(kAda.id, "Ada").is(kSubjectErased));
}

TEST_F(PersonalTest, the_same_value_is_sealed_differently_each_time) {
  vault.admit(kAda);
  constexpr Subject kGrace{TenantId(1), SubjectId(1906)};
  vault.admit(kGrace);
  const Decided first = invite(kAda.id, "same");
  const Decided second = invite(kGrace.id, "same");
  EXPECT_NE(first.events.at(0).payload, second.events.at(0).payload);
}

}  // namespace
}  // namespace keel::kernel
