#include "base/describe/wire.hpp"
#include "base/describe/wire_format.hpp"
#include "base/text/utf8.hpp"

namespace keel {
namespace {

using detail::WireType;

// A tag, a varint or a short value, gathered before one append to the output.
class Scratch {
 public:
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_[size_++] = static_cast<std::byte>(value | 0x80);
    bytes_[size_++] = static_cast<std::byte>(value);
  }
  void tag(std::uint32_t number, WireType type) {
    varint(number << 3 | static_cast<std::uint32_t>(type));
  }
  void raw(ByteView value) {
    std::memcpy(std::span(bytes_).subspan(size_, value.size()).data(), value.data(), value.size());
    size_ += value.size();
  }
  ByteView view() const { return std::span(bytes_).first(size_); }

 private:
  std::array<std::byte, 48> bytes_;  // two varints and 16 bytes, with room
  std::size_t size_ = 0;
};

class Encoder {
 public:
  explicit Encoder(Bytes& out) : out_(out) {}

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
        Scratch scratch;
        scalar(scratch, field.type, values.first(step));
        append(out_, scratch.view());
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
    Scratch scratch;
    scratch.tag(field.number, detail::wire_type_of(field.type.kind));
    scalar(scratch, field.type, value);
    append(out_, scratch.view());
  }

  static void scalar(Scratch& scratch, const MemberType& type, ByteView value) {
    switch (type.kind) {
      case Kind::timestamp:
        return scratch.raw(value);
      case Kind::signed_integer:
        return scratch.varint(detail::zigzag(load_signed(value)));
      case Kind::enumeration:
        KEEL_ASSERT(type.enumeration->find(load_unsigned(value)) != nullptr);
        break;
      case Kind::flags:
        KEEL_ASSERT((load_unsigned(value) & ~type.enumeration->all_bits()) == 0);
        break;
      default:
        break;
    }
    scratch.varint(load_unsigned(value));
  }

  void delimited(std::uint32_t number, ByteView body) {
    Scratch scratch;
    scratch.tag(number, WireType::length);
    scratch.varint(body.size());
    append(out_, scratch.view());
    append(out_, body);
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
    Scratch scratch;
    scratch.tag(number, WireType::length);
    scratch.varint(0);
    append(out_, scratch.view());
    return out_.size();
  }
  bool close(std::size_t body) {
    const std::size_t length = out_.size() - body;
    Scratch scratch;
    scratch.varint(length);
    const ByteView digits = scratch.view();
    out_[body - 1] = digits.front();
    const auto at = out_.begin() + static_cast<std::ptrdiff_t>(body);
    out_.insert(at, digits.begin() + 1, digits.end());
    return length != 0;
  }

  Bytes& out_;
};

}  // namespace

void encode(const StructInfo& info, ByteView object, Bytes& out) {
  KEEL_ASSERT(object.size() == info.size);
  Encoder(out).structure(info, object);
}

}  // namespace keel
