// Error: what went wrong, as a value. Each folder lists its own kinds of error in its `errors.hpp`;
// a kind has a number that is never reused, a stable dotted name, and a class that says whose turn
// it is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace keel {

// Who has to do something about it. Servers map the class, not the kind, to their protocol's
// status.
enum class ErrorClass : std::uint8_t {
  invalid,      // the caller's input is wrong; the same request will never succeed
  denied,       // not authenticated, or not allowed
  missing,      // what was named does not exist
  conflict,     // the state has moved on (expected revision, an id reused with another body)
  retry_later,  // a passing condition; the same request may succeed later
  overload,     // a bound was reached; the request was shed, nothing was written
  cancelled,    // the caller's own deadline or cancellation
  unknown,      // the outcome is not known (a write already begun has failed); retry the same id
  corrupt,      // stored bytes are not what was written
  unavailable,  // a resource outside (disk, peer) refused or is gone
  bug,          // Keel's own fault
};

std::string_view to_string(ErrorClass error_class) noexcept;

// One kind of error. Always a constant with static lifetime:
//   inline constexpr ErrorKind kNoSpace{301, "journal.no_space", ErrorClass::overload};
// Number ranges: base 1-99, kernel 100-199, wire 200-299, journal 300-399, runtime 400-499,
// engine 500-599, servers 600-699, node 700-799, modules from 1000 (100 each).
struct ErrorKind {
  std::uint16_t number;
  std::string_view name;
  ErrorClass error_class;
};

// A kind, and one plain sentence that says what was wrong, with what value, and what would be
// right. Cheap to move; the sentence is empty on hot paths.
class [[nodiscard]] Error {
 public:
  Error(const ErrorKind& kind, std::string detail = {})
      : kind_(&kind), detail_(std::move(detail)) {}

  const ErrorKind& kind() const noexcept { return *kind_; }
  ErrorClass error_class() const noexcept { return kind_->error_class; }
  bool is(const ErrorKind& kind) const noexcept { return kind_->number == kind.number; }
  const std::string& detail() const noexcept { return detail_; }

  // "journal.no_space: 0 bytes free in keel_data, 4194304 wanted"
  std::string to_string() const;

 private:
  const ErrorKind* kind_;
  std::string detail_;
};

}  // namespace keel
