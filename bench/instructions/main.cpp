// The pure paths whose instructions are counted: `valgrind --tool=callgrind --instr-atstart=no`
// runs it, tools/gates/instructions.py reads what callgrind has written.
#include "counted.hpp"

int main() {
  keel::bench::count_ledger_paths();
  keel::bench::count_streams_paths();
  keel::bench::count_text_paths();
  keel::bench::count_storage_paths();
  return 0;
}
