#include "journal/replace_file.hpp"

#include "journal/format.hpp"

namespace keel::journal {

runtime::Task<Result<>> replace_file(runtime::Disk& disk, std::string directory, std::string name,
                                     ByteView content) {
  const std::string passing = directory + '/' + name + std::string(kNewSuffix);
  {
    const auto file = KEEL_CO_TRY(co_await disk.open(
        passing, {.write = true, .create = true, .exclusive = false, .direct = false}));
    KEEL_CO_TRY(co_await file->truncate(0));
    KEEL_CO_TRY(co_await file->write(0, content));
    KEEL_CO_TRY(co_await file->sync());
  }
  KEEL_CO_TRY(co_await disk.rename(passing, directory + '/' + name));
  co_return co_await disk.sync_directory(directory);
}

}  // namespace keel::journal
