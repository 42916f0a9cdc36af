// Where code lies in its file, for a person with a debugger: `addr2line -Cfe <file> <offset>`.
//
// Thread: any. Source: dladdr(3).
#pragma once

#include <string>

namespace keel::runtime {

// "keel+0x1a2b3c": the name of the file that holds the code, and the offset in it; "unknown" for an
// address that no file was loaded to.
std::string code_place(const void* code);

}  // namespace keel::runtime
