// Trace: what happened in a run, a line each. The last lines are kept for a person; all of them go
// into a digest, by which two runs of one seed are compared.
#pragma once

#include <deque>
#include <string>

#include "base/hash/sha256.hpp"
#include "base/time.hpp"

namespace keel::torture {

class Trace {
 public:
  // `kept`: lines for a person; 0 keeps them all.
  explicit Trace(std::size_t kept = 40) : kept_(kept) {}

  // `detail` is for a person only: it may hold bytes that hash keys or journal ids decide.
  void say(Timestamp at, std::string_view what, std::string_view detail = {});
  const std::deque<std::string>& lines() const noexcept { return lines_; }
  // Of everything said; begins anew.
  std::string digest() { return to_hex(sha_.finish()).substr(0, 16); }

 private:
  std::size_t kept_;
  std::deque<std::string> lines_;
  Sha256 sha_;
};

}  // namespace keel::torture
