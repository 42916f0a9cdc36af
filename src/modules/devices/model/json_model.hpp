// A second opinion on the JSON of twins, for tests only: a plain tree, RFC 7396 as its section 2
// has it in pseudo-code, a reader and a writer, what differs, and the times of every level. Written
// from docs/devices.md; nothing of it is shared with the module.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.hpp"

namespace keel::devices::testing {

struct Json {
  // A scalar or a list: its text.
  std::variant<std::string, std::map<std::string, Json>> value;

  bool is_object() const { return value.index() == 1; }
  bool is_null() const { return !is_object() && text() == "null"; }
  std::map<std::string, Json>& object() { return std::get<1>(value); }
  const std::map<std::string, Json>& object() const { return std::get<1>(value); }
  const std::string& text() const { return std::get<0>(value); }
  friend bool operator==(const Json&, const Json&) = default;
};

inline Json empty_object() {
  return {.value = std::map<std::string, Json>()};
}

Json merge_patch(Json target, const Json& patch);
// No spaces, keys in the order of their bytes.
std::string write(const Json& json);
// A value of at most so many levels, with spaces or without; of texts those without a backslash.
// Lists become their text. nullopt: it is none, a key stands twice in an object or has no name, or,
// where `own_keys` are kept, outside of lists begins with "$".
std::optional<Json> read(std::string_view text, bool own_keys, std::uint32_t depth = 12);
// How many keys there are outside of lists.
std::size_t keys_of(const Json& json);

// Numbers by their value, everything else as it is written.
bool is_same(const Json& left, const Json& right);
// What of `desired` is not so in `reported`.
Json delta(const Json& desired, const Json& reported);

// A part of a twin: its document, and when each member at each level was last set.
struct TwinPartModel {
  Json document = empty_object();
  std::map<std::string, Timestamp> times;  // by path, as "/a/b"; of the whole: ""
  std::uint64_t version = 0;

  // `patch` is an object; nothing: it empties the part.
  void change(const std::optional<Json>& patch, Timestamp now);
  // "$version", and "$updated" at every level.
  std::string metadata() const;
};

// A small document with few names, so that two of them meet often. `below(n)` draws less than n.
template <typename Below>
Json random_json(const Below& below, bool has_nulls, int depth = 0) {
  const std::uint64_t kind = below(8);
  if (depth == 0 || (kind < 3 && depth < 4)) {
    Json object = empty_object();
    for (std::uint64_t members = below(4); members > 0; --members) {
      const std::string name(1, static_cast<char>('a' + below(4)));
      object.object()[name] = random_json(below, has_nulls, depth + 1);
    }
    return object;
  }
  if (has_nulls && kind == 3) return {.value = std::string("null")};
  static const std::vector<std::string> kLeaves{
      "true", "false", "0",     "1", "-2.5", "\"text\"", "[1,2]", "[]", "[null,{\"a\":1}]",
      "\"\"", "17",    "1e300", "2"};
  return {.value = kLeaves[below(kLeaves.size())]};
}

}  // namespace keel::devices::testing
