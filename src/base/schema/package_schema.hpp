// What a package of described structs looked like when it was published, as data: kept as JSON
// under schema/, and compared with today's code, so that nobody changes a stored format or an API
// without seeing it.
#pragma once

#include <string>
#include <vector>

#include "base/describe/describe.hpp"

namespace keel {

struct ReservedSchema {
  std::uint32_t number = 0;
  std::string name = {};

  friend bool operator==(const ReservedSchema&, const ReservedSchema&) = default;
  static constexpr auto description() {
    return describe<ReservedSchema>("keel.schema.Reserved",
                                    field<1>("number", &ReservedSchema::number),
                                    field<2>("name", &ReservedSchema::name));
  }
};

struct FieldSchema {
  std::uint32_t number = 0;
  std::string name = {};
  // "uint16", "sint64", "uint128", "timestamp", "text", "bytes", "bytes[32]", "enum
  // keel.ledger.Side", "flags16 keel.ledger.AccountFlag", "struct keel.ledger.Line"
  std::string type = {};
  std::string shape = {};    // "single", "optional", "repeated"
  std::string subject = {};  // of personal data
  bool secret = false;
  bool required = false;
  bool deprecated = false;

  friend bool operator==(const FieldSchema&, const FieldSchema&) = default;
  static constexpr auto description() {
    using F = FieldSchema;
    return describe<F>("keel.schema.Field", field<1>("number", &F::number),
                       field<2>("name", &F::name), field<3>("type", &F::type),
                       field<4>("shape", &F::shape), field<5>("subject", &F::subject),
                       field<6>("secret", &F::secret), field<7>("required", &F::required),
                       field<8>("deprecated", &F::deprecated));
  }
};

struct StructSchema {
  std::string name = {};
  std::vector<FieldSchema> fields = {};
  std::vector<ReservedSchema> reserved_fields = {};

  static constexpr auto description() {
    using S = StructSchema;
    return describe<S>("keel.schema.Struct", field<1>("name", &S::name),
                       field<2>("fields", &S::fields), field<3>("reserved", &S::reserved_fields));
  }
};

struct EnumeratorSchema {
  std::uint64_t value = 0;
  std::string name = {};

  static constexpr auto description() {
    using E = EnumeratorSchema;
    return describe<E>("keel.schema.Enumerator", field<1>("value", &E::value),
                       field<2>("name", &E::name));
  }
};

struct EnumSchema {
  std::string name = {};
  std::vector<EnumeratorSchema> enumerators = {};
  std::vector<ReservedSchema> reserved_values = {};

  static constexpr auto description() {
    using E = EnumSchema;
    return describe<E>("keel.schema.Enum", field<1>("name", &E::name),
                       field<2>("enumerators", &E::enumerators),
                       field<3>("reserved", &E::reserved_values));
  }
};

struct PackageSchema {
  std::string package = {};
  std::vector<StructSchema> structs = {};  // by name
  std::vector<EnumSchema> enums = {};      // by name

  static constexpr auto description() {
    using P = PackageSchema;
    return describe<P>("keel.schema.Package", field<1>("package", &P::package, required()),
                       field<2>("structs", &P::structs), field<3>("enums", &P::enums));
  }
};

// Of the roots, all of one package, and of all that they need, also of other packages.
PackageSchema package_schema(std::span<const StructInfo* const> roots);

// As it stands in schema/<package>.json.
std::string to_text(const PackageSchema& schema);

// Each sentence names a change with which stored bytes or clients of the old schema would be
// misread: a type, field or enumerator that is gone without being reserved, another type, shape,
// number or name, a reservation dropped, a key newly required, or an attribute that decides how a
// value is stored. Empty: whoever knew the old one is served.
std::vector<std::string> incompatibilities(const PackageSchema& old, const PackageSchema& current);

// Whether today's types serve whoever knew the schema of this text: kIncompatibleSchema with all
// that speaks against it, or an error of JSON where the text is none.
Result<> check_compatible(std::string_view old_text, std::span<const StructInfo* const> roots);

}  // namespace keel
