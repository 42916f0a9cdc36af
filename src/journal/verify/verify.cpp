#include "journal/verify/verify.hpp"

#include <fmt/core.h>

#include "base/hash/sha256.hpp"
#include "journal/verify/heads.hpp"
#include "runtime/errors.hpp"

namespace keel::journal {
namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
  }
  return out + '"';
}

// Compares the chain with the signed heads while the walk goes by; both come in the same order.
class HeadCheck {
 public:
  HeadCheck(HeadsReader& heads, const VerifyOptions& options, VerifyReport& report)
      : heads_(heads), options_(options), report_(report) {}

  // Heads of groups that were moved to an archive cannot be compared, but for the last one.
  runtime::Task<Result<>> begin(const ChainState& before, std::string_view file) {
    KEEL_CO_TRY(co_await heads_.open());
    KEEL_CO_TRY(co_await next());
    for (; entry_ && entry_->group_number < before.groups; ++report_.heads)
      KEEL_CO_TRY(co_await next());
    if (before.groups != 0) KEEL_CO_TRY(co_await passed(before, file));
    co_return success();
  }
  runtime::Task<Result<>> passed(const ChainState& state, std::string_view file) {
    while (entry_ && entry_->group_number <= state.groups) {
      const bool agrees = entry_->group_number == state.groups && entry_->head == state.head &&
                          entry_->identity == state.identity &&
                          entry_->last_sequence == state.last && entry_->epoch == state.epoch &&
                          entry_->last_time == state.last_time;
      if (agrees) {
        ++report_.heads;
      } else {
        add(file, {"head_mismatch", entry_offset(),
                   fmt::format("the head of group {}", entry_->group_number)});
      }
      KEEL_CO_TRY(co_await next());
    }
    co_return success();
  }
  void finish(std::string_view file) {
    if (entry_) {
      add(file, {"head_beyond_end", entry_offset(),
                 fmt::format("group {} in the journal", entry_->group_number)});
    }
    if (heads_.problem()) report_.problems.push_back(*heads_.problem());
  }

 private:
  runtime::Task<Result<>> next() {
    entry_ = KEEL_CO_TRY(co_await heads_.next());
    if (entry_ && options_.signature_holds && !options_.signature_holds(*entry_)) {
      add(heads_name(options_.segment_class),
          {"head_entry", entry_offset(), "a signature by the key that was given"});
    }
    co_return success();
  }
  std::uint64_t entry_offset() const { return heads_.end_bytes() - kHeadEntryBytes; }
  void add(std::string_view file, Problem problem) {
    report_.problems.push_back({.file = std::string(file), .problem = std::move(problem)});
  }

  HeadsReader& heads_;
  const VerifyOptions& options_;
  VerifyReport& report_;
  std::optional<HeadEntry> entry_;
};

// The record of a cut, when what it stands for is there as well.
void check_cut(const Walk& walk, SegmentClass segment_class, VerifyReport& report) {
  const auto header = decode_group_header(walk.cut()->last_header);
  if (walk.state().groups != header->group_number ||
      walk.state().head == sha256(walk.cut()->last_header)) {
    return;
  }
  report.problems.push_back(
      {.file = cut_name(segment_class),
       .problem = {"cut_record", 0,
                   fmt::format("the header of group {}, {}", walk.state().groups,
                               to_hex(walk.state().head))}});
}

// Compares the chain with the checkpoint while the walk goes by.
class CheckpointCheck {
 public:
  runtime::Task<Result<>> begin(runtime::Disk& disk, std::string directory,
                                SegmentClass segment_class, VerifyReport& report) {
    name_ = checkpoint_name(segment_class);
    const auto read = co_await read_checkpoint(disk, directory, segment_class);
    if (!read.ok() && read.error().is(runtime::kNoSuchFile)) co_return success();
    const std::optional<Checkpoint> checkpoint = KEEL_CO_TRY(read);
    if (checkpoint) {
      point_ = point_at(checkpoint->first_segment, checkpoint->last_header);
    } else {
      add(report, "a place where an opening may begin");
    }
    co_return success();
  }
  // The walk has come behind that group, in `segment`. Of one that was moved to an archive nothing
  // can be said.
  void passed(const ChainState& state, std::uint64_t segment, VerifyReport& report) {
    if (!point_) return;
    if (state.groups == point_->before.groups && state.head != point_->before.head) {
      add(report, fmt::format("the header of group {}, {}", state.groups, to_hex(state.head)));
      point_.reset();
    } else if (segment >= point_->place.segment && state.groups > point_->before.groups) {
      point_.reset();
    }
  }
  void finish(VerifyReport& report) {
    if (point_) add(report, fmt::format("segment {} in the journal", point_->place.segment));
  }

 private:
  void add(VerifyReport& report, std::string expected) {
    report.problems.push_back({.file = name_, .problem = {"checkpoint", 0, std::move(expected)}});
  }

  std::string name_;
  std::optional<ChainPoint> point_;
};

