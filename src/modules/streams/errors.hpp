// Kinds of error of modules/streams (1100-1149). An Error refuses a whole command or query and
// writes nothing; what is wrong with one operation of a batch is its code (requests.hpp).
#pragma once

#include "base/error.hpp"

namespace keel::streams {

inline constexpr ErrorKind kBadBatch{1100, "streams.bad_batch", ErrorClass::invalid};
inline constexpr ErrorKind kBatchTooLarge{1101, "streams.batch_too_large", ErrorClass::invalid};
inline constexpr ErrorKind kBadQuery{1102, "streams.bad_query", ErrorClass::invalid};
inline constexpr ErrorKind kUnknownType{1103, "streams.unknown_type", ErrorClass::invalid};
inline constexpr ErrorKind kBadReply{1104, "streams.bad_reply", ErrorClass::bug};
inline constexpr ErrorKind kSessionMissing{1105, "streams.session_missing", ErrorClass::missing};
// A value outside of its bounds in a command about named streams; the sentence names the field.
inline constexpr ErrorKind kBadRequest{1106, "streams.bad_request", ErrorClass::invalid};

}  // namespace keel::streams
