// Errors as HTTP answers: RFC 9457 problem documents with a stable `code`.
#pragma once

#include "base/error.hpp"
#include "servers/http/handler.hpp"

namespace keel::servers {

http::Status status_of(const Error& error) noexcept;

// Turns the reply into the problem document of the error. An error of class `unknown` becomes a cut
// connection instead: nobody may be told how it ended.
void write_problem(const Error& error, Reply& reply);

}  // namespace keel::servers
