// Converts the sample type between its formats, for protoc_test.py: sample proto | encode | decode.
#include <cstdio>
#include <iostream>
#include <iterator>

#include "base/describe/testing/sample.hpp"
#include "base/describe/wire.hpp"
#include "base/json/json.hpp"
#include "base/schema/proto_text.hpp"

namespace {

using keel::sample::Everything;

std::string input() {
  return {std::istreambuf_iterator<char>(std::cin), {}};
}

int fail(const keel::Error& error) {
  std::cerr << error.to_string() << "\n";
  return 1;
}

int convert(std::string_view command) {
  if (command == "proto") {
    const std::array types{&keel::info<Everything>()};
    std::cout << keel::proto_text(types);
    return 0;
  }
  if (command == "encode") {
    const auto object = keel::from_json<Everything>(input());
    if (!object.ok()) return fail(object.error());
    keel::Bytes bytes;
    keel::encode(*object, bytes);
    std::cout << keel::as_text(bytes);
    return 0;
  }
  if (command == "decode") {
    const auto object = keel::decode<Everything>(keel::as_bytes(input()));
    if (!object.ok()) return fail(object.error());
    std::string text;
    keel::to_json(*object, text);
    std::cout << text;
    return 0;
  }
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  return arguments.size() == 2 ? convert(arguments[1]) : 2;
}
