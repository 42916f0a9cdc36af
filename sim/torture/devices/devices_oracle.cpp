#include "sim/torture/devices/devices_oracle.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "base/describe/wire.hpp"
#include "modules/devices/errors.hpp"
#include "sim/torture/charging/encoded.hpp"

namespace keel::torture {

namespace {

using namespace devices;  // the whole file speaks of its words
using testing::Json;
using Code = OutcomeCode;

constexpr Duration kDay = Duration::seconds(86'400);

// What a method is called with, or answers, in its written form; nullopt: it is no JSON.
std::optional<std::string> call_payload(const std::string& text) {
  if (text.empty()) return "null";
  const auto json = testing::read(text, false);
  return json ? std::optional(testing::write(*json)) : std::nullopt;
}

template <typename Asked>
std::optional<Asked> read(const Ask& ask) {
  if (ask.type != Asked::kType.value()) return std::nullopt;
  const auto decoded = decode<Asked>(ask.payload);
  return decoded.ok() ? std::optional(*decoded) : std::nullopt;
}

std::string_view word_of(Code code) {
  constexpr auto kNames = description(std::type_identity<Code>{});
  const auto found = std::ranges::find(kNames.enumerators, static_cast<std::uint64_t>(code),
                                       [](const auto& one) { return std::uint64_t(one.value); });
  return found == kNames.enumerators.end() ? "?" : found->name;
}

std::string name_of(std::uint32_t type, Code code) {
  return fmt::format("devices command {}: {}", type & 0xffff, word_of(code));
}

}  // namespace

std::uint64_t KnownDevice::kept_bytes() const {
  std::uint64_t bytes = 0;
  for (const Change& change : kept) bytes += change.patch.size();
  return bytes;
}

void KnownDevice::let_go(std::uint64_t up_to) {
  while (!kept.empty() && kept.front().version <= up_to) kept.pop_front();
  kept_from = std::max(kept_from, up_to);
}

Timestamp DeviceCall::due() const {
  return view.result == CallResult::open ? view.deadline : view.ended_at + kDay;
}

bool is_name(const std::string& text, std::size_t most) {
  return !text.empty() && text.size() <= most && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._:-").contains(c);
  });
}

// The workload writes texts in ASCII.
bool is_well_formed(const RegisterDevice& asked) {
  std::set<std::string> groups(asked.groups.begin(), asked.groups.end());
  std::set<std::string> tags;
  for (const Tag& tag : asked.tags) tags.insert(tag.name);
  const auto is_label = [](const std::string& text) { return text.size() <= kMaxLabel; };
  return is_name(asked.device, kMaxDeviceId) && asked.name.size() <= kMaxShortText &&
         asked.model.size() <= kMaxShortText && asked.serial_number.size() <= kMaxShortText &&
         asked.groups.size() <= kMaxGroups && asked.tags.size() <= kMaxTags &&
         groups.size() == asked.groups.size() && tags.size() == asked.tags.size() &&
         !groups.contains("") && !tags.contains("") && std::ranges::all_of(groups, is_label) &&
         std::ranges::all_of(tags, is_label) &&
         std::ranges::all_of(asked.tags, is_label, &Tag::value);
}

bool is_well_formed(const SetCredentials& asked) {
  const std::string hash = asked.password_hash.value_or("");
  return is_name(asked.device, kMaxDeviceId) && hash.size() <= kMaxPasswordHash &&
         (hash.empty() || hash.starts_with("$argon2id$")) &&
         asked.certificate.value_or("").size() <= kMaxCertificateName;
}

KnownDevice* DevicesOracle::find(const std::string& device) {
  const auto found = tenant_->devices.find(device);
  return found == tenant_->devices.end() ? nullptr : &found->second;
}

std::size_t DevicesOracle::rows_of_all(bool calls) const {
  std::size_t rows = 0;
  for (const auto& [id, one] : tenants_) rows += calls ? one.calls.size() : one.devices.size();
  return rows;
}

template <typename E>
void DevicesOracle::fact(Expected& expected, const E& event) {
  expected.fact_type = E::kEventType.value();
  expected.fact = encoded(event);
}

// --- the registry ------------------------------------------------------------------------------

