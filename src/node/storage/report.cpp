#include "node/storage/report.hpp"

#include <unistd.h>

#include <charconv>
#include <cstdio>

#include "base/text/rfc3339.hpp"
#include "node/config/errors.hpp"

namespace keel::node {

Result<Until> parse_until(const std::string& text) {
  Until until;
  if (text.empty()) return until;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size()) {
    until.position = Position(number);
    return until;
  }
  const Result<Timestamp> moment = timestamp_from_rfc3339(text);
  if (!moment.ok()) {
    return Error(kBadConfig, "--until " + text +
                                 ": expected a position, or a moment like 2026-11-23T15:00:00Z");
  }
  until.time = *moment;
  return until;
}

journal::CopyWatcher progress_lines() {
  if (::isatty(STDERR_FILENO) == 0) return {};
  return [](const journal::CopyProgress& progress) {
    std::fprintf(stderr, "%.*s: position %llu, %llu MiB\n", static_cast<int>(progress.step.size()),
                 progress.step.data(), static_cast<unsigned long long>(progress.position.value()),
                 static_cast<unsigned long long>(progress.bytes >> 20));
  };
}

ReportWriter::ReportWriter(bool json) : is_json_(json), json_(out_) {
  if (is_json_) json_.begin_object();
}

void ReportWriter::row(std::string_view name, std::string_view value) {
  constexpr std::size_t kNameWidth = 12;
  out_ += name;
  out_.append(name.size() < kNameWidth ? kNameWidth - name.size() : 1, ' ');
  out_ += value;
  out_ += '\n';
}

void ReportWriter::text(std::string_view name, std::string_view value) {
  if (!is_json_) return row(name, value);
  json_.key(name);
  json_.text(value);
}
void ReportWriter::number(std::string_view name, std::uint64_t value) {
  if (!is_json_) return row(name, std::to_string(value));
  json_.key(name);
  json_.number(value);
}
void ReportWriter::boolean(std::string_view name, bool value) {
  if (!is_json_) return row(name, value ? "yes" : "no");
  json_.key(name);
  json_.boolean(value);
}
void ReportWriter::time(std::string_view name, Timestamp value) {
  if (!is_json_) {
    std::string moment;
    append_rfc3339(moment, value);
    return row(name, moment);
  }
  json_.key(name);
  json_.time(value);
}
void ReportWriter::for_people(std::string_view name, std::string_view value) {
  if (!is_json_) row(name, value);
}
void ReportWriter::json_only(std::string_view name, std::string_view json) {
  if (!is_json_) return;
  json_.key(name);
  json_.raw(json);
}

void ReportWriter::begin(std::string_view part) {
  if (!is_json_) return row("\npart", part);
  json_.key(part);
  json_.begin_object();
}
void ReportWriter::end() {
  if (is_json_) {
    json_.end_object();
  } else {
    out_ += '\n';
  }
}

void ReportWriter::print() {
  if (is_json_) {
    json_.end_object();
    out_ += '\n';
  }
  std::fputs(out_.c_str(), stdout);
}

}  // namespace keel::node
