// KeyFile: the blocks of wrapped keys, in two copies that are written one after the other: whatever
// a power cut does to the write under way, the other copy is whole. Opening heals one copy from the
// other; where both are whole and differ, the higher state of each slot holds, so that an erasure
// that had begun is completed.
//
// Thread: the core's; one operation at a time. After a failed write it takes no more.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "runtime/core.hpp"
#include "runtime/task.hpp"
#include "vault/vault_format.hpp"

namespace keel::vault {

class KeyFile {
 public:
  // Called for every slot that is not empty: its number in the file.
  using Visit = std::function<void(std::uint64_t slot, const Slot&)>;

  // Makes the files where there are none.
  static runtime::Task<Result<std::unique_ptr<KeyFile>>> open(runtime::Core& core,
                                                              const std::string& directory,
                                                              const VaultId& vault, Visit visit);

  runtime::Task<Result<Block>> read(std::uint64_t number);
  // Writes the block durably to both copies; the next new block may be written too.
  runtime::Task<Result<>> write(Block block);

  std::uint64_t blocks() const noexcept { return blocks_; }
  std::uint64_t healed() const noexcept { return healed_; }  // blocks of a copy, at the opening

 private:
  KeyFile(runtime::Core& core, std::string directory, const VaultId& vault)
      : core_(core), directory_(std::move(directory)), vault_(vault) {}

  enum class Reading : std::uint8_t { absent, whole, damaged };
  struct Copy {
    std::unique_ptr<runtime::File> file;
    std::uint64_t size_bytes = 0;
    Block block;
    Reading reading = Reading::absent;
  };

  runtime::Task<Result<>> open_copies();
  runtime::Task<Result<>> read_copy(Copy& copy, std::uint64_t number);
  runtime::Task<Result<Block>> read_both(std::uint64_t number);
  runtime::Task<Result<>> heal(const Block& right);

  runtime::Core& core_;
  std::string directory_;
  VaultId vault_;
  std::array<Copy, 2> copies_;
  std::uint64_t blocks_ = 0;
  std::uint64_t healed_ = 0;
  bool broken_ = false;
};

}  // namespace keel::vault
