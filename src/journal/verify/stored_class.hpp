// Which class of segments a directory holds, for who is given a directory and nothing else.
#pragma once

#include <string>

#include "journal/format.hpp"
#include "runtime/ports.hpp"

namespace keel::journal {

// `main` unless there are segments of class stream, and none of main.
runtime::Task<Result<SegmentClass>> stored_class(runtime::Disk& disk, std::string directory);

}  // namespace keel::journal
