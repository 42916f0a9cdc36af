#include "servers/devices/messages.hpp"

#include <charconv>

#include "base/json/json_writer.hpp"
#include "modules/devices/errors.hpp"
#include "modules/devices/twin/json_text.hpp"
#include "modules/devices/twin/read_json.hpp"

namespace keel::servers {
namespace {

using devices::Node;

constexpr devices::TwinLimits kRequestLimits{.bytes = 2 * devices::kMaxPatch, .depth = 16};
constexpr std::size_t kMostToken = 256;

Error bad(std::string_view key, std::string_view what) {
  return {devices::kBadRequest, std::string(key) + ": " + std::string(what)};
}

Result<std::uint64_t> number_of(std::string_view key, const Node& node) {
  std::uint64_t value = 0;
  const std::string& text = node.text;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (node.is_object() || text.empty() || error != std::errc() || end != text.data() + text.size())
    return bad(key, "expected an integer from 0");
  return value;
}

// An object, or nothing at all.
Result<Node> read_object(std::string_view json) {
  if (json.empty()) return Node{};
  Node node = KEEL_TRY(devices::read_value(json, kRequestLimits));
  if (!node.is_object()) return Error(devices::kBadDocument, "at byte 0: an object is wanted");
  return node;
}

// What every request may have; true: it was that.
Result<bool> read_token(const devices::Member& member, DeviceRequest& request) {
  if (member.key != "clientToken") return false;
  const bool is_text = !member.node.is_object() && member.node.text.starts_with('"');
  if (!is_text || member.node.text.size() > kMostToken)
    return bad(member.key, "expected a text of at most 254 bytes");
  request.client_token = member.node.text;
  return true;
}

Error unknown(const devices::Member& member) {
  return bad(member.key, "this is not a key of this request");
}

void put_token(const DeviceRequest& request, JsonWriter& json) {
  if (!request.client_token.empty()) json.key("clientToken"), json.raw(request.client_token);
}

void put_versions(devices::TwinVersion desired, devices::TwinVersion reported, JsonWriter& json) {
  json.key("version"), json.begin_object();
  json.key("desired"), json.number(desired);
  json.key("reported"), json.number(reported);
  json.end_object();
}

}  // namespace

std::optional<DevicePlace> device_place_of(std::string_view topic) noexcept {
  if (!topic.starts_with(kDeviceTopics)) return std::nullopt;
  topic.remove_prefix(kDeviceTopics.size());
  const std::size_t slash = topic.find('/');
  if (slash == std::string_view::npos || slash == 0) return std::nullopt;
  return DevicePlace{.device = topic.substr(0, slash), .rest = topic.substr(slash + 1)};
}

std::string device_topic(std::string_view device, std::string_view rest) {
  std::string topic(kDeviceTopics);
  topic.append(device).append("/").append(rest);
  return topic;
}

std::optional<devices::CallId> call_of_response(std::string_view rest) {
  constexpr std::string_view kBefore = "methods/";
  constexpr std::string_view kAfter = "/response";
  if (!rest.starts_with(kBefore) || !rest.ends_with(kAfter) ||
      rest.size() <= kBefore.size() + kAfter.size())
    return std::nullopt;
  rest = rest.substr(kBefore.size(), rest.size() - kBefore.size() - kAfter.size());
  const Result<uint128> number = uint128_from_decimal(rest);
  if (!number.ok()) return std::nullopt;
  return devices::CallId(*number);
}

std::string request_topic(const devices::CallView& call) {
  return device_topic(call.device, "methods/" + to_decimal(call.call.value()) + "/request");
}

Result<DeviceRequest> read_get(std::string_view json) {
  DeviceRequest request;
  const Node node = KEEL_TRY(read_object(json));
  for (const devices::Member& member : node.members) {
    if (!KEEL_TRY(read_token(member, request))) return unknown(member);
  }
  return request;
}

Result<DeviceRequest> read_update(std::string_view json) {
  DeviceRequest request;
  const Node node = KEEL_TRY(read_object(json));
  for (const devices::Member& member : node.members) {
    if (KEEL_TRY(read_token(member, request))) continue;
    if (member.key == "version") {
      request.version = KEEL_TRY(number_of(member.key, member.node));
    } else if (member.key == "state") {
      const Node* reported = member.node.find("reported");
      if (reported == nullptr || member.node.members.size() != 1)
        return bad("state", "expected \"reported\" and nothing else: desired is the operator's");
      request.reported = json_of(*reported);
    } else {
      return unknown(member);
    }
  }
  if (request.reported.empty()) return bad("state", "missing");
  return request;
}

Result<DeviceRequest> read_changes_get(std::string_view json) {
  DeviceRequest request;
  const Node node = KEEL_TRY(read_object(json));
  for (const devices::Member& member : node.members) {
    if (KEEL_TRY(read_token(member, request))) continue;
    if (member.key != "after") return unknown(member);
    request.after = KEEL_TRY(number_of(member.key, member.node));
  }
  return request;
}

Result<DeviceRequest> read_changes_take(std::string_view json) {
  DeviceRequest request;
  const Node node = KEEL_TRY(read_object(json));
  for (const devices::Member& member : node.members) {
    if (KEEL_TRY(read_token(member, request))) continue;
    if (member.key == "version") {
      request.version = KEEL_TRY(number_of(member.key, member.node));
    } else if (member.key == "coalesce") {
      if (member.node.text != "true" && member.node.text != "false")
        return bad(member.key, "expected true or false");
      request.coalesce = member.node.text == "true";
    } else {
      return unknown(member);
    }
  }
  if (!request.version && !request.coalesce) return bad("version", "missing");
  return request;
}

Result<MethodAnswer> read_method_answer(std::string_view json) {
  MethodAnswer answer;
  const Node node = KEEL_TRY(read_object(json));
  bool has_status = false;
  for (const devices::Member& member : node.members) {
    if (member.key == "status") {
      const std::uint64_t status = KEEL_TRY(number_of(member.key, member.node));
      if (status > 9'999) return bad(member.key, "expected 0 to 9999");
      answer.status = static_cast<std::int32_t>(status);
      has_status = true;
    } else if (member.key == "payload") {
      answer.payload = json_of(member.node);
    } else {
      return unknown(member);
    }
  }
  if (!has_status) return bad("status", "missing");
  return answer;
}

std::string write_rejected(int code, std::string_view message, const DeviceRequest& request) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("code"), json.number(std::int64_t{code});
  json.key("message"), json.text(message);
  put_token(request, json);
  json.end_object();
  return body;
}

std::string write_accepted(const DeviceRequest& request,
                           const devices::UpdateTwin::Answer& answer) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("state"), json.begin_object();
  json.key("reported"), json.raw(request.reported);
  json.end_object();
  put_versions(answer.desired_version, answer.reported_version, json);
  json.key("timestamp"), json.time(answer.at);
  put_token(request, json);
  json.end_object();
  return body;
}

