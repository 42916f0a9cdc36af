#include "wire/ocpp/v16/payload.hpp"

namespace keel::ocpp::v16 {

ErrorCode refusal_code(const Error& error) noexcept {
  if (error.is(kMissingKey)) return ErrorCode::occurence_constraint_violation;
  if (error.is(kWrongType)) return ErrorCode::type_constraint_violation;
  if (error.is(kBadValue) || error.is(kTooLong)) return ErrorCode::property_constraint_violation;
  return ErrorCode::formation_violation;
}

}  // namespace keel::ocpp::v16
