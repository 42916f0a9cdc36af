// CsvReader: the records of a CSV file (RFC 4180), bytes in, records out. Ends of line are CR LF or
// LF; a byte order mark at the start and empty lines are passed over. A quotation mark inside an
// unquoted cell, or anything but a comma behind a quoted one, is an error with its line.
//
// Bounds: a record has at most kLongest bytes; what is fed is kept until its record is complete.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace keel::node {

struct CsvRecord {
  std::uint64_t line = 0;  // where it begins, from 1
  std::vector<std::string> cells;
  std::string text;  // as it stands in the file, without the end of line
};

class CsvReader {
 public:
  static constexpr std::size_t kLongest = std::size_t{64} << 10;

  void feed(std::string_view bytes);
  void end() noexcept { ended_ = true; }

  // nullopt: feed more or, after end(), this was the last. kBadFile.
  Result<std::optional<CsvRecord>> next();

 private:
  // The record at the front; nullopt when its end is not there yet.
  Result<std::optional<CsvRecord>> parse();

  std::string bytes_;
  std::size_t begin_ = 0;  // of the next record in bytes_
  std::uint64_t line_ = 1;
  bool started_ = false;
  bool ended_ = false;
};

}  // namespace keel::node
