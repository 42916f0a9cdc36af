// A module for the tests of personal data: guests, whose names are sealed.
#pragma once

#include <array>

#include "base/describe/wire.hpp"
#include "kernel/described/personal_fields.hpp"
#include "kernel/errors.hpp"
#include "kernel/module.hpp"
#include "kernel/table.hpp"

namespace keel::engine::test {

inline constexpr kernel::ModuleId kGuests{60110};
inline constexpr kernel::CommandType kInvite{kGuests, 1};
inline constexpr kernel::QueryType kGetGuest{kGuests, 1};
inline constexpr kernel::EventType kInvited{kGuests, 1};

// The command, with the name as it is, and the event, with the name sealed.
struct Invitation {
  kernel::SubjectId guest;
  Bytes name;

  static constexpr auto description() {
    return describe<Invitation>("keel.test.Invitation", field<1>("guest", &Invitation::guest),
                                field<2>("name", &Invitation::name, personal("guest")));
  }
};

class Guests final : public kernel::Module {
 public:
  Guests(kernel::UndoLog& undo, kernel::HashSeed seed)
      : guests_({kGuests, 1}, "guests", undo, seed) {}

  kernel::ModuleInfo info() const override {
    return {.id = kGuests,
            .name = "guests",
            .events = kEvents,
            .commands = kCommands,
            .queries = kQueries};
  }
  void needs(const kernel::Command& command, kernel::Needs& needs) const override {
    const auto asked = decode<Invitation>(command.payload);
    if (asked.ok()) needs.subject({command.tenant, asked->guest});
  }
  Result<kernel::Outcome> decide(kernel::Transaction& tx, const kernel::Command& command,
                                 const kernel::Context&) const override {
    Invitation event = KEEL_TRY(decode<Invitation>(command.payload));
    KEEL_TRY(kernel::seal_personal(tx, kInvited, event));
    Bytes payload;
    encode(event, payload);
    tx.emit(kInvited, kernel::SchemaVersion(1), payload);
    return kernel::Outcome{};
  }
  void apply(const kernel::Event& event) override {
    const Invitation invited = decode<Invitation>(event.payload).value();
    Row row{.size = invited.name.size()};
    ByteWriter(row.sealed_name).write(invited.name);
    if (guests_.find(invited.guest) == nullptr) {
      guests_.insert(invited.guest, row);
    } else {
      guests_.modify(invited.guest, [&](Row& stored) { stored = row; });
    }
  }
  // The invitation with its name sealed: the edge opens it.
  Result<> query(const kernel::Query& query, Bytes& reply) const override {
    const auto guest = KEEL_TRY(ByteReader(query.payload).read_object<kernel::SubjectId>());
    const Row* row = guests_.find(guest);
    if (row == nullptr) return kernel::kSubjectUnknown;
    const ByteView name = ByteView(row->sealed_name).first(row->size);
    encode(Invitation{.guest = guest, .name = {name.begin(), name.end()}}, reply);
    return success();
  }
  std::span<kernel::TableBase* const> tables() override { return tables_; }

 private:
  struct Row {
    std::array<std::byte, 120> sealed_name{};
    std::uint64_t size = 0;
  };
  static constexpr std::array kEvents{
      kernel::EventSchema{kInvited, kernel::SchemaVersion(1), "guests.invited"}};
  static constexpr std::array kCommands{kInvite};
  static constexpr std::array kQueries{kGetGuest};

  kernel::Table<kernel::SubjectId, Row> guests_;
  std::array<kernel::TableBase*, 1> tables_{&guests_};
};

}  // namespace keel::engine::test
