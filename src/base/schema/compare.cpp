#include <charconv>

#include "base/describe/errors.hpp"
#include "base/json/json.hpp"
#include "base/schema/package_schema.hpp"

namespace keel {
namespace {

template <typename List, typename Key, typename Member>
auto find_by(const List& list, const Key& key, Member member) -> decltype(list.data()) {
  const auto found = std::ranges::find(list, key, member);
  return found == list.end() ? nullptr : std::to_address(found);
}

std::string quoted(std::string_view name) {
  return "\"" + std::string(name) + "\"";
}

// "uint16" -> 16, where the rest is `prefix`; else 0.
int bits_after(std::string_view type, std::string_view prefix) {
  if (!type.starts_with(prefix)) return 0;
  type.remove_prefix(prefix.size());
  int bits = 0;
  const auto [end, error] = std::from_chars(type.begin(), type.end(), bits);
  return error == std::errc{} && end == type.end() ? bits : 0;
}

// More bits of one kind, as long as neither format changes: 8, 16 and 32 bits are one type on the
// wire and numbers in JSON.
bool is_widened(std::string_view old, std::string_view current) {
  for (std::string_view kind : {"uint", "sint"}) {
    const int before = bits_after(old, kind);
    const int now = bits_after(current, kind);
    if (before != 0 && before <= now && now <= 32) return true;
  }
  return false;
}

bool is_member_type(const PackageSchema& schema, std::string_view type) {
  return std::ranges::any_of(schema.structs, [&](const StructSchema& one) {
    return find_by(one.fields, type, &FieldSchema::type) != nullptr;
  });
}

class Comparison {
 public:
  std::vector<std::string> take() { return std::move(sentences_); }

  void structs(const StructSchema& old, const StructSchema* current) {
    if (current == nullptr) return say(old.name, "the struct is gone");
    for (const FieldSchema& field : old.fields) fields(field, *current);
    for (const FieldSchema& field : current->fields) {
      if (field.required && find_by(old.fields, field.number, &FieldSchema::number) == nullptr) {
        say(current->name, "the new field " + quoted(field.name) + " is required");
      }
    }
    reserved(old.name, old.reserved_fields, current->reserved_fields);
  }

  void enums(const EnumSchema& old, const EnumSchema& current) {
    for (const EnumeratorSchema& one : old.enumerators) {
      const auto* same = find_by(current.enumerators, one.value, &EnumeratorSchema::value);
      if (same == nullptr) {
        gone(old.name, one.value, one.name, current.reserved_values);
      } else if (same->name != one.name) {
        say(old.name, quoted(one.name) + " is now called " + quoted(same->name));
      }
    }
    reserved(old.name, old.reserved_values, current.reserved_values);
  }

 private:
  void say(std::string_view type, std::string_view what) {
    sentences_.push_back(std::string(type) + ": " + std::string(what));
  }

  void fields(const FieldSchema& old, const StructSchema& in) {
    const FieldSchema* current = find_by(in.fields, old.number, &FieldSchema::number);
    if (current == nullptr) return gone_field(old, in);
    const std::string field = "field " + quoted(old.name);
    if (current->name != old.name) say(in.name, field + " is now called " + quoted(current->name));
    if (current->type != old.type && !is_widened(old.type, current->type)) {
      say(in.name, field + " was " + old.type + " and is " + current->type);
    }
    if (current->shape != old.shape) {
      say(in.name, field + " was " + old.shape + " and is " + current->shape);
    }
    if (current->required && !old.required) say(in.name, field + " is newly required");
    if (current->subject != old.subject) say(in.name, field + " is personal in another way");
    if (old.secret && !current->secret) say(in.name, field + " is no longer secret");
  }

  void gone_field(const FieldSchema& old, const StructSchema& in) {
    if (const auto* moved = find_by(in.fields, old.name, &FieldSchema::name)) {
      return say(in.name, "field " + quoted(old.name) + " had number " +
                              std::to_string(old.number) + " and has " +
                              std::to_string(moved->number));
    }
    gone(in.name, old.number, old.name, in.reserved_fields);
  }

  // What is gone leaves its number and its name reserved.
  void gone(std::string_view type, std::uint64_t number, const std::string& name,
            const std::vector<ReservedSchema>& reserved) {
    const auto* kept = find_by(reserved, number, &ReservedSchema::number);
    if (kept != nullptr && kept->name == name) return;
    say(type, quoted(name) + " is gone without reserved<" + std::to_string(number) + ">(" +
                  quoted(name) + ")");
  }

  void reserved(std::string_view type, const std::vector<ReservedSchema>& old,
                const std::vector<ReservedSchema>& current) {
    for (const ReservedSchema& one : old) {
      if (find_by(current, one.number, &ReservedSchema::number) == nullptr) {
        say(type, std::to_string(one.number) + " is no longer reserved");
      }
    }
  }

  std::vector<std::string> sentences_;
};

}  // namespace

std::vector<std::string> incompatibilities(const PackageSchema& old, const PackageSchema& current) {
  Comparison comparison;
  for (const StructSchema& type : old.structs) {
    const auto* now = find_by(current.structs, type.name, &StructSchema::name);
    // What only fields refer to goes with its fields, and those are compared.
    if (now == nullptr && is_member_type(old, "struct " + type.name)) continue;
    comparison.structs(type, now);
  }
  for (const EnumSchema& type : old.enums) {
    const auto* now = find_by(current.enums, type.name, &EnumSchema::name);
    if (now != nullptr) comparison.enums(type, *now);
  }
  return comparison.take();
}

Result<> check_compatible(std::string_view old_text, std::span<const StructInfo* const> roots) {
  const PackageSchema old = KEEL_TRY(from_json<PackageSchema>(old_text));
  std::string sentences;
  for (const std::string& sentence : incompatibilities(old, package_schema(roots))) {
    sentences += (sentences.empty() ? "" : "; ") + sentence;
  }
  if (!sentences.empty()) return Error(kIncompatibleSchema, std::move(sentences));
  return success();
}

}  // namespace keel
