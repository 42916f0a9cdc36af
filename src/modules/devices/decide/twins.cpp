// Changes of twins, and how they are taken.
#include <algorithm>

#include "modules/devices/decide/commands.hpp"
#include "modules/devices/twin/json_text.hpp"
#include "modules/devices/twin/merge.hpp"
#include "modules/devices/twin/read_json.hpp"
#include "modules/devices/twin/stored.hpp"

namespace keel::devices {
namespace {

Error in_patch(const Error& error) {
  return {error.kind(), "patch: " + std::string(error.detail())};
}

// The part as the patch would make it; `written` becomes the patch in its written form.
Result<Node> patched(const Decision& d, const DeviceRow& row, const UpdateTwin& asked,
                     std::string& written) {
  TwinLimits limits = d.state.options.twin;
  if (asked.patch == "null") {
    written = asked.patch;
    return Node{.set_at = d.now()};
  }
  const TwinLimits whole = limits;
  limits.bytes = kMaxPatch;
  const Result<Node> patch = read_document(asked.patch, limits);
  if (!patch.ok()) return in_patch(patch.error());
  written = json_of(*patch);
  Node node = d.state.part(d.tenant(), row, asked.part);
  merge(node, *patch, d.now());
  const TwinSize size = size_of(node);
  if (size.bytes > whole.bytes || size.keys > whole.keys) {
    return Error(kTooLarge, "it would make " + std::to_string(size.bytes) + " bytes and " +
                                std::to_string(size.keys) + " keys, at most " +
                                std::to_string(whole.bytes) + " and " + std::to_string(whole.keys));
  }
  return node;
}

bool is_kept_full(const Decision& d, const DeviceRow& row, std::size_t bytes) {
  return row.desired_version - row.kept_from >= d.state.options.kept_changes ||
         row.kept_bytes + bytes > d.state.options.kept_bytes;
}

}  // namespace

Result<Outcome> decide(const Decision& d, const UpdateTwin& asked) {
  KEEL_TRY(check_name("device", asked.device, kMaxDeviceId));
  const DeviceRow* row = d.state.device(d.tenant(), asked.device);
  if (row == nullptr) return outcome(OutcomeCode::device_unknown);
  if (row->blocked != 0) return outcome(OutcomeCode::device_blocked);
  const bool is_desired = asked.part == TwinPart::desired;
  const TwinVersion version = is_desired ? row->desired_version : row->reported_version;
  std::string written;
  const Node node = KEEL_TRY(patched(d, *row, asked, written));
  if (asked.expected_version.value_or(version) != version) {
    return outcome(OutcomeCode::version_conflict);
  }
  const bool is_kept = is_desired && row->coalesce == 0;
  if (is_kept && is_kept_full(d, *row, written.size())) return outcome(OutcomeCode::changes_full);
  KEEL_TRY(room_in(d.state.contents.table(),
                   Contents::rows_of(stored_form(node).size()) +
                       (is_kept ? Contents::rows_of(sizeof(std::int64_t) + written.size()) : 0)));
  UpdateTwin::Answer answer{.desired_version = row->desired_version + (is_desired ? 1 : 0),
                            .reported_version = row->reported_version + (is_desired ? 0 : 1),
                            .at = d.now()};
  d.emit(TwinUpdated{.device = asked.device,
                     .part = asked.part,
                     .patch = written,
                     .version = version + 1,
                     .kept = is_kept,
                     .at = d.now()});
  d.answer(answer);
  return outcome(OutcomeCode::done);
}

Result<Outcome> decide(const Decision& d, const TakeChanges& asked) {
  KEEL_TRY(check_name("device", asked.device, kMaxDeviceId));
  const DeviceRow* row = d.state.device(d.tenant(), asked.device);
  if (row == nullptr) return outcome(OutcomeCode::device_unknown);
  const bool coalesce = asked.coalesce.value_or(row->coalesce != 0);
  // What it has never been told it has not taken.
  const TwinVersion up_to =
      coalesce ? row->desired_version : std::min(asked.up_to, row->desired_version);
  if (up_to > row->kept_from || coalesce != (row->coalesce != 0)) {
    d.emit(ChangesTaken{.device = asked.device, .up_to = up_to, .coalesce = coalesce});
  }
  return outcome(OutcomeCode::done);
}

Result<Outcome> decide(const Decision& d, const PublishTwins& asked) {
  KEEL_TRY(check_range("devices", asked.devices.size(), 1, PublishTwins::kMost));
  TwinsPublished event;
  for (const PublishTwins::Published& published : asked.devices) {
    const DeviceRow* row = d.state.device(d.tenant(), published.device);
    if (row == nullptr) continue;
    const TwinVersion version = std::min(published.version, row->desired_version);
    if (version > row->published_version) event.devices.push_back({published.device, version});
  }
  if (!event.devices.empty()) d.emit(event);
  return outcome(OutcomeCode::done);
}

}  // namespace keel::devices
