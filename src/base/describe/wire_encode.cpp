#include "base/describe/wire.hpp"
#include "base/describe/wire_format.hpp"
#include "base/text/utf8.hpp"

namespace keel {
namespace {

using detail::WireType;

// The end of the output: short pieces are gathered here, so that they cost one append together.
class Tail {
 public:
  explicit Tail(Bytes& out) : out_(out) {}

  void varint(std::uint64_t value) {
    make_room(detail::kLongestVarint);
    size_ += detail::put_varint(std::span(gathered_).subspan(size_), value);
  }
  void tag(std::uint32_t number, WireType type) {
    varint(number << 3 | static_cast<std::uint32_t>(type));
  }
  void raw(ByteView bytes) {
    if (bytes.size() > kShort) {
      flush();
      return append(out_, bytes);
    }
    make_room(bytes.size());
    std::ranges::copy(bytes, std::span(gathered_).subspan(size_).begin());
    size_ += bytes.size();
  }
  void flush() {
    append(out_, std::span(gathered_).first(size_));
    size_ = 0;
  }

 private:
  static constexpr std::size_t kShort = 64;

  void make_room(std::size_t size) {
    if (gathered_.size() - size_ < size) flush();
  }

  Bytes& out_;
  std::size_t size_ = 0;
  std::array<std::byte, 256> gathered_;
};

class Encoder {
 public:
  explicit Encoder(Bytes& out) : out_(out), tail_(out) {}

  void finish() { tail_.flush(); }

  void structure(const StructInfo& info, ByteView object) {
    for (const FieldInfo& field : info.fields) {
      const ByteView member = field.member(object);
      if (field.type.shape == Shape::single) {
        single(field, member);
      } else {
        several(field, field.type.values(member));
      }
    }
  }

 private:
  void single(const FieldInfo& field, ByteView member) {
    if (field.type.kind == Kind::structure) {
      // Cheaper to take an empty message back than to look for its emptiness first.
      tail_.flush();
      const std::size_t before = out_.size();
      if (!message(field, member)) out_.resize(before);
    } else if (!is_default(field, member)) {
      value(field, member);
    }
  }

  // An optional value that is there, or a list.
  void several(const FieldInfo& field, ByteView values) {
    if (values.empty()) return;
    const std::size_t step = field.type.value_size;
    if (field.type.shape == Shape::repeated && detail::is_packable(field.type.kind)) {
      const std::size_t body = open(field.number);
      for (; !values.empty(); values = values.subspan(step)) {
        scalar(field.type, values.first(step));
      }
      close(body);
      return;
    }
    for (; !values.empty(); values = values.subspan(step)) value(field, values.first(step));
  }

  void value(const FieldInfo& field, ByteView value) {
    switch (field.type.kind) {
      case Kind::structure:
        message(field, value);
        return;
      case Kind::text: {
        const auto& text = value_as<std::string>(value);
        KEEL_ASSERT(is_utf8(text));
        return delimited(field.number, as_bytes(text));
      }
      case Kind::bytes:
        return delimited(field.number, value_as<Bytes>(value));
      case Kind::uint128:
      case Kind::fixed_bytes:
        return delimited(field.number, value);
      default:
        break;
    }
    tail_.tag(field.number, detail::wire_type_of(field.type.kind));
    scalar(field.type, value);
  }

  void scalar(const MemberType& type, ByteView value) {
    const std::uint64_t bits = load_unsigned(value);
    switch (type.kind) {
      case Kind::timestamp:
        return tail_.raw(value);
      case Kind::signed_integer:
        return tail_.varint(detail::zigzag(load_signed(value)));
      case Kind::enumeration:
        KEEL_ASSERT(type.enumeration->find(bits) != nullptr);
        break;
      case Kind::flags:
        KEEL_ASSERT((bits & ~type.enumeration->all_bits()) == 0);
        break;
      default:
        break;
    }
    tail_.varint(bits);
  }

  void delimited(std::uint32_t number, ByteView body) {
    tail_.tag(number, WireType::length);
    tail_.varint(body.size());
    tail_.raw(body);
  }

  // Answers whether there was anything in it.
  bool message(const FieldInfo& field, ByteView object) {
    const std::size_t body = open(field.number);
    structure(field.type.structure(), object);
    return close(body);
  }

  // A length stands before what it counts. One byte is left for it; a body of 128 bytes and more is
  // moved.
  std::size_t open(std::uint32_t number) {
    tail_.tag(number, WireType::length);
    tail_.varint(0);
    tail_.flush();
    return out_.size();
  }
  bool close(std::size_t body) {
    tail_.flush();
    const std::size_t length = out_.size() - body;
    std::array<std::byte, detail::kLongestVarint> digits;
    const std::size_t count = detail::put_varint(digits, length);
    out_[body - 1] = digits[0];
    const ByteView others = std::span(digits).subspan(1, count - 1);
    const auto at = out_.begin() + static_cast<std::ptrdiff_t>(body);
    out_.insert(at, others.begin(), others.end());
    return length != 0;
  }

  Bytes& out_;
  Tail tail_;
};

}  // namespace

void encode(const StructInfo& info, ByteView object, Bytes& out) {
  KEEL_ASSERT(object.size() == info.size);
  Encoder encoder(out);
  encoder.structure(info, object);
  encoder.finish();
}

}  // namespace keel
