// Converts the sample type between its formats, for protoc_test.py: sample proto | encode | decode.
#include <cstdio>

#include "base/describe/testing/sample.hpp"
#include "base/describe/wire.hpp"
#include "base/json/json.hpp"
#include "base/schema/proto_text.hpp"

namespace {

using keel::sample::Everything;

std::string input() {
  std::string text;
  std::array<char, 4096> part;
  while (const std::size_t size = std::fread(part.data(), 1, part.size(), stdin)) {
    text.append(part.data(), size);
  }
  return text;
}

int answer(std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : 1;
}

int fail(const keel::Error& error) {
  std::fprintf(stderr, "%s\n", error.to_string().c_str());
  return 1;
}

int convert(std::string_view command) {
  if (command == "proto") {
    const std::array types{&keel::info<Everything>()};
    return answer(keel::proto_text(types));
  }
  if (command == "encode") {
    const auto object = keel::from_json<Everything>(input());
    if (!object.ok()) return fail(object.error());
    keel::Bytes bytes;
    keel::encode(*object, bytes);
    return answer(keel::as_text(bytes));
  }
  if (command == "decode") {
    const auto object = keel::decode<Everything>(keel::as_bytes(input()));
    if (!object.ok()) return fail(object.error());
    std::string text;
    keel::to_json(*object, text);
    return answer(text);
  }
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  return arguments.size() == 2 ? convert(arguments[1]) : 2;
}
