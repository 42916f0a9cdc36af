// Where in a value a decoder stands, for the sentence of an error: "transfers[3].amount". A chain
// of frames on the decoder's own stack; nothing is counted or written down until something is
// wrong.
#pragma once

#include <string>
#include <string_view>

#include "base/describe/struct_info.hpp"

namespace keel {

class Path {
 public:
  // The outermost value, called by its type's name.
  explicit Path(std::string_view root) : name_(root) {}
  // A field of the value that `parent` names. Lives shorter than its parent.
  Path(const Path& parent [[clang::lifetimebound]], std::string_view field)
      : parent_(&parent), name_(field) {}
  // What was last added to a repeated or optional field, whose member is `member`.
  Path(const Path& parent [[clang::lifetimebound]], const FieldInfo& field, ByteView member)
      : parent_(&parent), name_(field.name), added_to_(&field), member_(member) {}

  std::string to_string() const;
  // An error whose sentence is "<path>: <what>".
  Error error(const ErrorKind& kind, std::string_view what) const;

 private:
  const Path* parent_ = nullptr;
  std::string_view name_;
  const FieldInfo* added_to_ = nullptr;
  ByteView member_;
};

}  // namespace keel
