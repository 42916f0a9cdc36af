// What ties the records together that one request of a caller led to.
#pragma once

#include "base/ids.hpp"
#include "wire/http/request_parser.hpp"

namespace keel::servers {

// The trace-id of the request's "traceparent" (W3C Trace Context, version 00); where there is none,
// or none that is well formed, the command's own id: every record has a correlation.
CorrelationId correlation_of(const http::Request& request, CommandId id) noexcept;

}  // namespace keel::servers