DevicesOracle::Expected DevicesOracle::expect(const RegisterDevice& asked) {
  if (!is_well_formed(asked)) return {.malformed = true};
  KnownDevice* known = find(asked.device);
  const std::uint64_t revision = known == nullptr ? 0 : known->last.revision;
  if (asked.expected_revision.value_or(revision) != revision)
    return {.code = Code::version_conflict};
  DeviceRegistered event{.device = asked.device,
                         .name = asked.name,
                         .model = asked.model,
                         .serial_number = asked.serial_number,
                         .groups = asked.groups,
                         .tags = asked.tags,
                         .blocked = asked.blocked,
                         .coalesce = asked.coalesce,
                         .revision = revision + 1,
                         .at = now_};
  std::ranges::sort(event.groups);
  std::ranges::sort(event.tags);
  KnownDevice& device = tenant_->devices[asked.device];
  if (known == nullptr) device.created_at = now_;
  device.last = event;
  device.coalesce = asked.coalesce;
  if (asked.coalesce) device.let_go(device.desired.version);
  Expected expected{.reply = encoded(RegisterDevice::Answer{.revision = event.revision})};
  fact(expected, event);
  return expected;
}

DevicesOracle::Expected DevicesOracle::expect(const SetCredentials& asked) {
  if (!is_well_formed(asked)) return {.malformed = true};
  KnownDevice* known = find(asked.device);
  if (known == nullptr) return {.code = Code::device_unknown};
  CredentialsSet& now = known->credentials;
  now.device = asked.device;
  now.password_hash = asked.password_hash.value_or(now.password_hash);
  now.token = asked.token.value_or(now.token);
  now.certificate = asked.certificate.value_or(now.certificate);
  Expected expected;
  fact(expected, now);
  return expected;
}

DevicesOracle::Expected DevicesOracle::expect(const RemoveDevice& asked) {
  if (tenant_->devices.erase(asked.device) == 0) return {.code = Code::device_unknown};
  Expected expected;
  fact(expected, DeviceRemoved{.device = asked.device});
  return expected;
}

DevicesOracle::Expected DevicesOracle::expect(const SeeDevices& asked) {
  if (asked.devices.empty() || asked.devices.size() > SeeDevices::kMost) return {.malformed = true};
  DevicesSeen event;
  for (SeeDevices::Seen seen : asked.devices) {
    const KnownDevice* known = find(seen.device);
    seen.at = std::min(seen.at, now_);
    if (known == nullptr || known->seen_at > seen.at) continue;
    if (known->seen_at == seen.at && known->connected == seen.connected) continue;
    event.devices.push_back(seen);
  }
  for (const SeeDevices::Seen& seen : event.devices) {
    KnownDevice& known = *find(seen.device);
    if (known.seen_at > seen.at) continue;
    known.seen_at = seen.at;
    known.connected = seen.connected;
  }
  Expected expected;
  if (!event.devices.empty()) fact(expected, event);
  return expected;
}

// --- twins -------------------------------------------------------------------------------------

DevicesOracle::Expected DevicesOracle::expect(const UpdateTwin& asked) {
  if (!is_name(asked.device, kMaxDeviceId)) return {.malformed = true};
  KnownDevice* known = find(asked.device);
  if (known == nullptr) return {.code = Code::device_unknown};
  if (known->last.blocked) return {.code = Code::device_blocked};
  std::optional<Json> patch;
  if (asked.patch != "null") {
    patch = testing::read(asked.patch, true, options_.twin.depth);
    if (!patch || !patch->is_object()) return {.malformed = true};
  }
  const bool is_desired = asked.part == TwinPart::desired;
  testing::TwinPartModel& part = is_desired ? known->desired : known->reported;
  testing::TwinPartModel changed = part;
  changed.change(patch, now_);
  if (testing::write(changed.document).size() > options_.twin.bytes ||
      testing::keys_of(changed.document) > options_.twin.keys) {
    return {.malformed = true};  // too large
  }
  if (asked.expected_version.value_or(part.version) != part.version) {
    return {.code = Code::version_conflict};
  }
  const std::string written = patch ? testing::write(*patch) : "null";
  const bool kept = is_desired && !known->coalesce;
  if (kept && (known->kept.size() >= options_.kept_changes ||
               known->kept_bytes() + written.size() > options_.kept_bytes)) {
    return {.code = Code::changes_full};
  }
  part = changed;
  if (kept) {
    known->kept.push_back({.version = part.version, .at = now_, .patch = written});
  } else if (is_desired) {
    known->kept_from = part.version;
  }
  Expected expected{.reply = encoded(UpdateTwin::Answer{.desired_version = known->desired.version,
                                                        .reported_version = known->reported.version,
                                                        .at = now_})};
  fact(expected, TwinUpdated{.device = asked.device,
                             .part = asked.part,
                             .patch = written,
                             .version = part.version,
                             .kept = kept,
                             .at = now_});
  return expected;
}

