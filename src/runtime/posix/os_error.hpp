// The numbers of errno as errors of runtime/errors.hpp.
#pragma once

#include <string_view>

#include "base/error.hpp"

namespace keel::runtime {

// `what` names what was attempted and on what: "open keel_data/0001.journal".
Error disk_error(int error_number, std::string_view what);
// A connection that was there: its peer or the network has ended it.
Error connection_error(int error_number);
// `otherwise` is kConnectFailed or kListenFailed; too many open files is kTooManyOpen.
Error socket_error(int error_number, const ErrorKind& otherwise, std::string_view what);

// "Permission denied"; safe from any thread.
std::string_view error_text(int error_number);

}  // namespace keel::runtime
