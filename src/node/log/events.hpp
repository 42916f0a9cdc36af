// Every event that the log of a node may hold. Names are stable; docs/logging.md lists them with
// their fields, and a test compares the two.
#pragma once

#include <array>

#include "base/log/log.hpp"

namespace keel::node {

using log::Level;

// The life of a node.
inline constexpr log::Event kNodeStarting{"node.starting", Level::info, "The program starts."};
inline constexpr log::Event kWorldChosen{"world.chosen", Level::info,
                                         "What stands behind disk and network."};
inline constexpr log::Event kTokenMade{"token.made", Level::info,
                                       "The first start has made the operator's token."};
inline constexpr log::Event kCertificateMade{
    "tls.certificate_made", Level::warn,
    "There was no certificate: one was made for development. No client has a reason to trust it."};
inline constexpr log::Event kCertificatesLoaded{"tls.certificates_loaded", Level::info,
                                                "Connections from now on are shown these."};
inline constexpr log::Event kCertificatesRefused{
    "tls.certificates_refused", Level::error,
    "Certificates could not be loaded again: those in use stay in use."};
inline constexpr log::Event kUnsafeSettings{
    "node.unsafe", Level::warn, "These settings may lose what is acknowledged: for tests."};
inline constexpr log::Event kNodeReady{"node.ready", Level::info, "The node serves."};
inline constexpr log::Event kNodeCannotStart{"node.cannot_start", Level::error,
                                             "The node ends: it cannot serve."};
inline constexpr log::Event kNodeDraining{"node.draining", Level::info,
                                          "A stop has begun: what is under way is answered."};
inline constexpr log::Event kNodeStopped{"node.stopped", Level::info, "The node has ended."};
inline constexpr log::Event kStoppedAtOnce{
    "node.stopped_at_once", Level::warn,
    "A second signal or stop.deadline_ms ended the node as a kill would; nothing acknowledged is "
    "lost."};

// Its journal and its cell.
inline constexpr log::Event kTailDropped{
    "journal.tail_dropped", Level::warn,
    "Recovery dropped an incomplete last write, which nobody was told of."};
inline constexpr log::Event kSnapshotRejected{
    "snapshot.rejected", Level::warn, "A snapshot could not be used; an older one or replay was."};
inline constexpr log::Event kArchiveRejected{
    "archive.rejected", Level::warn,
    "The archive of old rows could not be used; it is made again from the journal."};
inline constexpr log::Event kReplaying{"cell.replaying", Level::info, "A long replay goes on."};
inline constexpr log::Event kJournalOpened{"journal.opened", Level::info,
                                           "The state is that of the journal's end."};
inline constexpr log::Event kCellReopening{
    "cell.reopening", Level::error,
    "The fate of a write is not known: the cell is opened again from its journal."};

// What a node notices about itself, told when it begins and when it ends.
inline constexpr log::Event kJournalRefuses{
    "journal.refuses", Level::error,
    "Writes are refused (a full disk?); reads go on. They are tried again by themselves."};
inline constexpr log::Event kJournalAccepts{"journal.accepts", Level::info,
                                            "Writes are accepted again."};
inline constexpr log::Event kShedding{"cell.shedding", Level::warn,
                                      "Requests are refused because the queue is full."};
inline constexpr log::Event kConnectionsRefused{
    "http.connections_refused", Level::warn,
    "Connections are refused: http.max_connections are open."};
inline constexpr log::Event kMqttPasswordMade{
    "mqtt.password_made", Level::info,
    "The first start has made the password of the MQTT user `keel`."};
inline constexpr log::Event kMqttCannotServe{"mqtt.cannot_serve", Level::error,
                                             "The MQTT server ends: its cell does not answer it."};
inline constexpr log::Event kMqttConnectionsRefused{
    "mqtt.connections_refused", Level::warn,
    "Connections are refused: mqtt.max_connections are open, or too many are not yet let in."};
inline constexpr log::Event kMqttLoginsRefused{"mqtt.logins_refused", Level::warn,
                                               "Clients came with a wrong name or password."};
inline constexpr log::Event kMqttRevoked{
    "mqtt.subscriptions_revoked", Level::info,
    "Sessions that were kept have lost what the rules do not allow any more."};
inline constexpr log::Event kMqttDropped{
    "mqtt.messages_dropped", Level::warn,
    "Messages did not reach clients that read too slowly or let too much wait."};
inline constexpr log::Event kSnapshotFailed{"snapshot.failed", Level::error,
                                            "A snapshot could not be written; starts take longer."};
inline constexpr log::Event kSnapshotTaken{"snapshot.taken", Level::debug,
                                           "A snapshot was written."};
inline constexpr log::Event kScrubDamage{"scrub.damage", Level::error,
                                         "What is stored has changed: read docs/operations.md, "
                                         "\"Scrub\", before a restart."};
inline constexpr log::Event kScrubFailed{"scrub.failed", Level::error,
                                         "The scrubber could not read on; it begins again later."};
inline constexpr log::Event kScrubEnded{"scrub.ended", Level::debug,
                                        "The scrubber has been over everything that is cold."};
inline constexpr log::Event kRetentionRemoved{
    "retention.removed", Level::info,
    "The oldest segments of a journal of class stream were removed, as the settings say."};
inline constexpr log::Event kRetentionFailed{
    "retention.failed", Level::error,
    "Old segments could not be removed; it is tried again. Nothing is lost by it but space."};
inline constexpr log::Event kClockHeld{
    "clock.held", Level::warn, "The wall clock jumped and is not believed: see keel doctor."};
inline constexpr log::Event kClockBelieved{"clock.believed", Level::info,
                                           "The wall clock is believed again."};
inline constexpr log::Event kCoreStalled{
    "core.stalled", Level::warn,
    "A turn held its core longer than it should, and which task did most of it."};
inline constexpr log::Event kLinesDropped{
    "log.lines_dropped", Level::warn,
    "Nobody read the log for a while: lines were dropped rather than the node held up."};

inline constexpr std::array kLogEvents{&kNodeStarting,        &kWorldChosen,
                                       &kTokenMade,           &kUnsafeSettings,
                                       &kNodeReady,           &kNodeCannotStart,
                                       &kNodeDraining,        &kNodeStopped,
                                       &kStoppedAtOnce,       &kTailDropped,
                                       &kSnapshotRejected,    &kArchiveRejected,
                                       &kReplaying,           &kJournalOpened,
                                       &kCellReopening,       &kJournalRefuses,
                                       &kJournalAccepts,      &kShedding,
                                       &kConnectionsRefused,  &kSnapshotFailed,
                                       &kSnapshotTaken,       &kScrubDamage,
                                       &kScrubFailed,         &kScrubEnded,
                                       &kClockHeld,           &kClockBelieved,
                                       &kCoreStalled,         &kLinesDropped,
                                       &kCertificateMade,     &kCertificatesLoaded,
                                       &kCertificatesRefused, &kMqttPasswordMade,
                                       &kMqttCannotServe,     &kMqttConnectionsRefused,
                                       &kMqttLoginsRefused,   &kMqttRevoked,
                                       &kMqttDropped,         &kRetentionRemoved,
                                       &kRetentionFailed};

}  // namespace keel::node
