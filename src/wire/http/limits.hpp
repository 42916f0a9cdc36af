// What a message may weigh. Everything a peer can send is bounded by one of these; reaching a bound
// is fine, one byte more is an error, and the connection closes.
#pragma once

#include <cstddef>

namespace keel::http {

// A parser holds at most: start line + headers + body + a chunk line (or the trailers) + one feed.
struct Limits {
  std::size_t start_line_bytes = 8'192;        // without CR LF                          414
  std::size_t header_bytes = 16'384;           // all field lines with their CR LF       431
  std::size_t header_count = 64;               //                                        431
  std::size_t body_bytes = 2 * 1'024 * 1'024;  // decoded                                413
  std::size_t chunk_extension_bytes = 1'024;   // of all chunks of a body                400
  std::size_t trailer_bytes = 4'096;           // all trailer lines with their CR LF     431
};

}  // namespace keel::http
