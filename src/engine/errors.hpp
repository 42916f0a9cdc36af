// Kinds of error of engine/ (500-599).
#pragma once

#include "base/error.hpp"

namespace keel::engine {

// Refused before anything was decided.
inline constexpr ErrorKind kNotAllowed{500, "engine.not_allowed", ErrorClass::denied};
inline constexpr ErrorKind kNoSuchCommand{501, "engine.no_such_command", ErrorClass::invalid};
inline constexpr ErrorKind kNoSuchQuery{502, "engine.no_such_query", ErrorClass::invalid};
inline constexpr ErrorKind kNoCommandId{503, "engine.no_command_id", ErrorClass::invalid};
inline constexpr ErrorKind kCommandIdReused{504, "engine.command_id_reused", ErrorClass::conflict};
inline constexpr ErrorKind kWrongRevision{505, "engine.wrong_revision", ErrorClass::conflict};
inline constexpr ErrorKind kQueueFull{506, "engine.queue_full", ErrorClass::overload};
inline constexpr ErrorKind kCommandIdsFull{507, "engine.command_ids_full", ErrorClass::overload};
inline constexpr ErrorKind kCommandTooLarge{508, "engine.command_too_large", ErrorClass::invalid};
inline constexpr ErrorKind kTooManyTenants{512, "engine.too_many_tenants", ErrorClass::overload};
// Old rows that a request looks at could not be read, or were more than one request may hold.
inline constexpr ErrorKind kRowsNotRead{513, "engine.rows_not_read", ErrorClass::unavailable};
// Rows cannot be moved out of memory fast enough, or not at all.
inline constexpr ErrorKind kArchiveBehind{514, "engine.archive_behind", ErrorClass::overload};
inline constexpr ErrorKind kTooManySubjects{515, "engine.too_many_subjects", ErrorClass::invalid};
// Personal data was to be sealed, opened or erased where there is no vault.
inline constexpr ErrorKind kNoVault{516, "engine.no_vault", ErrorClass::unavailable};
inline constexpr ErrorKind kStopping{509, "engine.stopping", ErrorClass::unavailable};

// Decided, but not told: what was decided has been taken back, or nobody knows yet.
inline constexpr ErrorKind kJournalRefused{510, "engine.journal_refused", ErrorClass::overload};
inline constexpr ErrorKind kOutcomeUnknown{511, "engine.outcome_unknown", ErrorClass::unknown};

// The start of a cell.
inline constexpr ErrorKind kUnknownEvent{520, "engine.unknown_event", ErrorClass::unavailable};
inline constexpr ErrorKind kNewerEvent{521, "engine.newer_event", ErrorClass::unavailable};
inline constexpr ErrorKind kBadRecord{522, "engine.bad_record", ErrorClass::corrupt};
inline constexpr ErrorKind kBadSnapshot{523, "engine.bad_snapshot", ErrorClass::corrupt};
// The archive of old rows is not of this journal.
inline constexpr ErrorKind kForeignArchive{524, "engine.foreign_archive", ErrorClass::corrupt};
// The journal holds more than a setting allows; the text names it and what it must be at least.
inline constexpr ErrorKind kLimitTooLow{525, "engine.limit_too_low", ErrorClass::invalid};

// Subscriptions and projections.
inline constexpr ErrorKind kReaderTooSlow{530, "engine.reader_too_slow", ErrorClass::overload};
inline constexpr ErrorKind kNoSuchPosition{531, "engine.no_such_position", ErrorClass::invalid};
inline constexpr ErrorKind kTooManyReaders{532, "engine.too_many_readers", ErrorClass::overload};

}  // namespace keel::engine
