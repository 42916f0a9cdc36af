#include <gtest/gtest.h>

#include "base/json/json.hpp"
#include "kernel/ordered_table.hpp"
#include "kernel/published/schema_book.hpp"

namespace keel::kernel {
namespace {

inline constexpr ModuleId kPumps{60050};

enum class Mood : std::uint32_t { calm = 0, angry = 1 };
enum class Valve : std::uint16_t { open = 0, shut = 1 };
constexpr auto description(std::type_identity<Valve>) {
  return describe_enum<Valve>("keel.test.Valve", enumerator("open", Valve::open),
                              enumerator("shut", Valve::shut));
}
struct Turn {  // then words, of a `spoken` one
  Valve valve{};
  FixedText<6> label{};
};
struct Pressure {
  std::uint32_t bar = 0;
  Mood mood = Mood::calm;
};
struct Pumped {
  static constexpr EventType kEventType{kPumps, 1};
  static constexpr SchemaVersion kSchemaVersion{1};
  uint128 pump = 0;
  Pressure pressure{};
  std::array<std::byte, 8> reserved{};
};
struct Said {
  static constexpr EventType kEventType{kPumps, 2};
  static constexpr SchemaVersion kSchemaVersion{1};
  std::string text = {};
  static constexpr auto description() {
    return describe<Said>("keel.test.Said", field<1>("text", &Said::text));
  }
};
inline constexpr CommandType kPump{kPumps, 1};
inline constexpr QueryType kAsk{kPumps, 1};
inline constexpr QueryType kListen{kPumps, 2};

SchemaBook book() {
  SchemaBook book(kPumps, "pumps");
  book.values("Mood", {std::pair{std::string_view("calm"), Mood::calm}, {"angry", Mood::angry}});
  book.row("Pressure", column("bar", &Pressure::bar), column("mood", &Pressure::mood));
  book.row("Pumped", column("pump", &Pumped::pump), column("pressure", &Pumped::pressure),
           column("reserved", &Pumped::reserved));
  book.event<Pumped>("pumped");
  book.event<Said>("said");
  book.command(kPump, "pump", book.bytes<std::uint32_t, Many<Pressure>>(), "");
  book.query(kAsk, "ask", "", book.bytes<Pressure>());
  book.table(1, "pumps.pumps", book.bytes<std::uint64_t, Pressure>());

  book.values<Valve>();
  book.row("Turn", column("valve", &Turn::valve), column("label", &Turn::label));
  book.variant<Valve>("Step", book.bytes<Turn>(),
                      {{Valve::open, "opened", "words"}, {Valve::shut, "shut", "uint32"}});
  book.query(kListen, "listen", "", "Step[]");
  return book;
}

class PumpHouse final : public Module {
 public:
  explicit PumpHouse(UndoLog& undo) : pumps_({kPumps, 1}, "pumps.pumps", undo) {}

  ModuleInfo info() const override {
    return {.id = kPumps, .name = "pumps", .events = events, .commands = commands, .queries = {}};
  }
  void needs(const Command&, Needs&) const override {}
  Result<Outcome> decide(Transaction&, const Command&, const Context&) const override {
    return Outcome{};
  }
  void apply(const Event&) override {}
  Result<> query(const Query&, Bytes&) const override { return success(); }
  std::span<TableBase* const> tables() override { return tables_; }

  std::vector<EventSchema> events{
      {Pumped::kEventType, Pumped::kSchemaVersion, "pumped", sizeof(Pumped)},
      {Said::kEventType, Said::kSchemaVersion, "said"}};
  std::vector<CommandType> commands{kPump};

