#include "node/access/head_key.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/bytes.hpp"
#include "node/config/errors.hpp"

namespace keel::node {
namespace {

constexpr std::size_t kSeedBytes = 32;
static_assert(crypto_sign_SEEDBYTES == kSeedBytes && crypto_sign_SECRETKEYBYTES == 64 &&
              crypto_sign_PUBLICKEYBYTES == 32 && crypto_sign_BYTES == 64);

unsigned char* raw(ByteSpan bytes) {
  return static_cast<unsigned char*>(static_cast<void*>(bytes.data()));
}
const unsigned char* raw(ByteView bytes) {
  return static_cast<const unsigned char*>(static_cast<const void*>(bytes.data()));
}

Error failed(const std::string& path) {
  return Error(kBadToken, path + ": " + std::strerror(errno));
}

std::optional<std::array<std::byte, 32>> from_hex(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  std::array<std::byte, 32> bytes{};
  std::size_t size = 0;
  if (text.size() != 2 * bytes.size() ||
      ::sodium_hex2bin(raw(ByteSpan(bytes)), bytes.size(), text.data(), text.size(), nullptr, &size,
                       nullptr) != 0 ||
      size != bytes.size()) {
    return std::nullopt;
  }
  return bytes;
}

using Seed = std::array<std::byte, kSeedBytes>;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  operator int() const noexcept { return number_; }

 private:
  int number_;
};

Result<Seed> read_seed(int file, const std::string& path) {
  struct stat status{};
  if (::fstat(file, &status) != 0) return failed(path);
  if ((status.st_mode & 077) != 0)
    return Error(kBadToken, path + ": others may read it; expected mode 0600");
  std::array<char, 2 * kSeedBytes + 2> text{};
  const ssize_t size = ::read(file, text.data(), text.size());
  if (size < 0) return failed(path);
  const auto seed = from_hex({text.data(), static_cast<std::size_t>(size)});
  ::sodium_memzero(text.data(), text.size());
  if (!seed) return Error(kBadToken, path + ": this is not a key of 64 hexadecimal digits");
  return *seed;
}

// Whole under another name first: a start that is cut short leaves no key, or this one.
Result<Seed> make_seed(const std::string& directory, const std::string& path) {
  Seed seed;
  ::randombytes_buf(seed.data(), seed.size());
  std::string line = to_hex(seed) + "\n";
  const std::string passing = path + ".new";
  {
    const Descriptor file(::open(passing.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    const bool written =
        file >= 0 && ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
        ::fsync(file) == 0;
    ::sodium_memzero(line.data(), line.size());
    if (!written) return failed(passing);
  }
  if (::rename(passing.c_str(), path.c_str()) != 0) return failed(path);
  const Descriptor parent(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent < 0 || ::fsync(parent) != 0) return failed(directory);
  return seed;
}

}  // namespace

Result<std::unique_ptr<HeadKey>> HeadKey::read_or_make(const std::string& directory) {
  if (::sodium_init() < 0) return Error(kBadToken, "libsodium cannot be used here");
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return Error(kBadToken, directory + ": " + error.message());
  const std::string path = directory + "/head.key";
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file < 0 && errno != ENOENT) return failed(path);
  auto seed = file < 0 ? make_seed(directory, path) : read_seed(file, path);
  if (!seed.ok()) return seed.error();
  std::unique_ptr<HeadKey> key(new HeadKey());
  ::crypto_sign_seed_keypair(raw(ByteSpan(key->public_key_)), raw(ByteSpan(key->secret_key_)),
                             raw(ByteView(*seed)));
  ::sodium_memzero(seed->data(), seed->size());
  // Follows from the key: written at each start.
  std::ofstream(directory + "/head.pub") << to_hex(key->public_key_) << "\n";
  return key;
}

HeadKey::~HeadKey() {
  ::sodium_memzero(secret_key_.data(), secret_key_.size());
}

runtime::Task<Result<std::array<std::byte, 64>>> HeadKey::sign(ByteView statement) {
  std::array<std::byte, 64> signature;
  ::crypto_sign_detached(raw(ByteSpan(signature)), nullptr, raw(statement), statement.size(),
                         raw(ByteView(secret_key_)));
  co_return signature;
}

void HeadKey::stored(const journal::HeadEntry& entry) {
  const runtime::MutexLock lock(mutex_);
  newest_ = entry;
  ++count_;
}

std::optional<journal::HeadEntry> HeadKey::newest() const {
  const runtime::MutexLock lock(mutex_);
  return newest_;
}

std::uint64_t HeadKey::count() const {
  const runtime::MutexLock lock(mutex_);
  return count_;
}

bool signature_holds(const journal::HeadEntry& entry, const std::array<std::byte, 32>& public_key) {
  if (entry.public_key != public_key) return false;
  std::array<std::byte, journal::kHeadStatementBytes> statement;
  journal::encode_head_statement(entry, statement);
  return signature_holds(public_key, statement, entry.signature);
}

bool signature_holds(const std::array<std::byte, 32>& public_key, ByteView statement,
                     const std::array<std::byte, 64>& signature) {
  return ::crypto_sign_verify_detached(raw(ByteView(signature)), raw(statement), statement.size(),
                                       raw(ByteView(public_key))) == 0;
}

Result<std::array<std::byte, 32>> read_public_key(const std::string& text_or_path) {
  std::string text = text_or_path;
  if (std::ifstream file(text_or_path); file) std::getline(file, text);
  if (const auto key = from_hex(text)) return *key;
  return Error(kBadConfig,
               "--key " + text_or_path + ": expected 64 hexadecimal digits, or a file of them");
}

}  // namespace keel::node
