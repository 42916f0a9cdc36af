// Medium: what a simulated disk holds, as one would find it after a power cut. It keeps, for each
// file, the content that programs see and the content that is durable, and the list of what lies
// between.
//
// The model (README.md has it in prose): a write is visible at once and durable only after a sync
// that began when the write had ended. At a power cut each page of each write in between is kept,
// dropped, torn by sector or turned to garbage, on its own. Creations, renames and removals become
// durable in order, by a sync of their directory; a cut keeps a prefix of what was not synced.
//
// Pure data: no time, no coroutine. One thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "sim/world/faults.hpp"

namespace keel::sim {

inline constexpr std::size_t kPageBytes = 4096;
inline constexpr std::size_t kSectorBytes = 512;

class Medium {
 public:
  using Page = std::array<std::byte, kPageBytes>;

  // The content of a file: absent pages are zeros.
  struct Content {
    std::map<std::uint64_t, Page> pages;  // by page number
    std::uint64_t size_bytes = 0;

    void write(std::uint64_t offset_bytes, ByteView from);
    void read(std::uint64_t offset_bytes, ByteSpan into) const;
    void resize(std::uint64_t to_bytes);  // what is cut off reads as zeros if it comes back
  };

  // A write that is visible and not known to be durable.
  struct PendingWrite {
    std::uint64_t number = 0;  // in the order of the writes
    std::uint64_t offset_bytes = 0;
    Bytes bytes;
    bool ended = false;  // the program has been told that it succeeded
  };

  // An inode: what a name stands for. Shared by the directory's two versions and by open files.
  struct Node {
    Content visible;
    Content durable;
    std::vector<PendingWrite> pending;
    std::uint64_t next_number = 1;
  };

  using Directory = std::map<std::string, std::shared_ptr<Node>>;  // by path; shared: see Node

  Medium(DiskFaults faults, Random random, FaultCounts& counts)
      : faults_(faults), random_(random), counts_(counts) {}

  std::shared_ptr<Node> find(std::string_view path) const;
  std::shared_ptr<Node> create(std::string_view path);
  void remove(std::string_view path);
  void rename(std::string_view from, std::string_view to);
  void sync_directory(std::string_view directory);
  bool has_directory(std::string_view path) const;
  void make_directory(std::string_view path);
  std::vector<std::string> list(std::string_view directory) const;

  std::uint64_t used_bytes() const;

  // The number of the pending write.
  std::uint64_t begin_write(Node& node, std::uint64_t offset_bytes, ByteView from);
  void end_write(Node& node, std::uint64_t number);
  // Makes one ended write durable (a write with its own sync).
  void commit_write(Node& node, std::uint64_t number);
  // Which writes a sync that begins now will make durable; give it to end_sync.
  std::vector<std::uint64_t> begin_sync(const Node& node) const;
  void end_sync(Node& node, const std::vector<std::uint64_t>& numbers);
  // A sync that failed: each write is lost or kept, and no later sync will save it.
  void fail_sync(Node& node, const std::vector<std::uint64_t>& numbers);

  // Draws what is left of everything that was not synced.
  void power_cut();
  // A process dies and its system lives on: every write and change that had ended becomes durable.
  void write_back();

  // Flips one bit of the durable content: rot.
  void flip_bit(std::string_view path, std::uint64_t offset_bytes, unsigned bit);

  DiskFaults& faults() noexcept { return faults_; }
  Random& random() noexcept { return random_; }
  FaultCounts& counts() noexcept { return counts_; }

 private:
  enum class Change : std::uint8_t { create, remove, rename };
  struct PendingChange {
    Change change;
    std::string path;
    std::string to;  // of a rename
    std::shared_ptr<Node> node;
  };
  static void apply(const PendingChange& change, Directory& directory);
  // What a durable write covers does not come back from an older one that is not.
  static void supersede(Node& node, const PendingWrite& newer);
  // What became of the pages of a write.
  struct Settled {
    bool dropped = false;  // any of them
    bool kept = false;     // any of them, whole
  };
  // Draws each page into the durable content.
  Settled settle(Node& node, const PendingWrite& write);
  void settle_page(Content& durable, std::uint64_t offset_bytes, ByteView page, Settled& settled);

  DiskFaults faults_;
  Random random_;
  FaultCounts& counts_;
  Directory visible_;
  Directory durable_;
  std::vector<PendingChange> changes_;
  std::vector<std::string> directories_;  // a directory is durable once made: its loss adds nothing
};

}  // namespace keel::sim
