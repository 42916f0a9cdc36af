// SchemaBook: how a module says what it publishes. One list a module, beside its types:
//
//   kernel::SchemaBook published() {
//     kernel::SchemaBook book(kModule, "ledger");
//     book.values("AccountFlag", {{"linked", AccountFlag::linked}, …});
//     book.row("Balances", column("debits_pending", &Balances::debits_pending), …);
//     book.event<AccountCreated>("account_created");
//     book.command(kCreateAccounts, "create_accounts",
//                  book.bytes<BatchHeader, Many<AccountSpec>>(), book.bytes<Many<RowResult>>());
//     book.table(2, "ledger.accounts", book.bytes<Slot, AccountKey, AccountRow>());
//     return book;
//   }
//
// Rows are listed before what speaks of them. A row that leaves a field out does not compile: the
// sizes of its columns are its size. One line in node/schema/published_test.cpp compares the list
// with schema/ and with the module's own info().
//
// Thread: any; a value.
#pragma once

#include <bit>
#include <concepts>
#include <initializer_list>
#include <utility>

#include "base/describe/describe.hpp"
#include "base/flags.hpp"
#include "base/text/fixed_text.hpp"
#include "kernel/published/module_schema.hpp"
#include "kernel/table/stored.hpp"

namespace keel::kernel {

template <typename Row, typename Member>
struct Column {
  std::string_view name;
  Member Row::* member;
};
template <typename Row, typename Member>
constexpr Column<Row, Member> column(std::string_view name, Member Row::* member) {
  return {name, member};
}

// Where a Table holds a row; stands before the key in a snapshot.
using Slot = std::uint32_t;

// In a payload: as many of them as its bytes hold.
template <typename T>
struct Many {};

class SchemaBook {
 public:
  SchemaBook(ModuleId module, std::string_view name);

  // The names of an enum's or of flags' values.
  template <typename E>
  void values(std::string_view name, std::initializer_list<std::pair<std::string_view, E>> list) {
    ValuesSchema& made = schema_.values.emplace_back();
    made.name = name;
    for (const auto& [value_name, value] : list) {
      made.values.push_back({static_cast<std::uint64_t>(value), std::string(value_name)});
    }
    know<E>(name);
  }
  template <typename E>
  void values(std::string_view name, std::vector<NamedValue> list) {
    schema_.values.push_back({std::string(name), std::move(list)});
    know<E>(name);
  }
  // Of a described enum: what it says of itself, under its name without the package.
  template <DescribedEnum E>
  void values() {
    constexpr auto described = description(std::type_identity<E>{});
    std::vector<NamedValue> list;
    for (const EnumeratorInfo& one : described.enumerators) {
      list.push_back({one.value, std::string(one.name)});
    }
    values<E>(described.name.substr(described.name.rfind('.') + 1), std::move(list));
  }

  template <Stored Row, typename... Members>
  void row(std::string_view name, const Column<Row, Members>&... columns) {
    static_assert((sizeof(Members) + ...) == sizeof(Row), "a column for every field of the row");
    RowSchema made{.name = std::string(name), .bytes = sizeof(Row), .fields = {}};
    (made.fields.push_back({std::string(columns.name), offset_of(columns.member), sizeof(Members),
                            type_of<Members>()}),
     ...);
    add(std::move(made));
    know<Row>(name);
  }

  // A row event, or a described struct with kEventType and kSchemaVersion. Older versions that
  // journals may hold are listed beside the newest, each with its own struct.
  template <typename Event>
  void event(std::string_view name) {
    event(Event::kEventType, Event::kSchemaVersion, name, bytes<Event>());
  }
  void event(EventType type, SchemaVersion version, std::string_view name, std::string payload);
  void command(CommandType type, std::string_view name, std::string payload, std::string reply,
               SchemaVersion version = SchemaVersion{1});
  void query(QueryType type, std::string_view name, std::string payload, std::string reply,
             SchemaVersion version = SchemaVersion{1});
  // A described command with kType, and Answer where it has one. `with`: what the reply says beside
  // its payload.
  template <Described Command>
  void command(std::string_view name, std::string_view with = {}) {
    std::string payload = bytes<Command>();
    std::string reply = with.empty() ? "" : "nothing";
    if constexpr (requires { requires Described<typename Command::Answer>; }) {
      reply = bytes<typename Command::Answer>();
    }
    if (!with.empty()) reply += " " + std::string(with);
    command(Command::kType, name, std::move(payload), std::move(reply));
  }
  template <Described Query>
  void query(std::string_view name) {
    query(Query::kType, name, bytes<Query>(), bytes<typename Query::Answer>());
  }
  // `number` as in its TableId. A record is, of a Table: Slot, key, row; of an OrderedTable: key,
  // row; of a HistoryTable: its row. `holds`: what the bytes of many records make together.
  void table(std::uint16_t number, std::string_view name, std::string record,
             std::string holds = {}, SchemaVersion version = SchemaVersion{1});

