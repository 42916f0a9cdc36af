// Kinds of error of wire/http (200-229), and the status that a server answers each with. After any
// of them the connection is closed: what follows on it cannot be trusted to begin where we think.
#pragma once

#include "base/error.hpp"
#include "wire/http/head/status.hpp"

namespace keel::http {

inline constexpr ErrorKind kBadRequestLine{200, "http.bad_request_line", ErrorClass::invalid};
inline constexpr ErrorKind kBadTarget{201, "http.bad_target", ErrorClass::invalid};
inline constexpr ErrorKind kBadVersion{202, "http.bad_version", ErrorClass::invalid};
inline constexpr ErrorKind kUnsupportedVersion{203, "http.unsupported_version",
                                               ErrorClass::invalid};
inline constexpr ErrorKind kBadLineEnd{204, "http.bad_line_end", ErrorClass::invalid};
inline constexpr ErrorKind kBadCharacter{205, "http.bad_character", ErrorClass::invalid};
inline constexpr ErrorKind kBadHeader{206, "http.bad_header", ErrorClass::invalid};
inline constexpr ErrorKind kFoldedHeader{207, "http.folded_header", ErrorClass::invalid};
inline constexpr ErrorKind kBadHost{208, "http.bad_host", ErrorClass::invalid};
inline constexpr ErrorKind kBadLength{209, "http.bad_length", ErrorClass::invalid};
inline constexpr ErrorKind kBadTransferEncoding{210, "http.bad_transfer_encoding",
                                                ErrorClass::invalid};
inline constexpr ErrorKind kConflictingLength{211, "http.conflicting_length", ErrorClass::invalid};
inline constexpr ErrorKind kBadChunk{212, "http.bad_chunk", ErrorClass::invalid};
inline constexpr ErrorKind kBadTrailer{213, "http.bad_trailer", ErrorClass::invalid};
inline constexpr ErrorKind kBadExpectation{214, "http.bad_expectation", ErrorClass::invalid};
inline constexpr ErrorKind kRefusedMethod{215, "http.refused_method", ErrorClass::invalid};
inline constexpr ErrorKind kLineTooLong{216, "http.line_too_long", ErrorClass::invalid};
inline constexpr ErrorKind kHeadersTooLarge{217, "http.headers_too_large", ErrorClass::invalid};
inline constexpr ErrorKind kTooManyHeaders{218, "http.too_many_headers", ErrorClass::invalid};
inline constexpr ErrorKind kBodyTooLarge{219, "http.body_too_large", ErrorClass::invalid};
inline constexpr ErrorKind kBadStatusLine{220, "http.bad_status_line", ErrorClass::invalid};
inline constexpr ErrorKind kUnexpectedEnd{221, "http.unexpected_end", ErrorClass::unavailable};
inline constexpr ErrorKind kBadPercent{222, "http.bad_percent", ErrorClass::invalid};
inline constexpr ErrorKind kBadQuery{223, "http.bad_query", ErrorClass::invalid};
inline constexpr ErrorKind kBadMediaType{224, "http.bad_media_type", ErrorClass::invalid};
inline constexpr ErrorKind kOutputFull{225, "http.output_full", ErrorClass::overload};
inline constexpr ErrorKind kBadOutput{226, "http.bad_output", ErrorClass::invalid};
inline constexpr ErrorKind kDataAfterClose{227, "http.data_after_close", ErrorClass::invalid};
inline constexpr ErrorKind kEventTooLarge{228, "http.event_too_large", ErrorClass::invalid};

// The status that tells a client of this error: 414, 431, 413 for sizes, 417, 501, 505, and 400 for
// the rest.
Status refusal_status(const ErrorKind& kind) noexcept;

}  // namespace keel::http
