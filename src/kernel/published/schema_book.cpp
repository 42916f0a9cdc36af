#include "kernel/published/schema_book.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace keel::kernel {
namespace {

std::uint32_t number_in(std::uint32_t type) {
  return type & 0xFFFF;
}

}  // namespace

SchemaBook::SchemaBook(ModuleId module, std::string_view name) {
  schema_.module = module.value();
  schema_.name = name;
}

std::string SchemaBook::name_of(const void* type) const {
  const auto found = std::ranges::find(known_, type, &Known::type);
  KEEL_ASSERT(found != known_.end());  // list the row, or the values, before what speaks of it
  return found->name;
}

void SchemaBook::add(RowSchema row) {
  KEEL_ASSERT(std::ranges::find(schema_.rows, row.name, &RowSchema::name) == schema_.rows.end());
  std::ranges::sort(row.fields, {}, &FieldLayout::offset);
  schema_.rows.push_back(std::move(row));
}

std::string SchemaBook::message(const StructInfo& info) {
  if (std::ranges::find(messages_, &info) == messages_.end()) messages_.push_back(&info);
  return "message " + std::string(info.name);
}

void SchemaBook::event(EventType type, SchemaVersion version, std::string_view name,
                       std::string payload) {
  KEEL_ASSERT(type.module().value() == schema_.module);
  schema_.events.push_back({.number = number_in(type.value()),
                            .version = version.value(),
                            .name = std::string(name),
                            .payload = std::move(payload)});
}

void SchemaBook::command(CommandType type, std::string_view name, std::string payload,
                         std::string reply, SchemaVersion version) {
  KEEL_ASSERT(type.module().value() == schema_.module);
  schema_.commands.push_back({.number = number_in(type.value()),
                              .version = version.value(),
                              .name = std::string(name),
                              .payload = std::move(payload),
                              .reply = std::move(reply)});
}

void SchemaBook::query(QueryType type, std::string_view name, std::string payload,
                       std::string reply, SchemaVersion version) {
  KEEL_ASSERT(type.module().value() == schema_.module);
  schema_.queries.push_back({.number = number_in(type.value()),
                             .version = version.value(),
                             .name = std::string(name),
                             .payload = std::move(payload),
                             .reply = std::move(reply)});
}

void SchemaBook::table(std::uint16_t number, std::string_view name, std::string record,
                       std::string holds, SchemaVersion version) {
  schema_.tables.push_back({.number = number,
                            .version = version.value(),
                            .name = std::string(name),
                            .record = std::move(record),
                            .holds = std::move(holds)});
}

}  // namespace keel::kernel
