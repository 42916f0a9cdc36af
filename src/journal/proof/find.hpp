// Finds the group that holds a position in the files of a journal, and proves the record. Reads
// only; a node may have the journal open.
//
// The segment is found by bisection, the group in it by going from header to header: at most one
// segment's headers are read. Memory: one FileWindow. Thread: the core of its disk.
#pragma once

#include <string>

#include "journal/proof/inclusion_proof.hpp"
#include "runtime/ports.hpp"

namespace keel::journal {

struct FindOptions {
  SegmentClass segment_class = SegmentClass::main;
  // Of the journal, where that is known: then the group at the position needs nothing behind it to
  // be taken as durable. Without it a group counts only when another one stands behind it.
  Position durable{};
};

// kNoJournal; kNoSuchPosition: behind the end; kArchived: moved to an archive, look there;
// kNotSettled: in the last group, which nothing stands behind yet; kCorrupt.
runtime::Task<Result<InclusionProof>> find_proof(runtime::Disk& disk, std::string directory,
                                                 Position position, FindOptions options);

}  // namespace keel::journal