 private:
  OrderedTable<std::uint64_t, Pressure> pumps_;
  std::array<TableBase*, 1> tables_{&pumps_};
};

using Sentences = std::vector<std::string>;

// What is said against a change of what was published.
template <typename Change>
Sentences after(Change&& change) {
  ModuleSchema current = book().schema();
  change(current);
  return incompatibilities(book().schema(), current);
}

TEST(PublishedModule, says_the_place_size_and_type_of_every_field) {
  const SchemaBook made = book();
  const RowSchema& row = made.schema().rows.at(1);
  EXPECT_EQ(row.bytes, 32u);
  EXPECT_EQ(row.fields, (std::vector<FieldLayout>{{"pump", 0, 16, "uint128"},
                                                  {"pressure", 16, 8, "Pressure"},
                                                  {"reserved", 24, 8, "bytes[8]"}}));
  EXPECT_EQ(made.schema().rows.at(0).fields.at(1).type, "enum32 Mood");
  EXPECT_EQ(
      made.schema().rows.at(2).fields,
      (std::vector<FieldLayout>{{"valve", 0, 2, "enum16 Valve"}, {"label", 2, 6, "text[6]"}}));
  EXPECT_EQ(made.schema().values.at(1).values, (std::vector<NamedValue>{{0, "open"}, {1, "shut"}}));
  EXPECT_EQ(made.schema().commands.at(0).payload, "uint32 Pressure[]");
  EXPECT_EQ(made.schema().events.at(1).payload, "message keel.test.Said");
  ASSERT_EQ(made.messages().size(), 1u);
  EXPECT_EQ(made.messages()[0]->name, "keel.test.Said");
}

TEST(PublishedModule, reads_its_own_text) {
  const auto read = from_json<ModuleSchema>(to_text(book().schema()));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(to_text(*read), to_text(book().schema()));
}

TEST(PublishedModule, an_unchanged_or_grown_schema_is_compatible) {
  EXPECT_EQ(after([](ModuleSchema&) {}), Sentences{});
  EXPECT_EQ(after([](ModuleSchema& now) {
              now.events.push_back({.number = 1, .version = 2, .name = "pumped", .payload = "X"});
              now.rows.push_back({.name = "X", .bytes = 1, .fields = {{"x", 0, 1, "uint8"}}});
              now.values.at(0).values.push_back({2, "sad"});
              now.variants.at(0).cases.push_back({2, "half", "uint16"});
            }),
            Sentences{});
}

TEST(PublishedModule, a_reserved_field_may_give_its_bytes) {
  EXPECT_EQ(after([](ModuleSchema& now) {
              std::vector<FieldLayout>& fields = now.rows.at(1).fields;
              fields.at(2) = {"reserved", 28, 4, "bytes[4]"};
              fields.insert(fields.begin() + 2, {"speed", 24, 4, "uint32"});
            }),
            Sentences{});
}

TEST(PublishedModule, a_field_removed_moved_resized_renamed_or_of_another_type_is_refused) {
  using Fields = std::vector<FieldLayout>;
  const auto changed = [](auto change) {
    return after([&](ModuleSchema& now) { change(now.rows.at(1).fields); });
  };
  EXPECT_EQ(changed([](Fields& f) { f.erase(f.begin()); }), Sentences{"field Pumped.pump is gone"});
  EXPECT_EQ(changed([](Fields& f) { f.at(0).name = "house"; }),
            Sentences{"field Pumped.pump is gone"});
  const Sentences other{"field Pumped.pump has another place, size or type"};
  EXPECT_EQ(changed([](Fields& f) { f.at(0).offset = 8; }), other);
  EXPECT_EQ(changed([](Fields& f) { f.at(0).size = 8; }), other);
  EXPECT_EQ(changed([](Fields& f) { f.at(0).type = "uint64[2]"; }), other);
  // Also of a row that only stands inside another.
  EXPECT_EQ(after([](ModuleSchema& now) { now.rows.at(0).fields.at(0).name = "psi"; }),
            Sentences{"field Pressure.bar is gone"});
}

TEST(PublishedModule, a_row_or_value_that_is_gone_or_changed_is_refused) {
  EXPECT_EQ(after([](ModuleSchema& now) { now.rows.erase(now.rows.begin() + 1); }),
            Sentences{"row Pumped is gone"});
  EXPECT_EQ(after([](ModuleSchema& now) { now.rows.at(1).bytes = 40; }),
            Sentences{"row Pumped has another size"});
  EXPECT_EQ(after([](ModuleSchema& now) { now.values.at(0).values.at(1).value = 2; }),
            Sentences{"value Mood.angry has another number"});
  EXPECT_EQ(after([](ModuleSchema& now) { now.values.at(0).values.pop_back(); }),
            Sentences{"value Mood.angry is gone"});
}

TEST(PublishedModule, a_kind_of_a_variant_that_is_gone_or_changed_is_refused) {
  const auto changed = [](auto change) {
    return after([&](ModuleSchema& now) { change(now.variants.at(0)); });
  };
  EXPECT_EQ(changed([](VariantSchema& v) { v.cases.pop_back(); }),
            Sentences{"kind Step.shut is gone"});
  const Sentences other{"kind Step.opened has another name or payload"};
  EXPECT_EQ(changed([](VariantSchema& v) { v.cases.at(0).payload = "uint32"; }), other);
  EXPECT_EQ(changed([](VariantSchema& v) { v.cases.at(0).name = "wide"; }), other);
  EXPECT_EQ(changed([](VariantSchema& v) { v.head = "Turn uint32"; }),
            Sentences{"variant Step has another head"});
  EXPECT_EQ(after([](ModuleSchema& now) { now.variants.clear(); }),
            Sentences{"variant Step is gone"});
  // Its head's rows and their values as well.
  EXPECT_EQ(after([](ModuleSchema& now) { now.rows.at(2).bytes = 10; }),
            Sentences{"row Turn has another size"});
  EXPECT_EQ(after([](ModuleSchema& now) { now.values.at(1).values.pop_back(); }),
            Sentences{"value Valve.shut is gone"});
}

TEST(PublishedModule, a_type_that_is_gone_renamed_renumbered_or_of_another_payload_is_refused) {
  EXPECT_EQ(after([](ModuleSchema& now) { now.events.pop_back(); }),
            Sentences{"event 2 said (version 1) is gone"});
  EXPECT_EQ(after([](ModuleSchema& now) { now.events.at(1).number = 3; }),
            Sentences{"event 2 said (version 1) is gone"});
  EXPECT_EQ(after([](ModuleSchema& now) { now.commands.at(0).name = "push"; }),
            Sentences{"command 1 pump (version 1) is called push"});
  EXPECT_EQ(after([](ModuleSchema& now) { now.queries.at(0).reply = "Pumped"; }).size(), 1u);
  // A higher version does not take the place of the old one: journals hold it.
  EXPECT_EQ(after([](ModuleSchema& now) { now.events.at(0).version = 2; }),
            Sentences{"event 1 pumped (version 1) is gone"});
}

TEST(PublishedModule, a_table_changes_its_record_with_a_higher_version_only) {
  EXPECT_EQ(after([](ModuleSchema& now) { now.tables.at(0).record = "uint64 Pumped"; }).size(), 1u);
  EXPECT_EQ(after([](ModuleSchema& now) {
              now.tables.at(0).record = "uint64 Pumped";
              now.tables.at(0).version = 2;
            }),
            Sentences{});
  EXPECT_EQ(after([](ModuleSchema& now) { now.tables.at(0).holds = "words"; }).size(), 1u);
  EXPECT_EQ(after([](ModuleSchema& now) { now.tables.clear(); }).size(), 1u);
}

TEST(PublishedModule, what_the_module_has_and_its_schema_lacks_is_named) {
  UndoLog undo;
  PumpHouse house(undo);
  EXPECT_EQ(omissions(book().schema(), house), Sentences{});

  ModuleSchema lacks = book().schema();
  lacks.events.clear(), lacks.commands.clear(), lacks.tables.at(0).record = "uint64";
  EXPECT_EQ(omissions(lacks, house),
            (Sentences{"table pumps.pumps has records of 16 bytes, its schema 8",
                       "event pumped is not published", "event said is not published",
                       "command 1 is not published"}));

  house.events.at(0).version = SchemaVersion{2};
  EXPECT_EQ(omissions(book().schema(), house), Sentences{"event pumped is not published"});
  house.events.at(0) = {Pumped::kEventType, Pumped::kSchemaVersion, "pumped", 48};
  EXPECT_EQ(omissions(book().schema(), house),
            Sentences{"event pumped has another size than its schema"});
}

}  // namespace
}  // namespace keel::kernel
