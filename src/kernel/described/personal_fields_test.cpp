#include "kernel/described/personal_fields.hpp"

#include <gtest/gtest.h>

#include "base/describe/wire.hpp"
#include "kernel/errors.hpp"
#include "kernel/testing/fake_vault.hpp"

namespace keel::kernel {
namespace {

constexpr ModuleId kModule{60103};
constexpr EventType kStayed{kModule, 1};
constexpr Subject kAda{TenantId(1), SubjectId(1815)};
constexpr Subject kBob{TenantId(1), SubjectId(1842)};

struct Stayed {
  SubjectId guest;
  SubjectId host;
  Bytes guest_name;
  Bytes host_name;
  Bytes room;

  static constexpr auto description() {
    return describe<Stayed>("keel.test.Stayed", field<1>("guest", &Stayed::guest),
                            field<2>("host", &Stayed::host),
                            field<3>("guest_name", &Stayed::guest_name, personal("guest")),
                            field<4>("host_name", &Stayed::host_name, personal("host")),
                            field<5>("room", &Stayed::room));
  }
};

Bytes bytes(std::string_view text) {
  return {as_bytes(text).begin(), as_bytes(text).end()};
}

struct NoEvents final : EventSink, EventApplier {
  bool append(const Event&, std::size_t) override { return true; }
  Mark mark() const override { return {}; }
  void truncate(Mark) override {}
  void apply(const Event&) override {}
};

struct PersonalFields : ::testing::Test {
  PersonalFields() {
    vault.admit(kAda);
    vault.admit(kBob);
  }
  Result<> seal(Stayed& stayed) {
    Transaction tx(TenantId(1), context, nothing, nothing, undo, reply, &vault);
    return seal_personal(tx, kStayed, stayed);
  }
  Stayed stayed() const {
    return {.guest = kAda.id,
            .host = kBob.id,
            .guest_name = bytes("Ada"),
            .host_name = bytes("Bob"),
            .room = bytes("12")};
  }

  testing::FakeVault vault;
  Context context;
  NoEvents nothing;
  UndoLog undo;
  Bytes reply;
};

TEST_F(PersonalFields, are_sealed_each_for_the_person_it_names_and_nothing_else_is) {
  Stayed event = stayed();
  ASSERT_TRUE(seal(event).ok());
  EXPECT_EQ(event.room, bytes("12"));
  Bytes wire;
  encode(event, wire);
  EXPECT_EQ(as_text(wire).find("Ada"), std::string_view::npos);
  EXPECT_EQ(as_text(wire).find("Bob"), std::string_view::npos);
  Stayed read = decode<Stayed>(wire).value();
  EXPECT_FALSE(open_personal(vault, TenantId(1), kStayed, read).value());
  EXPECT_EQ(read.guest_name, bytes("Ada"));
  EXPECT_EQ(read.host_name, bytes("Bob"));
}

TEST_F(PersonalFields, of_who_is_erased_are_empty_and_the_others_are_not) {
  Stayed event = stayed();
  ASSERT_TRUE(seal(event).ok());
  vault.erase(kAda);
  EXPECT_TRUE(open_personal(vault, TenantId(1), kStayed, event).value());
  EXPECT_TRUE(event.guest_name.empty());
  EXPECT_EQ(event.host_name, bytes("Bob"));
}

TEST_F(PersonalFields, are_not_sealed_for_nobody_and_open_at_no_other_place) {
  Stayed event = stayed();
  event.host = SubjectId(7);
  EXPECT_TRUE(seal(event).error().is(kSubjectUnknown));
  Stayed swapped = stayed();
  ASSERT_TRUE(seal(swapped).ok());
  std::swap(swapped.guest_name, swapped.host_name);
  EXPECT_TRUE(open_personal(vault, TenantId(1), kStayed, swapped).error().is(kSealBroken));
}

}  // namespace
}  // namespace keel::kernel
