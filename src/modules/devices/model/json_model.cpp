#include "modules/devices/model/json_model.hpp"

#include <algorithm>

#include "base/text/rfc3339.hpp"

namespace keel::devices::testing {
namespace {

// Recursive descent over RFC 8259.
class Reader {
 public:
  Reader(std::string_view text, bool own_keys) : rest_(text), own_keys_(own_keys) {}

  std::optional<Json> value(std::uint32_t depth) {
    skip();
    if (rest_.empty()) return std::nullopt;
    if (rest_.front() == '{') return object(depth);
    if (rest_.front() == '[') return list(depth);
    if (rest_.front() == '"') {
      const auto inside = text();
      if (!inside) return std::nullopt;
      return Json{.value = '"' + *inside + '"'};
    }
    for (const std::string_view word : {"true", "false", "null"}) {
      if (!rest_.starts_with(word)) continue;
      rest_.remove_prefix(word.size());
      return Json{.value = std::string(word)};
    }
    return number();
  }
  bool at_end() {
    skip();
    return rest_.empty();
  }

 private:
  void skip() {
    while (!rest_.empty() && std::string_view(" \t\r\n").contains(rest_.front())) {
      rest_.remove_prefix(1);
    }
  }
  bool take(char wanted) {
    skip();
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::optional<std::string> text() {
    const std::size_t end = rest_.find('"', 1);
    if (!rest_.starts_with('"') || end == std::string_view::npos) return std::nullopt;
    const std::string inside(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    const bool plain = std::ranges::none_of(
        inside, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\\'; });
    return plain ? std::optional(inside) : std::nullopt;
  }
  std::optional<Json> number() {
    std::size_t at = rest_.starts_with('-') ? 1 : 0;
    const auto digits = [&] {
      const std::size_t first = at;
      while (at < rest_.size() && rest_[at] >= '0' && rest_[at] <= '9') ++at;
      return at - first;
    };
    const std::size_t whole_at = at;
    const std::size_t whole = digits();
    if (whole == 0 || (whole > 1 && rest_[whole_at] == '0')) return std::nullopt;
    if (at < rest_.size() && rest_[at] == '.') {
      ++at;
      if (digits() == 0) return std::nullopt;
    }
    if (at < rest_.size() && (rest_[at] == 'e' || rest_[at] == 'E')) {
      ++at;
      if (at < rest_.size() && (rest_[at] == '+' || rest_[at] == '-')) ++at;
      if (digits() == 0) return std::nullopt;
    }
    Json json{.value = std::string(rest_.substr(0, at))};
    rest_.remove_prefix(at);
    return json;
  }
  std::optional<Json> object(std::uint32_t depth) {
    if (depth == 0 || !take('{')) return std::nullopt;
    Json json = empty_object();
    if (take('}')) return json;
    do {
      skip();
      const auto key = text();
      if (!key || key->empty() || json.object().contains(*key)) return std::nullopt;
      if (own_keys_ && lists_ == 0 && key->starts_with('$')) return std::nullopt;
      if (!take(':')) return std::nullopt;
      auto member = value(depth - 1);
      if (!member) return std::nullopt;
      json.object()[*key] = std::move(*member);
    } while (take(','));
    if (!take('}')) return std::nullopt;
    return json;
  }
  std::optional<Json> list(std::uint32_t depth) {
    if (depth == 0 || !take('[')) return std::nullopt;
    if (take(']')) return Json{.value = std::string("[]")};
    ++lists_;
    std::string all;
    do {
      const auto element = value(depth - 1);
      if (!element) return std::nullopt;
      all += (all.empty() ? '[' : ',') + write(*element);
    } while (take(','));
    --lists_;
    if (!take(']')) return std::nullopt;
    return Json{.value = all + ']'};
  }

  std::string_view rest_;
  bool own_keys_;
  int lists_ = 0;
};

bool is_number(const std::string& text) {
  return !text.empty() && (text.front() == '-' || (text.front() >= '0' && text.front() <= '9'));
}

int small_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  int number = 0;
  for (const char c : text) number = c == '-' || c == '+' ? number : number * 10 + (c - '0');
  return negative ? -number : number;
}

// Of small numbers: all digits as one whole number, without the zeros at its end, and the place of
// the last.
std::pair<std::string, int> in_figures(const std::string& text) {
  std::string figures;
  int place = 0;
  bool behind_the_point = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == 'e' || text[at] == 'E') {
      place += small_number(std::string_view(text).substr(at + 1));
      break;
    }
    if (text[at] == '.') {
      behind_the_point = true;
      continue;
    }
    figures += text[at];
    place -= behind_the_point ? 1 : 0;
  }
  while (figures.ends_with('0')) {
    figures.pop_back();
    ++place;
  }
  const bool negative = figures.starts_with('-');
  if (negative) figures.erase(0, 1);
  figures.erase(0, std::min(figures.find_first_not_of('0'), figures.size()));
  if (figures.empty()) return {};
  return {(negative ? "-" : "") + figures, place};
}

// The elements of a list in its written form.
std::vector<Json> elements_of(const std::string& list) {
  std::vector<Json> elements;
  int open = 0;
  bool in_text = false;
  std::string one;
  for (const char c : list.substr(1, list.size() - 2)) {
    if (c == '"') in_text = !in_text;
    if (!in_text && (c == '[' || c == '{')) ++open;
    if (!in_text && (c == ']' || c == '}')) --open;
    if (c == ',' && !in_text && open == 0) {
      elements.push_back(*read(one, false));
      one.clear();
      continue;
    }
    one += c;
  }
  if (!one.empty()) elements.push_back(*read(one, false));
  return elements;
}

bool has_path(const Json& json, std::string_view path) {
  if (path.empty()) return true;
  path.remove_prefix(1);
  const std::string_view name = path.substr(0, path.find('/'));
  if (!json.is_object() || !json.object().contains(std::string(name))) return false;
  return has_path(json.object().at(std::string(name)), path.substr(name.size()));
}

void set_times(const Json& patch, const std::string& path, Timestamp now,
               std::map<std::string, Timestamp>& times) {
  times[path] = now;
  if (!patch.is_object()) return;
  for (const auto& [name, value] : patch.object()) {
    if (!value.is_null()) set_times(value, path + '/' + name, now, times);
  }
}

void append_members(const Json& json, const std::string& path,
                    const std::map<std::string, Timestamp>& times, std::string& to) {
  if (!json.is_object()) return;
  for (const auto& [name, value] : json.object()) {
    const std::string inner = path + '/' + name;
    to += ",\"" + name + "\":{\"$updated\":\"";
    append_rfc3339(to, times.at(inner));
    to += '"';
    append_members(value, inner, times, to);
    to += '}';
  }
}

}  // namespace

Json merge_patch(Json target, const Json& patch) {
  if (!patch.is_object()) return patch;
  if (!target.is_object()) target = empty_object();
  for (const auto& [name, value] : patch.object()) {
    if (value.is_null()) {
      target.object().erase(name);
    } else {
      const auto known = target.object().find(name);
      const Json before = known == target.object().end() ? empty_object() : known->second;
      target.object()[name] = merge_patch(before, value);
    }
  }
  return target;
}

std::string write(const Json& json) {
  if (!json.is_object()) return json.text();
  std::string text = "{";
  for (const auto& [name, value] : json.object()) {
    if (text.size() > 1) text += ',';
    text += '"' + name + "\":" + write(value);
  }
  return text + "}";
}

std::optional<Json> read(std::string_view text, bool own_keys, std::uint32_t depth) {
  Reader reader(text, own_keys);
  auto json = reader.value(depth);
  return json && reader.at_end() ? json : std::nullopt;
}

std::size_t keys_of(const Json& json) {
  if (!json.is_object()) return 0;
  std::size_t keys = json.object().size();
  for (const auto& [name, value] : json.object()) keys += keys_of(value);
  return keys;
}

bool is_same(const Json& left, const Json& right) {
  if (left.is_object() != right.is_object()) return false;
  if (left.is_object()) {
    return std::ranges::equal(left.object(), right.object(), [](const auto& a, const auto& b) {
      return a.first == b.first && is_same(a.second, b.second);
    });
  }
  if (is_number(left.text()) && is_number(right.text())) {
    return in_figures(left.text()) == in_figures(right.text());
  }
  if (left.text().starts_with('[') && right.text().starts_with('[')) {
    return std::ranges::equal(elements_of(left.text()), elements_of(right.text()), is_same);
  }
  return left.text() == right.text();
}

Json delta(const Json& desired, const Json& reported) {
  Json found = empty_object();
  for (const auto& [name, wanted] : desired.object()) {
    const auto known = reported.object().find(name);
    if (known == reported.object().end()) {
      found.object()[name] = wanted;
    } else if (wanted.is_object() && known->second.is_object()) {
      Json inner = delta(wanted, known->second);
      if (!inner.object().empty()) found.object()[name] = std::move(inner);
    } else if (!is_same(wanted, known->second)) {
      found.object()[name] = wanted;
    }
  }
  return found;
}

void TwinPartModel::change(const std::optional<Json>& patch, Timestamp now) {
  ++version;
  document = patch ? merge_patch(document, *patch) : empty_object();
  if (!patch) times.clear();
  set_times(patch.value_or(empty_object()), "", now, times);
  std::erase_if(times, [this](const auto& time) { return !has_path(document, time.first); });
}

std::string TwinPartModel::metadata() const {
  std::string text = "{\"$version\":" + std::to_string(version);
  if (times.contains("")) {
    text += ",\"$updated\":\"";
    append_rfc3339(text, times.at(""));
    text += '"';
  }
  append_members(document, "", times, text);
  return text + "}";
}

}  // namespace keel::devices::testing
