// What charging remembers: its tables, and how each fact changes them. State knows no rules: a fact
// that reaches apply() has been decided. Private to this folder.
#pragma once

#include "kernel/event.hpp"
#include "kernel/ordered_table.hpp"
#include "kernel/table.hpp"
#include "modules/charging/options.hpp"
#include "modules/charging/state/histories.hpp"

namespace keel::charging {

class State {
 public:
  State(kernel::UndoLog& undo, kernel::HashSeed seed, const ChargingOptions& options);

  const SettingsRow* settings_of(TenantId tenant) const {
    return settings.find({.tenant = tenant});
  }
  const StationRow* station(TenantId tenant, std::string_view name) const;
  const ConnectorRow* connector(TenantId tenant, std::string_view station,
                                ConnectorNumber number) const;
  const TariffRow* tariff(TenantId tenant, TariffId id, TariffVersion version) const {
    return tariffs.find({.tenant = tenant, .tariff = id, .version = version});
  }
  const DriverRow* driver(TenantId tenant, DriverId id) const {
    return drivers.find({.tenant = tenant, .driver = id});
  }
  const TokenRow* token(TenantId tenant, const Digest& digest) const {
    return tokens.find({.tenant = tenant, .token = digest});
  }
  // In memory: open, stopped, or to be corrected.
  const SessionRow* live(TenantId tenant, SessionNumber number) const {
    return sessions.find({.tenant = tenant, .session = number});
  }
  // Wherever it is; null also when it is not at hand (kernel/history_table.hpp).
  const SessionRow* session(TenantId tenant, SessionNumber number) const;
  // The session of which a station has said just this; zero: none, or not at hand.
  SessionNumber said_of(TenantId tenant, const Digest& digest) const;
  const KeptStopRow* kept_stop(TenantId tenant, const Digest& digest) const {
    return kept_stops.find({.tenant = tenant, .digest = digest});
  }

  // Of the connector's meter, else of all meters of the station; empty: none is registered.
  ByteView meter_key(TenantId tenant, std::string_view station, ConnectorNumber connector) const;
  // The first signed record of a session in memory that holds, and the last.
  std::vector<SignedValue> signed_records(TenantId tenant, SessionNumber session) const;

  // Of an event of this module; asserts that it can be read.
  void apply(const kernel::Event& event);

  std::span<kernel::TableBase* const> tables() noexcept [[clang::lifetimebound]] { return all_; }

  kernel::Table<TenantKey, SettingsRow> settings;
  kernel::OrderedTable<StationKey, kernel::Unit> station_names;
  kernel::Table<StationKey, StationRow> stations;
  kernel::Table<ConnectorKey, ConnectorRow> connectors;
  kernel::Table<TariffKey, TariffRow> tariffs;
  kernel::Table<DriverKey, DriverRow> drivers;
  kernel::Table<TokenKey, TokenRow> tokens;
  kernel::Table<SessionKey, SessionRow> sessions;
  kernel::OrderedTable<SessionKey, kernel::Unit> open_sessions;
  kernel::OrderedTable<StationSessionKey, kernel::Unit> station_sessions;
  kernel::HistoryTable<SessionHistory> closed;
  kernel::HistoryTable<SaidHistory> said;
  kernel::Table<DigestKey, KeptStopRow> kept_stops;
  kernel::OrderedTable<KeptStopKey, kernel::Unit> station_stops;
  kernel::Table<CallKey, CallRow> calls;
  kernel::OrderedTable<DueKey, kernel::Unit> due;
  kernel::Table<ConnectorKey, MeterKeyRow> meter_keys;
  kernel::Table<SignedPartKey, SignedPartRow> signed_parts;

 private:
  void apply(TenantId tenant, const Configured& event);
  void apply(TenantId tenant, const TariffPublished& event);
  void apply(TenantId tenant, const StationRegistered& event);
  void apply(TenantId tenant, const DriverRegistered& event);
  void apply(TenantId tenant, const TokenRegistered& event);
  void apply(TenantId tenant, const DriverForgotten& event);
  void apply(TenantId tenant, const MeterKeyRegistered& event);
  void apply(TenantId tenant, const StationBooted& event);
  void apply(TenantId tenant, const StationsSeen& event);
  void apply(TenantId tenant, const StatusReported& event);
  void apply(TenantId, const TokenChecked&) {}
  void apply(TenantId tenant, const StationNoted& event);
  void apply(TenantId tenant, const CallRequested& event);
  void apply(TenantId tenant, const CallEnded& event);
  void apply(TenantId tenant, const CallDropped& event);
  void apply(TenantId tenant, const SessionStarted& event);
  void apply(TenantId tenant, const ReadingsRecorded& event);
  void apply(TenantId tenant, const IdleChanged& event);
  void apply(TenantId tenant, const SessionStopped& event);
  void apply(TenantId tenant, const SessionClosed& event);
  void apply(TenantId tenant, const SessionDeferred& event);
  void apply(TenantId tenant, const StopKept& event);
  void apply(TenantId tenant, const StopReleased& event);
  void apply(TenantId tenant, const StopConflicted& event);
  void apply(TenantId, const ReadingsUnplaced&) {}  // the record has them; no decision needs them
  void apply(TenantId tenant, const SessionExtended& event);
  void apply(TenantId tenant, const CorrectionEnded& event);

  void heard(TenantId tenant, std::string_view station, Timestamp at);
  void remember(TenantId tenant, const Digest& digest, SessionNumber session);
  // The session's next look by time; never() for none.
  void set_due(TenantId tenant, SessionNumber session, Timestamp at);
  void end_at_connector(const SessionRow& row);
  void to_history(TenantId tenant, SessionNumber session);
  // signed_values.cpp
  void keep_signed(TenantId tenant, const ReadingsRecorded& event);
  void put_signed(SignedPartKey first, const Reading& reading, SignedVerdict verdict);
  void drop_signed(SignedPartKey first);

  std::array<kernel::TableBase*, 18> all_;
};

DueKey due_key(TenantId tenant, SessionNumber session, Timestamp at);
DueKey due_key(TenantId tenant, const Digest& stop, Timestamp at);
DueKey due_key(TenantId tenant, CallId call, Timestamp at);

}  // namespace keel::charging
