// The manual's part of each command: what its options do not say.
#pragma once

#include <span>
#include <string_view>

namespace keel::node::cli {

struct Page {
  std::string_view command;      // "ledger transfer"
  std::string_view description;  // paragraphs, separated by an empty line
  std::string_view exits;        // the digits of the exit codes that it may end with
  std::string_view examples;     // a line each, as a person would type it
};

std::span<const Page> pages() noexcept;
// Null: nobody has written it.
const Page* page_of(std::string_view command) noexcept;

struct ExitMeaning {
  char digit;
  std::string_view meaning;
};
std::span<const ExitMeaning> exit_meanings() noexcept;

}  // namespace keel::node::cli
