#include "modules/devices/query/answers.hpp"

#include <algorithm>

#include "base/describe/wire.hpp"
#include "modules/devices/errors.hpp"
#include "modules/devices/queries.hpp"
#include "modules/devices/twin/json_text.hpp"
#include "modules/devices/twin/merge.hpp"

namespace keel::devices {
namespace {

// How many devices one query looks at when it passes some over.
constexpr std::uint32_t kMostLooked = 4 * kMaxPage;

std::uint32_t page_of(std::uint32_t limit, std::uint32_t most = kMaxPage) {
  return limit == 0 ? most : std::min(limit, most);
}

GetCredentials::Answer look_up(const State& state, TenantId tenant, const GetCredentials& asked) {
  const DeviceRow* row = state.device(tenant, asked.device);
  if (row == nullptr) return {};
  GetCredentials::Answer answer{.found = true, .blocked = row->blocked != 0};
  const CredentialsRow* credentials =
      state.credentials.find({.tenant = tenant, .device = DeviceName(asked.device)});
  if (credentials == nullptr) return answer;
  answer.password_hash = credentials->password_hash.str();
  answer.token = credentials->token;
  answer.certificate = credentials->certificate.str();
  return answer;
}

DeviceView view_of(const State& state, const DeviceKey& key, const DeviceRow& row) {
  Labels labels = state.labels_of(key.tenant, row);
  DeviceView view{.device = key.device.str(),
                  .name = row.name.str(),
                  .model = row.model.str(),
                  .serial_number = row.serial_number.str(),
                  .groups = std::move(labels.groups),
                  .tags = std::move(labels.tags),
                  .blocked = row.blocked != 0,
                  .coalesce = row.coalesce != 0,
                  .revision = row.revision,
                  .created_at = row.created_at,
                  .changed_at = row.changed_at,
                  .seen_at = row.seen_at,
                  .connected = row.connected != 0,
                  .desired_version = row.desired_version,
                  .reported_version = row.reported_version,
                  .kept_changes = row.desired_version - row.kept_from};
  if (const CredentialsRow* credentials = state.credentials.find(key)) {
    view.has_password = !credentials->password_hash.view().empty();
    view.has_token = credentials->token != Digest{};
    view.certificate = credentials->certificate.str();
  }
  return view;
}

// One of what ListDevices walks over: all devices of a tenant, or those with a label.
class Walk {
 public:
  Walk(const State& state, TenantId tenant, const ListDevices& asked)
      : tenant_(tenant),
        label_(!asked.group.empty() ? label_of_group(asked.group)
               : asked.tag          ? label_of_tag(*asked.tag)
                                    : Digest{}),
        has_label_(!asked.group.empty() || asked.tag.has_value()),
        by_name_(state.names.upper_bound({.tenant = tenant, .device = DeviceName(asked.after)})),
        by_label_(state.labels.upper_bound(
            {.tenant = tenant, .label = label_, .device = DeviceName(asked.after)})) {}

  std::optional<DeviceName> here() const {
    if (has_label_) {
      const bool is_in =
          by_label_ && by_label_.key().tenant == tenant_ && by_label_.key().label == label_;
      return is_in ? std::optional(by_label_.key().device) : std::nullopt;
    }
    if (!by_name_ || by_name_.key().tenant != tenant_) return std::nullopt;
    return by_name_.key().device;
  }
  void next() {
    if (has_label_) {
      by_label_.next();
    } else {
      by_name_.next();
    }
  }

