// What devices remember: their tables, and how each fact changes them. State knows no rules: a fact
// that reaches apply() has been decided. Private to this folder.
#pragma once

#include "kernel/event.hpp"
#include "kernel/ordered_table.hpp"
#include "kernel/table.hpp"
#include "modules/devices/options.hpp"
#include "modules/devices/state/contents.hpp"

namespace keel::devices {

// The groups and tags of a device, as its contents keep them.
struct Labels {
  std::vector<std::string> groups;
  std::vector<Tag> tags;
  static constexpr auto description() {
    return describe<Labels>("keel.devices.Labels", field<1>("groups", &Labels::groups),
                            field<2>("tags", &Labels::tags));
  }
};

Digest label_of_group(std::string_view group);
Digest label_of_tag(const Tag& tag);

class State {
 public:
  State(kernel::UndoLog& undo, kernel::HashSeed seed, const DevicesOptions& options);

  // Null: there is none, or it is no id.
  const DeviceRow* device(TenantId tenant, std::string_view device) const;
  const CallRow* call(TenantId tenant, CallId call) const {
    return calls.find({.tenant = tenant, .call = call});
  }
  Node part(TenantId tenant, const DeviceRow& row, TwinPart part) const;
  Labels labels_of(TenantId tenant, const DeviceRow& row) const;

  // Of an event of this module; asserts that it can be read.
  void apply(const kernel::Event& event);

  std::span<kernel::TableBase* const> tables() noexcept [[clang::lifetimebound]] { return all_; }

  const DevicesOptions options;
  kernel::Table<TotalsKey, TotalsRow> totals;
  kernel::OrderedTable<DeviceKey> names;
  kernel::Table<DeviceKey, DeviceRow> devices;
  kernel::Table<DeviceKey, CredentialsRow> credentials;
  kernel::OrderedTable<LabelKey> labels;
  Contents contents;
  kernel::OrderedTable<DeviceKey> unpublished;
  kernel::Table<CallKey, CallRow> calls;
  kernel::OrderedTable<OpenCallKey> open_calls;
  kernel::OrderedTable<DueKey> due;

 private:
  void apply(TenantId tenant, const DeviceRegistered& event);
  void apply(TenantId tenant, const CredentialsSet& event);
  void apply(TenantId tenant, const DeviceRemoved& event);
  void apply(TenantId tenant, const TwinUpdated& event);
  void apply(TenantId tenant, const ChangesTaken& event);
  void apply(TenantId tenant, const DevicesSeen& event);
  void apply(TenantId tenant, const TwinsPublished& event);
  void apply(TenantId tenant, const MethodCalled& event);
  void apply(TenantId tenant, const MethodSent& event);
  void apply(TenantId tenant, const MethodEnded& event);
  void apply(TenantId tenant, const MethodForgotten& event);

  void set_labels(const DeviceKey& key, const DeviceRow& row, const Labels& wanted);
  // Changes of the device up to `up_to` are kept no longer.
  void let_go(const DeviceKey& key, TwinVersion up_to);
  void forget_unpublished(const DeviceKey& key);
  void set_due(const CallKey& key, Timestamp at);

  std::array<kernel::TableBase*, 10> all_;
};

ContentName content_of(TenantId tenant, const DeviceRow& row, ContentKind kind,
                       TwinVersion version = 0);
ContentName content_of(TenantId tenant, CallId call, ContentKind kind);

}  // namespace keel::devices
