#include "base/error.hpp"

namespace keel {

std::string_view to_string(ErrorClass error_class) noexcept {
  switch (error_class) {
    case ErrorClass::invalid:
      return "invalid";
    case ErrorClass::denied:
      return "denied";
    case ErrorClass::missing:
      return "missing";
    case ErrorClass::conflict:
      return "conflict";
    case ErrorClass::retry_later:
      return "retry_later";
    case ErrorClass::overload:
      return "overload";
    case ErrorClass::cancelled:
      return "cancelled";
    case ErrorClass::unknown:
      return "unknown";
    case ErrorClass::corrupt:
      return "corrupt";
    case ErrorClass::unavailable:
      return "unavailable";
    case ErrorClass::bug:
      return "bug";
  }
  return "?";
}

std::string Error::to_string() const {
  std::string text(kind_->name);
  if (!detail_.empty()) {
    text += ": ";
    text += detail_;
  }
  return text;
}

}  // namespace keel
