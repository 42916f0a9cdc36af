#include "runtime/zlib/zlib_deflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>

#include "wire/websocket/errors.hpp"

namespace keel::runtime {
namespace {

using websocket::kBadCompression;
using websocket::kTooLarge;

// What a sender leaves out at the end of each message (RFC 7692, section 7.2.1): the end of an
// empty block.
constexpr std::array<std::byte, 4> kTail{std::byte{0x00}, std::byte{0x00}, std::byte{0xFF},
                                         std::byte{0xFF}};
constexpr int kMemoryLevel = 8;  // zlib's default
constexpr std::size_t kLeastRoom = 4'096;
constexpr std::size_t kRoomRatio = 4;  // the first guess at what a message inflates to
// A message may be several streams, each ended by a final block (section 7.2.3.4); each is a reset.
constexpr std::uint32_t kMostStreams = 64;

// zlib counts in 32 bits. Messages are far smaller (websocket::Limits).
uInt small(std::size_t size) {
  KEEL_ASSERT(size <= std::numeric_limits<uInt>::max());
  return static_cast<uInt>(size);
}
const Bytef* in(ByteView bytes) {
  // unsafe: zlib only reads them
  return reinterpret_cast<const Bytef*>(bytes.data());
}
Bytef* out(ByteSpan bytes) {
  // unsafe: zlib writes as many as it was told there are
  return reinterpret_cast<Bytef*>(bytes.data());
}

}  // namespace

class ZlibDeflate::Compressor {
 public:
  Compressor(int level, int window_bits) {
    const int made =
        ::deflateInit2(&stream_, level, Z_DEFLATED, -window_bits, kMemoryLevel, Z_DEFAULT_STRATEGY);
    KEEL_ASSERT(made == Z_OK);
  }
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;
  ~Compressor() { ::deflateEnd(&stream_); }

  // The size of what was written, without the tail; nothing: it does not fit.
  std::optional<std::size_t> run(ByteView message, ByteSpan to) {
    stream_.next_in = in(message);
    stream_.avail_in = small(message.size());
    stream_.next_out = out(to);
    stream_.avail_out = small(to.size());
    const int code = ::deflate(&stream_, Z_SYNC_FLUSH);
    const std::size_t made = to.size() - stream_.avail_out;
    const bool whole = code == Z_OK && stream_.avail_out > 0;
    const int reset = ::deflateReset(&stream_);
    KEEL_ASSERT(reset == Z_OK);
    if (!whole) return std::nullopt;
    KEEL_ASSERT(std::ranges::equal(to.first(made).last(kTail.size()), kTail));
    return made - kTail.size();
  }

 private:
  z_stream stream_{};
};

class ZlibDeflate::Inflater {
 public:
  Inflater() {
    const int made = ::inflateInit2(&stream_, -static_cast<int>(websocket::kMostWindowBits));
    KEEL_ASSERT(made == Z_OK);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { ::inflateEnd(&stream_); }

  Result<> run(ByteView compressed, std::size_t most_bytes, Bytes& to) {
    made_ = 0;
    streams_ = 0;
    reset();
    KEEL_TRY(take(compressed, most_bytes, to));
    KEEL_TRY(take(kTail, most_bytes, to));
    to.resize(made_);
    return ends_between_blocks() ? success() : Result<>(kBadCompression);
  }

 private:
  void reset() {
    const int done = ::inflateReset(&stream_);
    KEEL_ASSERT(done == Z_OK);
  }

  // zlib.h, inflate(): 128 where a block could begin, 64 in the last block of a stream, and the
  // number of bits that are left of the last byte.
  bool ends_between_blocks() const noexcept { return (stream_.data_type & 0xFF) == 128; }

  Result<> take(ByteView piece, std::size_t most_bytes, Bytes& to) {
    stream_.next_in = in(piece);
    stream_.avail_in = small(piece.size());
    for (;;) {
      if (made_ == to.size()) {
        const std::size_t wanted = std::max({kLeastRoom, to.size() * 2, piece.size() * kRoomRatio});
        to.reserve(std::min(most_bytes + 1, wanted));  // not more than is allowed
        to.resize(std::min(most_bytes + 1, wanted));
      }
      const ByteSpan room = std::span(to).subspan(made_);
      stream_.next_out = out(room);
      stream_.avail_out = small(room.size());
      const int code = ::inflate(&stream_, Z_SYNC_FLUSH);
      made_ = to.size() - stream_.avail_out;
      if (made_ > most_bytes) return kTooLarge;
      if (code == Z_STREAM_END) {
        if (++streams_ > kMostStreams) return kBadCompression;
        reset();
        if (stream_.avail_in == 0) return success();
      } else if (code != Z_OK && code != Z_BUF_ERROR) {
        return kBadCompression;
      } else if (stream_.avail_out > 0) {
        return success();  // all of the piece is taken
      }
    }
  }

  z_stream stream_{};
  std::size_t made_ = 0;
  std::uint32_t streams_ = 0;
};

ZlibDeflate::ZlibDeflate(ZlibOptions options) : options_(options) {
  KEEL_ASSERT(options.level >= 1 && options.level <= 9);
  KEEL_ASSERT(options.most_ratio > 0);
}

ZlibDeflate::~ZlibDeflate() = default;

bool ZlibDeflate::deflate(ByteView message, std::uint8_t window_bits, Bytes& to) {
  KEEL_ASSERT(window_bits >= websocket::kLeastWindowBits);
  std::unique_ptr<Compressor>& compressor =
      compressors_.at(window_bits - std::size_t{websocket::kLeastWindowBits});
  if (compressor == nullptr) compressor = std::make_unique<Compressor>(options_.level, window_bits);
  const std::size_t at = to.size();
  to.resize(at + message.size() + kTail.size());
  const std::optional<std::size_t> made = compressor->run(message, std::span(to).subspan(at));
  const bool serves =
      made && *made < message.size() &&
      (message.size() <= options_.free_bytes || message.size() / options_.most_ratio < *made);
  to.resize(serves ? at + *made : at);
  return serves;
}

Result<> ZlibDeflate::inflate(ByteView compressed, std::size_t most_bytes, Bytes& to) {
  KEEL_ASSERT(to.empty());
  if (inflater_ == nullptr) inflater_ = std::make_unique<Inflater>();
  const std::size_t proportion =
      std::max(options_.free_bytes, compressed.size() * options_.most_ratio);
  return inflater_->run(compressed, std::min(most_bytes, proportion), to);
}

}  // namespace keel::runtime