DevicesOracle::Expected DevicesOracle::expect(const TakeChanges& asked) {
  if (!is_name(asked.device, kMaxDeviceId)) return {.malformed = true};
  KnownDevice* known = find(asked.device);
  if (known == nullptr) return {.code = Code::device_unknown};
  const bool coalesce = asked.coalesce.value_or(known->coalesce);
  const std::uint64_t newest = known->desired.version;
  const std::uint64_t up_to = coalesce ? newest : std::min(asked.up_to, newest);
  Expected expected;
  if (up_to > known->kept_from || coalesce != known->coalesce) {
    fact(expected, ChangesTaken{.device = asked.device, .up_to = up_to, .coalesce = coalesce});
  }
  known->let_go(up_to);
  known->coalesce = coalesce;
  return expected;
}

DevicesOracle::Expected DevicesOracle::expect(const PublishTwins& asked) {
  if (asked.devices.empty() || asked.devices.size() > PublishTwins::kMost) {
    return {.malformed = true};
  }
  TwinsPublished event;
  for (PublishTwins::Published published : asked.devices) {
    const KnownDevice* known = find(published.device);
    if (known == nullptr) continue;
    published.version = std::min(published.version, known->desired.version);
    if (published.version > known->published) event.devices.push_back(published);
  }
  for (const PublishTwins::Published& published : event.devices) {
    KnownDevice& known = *find(published.device);
    known.published = std::max(known.published, published.version);
  }
  Expected expected;
  if (!event.devices.empty()) fact(expected, event);
  return expected;
}

// --- calls -------------------------------------------------------------------------------------

DevicesOracle::Expected DevicesOracle::expect(const CallMethod& asked) {
  const auto payload = call_payload(asked.payload);
  if (!payload || !is_name(asked.device, kMaxDeviceId) || !is_name(asked.method) ||
      asked.timeout_s < 1 || asked.timeout_s > kMaxTimeoutSeconds) {
    return {.malformed = true};
  }
  const CallId id = asked.call.is_zero() ? CallId(ask_->id.value()) : asked.call;
  const KnownDevice* known = find(asked.device);
  if (known == nullptr) return {.code = Code::device_unknown};
  if (known->last.blocked) return {.code = Code::device_blocked};
  if (tenant_->calls.contains(id)) return {.code = Code::call_exists};
  const CallView call{.call = id,
                      .device = asked.device,
                      .method = asked.method,
                      .payload = *payload,
                      .requested_at = now_,
                      .deadline = now_ + Duration::seconds(asked.timeout_s)};
  tenant_->calls[id] = {.view = call};
  Expected expected{.reply = encoded(CallMethod::Answer{.call = id, .deadline = call.deadline})};
  fact(expected, MethodCalled{.call = id,
                              .device = call.device,
                              .method = call.method,
                              .payload = call.payload,
                              .requested_at = now_,
                              .deadline = call.deadline,
                              .correlation = {}});
  return expected;
}

DevicesOracle::Expected DevicesOracle::expect(const SendCall& asked) {
  const auto call = tenant_->calls.find(asked.call);
  if (call == tenant_->calls.end()) return {.code = Code::call_unknown};
  CallView& view = call->second.view;
  if (view.result != CallResult::open) return {.code = Code::call_ended};
  Expected expected;
  if (view.sent_at == Timestamp{}) {
    view.sent_at = now_;
    fact(expected, MethodSent{.call = asked.call, .at = now_});
  }
  return expected;
}

