// A second opinion on JSON documents, for tests only: a plain tree, RFC 7396 as its section 2 has
// it in pseudo-code, and a writer; nothing of it is shared with the module.
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <variant>
#include <vector>

namespace keel::devices::testing {

struct Json {
  // A scalar or a list: its text.
  std::variant<std::string, std::map<std::string, Json>> value;

  bool is_object() const { return value.index() == 1; }
  std::map<std::string, Json>& object() { return std::get<1>(value); }
  const std::map<std::string, Json>& object() const { return std::get<1>(value); }
  const std::string& text() const { return std::get<0>(value); }
  friend bool operator==(const Json&, const Json&) = default;
};

inline Json empty_object() {
  return {.value = std::map<std::string, Json>()};
}

inline Json merge_patch(Json target, const Json& patch) {
  if (!patch.is_object()) return patch;
  if (!target.is_object()) target = empty_object();
  for (const auto& [name, value] : patch.object()) {
    if (!value.is_object() && value.text() == "null") {
      target.object().erase(name);
    } else {
      const auto known = target.object().find(name);
      const Json before = known == target.object().end() ? empty_object() : known->second;
      target.object()[name] = merge_patch(before, value);
    }
  }
  return target;
}

inline std::string write(const Json& json) {
  if (!json.is_object()) return json.text();
  std::string text = "{";
  for (const auto& [name, value] : json.object()) {
    if (text.size() > 1) text += ',';
    text += '"' + name + "\":" + write(value);
  }
  return text + "}";
}

// Every leaf, and every object without members, by its path.
inline void flatten(const Json& json, const std::string& path,
                    std::map<std::string, std::string>& to) {
  if (!json.is_object()) {
    to[path] = json.text();
    return;
  }
  if (json.object().empty() && !path.empty()) to[path] = "{}";
  for (const auto& [name, value] : json.object()) flatten(value, path + "/" + name, to);
}

// A small document with few names, so that two of them meet often.
inline Json random_json(std::mt19937_64& random, bool has_nulls, int depth = 0) {
  const std::uint64_t kind = random() % 8;
  if (depth == 0 || (kind < 3 && depth < 4)) {
    Json object = empty_object();
    for (std::uint64_t members = random() % 4; members > 0; --members) {
      const std::string name(1, static_cast<char>('a' + random() % 4));
      object.object()[name] = random_json(random, has_nulls, depth + 1);
    }
    return object;
  }
  if (has_nulls && kind == 3) return {.value = std::string("null")};
  static const std::vector<std::string> kLeaves{
      "true", "false", "0",     "1", "-2.5", "\"text\"", "[1,2]", "[]", "[null,{\"a\":1}]",
      "\"\"", "17",    "1e300", "2"};
  return {.value = kLeaves[random() % kLeaves.size()]};
}

}  // namespace keel::devices::testing
