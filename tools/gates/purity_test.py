"""Shows that the purity gate fails when broken: a clock, chance, a double, a missing PURE."""

import pathlib
import subprocess
import tempfile
import unittest

import purity

PREFIX = "namespace keel { int decide(int x); }\n"


class Purity(unittest.TestCase):

    def findings(self, code: str, top: str = "modules") -> str:
        """Compiles `code` as the flavour release would, and answers what the gate says."""
        with tempfile.TemporaryDirectory() as scratch:
            source = pathlib.Path(scratch) / "broken.cpp"
            source.write_text(PREFIX + code)
            object_file = source.with_suffix(".o")
            subprocess.run(
                [
                    "clang++-19",
                    "-std=c++23",
                    "-O2",
                    "-march=x86-64-v2",
                    "-fPIC",
                    "-c",
                    str(source),
                    "-o",
                    str(object_file),
                ],
                check=True,
            )
            allow = purity.read_allow_list()
            return "\n".join(map(str, purity.check_object("broken.cpp", object_file, top, allow)))

    def test_integers_containers_and_text_pass(self):
        self.assertEqual(
            "",
            self.findings("""
            #include <map>
            #include <string>
            #include <vector>
            int keel::decide(int x) {
              static constexpr std::string_view kNames[] = {"a", "b"};
              std::map<std::string, std::vector<int>> rows;
              return rows[std::string(kNames[x & 1])].emplace_back(x * 3 / 7);
            }"""),
        )

    def test_a_variable_that_outlives_the_call_is_named(self):
        self.assertIn(
            "keeps calls in writable memory",
            self.findings("int calls;\nint keel::decide(int x) { return x + ++calls; }"),
        )
        self.assertIn(
            "decide(int)::calls in writable memory",
            self.findings("int keel::decide(int x) { static int calls = 7; return x + ++calls; }"),
        )
        self.assertIn(
            "keeps calls in writable memory",
            self.findings("inline int calls = 1;\nint keel::decide(int x) { return x + ++calls; }"),
        )
        self.assertIn(
            "calls in writable memory",
            self.findings(
                "static thread_local int calls = 1;\nint keel::decide(int x) { return x + ++calls; }"
            ),
        )

    def test_a_clock_is_named(self):
        self.assertIn(
            "uses clock_gettime",
            self.findings(
                """
            #include <time.h>
            int keel::decide(int x) { timespec t; clock_gettime(CLOCK_REALTIME, &t); return x + int(t.tv_nsec); }"""
            ),
        )

    def test_a_chrono_clock_is_named(self):
        self.assertIn(
            "uses std::chrono::_V2::system_clock::now()",
            self.findings(
                """
            #include <chrono>
            int keel::decide(int x) { return x + int(std::chrono::system_clock::now().time_since_epoch().count()); }"""
            ),
        )

    def test_chance_is_named(self):
        self.assertIn(
            "uses rand",
            self.findings("#include <cstdlib>\nint keel::decide(int x) { return x + rand(); }"),
        )

    def test_the_environment_is_named(self):
        self.assertIn(
            "uses getenv",
            self.findings(
                '#include <cstdlib>\nint keel::decide(int x) { return getenv("X") ? x : 0; }'
            ),
        )

    def test_a_file_is_named(self):
        self.assertIn(
            "uses fopen",
            self.findings(
                '#include <cstdio>\nint keel::decide(int x) { return fopen("x", "r") ? x : 0; }'
            ),
        )

    def test_a_stream_with_its_locale_is_named(self):
        self.assertIn(
            "std::locale",
            self.findings(
                """
            #include <sstream>
            int keel::decide(int x) { std::ostringstream s; s << x; return int(s.str().size()); }"""
            ),
        )

    def test_printing_is_for_base_only(self):
        code = (
            '#include <cstdio>\nint keel::decide(int x) { return std::fprintf(stderr, "%d", x); }'
        )
        self.assertIn("uses fprintf", self.findings(code, "kernel"))
        self.assertEqual("", self.findings(code, "base"))

    def test_floating_point_is_named_with_its_function(self):
        self.assertIn(
            "keel::decide(int) computes with floating point (cvtsi2sd)",
            self.findings("int keel::decide(int x) { return static_cast<int>(x * 1.1); }"),
        )

    def test_long_double_is_named(self):
        self.assertIn(
            "computes with floating point (f",
            self.findings("int keel::decide(int x) { long double y = x; return y * y > 3.0L; }"),
        )

    def test_comparing_floats_is_named(self):
        self.assertIn(
            "computes with floating point (ucomisd)",
            self.findings("namespace keel { bool less(double* a, double* b) { return *a < *b; } }"),
        )

    def test_moving_the_bytes_of_floats_passes(self):
        self.assertEqual(
            "", self.findings("namespace keel { void copy(double* a, double* b) { *a = *b; } }")
        )


if __name__ == "__main__":
    unittest.main()
