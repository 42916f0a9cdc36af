#include <simdjson.h>

#include <bitset>

#include "base/describe/path.hpp"
#include "base/ids.hpp"
#include "base/json/expectation.hpp"
#include "base/json/json.hpp"
#include "base/text/base64.hpp"
#include "base/text/decimal.hpp"
#include "base/text/rfc3339.hpp"
#include "base/text/utf8.hpp"

namespace keel {
namespace {

namespace ondemand = simdjson::ondemand;
using ondemand::json_type;

constexpr std::size_t kKeptBytes = std::size_t{1} << 20;

// What simdjson needs to read a document: kept from one document to the next.
struct Workspace {
  std::string padded;
  ondemand::parser parser;
};

std::string_view trimmed(std::string_view token) {
  const std::size_t last = token.find_last_not_of(" \t\r\n");
  return token.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

// A JSON number without fraction and exponent: simdjson leaves the check of a raw token to us.
bool is_json_integer(std::string_view token) {
  if (token.starts_with('-')) token.remove_prefix(1);
  if (token.empty() || (token.size() > 1 && token.front() == '0')) return false;
  return token.find_first_not_of("0123456789") == std::string_view::npos;
}

// One value that has been looked at: its type, and its text where it is a scalar.
struct Seen {
  json_type type;
  std::string_view token;  // as it stands in the document
};

class Reader {
 public:
  explicit Reader(const DecodeLimits& limits)
      : depth_left_(limits.depth), elements_left_(limits.elements) {}

  Result<> structure(const StructInfo& info, ByteSpan object, ondemand::object from,
                     const Path& path) {
    if (depth_left_ == 0) return path.error(kTooDeep, "too many objects inside one another");
    --depth_left_;
    std::bitset<detail::kMostFields> present;
    for (auto entry : from) {
      ondemand::field pair;
      if (auto error = std::move(entry).get(pair)) return malformed(path, error);
      std::string_view key;
      if (auto error = pair.unescaped_key().get(key)) return malformed(path, error);
      const FieldInfo* field = info.find(key);
      if (field == nullptr) return path.error(kUnknownKey, unknown_key(info, key));
      const auto index = static_cast<std::size_t>(std::distance(info.fields.data(), field));
      const Path field_path(path, field->name);
      if (present[index]) return field_path.error(kDuplicateKey, "the key stands there twice");
      present.set(index);
      KEEL_TRY(member(*field, field->member(object), pair.value(), path));
    }
    for (std::size_t i = 0; i < info.fields.size(); ++i) {
      if (info.fields[i].attributes.required && !present[i]) {
        return Path(path, info.fields[i].name)
            .error(kMissingKey, "missing, expected " + expectation(info.fields[i].type));
      }
    }
    ++depth_left_;
    return success();
  }

 private:
  static Error malformed(const Path& path, simdjson::error_code error) {
    return path.error(kMalformedJson,
                      std::string("not well-formed JSON: ") + simdjson::error_message(error));
  }

  Result<> member(const FieldInfo& field, ByteSpan member, ondemand::value from,
                  const Path& parent) {
    const Path path(parent, field.name);
    const Seen seen = KEEL_TRY(look(from, path));
    switch (field.type.shape) {
      case Shape::single:
        return value(field, member, from, seen, path);
      case Shape::optional:
        if (seen.type == json_type::null) {
          return seen.token == "null" ? success() : mismatch(field, seen, path);
        }
        return value(field, field.type.add(member), from, seen, path);
      case Shape::repeated:
        return list(field, member, from, seen, parent);
    }
    return success();
  }

  Result<> list(const FieldInfo& field, ByteSpan member, ondemand::value from, const Seen& seen,
                const Path& parent) {
    const Path path(parent, field.name);
    ondemand::array elements;
    if (seen.type != json_type::array) {
      return path.error(kWrongType,
                        got(field, seen) + ", expected a list, each of " + expectation(field.type));
    }
    if (auto error = from.get_array().get(elements)) return malformed(path, error);
    for (auto entry : elements) {
      ondemand::value element;
      if (auto error = std::move(entry).get(element)) return malformed(path, error);
      if (elements_left_ == 0) return path.error(kTooLarge, "too many elements");
      --elements_left_;
      const ByteSpan place = field.type.add(member);
      if (place.empty()) return path.error(kTooLarge, "more elements than there is room for");
      const Path element_path(parent, field, member);
      const Seen seen_element = KEEL_TRY(look(element, element_path));
      KEEL_TRY(value(field, place, element, seen_element, element_path));
    }
    return success();
  }

  static Result<Seen> look(ondemand::value& from, const Path& path) {
    Seen seen;
    if (auto error = from.type().get(seen.type)) return malformed(path, error);
    if (seen.type != json_type::array && seen.type != json_type::object) {
      seen.token = trimmed(from.raw_json_token());
    }
    return seen;
  }

  Result<> value(const FieldInfo& field, ByteSpan place, ondemand::value from, const Seen& seen,
                 const Path& path) {
    switch (field.type.kind) {
      case Kind::boolean:
        if (seen.token != "true" && seen.token != "false") return mismatch(field, seen, path);
        value_as<bool>(place) = seen.token == "true";
        return success();
      case Kind::unsigned_integer:
      case Kind::signed_integer:
      case Kind::uint128:
        return number(field, place, from, seen, path);
      case Kind::structure: {
        ondemand::object object;
        if (seen.type != json_type::object) return mismatch(field, seen, path);
        if (auto error = from.get_object().get(object)) return malformed(path, error);
        return structure(field.type.structure(), place, object, path);
      }
      case Kind::flags:
        return flags(field, place, from, seen, path);
      default:
        break;
    }
    if (seen.type != json_type::string) return mismatch(field, seen, path);
    std::string_view text;
    if (auto error = from.get_string().get(text)) return malformed(path, error);
    return written(field, place, text, seen, path);
  }

  // Kinds that are always texts.
  static Result<> written(const FieldInfo& field, ByteSpan place, std::string_view text,
                          const Seen& seen, const Path& path) {
    switch (field.type.kind) {
      case Kind::text:
        if (!fits(text, field.attributes.max_length)) return too_long(field, seen, path);
        value_as<std::string>(place).assign(text);
        return success();
      case Kind::timestamp: {
        const Result<Timestamp> moment = timestamp_from_rfc3339(text);
        if (!moment.ok()) return unfit(field, seen, path);
        value_as<Timestamp>(place) = *moment;
        return success();
      }
      case Kind::bytes: {
        Result<Bytes> bytes = from_base64(text);
        if (!bytes.ok()) return unfit(field, seen, path);
        value_as<Bytes>(place) = *std::move(bytes);
        return success();
      }
      case Kind::fixed_bytes: {
        const Result<Bytes> bytes = from_hex(text);
        if (!bytes.ok() || bytes->size() != place.size()) return unfit(field, seen, path);
        std::ranges::copy(*bytes, place.begin());
        return success();
      }
      default:
        break;
    }
    const EnumeratorInfo* enumerator = field.type.enumeration->find(text);
    if (enumerator == nullptr) return unfit(field, seen, path);
    store_integer(place, enumerator->value);
    return success();
  }

  // Wide integers may be texts. Everything goes through 128 bits, so that there is one check of the
  // range.
  static Result<> number(const FieldInfo& field, ByteSpan place, ondemand::value from,
                         const Seen& seen, const Path& path) {
    std::string_view digits = seen.token;
    if (seen.type == json_type::string && place.size() >= 8) {
      if (auto error = from.get_string().get(digits)) return malformed(path, error);
    } else if (seen.type != json_type::number) {
      return mismatch(field, seen, path);
    } else if (!is_json_integer(digits)) {
      return unfit(field, seen, path);
    }
    const bool negative = digits.starts_with('-');
    if (negative) digits.remove_prefix(1);
    const Result<uint128> size = field.type.kind == Kind::uint128 && seen.type == json_type::string
                                     ? uint128_from_text(digits)
                                     : uint128_from_decimal(digits);
    if (!size.ok()) return unfit(field, seen, path);
    if (field.type.kind == Kind::signed_integer) {
      const auto most = static_cast<uint128>(largest_signed(place.size()));
      if (*size > most + (negative ? 1 : 0)) return unfit(field, seen, path);
      const auto bits = static_cast<std::uint64_t>(*size);
      store_integer(place, negative ? 0 - bits : bits);
      return success();
    }
    if (negative) return unfit(field, seen, path);
    if (field.type.kind == Kind::uint128) {
      std::memcpy(place.data(), &*size, place.size());
      return success();
    }
    if (*size > largest_unsigned(place.size())) return unfit(field, seen, path);
    store_integer(place, static_cast<std::uint64_t>(*size));
    return success();
  }

  static Result<> flags(const FieldInfo& field, ByteSpan place, ondemand::value from,
                        const Seen& seen, const Path& path) {
    ondemand::array names;
    if (seen.type != json_type::array) return mismatch(field, seen, path);
    if (auto error = from.get_array().get(names)) return malformed(path, error);
    std::uint64_t bits = 0;
    for (auto entry : names) {
      ondemand::value element;
      if (auto error = std::move(entry).get(element)) return malformed(path, error);
      const Seen name = KEEL_TRY(look(element, path));
      if (name.type != json_type::string) return mismatch(field, name, path);
      std::string_view text;
      if (auto error = element.get_string().get(text)) return malformed(path, error);
      const EnumeratorInfo* flag = field.type.enumeration->find(text);
      if (flag == nullptr) return unfit(field, name, path);
      bits |= flag->value;
    }
    store_integer(place, bits);
    return success();
  }

  static std::string got(const FieldInfo& field, const Seen& seen) {
    std::string text = "got ";
    switch (seen.type) {
      case json_type::array:
        return text + "a list";
      case json_type::object:
        return text + "an object";
      case json_type::string:
        if (field.attributes.confidential()) return text + "a text";
        break;
      default:
        if (field.attributes.confidential()) return text + "a number or word";
    }
    return text + shortened(seen.token);
  }
  static bool fits(std::string_view text, std::uint32_t most) {
    return most == 0 || text.size() <= most || utf8_characters(text) <= most;
  }
  static Error too_long(const FieldInfo& field, const Seen& seen, const Path& path) {
    return path.error(kTooLong, got(field, seen) + ", expected a text of at most " +
                                    std::to_string(field.attributes.max_length) + " characters");
  }
  static Error mismatch(const FieldInfo& field, const Seen& seen, const Path& path) {
    return path.error(kWrongType, got(field, seen) + ", expected " + expectation(field.type));
  }
  static Error unfit(const FieldInfo& field, const Seen& seen, const Path& path) {
    return path.error(kBadValue, got(field, seen) + ", expected " + expectation(field.type));
  }

  std::uint32_t depth_left_;
  std::size_t elements_left_;
};

Result<> read_document(const StructInfo& info, ByteSpan object, std::string_view json,
                       const DecodeLimits& limits, Workspace& workspace) {
  const Path path(info.name);
  const auto malformed = [&](simdjson::error_code error) {
    return path.error(kMalformedJson,
                      std::string("not well-formed JSON: ") + simdjson::error_message(error));
  };
  workspace.padded.assign(json);
  workspace.padded.append(simdjson::SIMDJSON_PADDING, ' ');
  ondemand::document document;
  if (auto error =
          workspace.parser.iterate(workspace.padded.data(), json.size(), workspace.padded.size())
              .get(document)) {
    return malformed(error);
  }
  json_type type;
  if (auto error = document.type().get(type)) return malformed(error);
  if (type != json_type::object) return path.error(kWrongType, "expected an object");
  ondemand::object root;
  if (auto error = document.get_object().get(root)) return malformed(error);
  KEEL_TRY(Reader(limits).structure(info, object, root, path));
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
    return path.error(kMalformedJson, "something follows the end of the document");
  }
  return success();
}

}  // namespace

Result<> from_json(const StructInfo& info, ByteSpan object, std::string_view json,
                   const DecodeLimits& limits) {
  KEEL_ASSERT(object.size() == info.size);
  if (json.size() > limits.input_bytes) {
    return Path(info.name).error(kTooLarge, std::to_string(json.size()) + " bytes, at most " +
                                                std::to_string(limits.input_bytes) + " are taken");
  }
  // A rare long document does not leave its memory behind.
  if (json.size() > kKeptBytes) {
    Workspace workspace;
    return read_document(info, object, json, limits, workspace);
  }
  thread_local Workspace workspace;
  return read_document(info, object, json, limits, workspace);
}

}  // namespace keel
