// ChainCopy: writes groups of a journal at the places where they stand in the journal that they
// come from, so that the copy is a journal, byte for byte the same up to its end.
//
//   ChainCopy copy(disk, "backup/journal", SegmentClass::main, Room::sparse);
//   co_await copy.begin(end_of_what_is_there);
//   while (group of a walk) co_await copy.put(*group, walk.segment_header(), walk.segment_bytes());
//   co_await copy.finish();
//
// Nothing is durable before finish() has succeeded. Memory: one buffer. Thread: one core.
#pragma once

#include <memory>
#include <string>

#include "journal/verify/walk.hpp"
#include "runtime/ports.hpp"

namespace keel::journal {

// What the rest of the last segment is made of: a hole, or blocks that a writer can go on in.
enum class Room : std::uint8_t { sparse, reserved };

class ChainCopy {
 public:
  ChainCopy(runtime::Disk& disk, std::string directory, SegmentClass segment_class, Room room)
      : disk_(disk), directory_(std::move(directory)), class_(segment_class), room_(room) {}

  // Makes the directory, and removes what is there behind `end`: the rest of an interrupted copy.
  // What stands before `end` is good all the time.
  runtime::Task<Result<>> begin(WalkPlace end);
  // `group` stands behind the last one. `segment_header`: of its segment, as it is stored.
  runtime::Task<Result<>> put(const WalkGroup& group, ByteView segment_header,
                              std::uint64_t segment_bytes);
  // Writes what is gathered, completes the last segment, and makes everything durable.
  runtime::Task<Result<>> finish();

  std::uint64_t written_bytes() const noexcept { return written_bytes_; }

 private:
  std::string path(std::uint64_t segment) const {
    return directory_ + '/' + segment_name(segment, class_);
  }
  runtime::Task<Result<>> open(std::uint64_t segment);
  runtime::Task<Result<>> clear(std::uint64_t from, std::uint64_t to);
  runtime::Task<Result<>> complete();  // the segment that is open
  runtime::Task<Result<>> flush();
  runtime::Task<Result<>> gather(ByteView bytes);

  runtime::Disk& disk_;
  std::string directory_;
  SegmentClass class_;
  Room room_;
  std::unique_ptr<runtime::File> file_;
  std::uint64_t segment_ = 0;
  std::uint64_t segment_bytes_ = 0;  // its size when it is complete
  std::uint64_t end_ = 0;            // where the next bytes go, the gathered ones not counted
  Bytes gathered_;
  std::uint64_t written_bytes_ = 0;
};

}  // namespace keel::journal
