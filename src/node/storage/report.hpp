// What the commands on stored journals share: how they read a point in time, show progress and
// print a report.
#pragma once

#include <optional>
#include <string>

#include "base/ids.hpp"
#include "base/json/json_writer.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "journal/backup/backup.hpp"
#include "node/commands/command.hpp"

namespace keel::node {

// "1200" is a position, "2026-11-23T15:00:00Z" a moment; nothing: to the end.
struct Until {
  std::optional<Position> position;
  std::optional<Timestamp> time;
};
Result<Until> parse_until(const std::string& text);

// A line on standard error now and then, when that is a terminal.
journal::CopyWatcher progress_lines();

// Rows of a report: "name   value" for a person, or one JSON object.
class ReportWriter {
 public:
  explicit ReportWriter(bool json);

  void text(std::string_view name, std::string_view value);
  void number(std::string_view name, std::uint64_t value);
  void boolean(std::string_view name, bool value);
  void time(std::string_view name, Timestamp value);
  void for_people(std::string_view name, std::string_view value);  // not in the JSON
  // A value that is JSON already; a person does not see it.
  void json_only(std::string_view name, std::string_view json);
  // What comes between is of this part: an object in the JSON.
  void begin(std::string_view part);
  void end();
  void print();

 private:
  void row(std::string_view name, std::string_view value);

  bool is_json_;
  std::string out_;
  JsonWriter json_;
};

}  // namespace keel::node
