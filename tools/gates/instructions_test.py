"""Shows that the gate on instruction counts fails when broken: a program that does more is refused."""

import pathlib
import subprocess
import tempfile
import unittest

import instructions

# Counts as the benchmark does; what it does for each operation is the loop's length.
PROGRAM = """
#include <valgrind/callgrind.h>
volatile unsigned sink;
int main() {
  CALLGRIND_START_INSTRUMENTATION;
  CALLGRIND_ZERO_STATS;
  for (int i = 0; i < 100 * %d; ++i) sink = sink + 1;
  CALLGRIND_DUMP_STATS_AT("a path 100");
  CALLGRIND_STOP_INSTRUMENTATION;
}
"""


class Instructions(unittest.TestCase):

    def count(self, loops: int) -> dict[str, float]:
        with tempfile.TemporaryDirectory() as scratch:
            program = pathlib.Path(scratch) / "program"
            source = pathlib.Path(scratch) / "program.cpp"
            source.write_text(PROGRAM % loops)
            subprocess.run(["clang++-19", "-O1", str(source), "-o", str(program)], check=True)
            return instructions.count(program)

    def test_a_path_that_does_a_fifth_more_is_refused_and_one_that_does_the_same_is_not(self):
        kept = self.count(1000)
        self.assertGreater(kept["a path"], 1000)
        self.assertEqual(([], []), instructions.compare(kept, self.count(1000)))
        refused, _ = instructions.compare(kept, self.count(1200))
        self.assertEqual(1, len(refused))
        self.assertIn("+20.", refused[0])

    def test_a_rise_below_a_tenth_passes_and_a_fall_is_told(self):
        self.assertEqual(([], []), instructions.compare({"a": 100.0}, {"a": 109.0}))
        refused, cheaper = instructions.compare({"a": 100.0}, {"a": 80.0})
        self.assertEqual([], refused)
        self.assertEqual(1, len(cheaper))

    def test_a_path_that_vanishes_or_is_not_kept_yet_is_refused(self):
        refused, _ = instructions.compare({"a": 100.0}, {"b": 100.0})
        self.assertEqual(2, len(refused))

    def test_what_is_written_is_what_is_read(self):
        with tempfile.TemporaryDirectory() as scratch:
            path = pathlib.Path(scratch) / "kept.toml"
            instructions.write(path, {"a path: of two words": 12.4})
            self.assertIn('"a path: of two words" = 12', path.read_text())


if __name__ == "__main__":
    unittest.main()
