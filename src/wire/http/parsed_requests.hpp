// For tests: what a parser makes of some bytes, as text that can be compared and printed.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "wire/http/errors.hpp"
#include "wire/http/request_parser.hpp"

namespace keel::http {

// What a parser said, as text that can be compared: one line a step.
inline std::string describe(const RequestParser& parser, RequestStep step) {
  if (step == RequestStep::error) {
    return "error " + std::string(parser.error().name) + " " +
           std::to_string(code(refusal_status(parser.error()))) + "\n";
  }
  const Request& request = parser.request();
  std::string text = step == RequestStep::head ? "head " : "request ";
  text += request.method_text;
  text += request.version == Version::http_1_1 ? " 1.1 " : " 1.0 ";
  text += request.keep_alive ? "keep " : "close ";
  text += "path=" + std::string(request.target.path);
  text += " query=" + std::string(request.target.query);
  text += " host=" + std::string(request.host);
  text += " upgrade=" + std::string(request.upgrade);
  for (std::size_t i = 0; i < request.headers.size(); ++i) {
    const Header header = request.headers[i];
    text += " [" + std::string(header.name) + "=" + std::string(header.value) + "]";
  }
  text += " body=" + std::string(as_text(request.body));
  return text + "\n";
}

// Feeds the pieces one after the other, each in memory of its own that is gone when the parser asks
// for more.
inline std::string parse(const std::vector<std::string>& pieces, const Limits& limits = {}) {
  RequestParser parser(limits);
  std::string said;
  for (const std::string& piece : pieces) {
    auto memory = std::make_unique<std::vector<char>>(piece.begin(), piece.end());
    parser.feed(std::as_bytes(std::span<const char>(*memory)));
    RequestStep step;
    while ((step = parser.next()) != RequestStep::need_more) {
      said += describe(parser, step);
      if (step == RequestStep::error) return said;
    }
  }
  return said;
}

inline std::string parse(const std::string& bytes, const Limits& limits = {}) {
  return parse(std::vector<std::string>{bytes}, limits);
}

// Cut at every place, and byte by byte: the same as whole.
inline void expect_split_invariant(const std::string& bytes, const Limits& limits = {}) {
  const std::string whole = parse(bytes, limits);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    ASSERT_EQ(parse({bytes.substr(0, cut), bytes.substr(cut)}, limits), whole) << "cut at " << cut;
  }
  std::vector<std::string> single;
  for (const char c : bytes) single.emplace_back(1, c);
  ASSERT_EQ(parse(single, limits), whole) << "byte by byte";
}

inline std::string last_error(const std::string& said) {
  const std::size_t at = said.rfind("error ");
  return at == std::string::npos ? "" : said.substr(at + 6, said.size() - at - 7);
}

}  // namespace keel::http
