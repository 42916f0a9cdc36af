// Vault: the keys of persons, made when they are first needed, destroyed when they are erased
// (kernel/personal.hpp says what for). Files: vault_format.hpp and docs/vault.md.
//
// Thread: one core, the cell's. Lifetime: destroyed before its core; no call may be under way.
// Bounds: max_subjects (then new persons are refused, kFull), keys_at_hand.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "kernel/personal.hpp"
#include "runtime/core.hpp"
#include "runtime/sync/semaphore.hpp"
#include "runtime/task.hpp"
#include "vault/key_file.hpp"
#include "vault/key_shelf.hpp"

namespace keel::vault {

struct VaultOptions {
  std::string directory = "keel_data/vault";  // nothing else may copy it
  std::uint64_t max_subjects = 1'000'000;     // erased ones count: about 72 bytes of memory each
  std::size_t keys_at_hand = 8'192;           // 32 bytes of locked memory each
};

class Vault final : public kernel::SubjectVault {
 public:
  // Makes the vault where there is none. kNoMasterKey, kDamaged, kNewerFormat; kInUse of the disk
  // when another process has it.
  static runtime::Task<Result<std::unique_ptr<Vault>>> open(runtime::Core& core,
                                                            VaultOptions options);
  ~Vault() override;

  // Has the keys of these persons at hand, and makes those that there are not yet: all new ones
  // durable with one write a block. One who has been erased is left so. At most keys_at_hand of
  // them; kFull when one is one too many.
  runtime::Task<Result<>> prepare(std::span<const kernel::Subject> subjects);
  // There is or was a key of this person.
  bool knows(const kernel::Subject& subject) const { return index_.contains(subject); }
  bool is_erased(const kernel::Subject& subject) const;
  // Nothing would have to be waited for: the key is at hand, or has been erased.
  bool is_ready(const kernel::Subject& subject) const;

  // Destroys the key for ever; again: nothing. kNoSuchSubject when there has never been one.
  runtime::Task<Result<>> erase(kernel::Subject subject);

  Result<> seal(const kernel::SealedPlace& place, const kernel::SealNonce& nonce, ByteView value,
                Bytes& sealed) const override;
  Result<std::optional<Bytes>> open(const kernel::SealedPlace& place,
                                    ByteView sealed) const override;

  std::uint64_t subjects() const noexcept { return index_.size(); }
  std::uint64_t erased() const noexcept { return erased_; }
  std::uint64_t healed_blocks() const noexcept { return file_->healed(); }

 private:
  struct Entry {
    std::uint64_t slot = 0;
    bool erased = false;
  };
  struct HashSubject {
    std::size_t operator()(const kernel::Subject& subject) const noexcept;
  };

  Vault(runtime::Core& core, VaultOptions options);
  runtime::Task<Result<>> open_files();
  runtime::Task<Result<>> read_or_make_master(const std::string& path, bool keys_exist);
  runtime::Task<Result<>> prepare_locked(std::span<const kernel::Subject> subjects);
  runtime::Task<Result<>> fetch(const kernel::Subject& subject, std::uint64_t slot);
  runtime::Task<Result<>> make(std::span<const kernel::Subject> subjects);
  runtime::Task<Result<>> erase_locked(const kernel::Subject& subject);

  runtime::Core& core_;
  VaultOptions options_;
  std::unique_ptr<runtime::File> lock_;
  Key master_{};
  VaultId id_{};
  std::unique_ptr<KeyFile> file_;
  std::unordered_map<kernel::Subject, Entry, HashSubject> index_;
  std::uint64_t next_slot_ = 0;
  std::uint64_t erased_ = 0;
  KeyShelf shelf_;
  runtime::Semaphore turn_;  // one operation on the file at a time
};

}  // namespace keel::vault
