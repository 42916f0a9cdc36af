// What a module has published, as data: its rows with the place of every field, its events,
// commands, queries and tables with numbers and versions. Kept as JSON under schema/, and compared
// with today's code, so that nobody changes what a journal, a snapshot or a client holds without
// seeing it. A module makes it with a SchemaBook (schema_book.hpp).
//
// Plain values. Thread: any.
#pragma once

#include <string>
#include <vector>

#include "base/describe/describe.hpp"
#include "kernel/module.hpp"

namespace keel::kernel {

// One field of a row. Types: "uint16", "uint128", "sint64", "bool", "timestamp", "bytes[12]",
// "text[3]", "uint32[3]", "flags16 AccountFlag", "enum32 TransferCode", or the name of a row.
struct FieldLayout {
  std::string name = {};
  std::uint32_t offset = 0;  // bytes from the beginning of the row
  std::uint32_t size = 0;    // bytes
  std::string type = {};

  friend bool operator==(const FieldLayout&, const FieldLayout&) = default;
  static constexpr auto description() {
    using F = FieldLayout;
    return describe<F>("keel.schema.FieldLayout", field<1>("name", &F::name),
                       field<2>("offset", &F::offset), field<3>("size", &F::size),
                       field<4>("type", &F::type));
  }
};

// A packed struct, little-endian, without padding.
struct RowSchema {
  std::string name = {};
  std::uint32_t bytes = 0;
  std::vector<FieldLayout> fields = {};

  friend bool operator==(const RowSchema&, const RowSchema&) = default;
  static constexpr auto description() {
    using R = RowSchema;
    return describe<R>("keel.schema.Row", field<1>("name", &R::name), field<2>("bytes", &R::bytes),
                       field<3>("fields", &R::fields));
  }
};

struct NamedValue {
  std::uint64_t value = 0;
  std::string name = {};

  friend bool operator==(const NamedValue&, const NamedValue&) = default;
  static constexpr auto description() {
    using V = NamedValue;
    return describe<V>("keel.schema.NamedValue", field<1>("value", &V::value),
                       field<2>("name", &V::name));
  }
};

// What the numbers of a field mean: an enum, or the bits of flags.
struct ValuesSchema {
  std::string name = {};
  std::vector<NamedValue> values = {};

  static constexpr auto description() {
    using V = ValuesSchema;
    return describe<V>("keel.schema.Values", field<1>("name", &V::name),
                       field<2>("values", &V::values));
  }
};

// One of several payloads, by a number in their head: the operations of a batch. Where a payload
// names it, each kind that there was keeps its number, its name and its bytes; new kinds may come.
struct CaseSchema {
  std::uint64_t value = 0;
  std::string name = {};
  std::string payload = {};  // after the head

  friend bool operator==(const CaseSchema&, const CaseSchema&) = default;
  static constexpr auto description() {
    using C = CaseSchema;
    return describe<C>("keel.schema.Case", field<1>("value", &C::value), field<2>("name", &C::name),
                       field<3>("payload", &C::payload));
  }
};
struct VariantSchema {
  std::string name = {};
  std::string head = {};  // names of rows: one of their fields has the number
  std::vector<CaseSchema> cases = {};

  static constexpr auto description() {
    using V = VariantSchema;
    return describe<V>("keel.schema.Variant", field<1>("name", &V::name),
                       field<2>("head", &V::head), field<3>("cases", &V::cases));
  }
};

// An event, command or query. Payloads: names of rows and variants in their order, "BatchHeader
// Transfer[]" (the last as often as the bytes hold it); "message keel.charging.SessionStarted" for
// a described struct, whose fields stand in schema/<package>.json; other words for what no row
// describes: "SubscribeHead filter" (a row says how long), "rows of WillRowHead topic payload" (all
// that follows, again and again).
struct TypeSchema {
  std::uint32_t number = 0;
  std::uint32_t version = 0;
  std::string name = {};
  std::string payload = {};
  std::string reply = {};  // of events: empty

  static constexpr auto description() {
    using T = TypeSchema;
    return describe<T>("keel.schema.Type", field<1>("number", &T::number),
                       field<2>("version", &T::version), field<3>("name", &T::name),
                       field<4>("payload", &T::payload), field<5>("reply", &T::reply));
  }
};

// A table, as snapshots and the archive hold it.
struct TableSchema {
  std::uint32_t number = 0;
  std::uint32_t version = 0;
  std::string name = {};
  std::string record = {};  // names of rows
  std::string holds = {};   // what the bytes of many records make together; empty: nothing

  static constexpr auto description() {
    using T = TableSchema;
    return describe<T>("keel.schema.Table", field<1>("number", &T::number),
                       field<2>("version", &T::version), field<3>("name", &T::name),
                       field<4>("record", &T::record), field<5>("holds", &T::holds));
  }
};

struct ModuleSchema {
  std::uint32_t module = 0;
  std::string name = {};
  std::vector<RowSchema> rows = {};
  std::vector<ValuesSchema> values = {};
  std::vector<TypeSchema> events = {};
  std::vector<TypeSchema> commands = {};
  std::vector<TypeSchema> queries = {};
  std::vector<TableSchema> tables = {};
  std::vector<VariantSchema> variants = {};

  static constexpr auto description() {
    using M = ModuleSchema;
    return describe<M>("keel.schema.Module", field<1>("module", &M::module),
                       field<2>("name", &M::name, required()), field<3>("rows", &M::rows),
                       field<4>("values", &M::values), field<5>("events", &M::events),
                       field<6>("commands", &M::commands), field<7>("queries", &M::queries),
                       field<8>("tables", &M::tables), field<9>("variants", &M::variants));
  }
};

// As it stands in schema/module.<name>.json.
std::string to_text(const ModuleSchema& schema);

// Each sentence names a change with which stored bytes, or clients of the old schema, would be
// misread:
// - an event, command, query or table that is gone, or has another name, or, at the same version,
//   another payload;
// - a row or variant that these speak of that is gone, or of another size, or with a field gone,
// moved,
//   resized, renamed or of another type. A field named `reserved…` may give its bytes to new ones.
// - a named value that is gone or has another number; a kind of a variant that is gone, or has
//   another name or payload.
// New types and rows, and a changed payload with a higher version beside the old one, are fine.
// A table may change its record with a higher version: snapshots of the old one are refused by
// name, and the journal replayed.
std::vector<std::string> incompatibilities(const ModuleSchema& old, const ModuleSchema& current);

// Each sentence names what a module says of itself (info(), tables()) and its schema does not, or
// the other way round.
std::vector<std::string> omissions(const ModuleSchema& schema, Module& module);

// Of the tables alone, for those that belong to no module.
std::vector<std::string> omissions(const ModuleSchema& schema, std::span<TableBase* const> tables);

}  // namespace keel::kernel