 private:
  TenantId tenant_;
  Digest label_;
  bool has_label_;
  kernel::OrderedTable<DeviceKey>::Cursor by_name_;
  kernel::OrderedTable<LabelKey>::Cursor by_label_;
};

bool is_wanted(const State& state, const DeviceKey& key, const DeviceRow& row,
               const ListDevices& asked) {
  if (asked.connected && row.connected == 0) return false;
  if (asked.group.empty() || !asked.tag) return true;
  // The walk is by the group.
  return state.labels.contains(
      {.tenant = key.tenant, .label = label_of_tag(*asked.tag), .device = key.device});
}

ListDevices::Answer look_up(const State& state, TenantId tenant, const ListDevices& asked) {
  ListDevices::Answer answer;
  if (asked.after.size() > kMaxDeviceId) return answer;
  if (!asked.only.empty()) {
    const DeviceRow* row = state.device(tenant, asked.only);
    if (row == nullptr) return answer;
    const DeviceKey key{.tenant = tenant, .device = DeviceName(asked.only)};
    answer.devices.push_back(view_of(state, key, *row));
    return answer;
  }
  std::string last;
  std::uint32_t looked = 0;
  for (Walk walk(state, tenant, asked);; walk.next()) {
    const std::optional<DeviceName> device = walk.here();
    if (!device) return answer;
    if (answer.devices.size() == page_of(asked.limit) || looked++ == kMostLooked) {
      answer.next = last;
      return answer;
    }
    last = device->str();
    const DeviceKey key{.tenant = tenant, .device = *device};
    const DeviceRow& row = *state.devices.find(key);
    if (is_wanted(state, key, row, asked)) answer.devices.push_back(view_of(state, key, row));
  }
}

GetTwin::Answer look_up(const State& state, TenantId tenant, const GetTwin& asked) {
  const DeviceRow* row = state.device(tenant, asked.device);
  if (row == nullptr) return {};
  const Node desired = state.part(tenant, *row, TwinPart::desired);
  const Node reported = state.part(tenant, *row, TwinPart::reported);
  GetTwin::Answer answer{.found = true,
                         .desired = json_of(desired),
                         .reported = json_of(reported),
                         .delta = json_of(delta_of(desired, reported)),
                         .desired_version = row->desired_version,
                         .reported_version = row->reported_version,
                         .kept_from = row->kept_from,
                         .coalesce = row->coalesce != 0};
  append_times(answer.desired_times, desired, row->desired_version);
  append_times(answer.reported_times, reported, row->reported_version);
  return answer;
}

ListChanges::Answer look_up(const State& state, TenantId tenant, const ListChanges& asked) {
  const DeviceRow* row = state.device(tenant, asked.device);
  if (row == nullptr) return {};
  ListChanges::Answer answer{
      .found = true, .kept_from = row->kept_from, .version = row->desired_version};
  const std::uint32_t most = page_of(asked.limit, ListChanges::kMost);
  TwinVersion version = std::max(asked.after, row->kept_from);
  while (version < row->desired_version && answer.changes.size() < most) {
    const Bytes kept =
        state.contents.find(content_of(tenant, *row, ContentKind::change, ++version));
    ByteReader reader(kept);
    const std::int64_t at = reader.read<std::int64_t>().value();
    const ByteView patch = reader.take(reader.remaining()).value();
    answer.changes.push_back(
        {.version = version, .at = Timestamp{at}, .patch = std::string(as_text(patch))});
  }
  answer.more = version < row->desired_version;
  return answer;
}

ListUnpublished::Answer look_up(const State& state, TenantId tenant, const ListUnpublished& asked) {
  ListUnpublished::Answer answer;
  if (asked.after.size() > kMaxDeviceId) return answer;
  auto at = state.unpublished.upper_bound({.tenant = tenant, .device = DeviceName(asked.after)});
  for (; at && at.key().tenant == tenant; at.next()) {
    if (answer.devices.size() == page_of(asked.limit)) {
      answer.next = answer.devices.back().device;
      break;
    }
    const DeviceRow& row = *state.devices.find(at.key());
    answer.devices.push_back({.device = at.key().device.str(), .version = row.published_version});
  }
  return answer;
}

CallView view_of(const State& state, TenantId tenant, CallId call, const CallRow& row) {
  const auto text = [&](ContentKind kind) {
    return std::string(as_text(state.contents.find(content_of(tenant, call, kind))));
  };
  return {.call = call,
          .device = row.device.str(),
          .method = row.method.str(),
          .payload = text(ContentKind::call_payload),
          .result = row.result,
          .status = row.status,
          .answer = text(ContentKind::call_answer),
          .requested_at = row.requested_at,
          .sent_at = row.sent_at,
          .deadline = row.deadline,
          .ended_at = row.ended_at};
}

GetCall::Answer look_up(const State& state, TenantId tenant, const GetCall& asked) {
  const CallRow* row = state.call(tenant, asked.call);
  if (row == nullptr) return {};
  return {.found = true, .call = view_of(state, tenant, asked.call, *row)};
}

ListOpenCalls::Answer look_up(const State& state, TenantId tenant, const ListOpenCalls& asked) {
  ListOpenCalls::Answer answer;
  auto at = state.open_calls.upper_bound(
      {.tenant = tenant, .requested_at = asked.after_time, .call = asked.after});
  for (; at && at.key().tenant == tenant; at.next()) {
    if (answer.calls.size() == ListOpenCalls::kMost) {
      answer.more = true;
      break;
    }
    const CallId call = at.key().call;
    answer.calls.push_back(view_of(state, tenant, call, *state.call(tenant, call)));
  }
  return answer;
}

}  // namespace

Result<> answer(const State& state, const kernel::Query& query, Bytes& reply) {
  return kernel::answer_described(query, Queries{}, kUnknownType, reply, [&](const auto& asked) {
    return look_up(state, query.tenant, asked);
  });
}

}  // namespace keel::devices