DevicesOracle::Expected DevicesOracle::expect(const EndCall& asked) {
  const auto payload = call_payload(asked.payload);
  const bool is_end = asked.result == CallResult::answered || asked.result == CallResult::not_sent;
  if (!payload || !is_end) return {.malformed = true};
  const auto call = tenant_->calls.find(asked.call);
  if (call == tenant_->calls.end() || call->second.view.device != asked.device) {
    return {.code = Code::call_unknown};
  }
  CallView& view = call->second.view;
  const bool late = view.result == CallResult::timed_out && asked.result == CallResult::answered;
  if (view.result != CallResult::open && !late) return {.code = Code::call_ended};
  view.result = late ? CallResult::late_answered : asked.result;
  view.status = asked.status;
  view.answer = *payload;
  view.ended_at = now_;
  if (late) counts_.add("devices call answered late");
  if (view.result == CallResult::not_sent) counts_.add("devices call not sent");
  Expected expected;
  fact(expected, MethodEnded{.call = asked.call,
                             .result = view.result,
                             .status = view.status,
                             .payload = view.answer,
                             .at = now_});
  return expected;
}

// --- a batch -----------------------------------------------------------------------------------

std::optional<DevicesOracle::Expected> DevicesOracle::expect(const Ask& ask) {
  std::optional<Expected> expected;
  const auto look = [&]<typename Asked>(std::type_identity<Asked>) {
    if (const auto asked = read<Asked>(ask)) expected = expect(*asked);
  };
  look(std::type_identity<RegisterDevice>{});
  look(std::type_identity<SetCredentials>{});
  look(std::type_identity<RemoveDevice>{});
  look(std::type_identity<UpdateTwin>{});
  look(std::type_identity<TakeChanges>{});
  look(std::type_identity<SeeDevices>{});
  look(std::type_identity<PublishTwins>{});
  look(std::type_identity<CallMethod>{});
  look(std::type_identity<SendCall>{});
  look(std::type_identity<EndCall>{});
  return expected;
}

Finding DevicesOracle::command(const Ask& ask, const Decided& decided) {
  tenant_ = &tenants_[ask.tenant];
  ask_ = &ask;
  now_ = decided.now;
  const auto expected = expect(ask);
  if (!expected || expected->malformed) {
    return fmt::format("a command of type {} that is malformed was decided", ask.type & 0xffff);
  }
  counts_.add(name_of(ask.type, expected->code));
  if (decided.code != static_cast<std::uint16_t>(expected->code)) {
    return fmt::format("outcome {}, it must be {}", decided.code, word_of(expected->code));
  }
  if (decided.last != decided.now) return "its last cell time";
  const bool has_fact = expected->fact_type != 0;
  if (decided.facts.size() != (has_fact ? 1 : 0)) {
    return fmt::format("{} facts, not {}", decided.facts.size(), has_fact ? 1 : 0);
  }
  if (has_fact) {
    const Fact& fact = decided.facts.front();
    if (fact.tenant != ask.tenant || fact.type != expected->fact_type ||
        !std::ranges::equal(fact.row, expected->fact)) {
      return fmt::format("a fact of type {} that is not what was decided", fact.type & 0xffff);
    }
  }
  if (!std::ranges::equal(decided.reply, expected->reply)) return "another reply than follows";
  if (rows_of_all(false) > options_.max_devices || rows_of_all(true) > options_.max_calls) {
    return "more than may be kept";
  }
  return std::nullopt;
}

// --- time --------------------------------------------------------------------------------------

Timestamp DevicesOracle::next_due() const {
  Timestamp first = Timestamp::never();
  for (const auto& [id, one] : tenants_) {
    for (const auto& [call, known] : one.calls) first = std::min(first, known.due());
  }
  return first;
}

// When it was due; nullopt: it is wrong.
std::optional<Timestamp> DevicesOracle::pass(const Fact& fact, Timestamp now) {
  std::map<CallId, DeviceCall>& calls = tenants_[fact.tenant].calls;
  if (fact.type == MethodForgotten::kEventType.value()) {
    const auto gone = decode<MethodForgotten>(fact.row);
    const auto call = gone.ok() ? calls.find(gone->call) : calls.end();
    if (call == calls.end() || call->second.view.result == CallResult::open) return std::nullopt;
    const Timestamp due = call->second.due();
    calls.erase(call);
    counts_.add("devices call forgotten");
    return due;
  }
  if (fact.type != MethodEnded::kEventType.value()) return std::nullopt;
  const auto ended = decode<MethodEnded>(fact.row);
  const auto call = ended.ok() ? calls.find(ended->call) : calls.end();
  if (call == calls.end() || call->second.view.result != CallResult::open) return std::nullopt;
  CallView& view = call->second.view;
  const Timestamp due = call->second.due();
  view.result = CallResult::timed_out;
  view.ended_at = now;
  counts_.add("devices call timed out");
  const MethodEnded by_hand{.call = ended->call, .result = CallResult::timed_out, .at = now};
  return std::ranges::equal(fact.row, encoded(by_hand)) ? std::optional(due) : std::nullopt;
}

