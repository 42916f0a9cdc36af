// PositionFile: where a projection stands, in a small file that is replaced in one step. For
// projections whose output lies elsewhere, and is made at least once.
//
// The file: magic "KEELPOSI" (8 bytes), the position (8), CRC32C over those 16 bytes (4), zero (4).
//
// Thread: the core of its disk.
#pragma once

#include <string>

#include "base/ids.hpp"
#include "runtime/ports.hpp"

namespace keel::engine {

class PositionFile {
 public:
  // `name` becomes "name.position" in the directory.
  PositionFile(runtime::Disk& disk, std::string directory, std::string name)
      : disk_(disk), directory_(std::move(directory)), name_(std::move(name)) {}

  // Zero when there is none; kBadRecord when it is damaged.
  runtime::Task<Result<Position>> load();
  // Durable when it succeeds.
  runtime::Task<Result<>> store(Position position);

 private:
  std::string path() const { return directory_ + "/" + name_ + ".position"; }

  runtime::Disk& disk_;
  std::string directory_;
  std::string name_;
};

}  // namespace keel::engine
