#include "base/describe/path.hpp"
#include "base/describe/wire.hpp"
#include "base/describe/wire_format.hpp"
#include "base/text/utf8.hpp"

namespace keel {
namespace {

using detail::WireType;

struct Tag {
  std::uint32_t number;
  WireType type;
};

// Takes the parts of the format off the front of a view.
class Cursor {
 public:
  explicit Cursor(ByteView bytes) : bytes_(bytes) {}

  bool empty() const { return bytes_.empty(); }

  Result<std::uint64_t> varint(const Path& path) {
    if (!bytes_.empty()) {
      const auto only = std::to_integer<std::uint64_t>(bytes_.front());
      if (only < 0x80) {
        bytes_ = bytes_.subspan(1);
        return only;
      }
    }
    return long_varint(path);
  }

  Result<ByteView> take(std::uint64_t count, const Path& path) {
    if (count > bytes_.size()) {
      return path.error(kMalformedWire, "the bytes end after " + std::to_string(bytes_.size()) +
                                            " of " + std::to_string(count));
    }
    const ByteView taken = bytes_.first(count);
    bytes_ = bytes_.subspan(count);
    return taken;
  }

  Result<ByteView> delimited(const Path& path) { return take(KEEL_TRY(varint(path)), path); }

  Result<Tag> tag(const Path& path) {
    const std::uint64_t bits = KEEL_TRY(varint(path));
    const auto type = static_cast<std::uint8_t>(bits & 7);
    if (bits > UINT32_MAX || bits >> 3 == 0 || type > 5) {
      return path.error(kMalformedWire, std::to_string(bits) + " is not a field's tag");
    }
    return Tag{static_cast<std::uint32_t>(bits >> 3), static_cast<WireType>(type)};
  }

 private:
  Result<std::uint64_t> long_varint(const Path& path) {
    std::uint64_t value = 0;
    const std::size_t longest = std::min(bytes_.size(), detail::kLongestVarint);
    for (std::size_t at = 0; at < longest; ++at) {
      const auto byte = std::to_integer<std::uint64_t>(bytes_[at]);
      if (at + 1 == detail::kLongestVarint && byte > 1) break;  // more than 64 bits
      value |= (byte & 0x7f) << (7 * at);
      if (byte < 0x80) {
        bytes_ = bytes_.subspan(at + 1);
        return value;
      }
    }
    return path.error(kMalformedWire, longest < detail::kLongestVarint
                                          ? "the bytes end inside a varint"
                                          : "a varint of more than 64 bits");
  }

  ByteView bytes_;
};

class Decoder {
 public:
  explicit Decoder(const DecodeLimits& limits)
      : depth_left_(limits.depth), elements_left_(limits.elements) {}

  Result<> structure(const StructInfo& info, ByteSpan object, ByteView wire, const Path& path) {
    if (depth_left_ == 0) return path.error(kTooDeep, "too many structs inside one another");
    --depth_left_;
    Cursor cursor(wire);
    std::size_t expected = 0;  // fields mostly come in the order of their numbers
    while (!cursor.empty()) {
      const Tag tag = KEEL_TRY(cursor.tag(path));
      const FieldInfo* known = next_field(info, tag.number, expected);
      if (known == nullptr) {
        KEEL_TRY(skip(cursor, tag, path));
      } else {
        KEEL_TRY(field(*known, known->member(object), cursor, tag, path));
      }
    }
    ++depth_left_;
    return success();
  }

 private:
  static const FieldInfo* next_field(const StructInfo& info, std::uint32_t number,
                                     std::size_t& expected) {
    if (expected < info.fields.size() && info.fields[expected].number == number) {
      return &info.fields[expected++];
    }
    const FieldInfo* found = info.find(number);
    if (found != nullptr) {
      expected = static_cast<std::size_t>(std::distance(info.fields.data(), found)) + 1;
    }
    return found;
  }

  Result<> field(const FieldInfo& field, ByteSpan member, Cursor& cursor, Tag tag,
                 const Path& parent) {
    const Path path(parent, field.name);
    const MemberType& type = field.type;
    const WireType wanted = detail::wire_type_of(type.kind);
    if (tag.type == wanted) {
      if (type.shape == Shape::single) return value(type, member, cursor, path);
      const ByteSpan element = KEEL_TRY(added(type, member, path));
      return value(type, element, cursor, Path(parent, field, member));
    }
    if (tag.type != WireType::length || type.shape != Shape::repeated) {
      return path.error(kWrongWireType, "wire type " + std::to_string(static_cast<int>(tag.type)) +
                                            ", expected " +
                                            std::to_string(static_cast<int>(wanted)));
    }
    Cursor packed(KEEL_TRY(cursor.delimited(path)));
    while (!packed.empty()) {
      const ByteSpan element = KEEL_TRY(added(type, member, path));
      KEEL_TRY(value(type, element, packed, Path(parent, field, member)));
    }
    return success();
  }