Finding DevicesOracle::time_passed(Timestamp now, Timestamp last, const std::vector<Fact>& facts) {
  for (const Fact& fact : facts) {
    const Timestamp earliest = next_due();
    const auto due = pass(fact, now);
    const std::uint32_t type = fact.type & 0xffff;
    if (!due) return fmt::format("a fact of type {} about what is not so", type);
    if (*due > now) return fmt::format("a fact of type {} that is not due", type);
    if (*due > earliest) return fmt::format("a fact of type {} before one due earlier", type);
  }
  if (last != now) return "its last cell time";
  return std::nullopt;
}

Finding DevicesOracle::at_rest(const Rest& rest) {
  const Timestamp due = next_due();
  if (due < rest.now && due + Duration::seconds(1) < rest.now) {
    return fmt::format("devices: a call that was due at {} has not ended or gone by {}", due.ns,
                       rest.now.ns);
  }
  return std::nullopt;
}

// --- queries and errors ------------------------------------------------------------------------

Finding DevicesOracle::query(const Ask& ask, ByteView reply) {
  const auto answer = answer_by_hand(tenants_[ask.tenant], ask);
  if (!answer) return "it is malformed and was answered";
  counts_.add(fmt::format("devices query {} compared", ask.type & 0xffff));
  if (std::ranges::equal(*answer, reply)) return std::nullopt;
  return fmt::format("{} bytes, by brute force {}{}", reply.size(), answer->size(),
                     reply.size() == answer->size() ? " others" : "");
}

// Whether a document is one does not depend on the state; what it makes does.
Finding DevicesOracle::refused(const Ask& ask, const Error& error) {
  if (ask.is_query) return std::nullopt;
  if (error.is(kBadDocument)) {
    const auto update = read<UpdateTwin>(ask);
    const auto call = read<CallMethod>(ask);
    const auto end = read<EndCall>(ask);
    const auto patch = update ? testing::read(update->patch, true, UINT32_MAX) : std::nullopt;
    const bool good = (update && patch && patch->is_object()) ||
                      (call && call_payload(call->payload)) || (end && call_payload(end->payload));
    counts_.add("devices document that is none refused");
    if (good) return "a document that is one was refused: " + error.to_string();
  }
  if (error.is(kBadRequest)) {
    const auto device = read<RegisterDevice>(ask);
    const auto credentials = read<SetCredentials>(ask);
    counts_.add("devices command of a wrong form refused");
    if ((device && is_well_formed(*device)) || (credentials && is_well_formed(*credentials))) {
      return "a command that is well-formed was refused: " + error.to_string();
    }
  }
  return std::nullopt;
}

void DevicesOracle::declare(Counts& counts) {
  using enum OutcomeCode;
  const auto codes = [&counts](std::uint32_t type, std::initializer_list<Code> all) {
    for (const Code code : all) counts.declare(name_of(type, code));
  };
  codes(RegisterDevice::kType.value(), {done, version_conflict});
  codes(SetCredentials::kType.value(), {done, device_unknown});
  codes(RemoveDevice::kType.value(), {done, device_unknown});
  codes(UpdateTwin::kType.value(),
        {done, device_unknown, device_blocked, version_conflict, changes_full});
  codes(TakeChanges::kType.value(), {done, device_unknown});
  codes(SeeDevices::kType.value(), {done});
  codes(PublishTwins::kType.value(), {done});
  codes(CallMethod::kType.value(), {done, device_unknown, device_blocked, call_exists});
  codes(SendCall::kType.value(), {done, call_unknown, call_ended});
  codes(EndCall::kType.value(), {done, call_unknown, call_ended});
  for (int query = 1; query <= 7; ++query) {
    counts.declare(fmt::format("devices query {} compared", query));
  }
  for (const std::string_view name :
       {"devices call timed out", "devices call forgotten", "devices call answered late",
        "devices call not sent", "devices document that is none refused",
        "devices command of a wrong form refused", "told: devices.too_many",
        "told: devices.too_large"}) {
    counts.declare(name);
  }
}

}  // namespace keel::torture
