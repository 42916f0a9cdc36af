#include "node/cells/readers.hpp"

#include "engine/projection/position_file.hpp"
#include "runtime/errors.hpp"

namespace keel::node {
namespace {

constexpr std::string_view kPositionSuffix = ".position";

}  // namespace

runtime::Task<Result<std::optional<ReaderPosition>>> slowest_reader(runtime::Disk& disk,
                                                                    std::string directory) {
  std::optional<ReaderPosition> slowest;
  const auto names = co_await disk.list(directory);
  if (!names.ok()) {
    if (names.error().is(runtime::kNoSuchFile)) co_return slowest;
    co_return names.error();
  }
  for (const std::string& file : *names) {
    if (!file.ends_with(kPositionSuffix)) continue;
    std::string name = file.substr(0, file.size() - kPositionSuffix.size());
    const Position position =
        KEEL_CO_TRY(co_await engine::PositionFile(disk, directory, name).load());
    if (!slowest || position < slowest->taken_in)
      slowest = ReaderPosition{.name = std::move(name), .taken_in = position};
  }
  co_return slowest;
}

}  // namespace keel::node
