// Kinds of error of journal/ (300-399).
#pragma once

#include "base/error.hpp"

namespace keel::journal {

// Refused, nothing written; reads go on, and so do appends when there is space again.
inline constexpr ErrorKind kNoSpace{300, "journal.no_space", ErrorClass::overload};
// Stored bytes are not what was written; the detail names file, offset and expectation.
inline constexpr ErrorKind kCorrupt{301, "journal.corrupt", ErrorClass::corrupt};
inline constexpr ErrorKind kNewerFormat{302, "journal.newer_format", ErrorClass::unavailable};
// A write already begun has failed: whether the group is there is found out by reopening.
inline constexpr ErrorKind kUnknownOutcome{303, "journal.unknown_outcome", ErrorClass::unknown};
// An earlier write has failed: nothing is accepted until the journal is reopened.
inline constexpr ErrorKind kBroken{304, "journal.broken", ErrorClass::unavailable};
// A group that was formed behind one that was refused; form it again.
inline constexpr ErrorKind kOutOfOrder{305, "journal.out_of_order", ErrorClass::conflict};
// Another writer has a later epoch; this one may not write any more.
inline constexpr ErrorKind kFenced{306, "journal.fenced", ErrorClass::conflict};
inline constexpr ErrorKind kInUse{307, "journal.in_use", ErrorClass::conflict};
inline constexpr ErrorKind kReadOnly{308, "journal.read_only", ErrorClass::denied};
inline constexpr ErrorKind kBadOptions{309, "journal.bad_options", ErrorClass::invalid};
inline constexpr ErrorKind kNoJournal{310, "journal.no_journal", ErrorClass::missing};
// A position behind the last durable one was asked for.
inline constexpr ErrorKind kNoSuchPosition{311, "journal.no_such_position", ErrorClass::missing};
// Two copies of one journal have gone different ways behind a common beginning.
inline constexpr ErrorKind kForked{312, "journal.forked", ErrorClass::conflict};
// The records asked for were moved to an archive.
inline constexpr ErrorKind kArchived{313, "journal.archived", ErrorClass::missing};
inline constexpr ErrorKind kBadManifest{314, "journal.bad_manifest", ErrorClass::corrupt};
inline constexpr ErrorKind kNotABackup{315, "journal.not_a_backup", ErrorClass::invalid};
// What would be moved to an archive holds records that are to stay for some time yet.
inline constexpr ErrorKind kTooYoung{316, "journal.too_young", ErrorClass::conflict};
// A record and its path do not lead to the chain head that they name.
inline constexpr ErrorKind kBadProof{317, "journal.bad_proof", ErrorClass::corrupt};
// In the last group, which nothing stands behind yet: whether it stays is not known from the files.
inline constexpr ErrorKind kNotSettled{318, "journal.not_settled", ErrorClass::retry_later};
inline constexpr ErrorKind kBadProofDocument{319, "journal.bad_proof_document",
                                             ErrorClass::invalid};

}  // namespace keel::journal