std::string write_taken(const DeviceRequest& request) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  if (request.version) json.key("version"), json.number(*request.version);
  if (request.coalesce) json.key("coalesce"), json.boolean(*request.coalesce);
  put_token(request, json);
  json.end_object();
  return body;
}

std::string write_twin(const devices::GetTwin::Answer& twin, const DeviceRequest& request) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("state"), json.begin_object();
  json.key("desired"), json.raw(twin.desired);
  json.key("reported"), json.raw(twin.reported);
  if (twin.delta != "{}") json.key("delta"), json.raw(twin.delta);
  json.end_object();
  json.key("metadata"), json.begin_object();
  json.key("desired"), json.raw(twin.desired_times);
  json.key("reported"), json.raw(twin.reported_times);
  json.end_object();
  put_versions(twin.desired_version, twin.reported_version, json);
  put_token(request, json);
  json.end_object();
  return body;
}

std::string write_delta(const devices::GetTwin::Answer& twin) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("state"), json.raw(twin.delta);
  put_versions(twin.desired_version, twin.reported_version, json);
  json.end_object();
  return body;
}

std::string write_change(const devices::Change& change) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("version"), json.number(change.version);
  json.key("timestamp"), json.time(change.at);
  json.key("patch"), json.raw(change.patch);
  json.end_object();
  return body;
}

std::string write_changes(const devices::ListChanges::Answer& changes,
                          const DeviceRequest& request) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("changes"), json.begin_list();
  for (const devices::Change& change : changes.changes) json.raw(write_change(change));
  json.end_list();
  json.key("more"), json.boolean(changes.more);
  json.key("keptFrom"), json.number(changes.kept_from);
  json.key("version"), json.number(changes.version);
  put_token(request, json);
  json.end_object();
  return body;
}

std::string write_method(const devices::CallView& call) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("method"), json.text(call.method);
  json.key("payload"), json.raw(call.payload);
  json.key("deadline"), json.time(call.deadline);
  json.end_object();
  return body;
}

}  // namespace keel::servers
