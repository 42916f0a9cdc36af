// The target of a request for books: a path and the parameters that were given.
#pragma once

#include <string>
#include <string_view>

#include "node/commands/ledger/ledger_reads.hpp"

namespace keel::node {

class BooksTarget {
 public:
  explicit BooksTarget(std::string path) : text_(std::move(path)) {}

  // Nothing when the value is empty.
  void add(std::string_view name, std::string_view value);
  void add(const BooksFilter& filter);

  const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;
};

}  // namespace keel::node