  Result<ByteSpan> added(const MemberType& type, ByteSpan member, const Path& path) {
    if (type.shape == Shape::repeated) {
      if (elements_left_ == 0) return path.error(kTooLarge, "too many elements");
      --elements_left_;
    }
    const ByteSpan value = type.add(member);
    if (value.empty()) return path.error(kTooLarge, "more elements than there is room for");
    return value;
  }

  Result<> value(const MemberType& type, ByteSpan value, Cursor& cursor, const Path& path) {
    switch (detail::wire_type_of(type.kind)) {
      case WireType::varint:
        return varint_value(type, value, KEEL_TRY(cursor.varint(path)), path);
      case WireType::fixed64: {
        const ByteView taken = KEEL_TRY(cursor.take(sizeof(std::uint64_t), path));
        std::memcpy(value.data(), taken.data(), taken.size());
        return success();
      }
      default:
        return delimited_value(type, value, KEEL_TRY(cursor.delimited(path)), path);
    }
  }

  static Result<> varint_value(const MemberType& type, ByteSpan value, std::uint64_t bits,
                               const Path& path) {
    switch (type.kind) {
      case Kind::signed_integer: {
        const std::int64_t number = detail::unzigzag(bits);
        const std::int64_t most = largest_signed(value.size());
        if (number > most || number < -most - 1) return does_not_fit(path);
        store_integer(value, static_cast<std::uint64_t>(number));
        return success();
      }
      case Kind::boolean:
        if (bits > 1) return does_not_fit(path);
        break;
      case Kind::enumeration:
        if (type.enumeration->find(bits) == nullptr) return unknown_enumerator(type, bits, path);
        break;
      case Kind::flags:
        if ((bits & ~type.enumeration->all_bits()) != 0)
          return unknown_enumerator(type, bits, path);
        break;
      default:
        if (bits > largest_unsigned(value.size())) return does_not_fit(path);
    }
    store_integer(value, bits);
    return success();
  }

  Result<> delimited_value(const MemberType& type, ByteSpan value, ByteView body,
                           const Path& path) {
    switch (type.kind) {
      case Kind::structure:
        return structure(type.structure(), value, body, path);
      case Kind::text:
        if (!is_utf8(as_text(body))) return path.error(kNotUtf8, "a text that is not UTF-8");
        value_as<std::string>(value).assign(as_text(body));
        return success();
      case Kind::bytes:
        value_as<Bytes>(value).assign(body.begin(), body.end());
        return success();
      default:
        break;
    }
    if (body.size() != value.size()) {
      return path.error(kValueOutOfRange, std::to_string(body.size()) + " bytes, expected " +
                                              std::to_string(value.size()));
    }
    std::memcpy(value.data(), body.data(), body.size());
    return success();
  }

  static Error does_not_fit(const Path& path) {
    return path.error(kValueOutOfRange, "a number that its field cannot hold");
  }
  static Error unknown_enumerator(const MemberType& type, std::uint64_t bits, const Path& path) {
    return path.error(kUnknownEnumerator, std::to_string(bits) + " means nothing in " +
                                              std::string(type.enumeration->name));
  }

  Result<> skip(Cursor& cursor, Tag tag, const Path& path) {
    switch (tag.type) {
      case WireType::varint:
        KEEL_TRY(cursor.varint(path));
        return success();
      case WireType::fixed64:
        KEEL_TRY(cursor.take(8, path));
        return success();
      case WireType::length:
        KEEL_TRY(cursor.delimited(path));
        return success();
      case WireType::fixed32:
        KEEL_TRY(cursor.take(4, path));
        return success();
      case WireType::group_start:
        return skip_group(cursor, tag.number, path);
      case WireType::group_end:
        break;
    }
    return path.error(kMalformedWire, "a group ends that has not begun");
  }

  Result<> skip_group(Cursor& cursor, std::uint32_t number, const Path& path) {
    if (depth_left_ == 0) return path.error(kTooDeep, "too many groups inside one another");
    --depth_left_;
    for (;;) {
      const Tag tag = KEEL_TRY(cursor.tag(path));
      if (tag.type == WireType::group_end && tag.number == number) break;
      KEEL_TRY(skip(cursor, tag, path));
    }
    ++depth_left_;
    return success();
  }

  std::uint32_t depth_left_;
  std::size_t elements_left_;
};

}  // namespace

Result<> decode(const StructInfo& info, ByteSpan object, ByteView wire,
                const DecodeLimits& limits) {
  KEEL_ASSERT(object.size() == info.size);
  const Path path(info.name);
  if (wire.size() > limits.input_bytes) {
    return path.error(kTooLarge, std::to_string(wire.size()) + " bytes, at most " +
                                     std::to_string(limits.input_bytes) + " are taken");
  }
  return Decoder(limits).structure(info, object, wire, path);
}

}  // namespace keel
