#include "base/describe/path.hpp"

namespace keel {

std::string Path::to_string() const {
  if (parent_ == nullptr) return std::string(name_);
  std::string text;
  if (parent_->parent_ != nullptr) text = parent_->to_string() + ".";
  text += name_;
  if (added_to_ != nullptr && added_to_->type.shape == Shape::repeated) {
    const MemberType& type = added_to_->type;
    const std::size_t count = type.values(member_).size() / type.value_size;
    text += "[" + std::to_string(count - 1) + "]";
  }
  return text;
}

Error Path::error(const ErrorKind& kind, std::string_view what) const {
  std::string sentence = to_string();
  sentence += ": ";
  sentence += what;
  return {kind, std::move(sentence)};
}

}  // namespace keel
