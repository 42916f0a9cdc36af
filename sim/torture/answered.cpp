#include "sim/torture/answered.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "modules/charging/published/published.hpp"
#include "modules/devices/published/published.hpp"
#include "modules/ledger/published/published.hpp"
#include "modules/streams/published/published.hpp"

namespace keel::torture {

namespace {

constexpr std::array<std::string_view, 14> kNeverAsked{
    // Named streams.
    "answered: streams.put_stream",
    "answered: streams.delete_stream",
    "answered: streams.purge_stream",
    "answered: streams.put_consumer",
    "answered: streams.delete_consumer",
    "answered: streams.fetch",
    "answered: streams.acknowledge",
    "answered: streams.list_streams",
    "answered: streams.get_stream",
    "answered: streams.list_consumers",
    "answered: streams.get_consumer",
    "answered: streams.read_messages",
    // The oracle has no answer of its own to compare them with.
    "answered: charging.list_stations",
    "answered: charging.get_settings",
};

struct Key {
  bool is_query = false;
  std::uint32_t type = 0;
  auto operator<=>(const Key&) const = default;
};
using Names = std::map<Key, std::string>;

Names names_of_all() {
  Names names;
  for (const kernel::SchemaBook& book :
       {ledger::published(), charging::published(), streams::published(), devices::published()}) {
    const kernel::ModuleSchema& schema = book.schema();
    const auto add = [&](bool is_query, const std::vector<kernel::TypeSchema>& types) {
      for (const kernel::TypeSchema& type : types) {
        names[{.is_query = is_query, .type = schema.module << 16 | type.number}] =
            fmt::format("answered: {}.{}", schema.name, type.name);
      }
    };
    add(false, schema.commands);
    add(true, schema.queries);
  }
  return names;
}

const Names& names() {
  static const Names all = names_of_all();
  return all;
}

}  // namespace

std::string answered_name(const Ask& ask) {
  const auto found = names().find({.is_query = ask.is_query, .type = ask.type});
  return found == names().end() ? "answered: what no module publishes" : found->second;
}

std::vector<std::string> all_answered_names() {
  std::vector<std::string> all;
  for (const auto& [key, name] : names()) all.push_back(name);
  return all;
}

std::span<const std::string_view> never_asked() noexcept {
  return kNeverAsked;
}

void declare_answered(Counts& counts) {
  for (const auto& [key, name] : names()) {
    if (std::ranges::find(kNeverAsked, name) == kNeverAsked.end()) counts.declare(name);
  }
}

}  // namespace keel::torture
