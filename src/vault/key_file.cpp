#include "vault/key_file.hpp"

#include <algorithm>

#include "base/hash/crc32c.hpp"
#include "vault/errors.hpp"

namespace keel::vault {

using runtime::Task;

namespace {

std::uint32_t crc_of(Block block) {
  block.crc = 0;
  return crc32c(object_bytes(block));
}

bool is_zero(const Block& block) {
  return std::ranges::all_of(object_bytes(block), [](std::byte b) { return b == std::byte{}; });
}

// The higher state of each slot.
Block merged(const Block& left, const Block& right) {
  Block block = left;
  for (std::size_t i = 0; i < kSlotsABlock; ++i)
    if (right.slots.at(i).state > left.slots.at(i).state) block.slots.at(i) = right.slots.at(i);
  block.crc = crc_of(block);
  return block;
}

}  // namespace

Task<Result<std::unique_ptr<KeyFile>>> KeyFile::open(runtime::Core& core,
                                                     const std::string& directory,
                                                     const VaultId& vault, Visit visit) {
  std::unique_ptr<KeyFile> file(new KeyFile(core, directory, vault));
  KEEL_CO_TRY(co_await file->open_copies());
  const std::uint64_t most =
      std::max(file->copies_[0].size_bytes, file->copies_[1].size_bytes) / kBlockBytes;
  for (std::uint64_t number = 0; number < most; ++number) {
    const Block block = KEEL_CO_TRY(co_await file->read_both(number));
    if (is_zero(block)) break;
    KEEL_CO_TRY(co_await file->heal(block));
    file->blocks_ = number + 1;
    for (std::size_t i = 0; i < kSlotsABlock; ++i)
      if (block.slots.at(i).state != SlotState::empty)
        visit(number * kSlotsABlock + i, block.slots.at(i));
  }
  co_return file;
}

Task<Result<>> KeyFile::open_copies() {
  for (std::size_t i = 0; i < copies_.size(); ++i) {
    Copy& copy = copies_.at(i);
    copy.file = KEEL_CO_TRY(co_await core_.disk().open(
        directory_ + "/" + std::string(kKeyFiles.at(i)), {.write = true, .create = true}));
    copy.size_bytes = KEEL_CO_TRY(co_await copy.file->size());
  }
  co_return co_await core_.disk().sync_directory(directory_);
}

Task<Result<>> KeyFile::read_copy(Copy& copy, std::uint64_t number) {
  copy.block = Block{};
  copy.reading = Reading::absent;
  const std::size_t size = KEEL_CO_TRY(co_await copy.file->read(
      number * kBlockBytes, std::as_writable_bytes(std::span(&copy.block, 1))));
  if (size == 0 || (size == kBlockBytes && is_zero(copy.block))) co_return success();
  const Block& block = copy.block;
  const bool whole = size == kBlockBytes && block.magic == kBlockMagic &&
                     block.crc == crc_of(block) && block.number == number;
  copy.reading = whole ? Reading::whole : Reading::damaged;
  if (whole && block.version > kFormatVersion)
    co_return Error(kNewerFormat, directory_ + ": version " + std::to_string(block.version) +
                                      ", this program knows " + std::to_string(kFormatVersion));
  if (whole && block.vault != vault_)
    co_return Error(kDamaged, directory_ + ": block " + std::to_string(number) +
                                  " is of another vault than the master key");
  co_return success();
}

// The block that holds: all zeros when neither copy has it yet.
Task<Result<Block>> KeyFile::read_both(std::uint64_t number) {
  for (Copy& copy : copies_) KEEL_CO_TRY(co_await read_copy(copy, number));
  const auto& [left, right] = copies_;
  if (left.reading == Reading::whole && right.reading == Reading::whole)
    co_return merged(left.block, right.block);
  for (const Copy& copy : copies_)
    if (copy.reading == Reading::whole) co_return copy.block;
  if (left.reading == Reading::damaged && right.reading == Reading::damaged)
    co_return Error(kDamaged, directory_ + ": block " + std::to_string(number) +
                                  " is damaged in both copies, at " +
                                  std::to_string(number * kBlockBytes));
  // The first write of this block was cut: nobody was told of what it held.
  co_return Block{.magic = 0, .version = 0};
}

Task<Result<>> KeyFile::heal(const Block& right) {
  for (Copy& copy : copies_) {
    if (copy.reading == Reading::whole && copy.block.crc == right.crc) continue;
    ++healed_;
    KEEL_CO_TRY(co_await copy.file->write_durable(right.number * kBlockBytes, object_bytes(right)));
  }
  co_return success();
}

Task<Result<Block>> KeyFile::read(std::uint64_t number) {
  if (number >= blocks_) {
    Block block{.number = number, .vault = vault_};
    block.crc = crc_of(block);
    co_return block;
  }
  co_return co_await read_both(number);
}

Task<Result<>> KeyFile::write(Block block) {
  if (broken_) co_return kBroken;
  KEEL_ASSERT(block.number <= blocks_);
  block.crc = crc_of(block);
  for (Copy& copy : copies_) {
    const Result<> written =
        co_await copy.file->write_durable(block.number * kBlockBytes, object_bytes(block));
    if (written.ok()) continue;
    broken_ = true;
    co_return written.error();
  }
  blocks_ = std::max(blocks_, block.number + 1);
  co_return success();
}

}  // namespace keel::vault
