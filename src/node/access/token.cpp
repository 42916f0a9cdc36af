#include "node/access/token.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/bytes.hpp"
#include "base/hash/sha256.hpp"
#include "node/config/errors.hpp"

namespace keel::node {
namespace {

constexpr std::string_view kPrefix = "keel_";
constexpr std::size_t kRandomBytes = 32;
constexpr std::size_t kTokenBytes = kPrefix.size() + 2 * kRandomBytes;

Error failed(const std::string& path) {
  return Error(kBadToken, path + ": " + std::strerror(errno));
}

Result<std::string> read_token(int file, const std::string& path) {
  std::array<char, kTokenBytes + 2> text{};
  const ssize_t size = ::read(file, text.data(), text.size());
  if (size < 0) return failed(path);
  std::string token(text.data(), static_cast<std::size_t>(size));
  while (token.ends_with('\n')) token.pop_back();
  if (token.size() != kTokenBytes || !token.starts_with(kPrefix))
    return Error(kBadToken, path + ": this is not a token; remove it, and a new one is made");
  return token;
}

Result<std::string> make_token(int file, const std::string& path) {
  std::array<std::byte, kRandomBytes> random;
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
    return failed(path);
  std::string token = std::string(kPrefix) + to_hex(random);
  const std::string line = token + "\n";
  if (::write(file, line.data(), line.size()) != static_cast<ssize_t>(line.size()) ||
      ::fsync(file) != 0)
    return failed(path);
  return token;
}

}  // namespace

Result<Token> read_or_make_token(const std::string& directory, const std::string& name) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return Error(kBadToken, directory + ": " + error.message());
  const std::string path = directory + "/" + name;
  int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const bool made = file >= 0;
  if (!made && errno == EEXIST) file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return failed(path);
  Result<std::string> token = made ? make_token(file, path) : read_token(file, path);
  ::close(file);
  if (!token.ok() && made) ::unlink(path.c_str());
  if (!token.ok()) return token.error();
  return Token{.text = std::move(token).value(), .made = made};
}

TokenAuthenticator::TokenAuthenticator(std::string_view token) : digest_(sha256(as_bytes(token))) {}

std::optional<servers::Caller> TokenAuthenticator::authenticate(std::string_view token) const {
  // Hashes are compared, so the time taken says nothing about the token.
  if (sha256(as_bytes(token)) != digest_) return std::nullopt;
  return kOperator;
}

}  // namespace keel::node
