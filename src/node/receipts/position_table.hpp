// PositionTable: numbers that are dense from 1, and a position for each, in a small file a tenant.
// A number may get a later position; the one before stays reachable.
//
//   <tenant>.positions    8 bytes a number, little-endian: the newest position; 0: none
//   <tenant>.corrections  16 bytes: a position, and the one that it took the place of; ascending
//
// Follows from a journal, so that it may be deleted at any time. Positions come in ascending order;
// what came already may come again and changes nothing. A correction is durable before the number
// gets its new position.
//
// Thread: the core of its disk; one call at a time. Memory: one open pair of files. Bound: a file
// grows by 8 bytes for each number.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/ids.hpp"
#include "runtime/ports.hpp"

namespace keel::node {

class PositionTable {
 public:
  // Of a dense number: 1 and up.
  struct Key {
    TenantId tenant;
    std::uint32_t number = 0;
  };

  PositionTable(runtime::Disk& disk, std::string directory)
      : disk_(disk), directory_(std::move(directory)) {}

  runtime::Task<Result<>> put(Key key, Position position);
  // Makes durable what was put.
  runtime::Task<Result<>> sync();

  // Nothing: there is none.
  runtime::Task<Result<std::optional<Position>>> newest(Key key);
  // Which position this one took the place of; nothing: of none.
  runtime::Task<Result<std::optional<Position>>> before(TenantId tenant, Position position);

  // Whether no position is behind `end`: a power cut may leave anything where it interrupted a
  // write.
  runtime::Task<Result<bool>> plausible(Position end);
  // Forgets everything.
  runtime::Task<Result<>> clear();

 private:
  struct Files {
    TenantId tenant;
    std::unique_ptr<runtime::File> positions;
    std::unique_ptr<runtime::File> corrections;
    std::uint64_t corrections_count = 0;
    Position last_correction;
    bool changed = false;
  };

  std::string path(TenantId tenant, std::string_view suffix) const;
  runtime::Task<Result<>> open(TenantId tenant);
  runtime::Task<Result<>> add_correction(Position position, Position before);

  runtime::Disk& disk_;
  std::string directory_;
  std::optional<Files> files_;  // of the tenant that was put last
};

}  // namespace keel::node
