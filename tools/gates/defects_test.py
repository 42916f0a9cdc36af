"""Seeded defects: small programs with one defect each, and which gate catches it (docs/safety.md has the table).

The compiler's own flags of each flavour are used, as CMake gives them. Every case has a sound twin that passes,
so that what is refused is the defect and not something beside it.
"""

import pathlib
import subprocess
import unittest

import compile_flags
from scratch import ROOT, Scratch
from tree import Tree

COMPILER = "clang++-19"
BASE = [str(ROOT / "src/base" / name) for name in ("assert.cpp", "error.cpp")]
RESULT = '#include "base/errors.hpp"\n#include "base/result.hpp"\nkeel::Result<int> parse();\n'
IDS = '#include "base/ids.hpp"\nvoid charge(keel::TenantId tenant, keel::PrincipalId by);\n'
GUARDED = """
struct __attribute__((capability("mutex"))) Lock {
  void take() __attribute__((acquire_capability()));
  void give() __attribute__((release_capability()));
};
struct Counter {
  Lock lock;
  int count __attribute__((guarded_by(lock))) = 0;
};
"""


class Defects(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        """One configuration a flavour, for its flags."""
        cls.project = Scratch({"src/one/one.cpp": ""})
        cls.addClassCleanup(cls.project.close)
        cls.project.use_keel_cmake({"one": "keel_module(one LAYER 0 SOURCES one.cpp)"})
        cls.flags = {}
        for flavour in ("release", "asan", "tsan"):
            code, output = cls.project.cmake("--preset", flavour)
            assert code == 0, output
            tree = Tree(cls.project.path, cls.project.path / "build" / flavour)
            command = compile_flags.commands(tree)["src/one/one.cpp"]
            cls.flags[flavour] = compile_flags.flags_only(command) + [f"-I{ROOT}/src"]

    def compile_error(self, code: str) -> str:
        """What the compiler says against it; empty when it compiles."""
        done = subprocess.run(
            [
                COMPILER,
                *self.flags["release"],
                "-Wno-missing-prototypes",
                "-fsyntax-only",
                "-x",
                "c++",
                "-",
            ],
            input=code,
            text=True,
            capture_output=True,
        )
        return done.stderr if done.returncode != 0 else ""

    def run_error(self, flavour: str, code: str) -> str:
        """What the program says when it is stopped; empty when it ends well."""
        source = self.project.path / "defect.cpp"
        source.write_text(code)
        program = pathlib.Path(source).with_suffix("")
        subprocess.run(
            [
                COMPILER,
                *self.flags[flavour],
                "-Wno-everything",
                str(source),
                *BASE,
                "-o",
                str(program),
            ],
            check=True,
        )
        done = subprocess.run([str(program)], text=True, capture_output=True)
        return done.stderr if done.returncode != 0 else ""

    # --- refused by the compiler

    def refused(self, twin: str, defect: str, warning: str) -> None:
        self.assertEqual("", self.compile_error(twin))
        self.assertIn(warning, self.compile_error(defect))

    def test_an_ignored_error_does_not_compile(self):
        self.refused(
            RESULT + "int f() { return parse().ok(); }",
            RESULT + "void f() { parse(); }",
            "-Wunused-result",
        )

    def test_a_forgotten_case_does_not_compile(self):
        code = "enum class Side { debit, credit };\nint f(Side s) { switch (s) { case Side::debit: return 1;%s } return 0; }"
        self.refused(code % " case Side::credit: return 2;", code % "", "-Wswitch")

    def test_a_view_of_a_temporary_does_not_compile(self):
        code = "#include <string>\n#include <string_view>\nstd::string name();\n"
        self.refused(
            code + "auto f() { std::string n = name(); std::string_view v = n; return v.size(); }",
            code + "auto f() { std::string_view v = name(); return v.size(); }",
            "-Wdangling",
        )

    def test_a_reference_to_a_local_does_not_compile(self):
        self.refused(
            "const int& f(const int& x) { return x; }",
            "const int& f() { int x = 1; return x; }",
            "-Wreturn-stack-address",
        )

    def test_a_silent_narrowing_does_not_compile(self):
        self.refused(
            "int f(int size) { return size; }",
            "int f(unsigned long size) { return size; }",
            "-Wshorten-64-to-32",
        )

    def test_ids_that_change_places_do_not_compile(self):
        self.refused(
            IDS + "void f(keel::TenantId t, keel::PrincipalId p) { charge(t, p); }",
            IDS + "void f(keel::TenantId t, keel::PrincipalId p) { charge(p, t); }",
            "no matching function",
        )

    def test_guarded_data_without_its_lock_does_not_compile(self):
        self.refused(
            GUARDED + "void f(Counter& c) { c.lock.take(); ++c.count; c.lock.give(); }",
            GUARDED + "void f(Counter& c) { ++c.count; }",
            "-Wthread-safety",
        )

    def test_a_variable_without_a_value_does_not_compile(self):
        self.refused(
            "int f() { int x = 1; return x; }", "int f() { int x; return x; }", "-Wuninitialized"
        )

    # --- stopped in release, where it runs

    def stopped(self, flavour: str, twin: str, defect: str, report: str) -> None:
        self.assertEqual("", self.run_error(flavour, twin))
        self.assertIn(report, self.run_error(flavour, defect))

    def test_an_index_past_the_end_stops_release(self):
        code = "#include <vector>\nint main(int count, char**) { std::vector<int> v(3); return v[count * %d]; }"
        self.stopped("release", code % 2, code % 3, "Assertion '__n < this->size()' failed")

    def test_a_span_past_its_end_stops_release(self):
        code = (
            "#include <array>\n#include <span>\nint main(int count, char**) { std::array<int, 3> a{}; "
            "return int(std::span(a).subspan(count * %d).size()) - 1; }"
        )
        self.stopped("release", code % 2, code % 4, "failed")

    def test_an_empty_optional_stops_release(self):
        code = "#include <optional>\nint main(int count, char**) { std::optional<int> o; if (count == %d) o = 0; return *o; }"
        self.stopped("release", code % 1, code % 2, "_M_is_engaged")

    def test_the_value_of_an_error_stops_release(self):
        code = (
            RESULT.replace("parse();", "parse() { return %s; }")
            + "int main() { return parse().value(); }"
        )
        self.stopped("release", code % "0", code % "keel::kTruncated", "assertion failed")

    # --- found by the sanitizers, in the code that tests reach

    def test_memory_used_after_it_is_freed_is_found(self):
        code = "#include <memory>\nint main() { auto p = std::make_unique<int>(0); int* q = p.get(); %s return *q; }"
        self.stopped("asan", code % "", code % "p.reset();", "heap-use-after-free")

    def test_an_iterator_that_growth_has_moved_is_found(self):
        code = "#include <vector>\nint main() { std::vector<int> v(1); auto i = v.begin(); %s return *i; }"
        self.stopped("asan", code % "", code % "v.resize(1000);", "heap-use-after-free")

    def test_memory_that_nobody_frees_is_found(self):
        code = "int* volatile p;\nint main() { p = new int(0); %s p = nullptr; return 0; }"
        self.stopped("asan", code % "delete p;", code % "", "detected memory leaks")

    def test_signed_overflow_is_found(self):
        code = "#include <climits>\nint main(int count, char**) { return (INT_MAX - %d + count) == 0; }"
        self.stopped("asan", code % 1, code % 0, "signed integer overflow")

    def test_a_data_race_is_found(self):
        code = (
            "#include <atomic>\n#include <thread>\n%s x = 0;\n"
            "int main() { std::thread t([] { ++x; }); ++x; t.join(); return 0; }"
        )
        self.stopped("tsan", code % "std::atomic<int>", code % "int", "data race")


if __name__ == "__main__":
    unittest.main()
