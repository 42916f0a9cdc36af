#include "http_reference.hpp"

#include <cctype>
#include <cstdlib>

namespace keel::fuzz {
namespace {

// Takes a line that ends with CR LF and holds neither elsewhere, nor any other control character
// but tab.
std::optional<std::string> take_line(std::string_view& bytes) {
  const std::size_t end = bytes.find("\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  std::string line(bytes.substr(0, end));
  for (const char c : line) {
    if (std::iscntrl(static_cast<unsigned char>(c)) != 0 && c != '\t') return std::nullopt;
  }
  bytes.remove_prefix(end + 2);
  return line;
}

bool is_tchar(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool take_fields(std::string_view& bytes,
                 std::vector<std::pair<std::string, std::string>>& fields) {
  for (;;) {
    auto line = take_line(bytes);
    if (!line) return false;
    if (line->empty()) return true;
    std::string name;
    std::size_t at = 0;
    while (at < line->size() && is_tchar((*line)[at])) {
      name += static_cast<char>(std::tolower(static_cast<unsigned char>((*line)[at++])));
    }
    if (name.empty() || at == line->size() || (*line)[at] != ':') return false;
    std::string value = line->substr(at + 1);
    while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.pop_back();
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.erase(0, 1);
    fields.emplace_back(std::move(name), std::move(value));
  }
}

bool take_chunks(std::string_view& bytes, std::string& body) {
  for (;;) {
    const auto line = take_line(bytes);
    if (!line) return false;
    const std::string digits = line->substr(0, line->find(';'));
    if (digits.empty() || digits.size() > 16) return false;
    for (const char c : digits) {
      if (std::isxdigit(static_cast<unsigned char>(c)) == 0) return false;
    }
    const std::uint64_t size = std::strtoull(digits.c_str(), nullptr, 16);
    if (size == 0) break;
    if (bytes.size() < size + 2 || bytes.substr(size, 2) != "\r\n") return false;
    body += bytes.substr(0, size);
    bytes.remove_prefix(size + 2);
  }
  std::vector<std::pair<std::string, std::string>> trailers;
  return take_fields(bytes, trailers);
}

}  // namespace

std::vector<std::string> ReferenceMessage::values(std::string_view name) const {
  std::vector<std::string> found;
  for (const auto& [key, value] : headers) {
    if (key == name) found.push_back(value);
  }
  return found;
}

std::optional<ReferenceMessage> read_reference(std::string_view bytes, Unframed unframed,
                                               bool body_expected) {
  ReferenceMessage message;
  auto line = take_line(bytes);
  if (line && line->empty()) line = take_line(bytes);
  if (!line) return std::nullopt;
  message.start_line = *line;
  if (!take_fields(bytes, message.headers)) return std::nullopt;
  const auto lengths = message.values("content-length");
  const auto encodings = message.values("transfer-encoding");
  if (lengths.size() + encodings.size() > 1) return std::nullopt;
  if (!body_expected) {
    // Nothing of it is there, whatever the head says.
  } else if (!encodings.empty()) {
    if (!take_chunks(bytes, message.body)) return std::nullopt;
  } else if (!lengths.empty()) {
    const std::uint64_t size = std::strtoull(lengths.front().c_str(), nullptr, 10);
    if (bytes.size() < size) return std::nullopt;
    message.body = bytes.substr(0, size);
    bytes.remove_prefix(size);
  } else if (unframed == Unframed::to_the_end) {
    message.body = bytes;
    bytes = {};
  }
  message.rest = bytes;
  return message;
}

}  // namespace keel::fuzz
