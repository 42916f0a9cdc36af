#include "servers/api/parameters.hpp"

#include "base/checked.hpp"
#include "base/text/rfc3339.hpp"
#include "servers/api/errors.hpp"

namespace keel::servers {
namespace {

Error bad(std::string_view name, std::string_view value, std::string_view expected) {
  std::string text(name);
  text += ": got \"";
  text += value;
  text += "\", expected ";
  text += expected;
  return Error(kBadParameter, std::move(text));
}

// Calls visit(part) for each part between commas, until one is not ok.
template <typename Visit>
Result<> for_each_part(std::string_view list, Visit&& visit) {
  for (;;) {
    const auto comma = list.find(',');
    KEEL_TRY(visit(list.substr(0, comma)));
    if (comma == std::string_view::npos) return success();
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

Result<Parameters> Parameters::read(const http::Request& request, std::string_view path_value) {
  Parameters parameters;
  parameters.path_value_ = path_value;
  if (request.target.query.empty()) return parameters;
  http::QueryReader reader(request.target.query);
  for (;;) {
    const std::optional<http::QueryReader::Pair> pair = KEEL_TRY(reader.next());
    if (!pair) return parameters;
    if (parameters.find(pair->name) != nullptr)
      return Error(kBadParameter, std::string(pair->name) + ": stands twice");
    One one{.name = pair->name, .value = std::string(pair->value.size(), '\0')};
    const std::string_view decoded = KEEL_TRY(
        http::percent_decode(pair->value, std::span<char>(one.value), {.plus_is_space = true}));
    one.value.resize(decoded.size());
    if (!parameters.all_.try_push_back(std::move(one)))
      return Error(kBadParameter, "more than 16 parameters");
  }
}

Parameters::One* Parameters::find(std::string_view name) {
  const auto found = std::ranges::find(all_, name, &One::name);
  return found == all_.end() ? nullptr : &*found;
}

Result<uint128> Parameters::path_id() const {
  Result<uint128> id = uint128_from_decimal(path_value_);
  if (!id.ok()) return bad("id in the path", path_value_, "a decimal integer below 2^128");
  return id;
}

Result<std::uint64_t> Parameters::number(std::string_view name, std::uint64_t fallback,
                                         std::uint64_t largest) {
  One* one = find(name);
  if (one == nullptr) return fallback;
  one->used = true;
  const Result<uint128> value = uint128_from_decimal(one->value);
  if (!value.ok() || *value > largest)
    return bad(name, one->value, "a decimal integer from 0 to " + std::to_string(largest));
  return static_cast<std::uint64_t>(*value);
}

std::string Parameters::text(std::string_view name) {
  One* one = find(name);
  if (one == nullptr) return {};
  one->used = true;
  return one->value;
}

Result<uint128> Parameters::wide(std::string_view name) {
  One* one = find(name);
  if (one == nullptr) return uint128{0};
  one->used = true;
  Result<uint128> value = uint128_from_decimal(one->value);
  if (!value.ok()) return bad(name, one->value, "a decimal integer below 2^128");
  return value;
}

Result<std::vector<uint128>> Parameters::wide_list(std::string_view name) {
  std::vector<uint128> values;
  One* one = find(name);
  if (one == nullptr) return values;
  one->used = true;
  KEEL_TRY(for_each_part(one->value, [&](std::string_view part) -> Result<> {
    const Result<uint128> value = uint128_from_decimal(part);
    if (!value.ok()) return bad(name, part, "decimal integers below 2^128 with commas between");
    values.push_back(*value);
    return success();
  }));
  return values;
}

Result<std::uint64_t> Parameters::flags(std::string_view name, const EnumInfo& known) {
  std::uint64_t bits = 0;
  One* one = find(name);
  if (one == nullptr) return bits;
  one->used = true;
  KEEL_TRY(for_each_part(one->value, [&](std::string_view part) -> Result<> {
    const EnumeratorInfo* flag = known.find(part);
    if (flag != nullptr) {
      bits |= flag->value;
      return success();
    }
    std::string expected = "some of";
    for (const EnumeratorInfo& each : known.enumerators) expected += " " + std::string(each.name);
    return bad(name, part, expected + ", with commas between");
  }));
  return bits;
}

Result<Timestamp> Parameters::time(std::string_view name) {
  One* one = find(name);
  if (one == nullptr) return Timestamp{};
  one->used = true;
  Result<Timestamp> time = timestamp_from_rfc3339(one->value);
  if (!time.ok()) return bad(name, one->value, "a time such as 2026-01-31T12:00:00Z");
  return time;
}

Result<std::size_t> Parameters::choice(std::string_view name,
                                       std::span<const std::string_view> choices) {
  One* one = find(name);
  if (one == nullptr) return std::size_t{0};
  one->used = true;
  const auto found = std::ranges::find(choices, std::string_view(one->value));
  if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
  std::string expected = "one of";
  for (const std::string_view each : choices) expected += " " + std::string(each);
  return bad(name, one->value, expected);
}

Result<> Parameters::finish() const {
  for (const One& one : all_) {
    if (!one.used)
      return Error(kBadParameter, "unknown parameter \"" + std::string(one.name) + "\"");
  }
  return success();
}

}  // namespace keel::servers
