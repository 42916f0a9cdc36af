// Who reads a cell's journal besides its start: projections and outboxes, by the positions that
// they have stored (docs/operations.md).
#pragma once

#include <optional>
#include <string>

#include "base/ids.hpp"
#include "runtime/ports.hpp"
#include "runtime/task.hpp"

namespace keel::node {

struct ReaderPosition {
  std::string name;
  Position taken_in;  // the last record
};

// The one that is furthest behind; nothing: there is none. The file's or the disk's error, when a
// position cannot be read.
runtime::Task<Result<std::optional<ReaderPosition>>> slowest_reader(runtime::Disk& disk,
                                                                    std::string directory);

}  // namespace keel::node