  // A payload that is one of several: its head, of which one field is an E, then what the kind
  // says. The values of E are listed beside it.
  template <typename E>
  struct Case {
    E kind;
    std::string_view name;
    std::string payload;  // after the head
  };
  template <typename E>
  void variant(std::string_view name, std::string head, const std::vector<Case<E>>& cases) {
    VariantSchema& made = schema_.variants.emplace_back();
    made.name = name;
    made.head = std::move(head);
    for (const Case<E>& one : cases) {
      made.cases.push_back(
          {static_cast<std::uint64_t>(one.kind), std::string(one.name), one.payload});
    }
  }

  // The parts of a payload: rows, described structs, integers; the last may be Many<>.
  template <typename... Parts>
  std::string bytes() {
    std::string text;
    ((text += (text.empty() ? "" : " ") + part(std::type_identity<Parts>{})), ...);
    return text;
  }

  const ModuleSchema& schema() const noexcept [[clang::lifetimebound]] { return schema_; }
  // The described structs that it speaks of: published as packages of their own.
  std::span<const StructInfo* const> messages() const noexcept [[clang::lifetimebound]] {
    return messages_;
  }

 private:
  struct Known {
    const void* type;
    std::string name;
  };
  template <typename T>
  static constexpr char kTypeKey = 0;  // its address names the type

  template <typename T>
  void know(std::string_view name) {
    known_.push_back({&kTypeKey<T>, std::string(name)});
  }
  // Asserts that it was listed.
  std::string name_of(const void* type) const;
  void add(RowSchema row);
  std::string message(const StructInfo& info);

  template <typename Row, typename Member>
  static std::uint32_t offset_of(Member Row::* member) {
    const Row probe{};
    return static_cast<std::uint32_t>(std::bit_cast<std::uintptr_t>(&(probe.*member)) -
                                      std::bit_cast<std::uintptr_t>(&probe));
  }

  template <typename T>
  std::string part(std::type_identity<Many<T>>) {
    return part(std::type_identity<T>{}) + "[]";
  }
  template <typename T>
  std::string part(std::type_identity<T>) {
    if constexpr (Described<T>) {
      return message(info<T>());
    } else {
      return type_of<T>();
    }
  }

  template <typename T>
  std::string type_of() const;
  template <typename T, std::size_t Size>
  std::string array_of(std::type_identity<std::array<T, Size>>) const {
    const std::string count = "[" + std::to_string(Size) + "]";
    if constexpr (std::same_as<T, std::byte>) return "bytes" + count;
    if constexpr (std::same_as<T, char>) return "text" + count;
    return type_of<T>() + count;
  }

  ModuleSchema schema_;
  std::vector<const StructInfo*> messages_;
  std::vector<Known> known_;
};

namespace detail {
template <typename T>
concept IdLike = requires(const T& id) {
  typename T::representation;
  { id.value() } -> std::same_as<typename T::representation>;
};
template <typename T>
concept FlagsLike = requires { typename T::enumeration; };
template <typename T>
inline constexpr bool kIsArray = false;
template <typename T, std::size_t Size>
inline constexpr bool kIsArray<std::array<T, Size>> = true;
template <typename T>
inline constexpr bool kIsText = false;
template <std::size_t Size>
inline constexpr bool kIsText<FixedText<Size>> = true;
}  // namespace detail

template <typename T>
std::string SchemaBook::type_of() const {
  const std::string bits = std::to_string(8 * sizeof(T));
  if constexpr (std::same_as<T, bool>) {
    return "bool";
  } else if constexpr (detail::IdLike<T>) {
    return type_of<typename T::representation>();
  } else if constexpr (detail::FlagsLike<T>) {
    return "flags" + bits + " " + name_of(&kTypeKey<typename T::enumeration>);
  } else if constexpr (std::is_enum_v<T>) {
    return "enum" + bits + " " + name_of(&kTypeKey<T>);
  } else if constexpr (std::same_as<T, Timestamp>) {
    return "timestamp";
  } else if constexpr (std::same_as<T, uint128>) {
    return "uint128";
  } else if constexpr (std::integral<T>) {
    return (std::is_signed_v<T> ? "sint" : "uint") + bits;
  } else if constexpr (detail::kIsArray<T>) {
    return array_of(std::type_identity<T>{});
  } else if constexpr (detail::kIsText<T>) {
    return type_of<decltype(T::chars)>();
  } else {
    return name_of(&kTypeKey<T>);
  }
}

}  // namespace keel::kernel
