// Text that is written into the caller's bounded space. What does not fit is not written at all:
// the first append that fails makes every later one fail, and finish() says so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace keel::http {

class Output {
 public:
  explicit Output(ByteSpan space) : space_(space) {}

  void append(std::string_view text) noexcept;
  void append(ByteView bytes) noexcept { append(as_text(bytes)); }
  void append_decimal(std::uint64_t value) noexcept;
  void append_hexadecimal(std::uint64_t value) noexcept;
  // Makes finish() fail with `kind`; the first failure counts.
  void fail(const ErrorKind& kind) noexcept {
    if (failure_ == nullptr) failure_ = &kind;
  }

  std::size_t size() const noexcept { return size_; }
  // What was written, or kOutputFull, or what fail() was told.
  Result<ByteView> finish() const;

 private:
  ByteSpan space_;
  std::size_t size_ = 0;
  const ErrorKind* failure_ = nullptr;  // static lifetime
};

}  // namespace keel::http
