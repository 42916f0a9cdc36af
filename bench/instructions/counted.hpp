// Counts the instructions of a pure path under callgrind: the path alone, without what prepares it.
//
// Thread: the program's only one.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace keel::bench {

// Runs `operation` once so that memory is touched and what is lazy is made, then `times` times
// while callgrind counts. Callgrind writes a file whose trigger is `name`, a space, and how many
// operations `times` stands for: tools/gates/instructions.py divides.
void counted(std::string_view name, std::uint64_t times, std::uint64_t operations_each,
             const std::function<void()>& operation);

// The paths, by what they are made of.
void count_ledger_paths();
void count_streams_paths();
void count_text_paths();
void count_storage_paths();

}  // namespace keel::bench
