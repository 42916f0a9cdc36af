// replace_file(): a small file gets new content, or keeps the old one: it is written beside
// (kNewSuffix), made durable, and renamed. After success the content is durable under its name.
//
// What an interruption leaves under the other name is overwritten by the next one.
#pragma once

#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "runtime/ports.hpp"
#include "runtime/task.hpp"

namespace keel::journal {

runtime::Task<Result<>> replace_file(runtime::Disk& disk, std::string directory, std::string name,
                                     ByteView content);

}  // namespace keel::journal
