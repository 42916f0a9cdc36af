// Node: a value of a twin's document as a tree, with the time at which it was last set at every
// level. Objects are trees; a scalar or a list is one leaf, because a merge patch (RFC 7396) takes
// it as one.
//
// Numbers are kept as they came: no arithmetic is done with them, so none is rounded.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace keel::devices {

struct Member;

struct Node {
  enum class Kind : std::uint8_t { leaf, object };

  Kind kind = Kind::object;
  Timestamp set_at{};           // of it or of anything in it
  std::string text;             // of a leaf: its JSON, in the one form that write_value() gives it
  std::vector<Member> members;  // of an object: in the order of their keys' bytes, each once

  bool is_object() const noexcept { return kind == Kind::object; }
  bool is_null() const noexcept { return kind == Kind::leaf && text == "null"; }
  // Null: there is none.
  const Node* find(std::string_view key) const [[clang::lifetimebound]];
};

struct Member {
  std::string key;
  Node node;
};

// How large a document may be: one that comes in, and the part of a twin that it makes.
struct TwinLimits {
  std::size_t bytes = std::size_t{32} << 10;  // of its JSON without spaces
  std::uint32_t depth = 12;                   // objects and lists inside one another
  std::uint32_t keys = 1'024;                 // of all levels together
  std::size_t key_bytes = 128;
  std::size_t number_bytes = 64;
};

// What a document is measured by.
struct TwinSize {
  std::size_t bytes = 0;
  std::uint32_t depth = 0;
  std::uint32_t keys = 0;  // outside of lists
};
TwinSize size_of(const Node& node);

}  // namespace keel::devices
