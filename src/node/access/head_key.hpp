// HeadKey: the key that a node signs its chain heads with (docs/journal-format.md, section 8):
// Ed25519, made at the first start, kept in a file of its own beside the journal and never in it.
// Who has the public key can tell whether a journal was cut or rewritten behind a signed head.
//
// Thread: any; stored() on the cell's core.
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "journal/local/options.hpp"
#include "runtime/posix/threads/mutex.hpp"

namespace keel::node {

class HeadKey final : public journal::HeadSigner {
 public:
  // Reads <directory>/head.key, or makes it (mode 0600); writes <directory>/head.pub beside it. The
  // directory is made if it is not there. kBadToken: it is no key, or others may read it.
  static Result<std::unique_ptr<HeadKey>> read_or_make(const std::string& directory);
  ~HeadKey() override;  // forgets the key

  const std::array<std::byte, 32>& public_key() const override { return public_key_; }
  runtime::Task<Result<std::array<std::byte, 64>>> sign(ByteView statement) override;
  void stored(const journal::HeadEntry& entry) override;

  // The last one that is in the heads file since the start, and how often that was told.
  std::optional<journal::HeadEntry> newest() const;
  std::uint64_t count() const;

 private:
  HeadKey() = default;

  std::array<std::byte, 64> secret_key_{};
  std::array<std::byte, 32> public_key_{};
  // A few words that the network's core copies when somebody asks for them.
  mutable runtime::Mutex mutex_;
  std::optional<journal::HeadEntry> newest_ __attribute__((guarded_by(mutex_)));
  std::uint64_t count_ __attribute__((guarded_by(mutex_))) = 0;
};

// Whether the entry's signature is by its own public key, and that is this one.
bool signature_holds(const journal::HeadEntry& entry, const std::array<std::byte, 32>& public_key);
// Whether it is the key's Ed25519 signature of the statement.
bool signature_holds(const std::array<std::byte, 32>& public_key, ByteView statement,
                     const std::array<std::byte, 64>& signature);
// 64 hexadecimal digits, or a file that holds them.
Result<std::array<std::byte, 32>> read_public_key(const std::string& text_or_path);

}  // namespace keel::node
