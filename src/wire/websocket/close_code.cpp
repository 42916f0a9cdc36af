#include "wire/websocket/close_code.hpp"

#include "wire/websocket/errors.hpp"

namespace keel::websocket {

CloseCode close_code(const ErrorKind& kind) noexcept {
  switch (kind.number) {
    case kBadText.number:
    case kBadCompression.number:
      return CloseCode::bad_data;
    case kTooLarge.number:
      return CloseCode::too_big;
    case kTooManyControls.number:
      return CloseCode::policy_violation;
    default:
      return CloseCode::protocol_error;
  }
}

}  // namespace keel::websocket
