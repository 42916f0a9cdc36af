// Walk: goes from group to group through a journal's segments, checks everything that section 7 of
// docs/journal-format.md asks for, and says how the journal ends. Recovery and the verifier stand
// on it. Reads only.
//
// Memory: one FileWindow, whatever the journal's size. Thread: the core of its disk.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "journal/chain.hpp"
#include "journal/verify/file_window.hpp"
#include "runtime/ports.hpp"

namespace keel::runtime {
class Offload;
}  // namespace keel::runtime

namespace keel::journal {

// Where something begins or ends: the next group, or an incomplete write.
struct WalkPlace {
  std::uint64_t segment = 0;
  std::uint64_t offset = 0;  // 0: at the segment's header

  friend auto operator<=>(const WalkPlace&, const WalkPlace&) = default;
};

// A place between two groups, and what the second one must follow from.
struct ChainPoint {
  WalkPlace place{.segment = 1, .offset = 0};
  ChainState before;
};
// Right behind the group of this header, as it was stored.
ChainPoint point_behind(const GroupHeader& header, ByteView stored);

// The record of a cut in that directory; nothing: it is damaged. kNoSuchFile: there is none.
runtime::Task<Result<std::optional<CutRecord>>> read_cut(runtime::Disk& disk, std::string directory,
                                                         SegmentClass segment_class);

// The same of its checkpoint.
runtime::Task<Result<std::optional<Checkpoint>>> read_checkpoint(runtime::Disk& disk,
                                                                 std::string directory,
                                                                 SegmentClass segment_class);
// What a walk from there on follows from; of the record of a cut as well.
ChainPoint point_at(std::uint64_t first_segment, ByteView last_header);

struct WalkOptions {
  SegmentClass segment_class = SegmentClass::main;
  bool direct = false;  // past the page cache: what the medium has
  // Begins there instead of at the journal's beginning.
  std::optional<ChainPoint> from{};
  // Ends there, cleanly, and does not look at what lies behind.
  std::optional<WalkPlace> until{};
  // Checks the records of groups there instead of on this core.
  runtime::Offload* offload = nullptr;
};

// A problem, and the name of the file that it is in.
struct FileProblem {
  std::string file;
  Problem problem;

  // "record_crc in …main.segment at 8192: expected …"
  std::string to_string() const;
};

struct WalkGroup {
  GroupHeader header;
  WalkPlace place;
  ByteView bytes;  // whole blocks; lives until the next step
};

enum class WalkEndKind : std::uint8_t { clean, incomplete, corrupt };

struct WalkEnd {
  WalkEndKind kind = WalkEndKind::clean;
  WalkPlace end;  // behind the last valid group; segment 0: there is none
  std::uint64_t end_segment_bytes = 0;
  WalkPlace last_write;  // where the write of that group begins: at its segment's header, or at it
  // The segment behind that one, without content (once what was dropped is zeroed): its size.
  std::optional<std::uint64_t> spare_bytes{};
  // The incomplete last write, when that is how it ends.
  WalkPlace dropped;
  std::uint64_t dropped_bytes = 0;
  FileProblem problem;  // why the walk ended there, unless clean
};

class Walk {
 public:
  Walk(runtime::Disk& disk, std::string directory, WalkOptions options);

  // Lists the directory. kNoJournal when it holds no segment of the class. The journal begins with
  // segment 1 or, when that was moved to an archive, where the cut record says.
  runtime::Task<Result<>> begin();
  // The next valid group; nothing when the walk has ended: then end() says how.
  runtime::Task<Result<std::optional<WalkGroup>>> next();
  // After a corrupt end: goes on behind the bad place, taking the next header that is valid by
  // itself on trust. False when there is none.
  runtime::Task<Result<bool>> resume();

  const WalkEnd& end() const noexcept { return end_; }
  const ChainState& state() const noexcept { return state_; }    // of what was walked through
  std::uint64_t segments() const noexcept { return segments_; }  // with content
  // From the beginning up to this one they are there, without a gap.
  std::uint64_t last_segment() const noexcept { return last_segment_; }
  // Where it began, and the chain there.
  const ChainPoint& beginning() const noexcept { return beginning_; }
  const std::optional<CutRecord>& cut() const noexcept { return cut_; }
  bool cut_damaged() const noexcept { return cut_damaged_; }
  // Of the segment that holds the last group: its header as stored, and its size.
  ByteView segment_header() const noexcept [[clang::lifetimebound]] { return segment_header_; }
  std::uint64_t segment_bytes() const noexcept { return segment_bytes_; }
  const std::vector<std::string>& unknown_names() const noexcept { return unknown_names_; }
  const std::vector<std::string>& unfinished_names() const noexcept { return unfinished_names_; }

 private:
  struct Remains {
    std::optional<std::uint64_t> first;  // offset of the first block that is not zero
    std::uint64_t end = 0;               // behind the last such block
    std::optional<std::uint64_t> later_header;
  };

  std::string name(std::uint64_t segment) const {
    return segment_name(segment, options_.segment_class);
  }
  Place place(std::uint64_t offset) const {
    return {.segment_index = segment_, .offset = offset, .segment_bytes = segment_bytes_};
  }
  bool choose_beginning(const std::vector<std::uint64_t>& segments);
  runtime::Task<Result<>> open_segment(std::uint64_t segment);
  runtime::Task<Result<std::optional<std::uint64_t>>> first_used_block(std::uint64_t from);
  runtime::Task<Result<Remains>> scan(std::uint64_t from, std::uint64_t own);

  runtime::Task<Result<std::optional<WalkGroup>>> first_of_segment();
  runtime::Task<Result<std::optional<WalkGroup>>> group_at(std::uint64_t offset,
                                                           const ChainState& before);
  std::optional<Problem> check_segment_header(ByteView block, ChainState& state);
  runtime::Task<std::optional<Problem>> check_records(const GroupHeader& header, ByteView bytes,
                                                      Timestamp time_before);
  void judge_first_group(ByteView block);
  // What comes behind the last valid group: true when the walk goes on in the next segment.
  runtime::Task<Result<bool>> goes_on();
  runtime::Task<Result<>> conclude();
  runtime::Task<Result<bool>> judge_remains(const Remains& remains);
  void corrupt(std::string file, Problem problem);

  runtime::Disk& disk_;
  std::string directory_;
  WalkOptions options_;
  ChainPoint beginning_;
  std::optional<CutRecord> cut_;
  bool cut_damaged_ = false;
  std::array<std::byte, kSegmentHeaderBytes> segment_header_{};
  std::uint64_t last_segment_ = 0;  // from the beginning to here they are there, and no gap
  bool gap_ = false;                // there are others behind a gap
  std::vector<std::string> unknown_names_;
  std::vector<std::string> unfinished_names_;
  FileWindow window_;
  ChainState state_;

  std::unique_ptr<runtime::File> file_;
  std::uint64_t segment_ = 0;
  std::uint64_t segment_bytes_ = 0;
  std::uint64_t offset_ = 0;  // of the next group; 0: the segment's first write
  std::uint64_t segments_ = 0;

  Problem problem_;                          // at offset_, where no valid group is
  bool belongs_ = true;                      // false: a valid header there does not follow
  bool trust_ = false;                       // the next header is taken without asking that
  std::optional<std::uint64_t> extent_end_;  // of the group there, when its header is valid
  bool ended_ = false;
  WalkEnd end_;
};

}  // namespace keel::journal