void count(VerifyReport& report, const WalkGroup& group) {
  ++report.groups;
  report.bytes += group.header.extent_bytes();
  if (group.header.is_seal()) {
    ++report.seals;
    return;
  }
  report.records += group.header.record_count;
  if (report.first_sequence.is_zero()) report.first_sequence = group.header.first_sequence;
  report.last_sequence = group.header.last_sequence();
}

}  // namespace

runtime::Task<Result<VerifyReport>> verify(runtime::Disk& disk, std::string_view directory,
                                           VerifyOptions options) {
  VerifyReport report;
  Walk walk(disk, std::string(directory),
            {.segment_class = options.segment_class,
             .direct = false,
             .from = options.from,
             .until = options.until});
  KEEL_CO_TRY(co_await walk.begin());
  HeadsReader heads(disk, std::string(directory), options.segment_class);
  HeadCheck head_check(heads, options, report);
  const std::string heads_file = heads_name(options.segment_class);
  KEEL_CO_TRY(co_await head_check.begin(walk.beginning().before, heads_file));
  if (walk.cut_damaged()) {
    report.problems.push_back({.file = cut_name(options.segment_class),
                               .problem = {"cut_record", 0, "a record of what was archived"}});
  }

  CheckpointCheck checkpoint;
  KEEL_CO_TRY(
      co_await checkpoint.begin(disk, std::string(directory), options.segment_class, report));
  checkpoint.passed(walk.beginning().before, walk.beginning().place.segment, report);

  for (;;) {
    if (const auto group = KEEL_CO_TRY(co_await walk.next())) {
      count(report, *group);
      if (options.each_group) options.each_group(*group);
      KEEL_CO_TRY(co_await head_check.passed(walk.state(), heads_file));
      checkpoint.passed(walk.state(), group->place.segment, report);
      if (walk.cut()) check_cut(walk, options.segment_class, report);
      continue;
    }
    if (walk.end().kind != WalkEndKind::corrupt) break;
    report.problems.push_back(walk.end().problem);
    if (report.problems.back().problem.name == "newer_format") break;
    if (report.problems.size() >= options.max_problems) break;
    if (!KEEL_CO_TRY(co_await walk.resume())) break;
  }
  const bool newer =
      !report.problems.empty() && report.problems.back().problem.name == "newer_format";
  if (!newer && !options.until) {
    head_check.finish(heads_file);
    checkpoint.finish(report);
  }

  const WalkEnd& end = walk.end();
  // Nothing is dropped of a journal that has problems.
  if (end.kind == WalkEndKind::incomplete && report.ok()) {
    report.tail = {.file = end.problem.file,
                   .offset = end.dropped.offset,
                   .extent_bytes = end.dropped_bytes,
                   .group_number = walk.state().groups + 1,
                   .reason = end.problem.problem.name};
  }
  report.identity = walk.state().identity;
  report.segments = walk.segments();
  report.last_time = walk.state().last_time;
  report.epoch = walk.state().epoch;
  report.head = walk.state().head;
  report.cut = walk.cut();
  report.unknown_files = walk.unknown_names();
  co_return report;
}

std::string to_json(const VerifyReport& report) {
  std::string out = fmt::format(
      R"({{"ok": {}, "journal_id": "{}", "cell": {}, "class": "{}", "segments": {}, "groups": {}, )"
      R"("seals": {}, "records": {}, "first_sequence": {}, "last_sequence": {}, "last_time": {}, )"
      R"("epoch": {}, "bytes": {}, "head": "{}", "heads": {}, "tail": )",
      report.ok(), to_hex(report.identity.journal_id), report.identity.cell.value(),
      to_string(report.identity.segment_class), report.segments, report.groups, report.seals,
      report.records, report.first_sequence.value(), report.last_sequence.value(),
      report.last_time.ns, report.epoch, report.bytes, to_hex(report.head), report.heads);
  if (report.tail) {
    out += fmt::format(
        R"({{"file": {}, "offset": {}, "extent_bytes": {}, "group_number": {}, "reason": "{}"}})",
        quoted(report.tail->file), report.tail->offset, report.tail->extent_bytes,
        report.tail->group_number, report.tail->reason);
  } else {
    out += "null";
  }
  out += R"(, "cut": )";
  if (report.cut) {
    const auto last = decode_group_header(report.cut->last_header);
    out += fmt::format(
        R"({{"first_segment": {}, "group_number": {}, "last_sequence": {}, "head": "{}"}})",
        report.cut->first_segment, last->group_number, last->last_sequence().value(),
        to_hex(sha256(report.cut->last_header)));
  } else {
    out += "null";
  }
  out += R"(, "problems": [)";
  std::string_view separator;
  for (const FileProblem& problem : report.problems) {
    out += fmt::format(R"({}{{"problem": "{}", "file": {}, "offset": {}, "expected": {}}})",
                       separator, problem.problem.name, quoted(problem.file),
                       problem.problem.offset, quoted(problem.problem.expected));
    separator = ", ";
  }
  return out + "]}";
}

}  // namespace keel::journal
