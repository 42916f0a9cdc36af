#include "engine/snapshot/snapshots.hpp"

#include <charconv>

#include "engine/errors.hpp"
#include "runtime/errors.hpp"

namespace keel::engine {

namespace {

constexpr std::string_view kPrefix = "snapshot-";
constexpr std::string_view kSuffix = ".keel";
constexpr std::string_view kUnfinished = ".unfinished";
constexpr std::size_t kDigits = 20;

std::string name_of(Position position) {
  const std::string digits = std::to_string(position.value());
  return std::string(kPrefix) + std::string(kDigits - digits.size(), '0') + digits +
         std::string(kSuffix);
}

std::optional<Position> position_of(std::string_view name) {
  if (name.size() != kPrefix.size() + kDigits + kSuffix.size() || !name.starts_with(kPrefix) ||
      !name.ends_with(kSuffix)) {
    return std::nullopt;
  }
  const std::string_view digits = name.substr(kPrefix.size(), kDigits);
  std::uint64_t position = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), position);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return Position(position);
}

// Puts the frames of a snapshot into a state.
class Loader {
 public:
  explicit Loader(CellState& state) : state_(state), tables_(state.tables()), loader_(tables_) {}

  Result<> take(const SnapshotInput::Frame& frame, bool first) {
    if (first != (frame.kind == SnapshotFrame::header)) {
      return Error(kBadSnapshot, "the header is not the first frame, or not the only one");
    }
    switch (frame.kind) {
      case SnapshotFrame::header:
        return take_header(frame.payload);
      case SnapshotFrame::tables:
        return loader_.feed(frame.payload);
      case SnapshotFrame::footer:
        return loader_.finish();
    }
    return Error(kBadSnapshot, "a frame of an unknown kind");
  }

 private:
  Result<> take_header(ByteView payload) {
    const SnapshotHeader header = KEEL_TRY(ByteReader(payload).read_object<SnapshotHeader>());
    if (header.magic != kSnapshotMagic) return Error(kBadSnapshot, "this is not a snapshot");
    if (header.version != kSnapshotFormatVersion) {
      return Error(kBadSnapshot, "it is of format version " + std::to_string(header.version) +
                                     ", this binary reads version " +
                                     std::to_string(kSnapshotFormatVersion));
    }
    state_.last_position = Position(header.position);
    state_.last_time = Timestamp{header.time_ns};
    return success();
  }

  CellState& state_;
  std::vector<kernel::TableBase*> tables_;
  kernel::SnapshotLoader loader_;
};

runtime::Task<Result<>> check_against(journal::Journal& journal, const CellState& state) {
  if (state.last_position > journal.durable()) {
    co_return Error(kBadSnapshot,
                    "it is at position " + std::to_string(state.last_position.value()) +
                        ", the journal ends at " + std::to_string(journal.durable().value()));
  }
  if (state.last_position.is_zero()) co_return success();
  const std::unique_ptr<journal::Cursor> cursor =
      KEEL_CO_TRY(co_await journal.read(Position(state.last_position.value() - 1)));
  const std::optional<journal::Record> record = KEEL_CO_TRY(co_await cursor->next());
  if (!record.has_value() || record->envelope.time != state.last_time) {
    co_return Error(kBadSnapshot, "its last record is not in this journal");
  }
  co_return success();
}

}  // namespace

std::string Snapshots::path_of(Position position) const {
  return directory_ + "/" + name_of(position);
}
std::string Snapshots::unfinished_path_of(Position position) const {
  return path_of(position) + std::string(kUnfinished);
}

runtime::Task<Result<std::vector<Position>>> Snapshots::list() {
  KEEL_CO_TRY(co_await disk_.make_directory(directory_));
  for (const std::string& name : KEEL_CO_TRY(co_await disk_.list(directory_))) {
    if (name.ends_with(kUnfinished)) KEEL_CO_TRY(co_await disk_.remove(directory_ + "/" + name));
  }
  co_return co_await look();
}

runtime::Task<Result<std::vector<Position>>> Snapshots::look() {
  std::vector<Position> found;
  const auto names = co_await disk_.list(directory_);
  if (!names.ok() && names.error().is(runtime::kNoSuchFile)) co_return found;
  if (!names.ok()) co_return names.error();
  for (const std::string& name : *names) {
    if (const std::optional<Position> position = position_of(name)) found.push_back(*position);
  }
  std::ranges::sort(found, std::greater{});
  co_return found;
}

runtime::Task<Result<>> Snapshots::load(Position position, CellState& state,
                                        journal::Journal& journal) {
  const std::unique_ptr<SnapshotInput> input =
      KEEL_CO_TRY(co_await SnapshotInput::open(disk_, path_of(position)));
  Loader loader(state);
  for (bool first = true;; first = false) {
    const SnapshotInput::Frame frame = KEEL_CO_TRY(co_await input->next());
    KEEL_CO_TRY(loader.take(frame, first));
    if (frame.kind == SnapshotFrame::footer) break;
  }
  if (state.last_position != position) {
    co_return Error(kBadSnapshot, "its name says another position than its header");
  }
  co_return co_await check_against(journal, state);
}

runtime::Task<Result<>> Snapshots::publish(Position position, std::size_t keep) {
  KEEL_CO_TRY(co_await disk_.rename(unfinished_path_of(position), path_of(position)));
  KEEL_CO_TRY(co_await disk_.sync_directory(directory_));
  // One above it is of a history that this journal does not have any more (damage has cost its
  // end): it would only push out those that can be used.
  std::size_t used = 0;
  for (const Position found : KEEL_CO_TRY(co_await list())) {
    if (found <= position && ++used <= keep) continue;
    KEEL_CO_TRY(co_await disk_.remove(path_of(found)));
  }
  co_return success();
}

runtime::Task<Result<>> Snapshots::remove_unfinished(Position position) {
  co_return co_await disk_.remove(unfinished_path_of(position));
}

SnapshotTaker::SnapshotTaker(CellState& state)
    : tables_(state.tables()),
      writer_(tables_),
      position_(state.last_position),
      time_(state.last_time) {}

std::optional<SnapshotFrame> SnapshotTaker::next(Bytes& to) {
  to.clear();
  if (tables_left_) {
    tables_left_ = writer_.next_slice(kSliceBytes, to);
    if (!to.empty()) return SnapshotFrame::tables;
  }
  return std::nullopt;
}

}  // namespace keel::engine
