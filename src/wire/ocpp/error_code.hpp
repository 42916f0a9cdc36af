// The codes of a CALLERROR (OCPP-J 1.6, section 4.2.3, with its spelling).
#pragma once

#include <cstdint>
#include <string_view>

namespace keel::ocpp {

enum class ErrorCode : std::uint8_t {
  not_implemented,  // the action is not known
  not_supported,    // it is known, and not spoken here
  internal_error,
  protocol_error,  // the message is not whole
  security_error,
  formation_violation,             // the payload is not of the action's form: JSON, unknown keys
  property_constraint_violation,   // a value that its field cannot have
  occurence_constraint_violation,  // a field is missing
  type_constraint_violation,       // a value of another type
  generic_error,
};

constexpr std::string_view to_string(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::not_implemented:
      return "NotImplemented";
    case ErrorCode::not_supported:
      return "NotSupported";
    case ErrorCode::internal_error:
      return "InternalError";
    case ErrorCode::protocol_error:
      return "ProtocolError";
    case ErrorCode::security_error:
      return "SecurityError";
    case ErrorCode::formation_violation:
      return "FormationViolation";
    case ErrorCode::property_constraint_violation:
      return "PropertyConstraintViolation";
    case ErrorCode::occurence_constraint_violation:
      return "OccurenceConstraintViolation";
    case ErrorCode::type_constraint_violation:
      return "TypeConstraintViolation";
    case ErrorCode::generic_error:
      break;
  }
  return "GenericError";
}

}  // namespace keel::ocpp
