// What a local journal is opened with, and what its opening has found.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "journal/format.hpp"
#include "journal/group_buffer.hpp"
#include "journal/verify/walk.hpp"
#include "runtime/task.hpp"

namespace keel::journal {

// How a group is made durable.
enum class SyncMode : std::uint8_t {
  dsync,      // one write that is durable when it ends (RWF_DSYNC)
  fdatasync,  // a write, then a sync
  none,       // a write: what a power cut leaves is left to chance. For tests and measurements
};
std::string_view to_string(SyncMode mode) noexcept;

// Signs chain heads. The key is not the journal's business.
class HeadSigner {
 public:
  virtual ~HeadSigner() = default;
  virtual const std::array<std::byte, 32>& public_key() const = 0;
  // Ed25519 over the 128 bytes of a head statement (docs/journal-format.md, section 8).
  virtual runtime::Task<Result<std::array<std::byte, 64>>> sign(ByteView statement) = 0;
  // The entry is durable in the heads file; told again when somebody asks for the same head.
  virtual void stored(const HeadEntry& entry) { static_cast<void>(entry); }
};

struct LocalOptions {
  CellId cell{};
  SegmentClass segment_class = SegmentClass::main;
  SyncMode sync = SyncMode::dsync;
  // The first segment is small, so that a new journal is made quickly; each next one is twice as
  // large up to the full size.
  std::uint64_t first_segment_bytes = std::uint64_t{8} << 20;
  std::uint64_t segment_bytes = std::uint64_t{64} << 20;
  // Makes the next segment while one is in use, which writes every byte of it once more, as zeros.
  // False: when it is needed, and that append waits. For measurements of one segment.
  bool make_ahead = true;
  GroupCapacity group{};
  // Without a next group for so long, the last one is sealed.
  Duration seal_delay = Duration::milliseconds(5);
  bool direct = true;
  // False: the whole journal is checked, whatever the checkpoint says.
  bool from_checkpoint = true;
  // Takes no lock, changes nothing, refuses appends.
  bool read_only = false;
  HeadSigner* signer = nullptr;  // outlives the journal; null: heads are not signed
  Duration head_interval = Duration::seconds(60);
  // The id of a journal that is made; drawn when not given.
  std::optional<JournalId> new_journal_id{};
};

// kBadOptions with the reason, if they do not fit together.
Result<> check(const LocalOptions& options);

// What was found in the directory.
struct RecoveryReport {
  JournalId journal_id{};
  bool made = false;  // there was no journal
  std::uint64_t segments = 0;
  // What was checked: from the checkpoint on, or all.
  std::uint64_t groups = 0;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  std::uint64_t epoch = 0;  // of this opening
  Position last;
  Position checked_from;           // 0: from the beginning
  std::string checkpoint_refused;  // why there was one that was not used
  Duration duration;
  // The incomplete last write that was dropped.
  struct Dropped {
    std::string file;
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
    std::uint64_t group_number = 0;
    std::string reason;
  };
  std::optional<Dropped> dropped;
  // Not yet opened for writing: the disk is full. Appends are refused until there is space.
  bool full = false;
};

}  // namespace keel::journal
