// ZlibDeflate: the codec of permessage-deflate (RFC 7692) by zlib, without context take-over.
//
// Thread: one core; its sessions share one. Memory: 40 KiB for inflating and 256 KiB for each
// window that is compressed with (seven at most), from their first use on.
#pragma once

#include <array>
#include <memory>

#include "wire/websocket/deflate.hpp"
#include "wire/websocket/deflate_terms.hpp"

namespace keel::runtime {

struct ZlibOptions {
  // 1 to 9. Each step costs time and saves little: JSON of a charge point is text of a few hundred
  // bytes.
  int level = 1;
  // A message may inflate to so many bytes whatever it was, and beyond them to so many times its
  // compressed size. DEFLATE itself reaches 1,032.
  std::size_t free_bytes = std::size_t{64} << 10;
  std::size_t most_ratio = 100;
};

class ZlibDeflate final : public websocket::Deflate {
 public:
  explicit ZlibDeflate(ZlibOptions options = {});
  ~ZlibDeflate();

  bool deflate(ByteView message, std::uint8_t window_bits, Bytes& to) override;
  Result<> inflate(ByteView compressed, std::size_t most_bytes, Bytes& to) override;

 private:
  class Compressor;
  class Inflater;

  static constexpr std::size_t kWindows =
      websocket::kMostWindowBits - websocket::kLeastWindowBits + 1;

  ZlibOptions options_;
  std::array<std::unique_ptr<Compressor>, kWindows> compressors_;  // by window
  std::unique_ptr<Inflater> inflater_;
};

}  // namespace keel::runtime
