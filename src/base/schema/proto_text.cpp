#include "base/schema/proto_text.hpp"

#include <set>

#include "base/schema/collect.hpp"

namespace keel {
namespace {

bool is_upper(char letter) {
  return letter >= 'A' && letter <= 'Z';
}

// "TransferKind" and "transfer_kind" -> "TRANSFER_KIND".
std::string screaming(std::string_view name) {
  std::string text;
  for (char letter : name) {
    if (is_upper(letter) && !text.empty() && text.back() != '_') text += '_';
    text += letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
  }
  return text;
}

class ProtoFile {
 public:
  explicit ProtoFile(std::string_view package) : package_(package) {}

  void header(const TypeSet& all) {
    text_ =
        "// Made from Keel's code. Numbers and names of what is gone stay reserved.\nsyntax = "
        "\"proto3\";\n\npackage ";
    text_ += package_;
    text_ += ";\n";
    std::set<std::string_view> imports;
    for (const StructInfo* type : all.structs) imports.insert(package_of(type->name));
    for (const StructInfo* type : all.structs) {
      for (const FieldInfo& field : type->fields) {
        if (field.type.kind == Kind::enumeration)
          imports.insert(package_of(field.type.enumeration->name));
      }
    }
    imports.erase(package_);
    if (!imports.empty()) text_ += '\n';
    for (std::string_view import : imports) line("import \"" + std::string(import) + ".proto\";");
  }

  void message(const StructInfo& info) {
    text_ += '\n';
    comment("", info.doc);
    line("message " + std::string(short_name_of(info.name)) + " {");
    reserved(info.reserved, "");
    for (const FieldInfo& one : info.fields) field(one);
    line("}");
  }

  void enumeration(const EnumInfo& info) {
    const std::string_view name = short_name_of(info.name);
    const std::string prefix = screaming(name) + "_";
    text_ += '\n';
    line("enum " + std::string(name) + " {");
    for (const EnumeratorInfo& one : info.enumerators) {
      line("  " + prefix + screaming(one.name) + " = " + std::to_string(one.value) + ";");
    }
    reserved(info.reserved, prefix);
    line("}");
  }

  std::string take() { return std::move(text_); }

 private:
  void line(std::string_view text) {
    text_ += text;
    text_ += '\n';
  }
  void comment(std::string_view indent, std::string_view text) {
    if (!text.empty()) line(std::string(indent) + "// " + std::string(text));
  }

  // Names of enumerators carry the prefix that their enum gives them, in capitals.
  void reserved(std::span<const Reserved> all, std::string_view prefix) {
    for (const Reserved& one : all) {
      line("  reserved " + std::to_string(one.number) + ";");
      if (one.name.empty()) continue;
      const std::string name =
          prefix.empty() ? std::string(one.name) : std::string(prefix) + screaming(one.name);
      line("  reserved \"" + name + "\";");
    }
  }

  void field(const FieldInfo& field) {
    comment("  ", field.attributes.doc);
    comment("  ", meaning(field.type));
    if (!field.attributes.subject.empty()) {
      comment("  ",
              "Personal data of the one whom " + std::string(field.attributes.subject) + " names.");
    }
    if (field.attributes.secret) comment("  ", "Secret: not to be shown or logged.");
    std::string text = "  ";
    if (field.type.shape == Shape::optional) text += "optional ";
    if (field.type.shape == Shape::repeated) text += "repeated ";
    text += type_name(field.type);
    text += " ";
    text += field.name;
    text += " = " + std::to_string(field.number);
    if (field.attributes.deprecated) text += " [deprecated = true]";
    line(text + ";");
  }

  // What the proto3 type alone does not say.
  static std::string meaning(const MemberType& type) {
    switch (type.kind) {
      case Kind::unsigned_integer:
      case Kind::signed_integer:
        return type.value_size < 4 ? "At most " + std::to_string(8 * type.value_size) + " bits."
                                   : "";
      case Kind::uint128:
        return "A 128-bit integer: 16 bytes, little-endian; none means zero.";
      case Kind::timestamp:
        return "Nanoseconds since 1970-01-01T00:00:00Z.";
      case Kind::fixed_bytes:
        return "Always " + std::to_string(type.value_size) + " bytes.";
      case Kind::flags: {
        std::string bits = "Bits:";
        for (const EnumeratorInfo& bit : type.enumeration->enumerators) {
          bits += (bits.back() == ':' ? " " : ", ") + std::string(bit.name) + " = " +
                  std::to_string(bit.value);
        }
        return bits + ".";
      }
      default:
        return "";
    }
  }

  std::string referred(std::string_view name) const {
    return std::string(package_of(name) == package_ ? short_name_of(name) : name);
  }

  std::string type_name(const MemberType& type) const {
    const bool wide = type.value_size == 8;
    switch (type.kind) {
      case Kind::boolean:
        return "bool";
      case Kind::unsigned_integer:
      case Kind::flags:
        return wide ? "uint64" : "uint32";
      case Kind::signed_integer:
        return wide ? "sint64" : "sint32";
      case Kind::timestamp:
        return "sfixed64";
      case Kind::text:
        return "string";
      case Kind::uint128:
      case Kind::bytes:
      case Kind::fixed_bytes:
        return "bytes";
      case Kind::enumeration:
        return referred(type.enumeration->name);
      case Kind::structure:
        return referred(type.structure().name);
    }
    return "";
  }

  std::string_view package_;
  std::string text_;
};

}  // namespace

std::string proto_text(std::span<const StructInfo* const> roots) {
  KEEL_ASSERT(!roots.empty());
  const std::string_view package = package_of(roots.front()->name);
  const TypeSet all = collect(roots);
  const TypeSet own = of_package(all, package);
  for (const StructInfo* root : roots) KEEL_ASSERT(package_of(root->name) == package);
  ProtoFile file(package);
  file.header(all);
  for (const StructInfo* type : own.structs) file.message(*type);
  for (const EnumInfo* type : own.enums) {
    // Bits are not an enum of proto3, which must have a zero.
    if (type->find(std::uint64_t{0}) != nullptr) file.enumeration(*type);
  }
  return file.take();
}

}  // namespace keel
