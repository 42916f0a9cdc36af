"""Shows that the gate for the shape of the code fails when broken."""

import unittest

import cpp_text
import shape
from scratch import Scratch
from tree import Tree

LONG = "int f(int x) {\n" + "  x += 1;\n" * 69 + "}\n"


class Shape(unittest.TestCase):

    def findings(self, path: str, text: str, ratchet: dict | None = None) -> str:
        files = {"src/base/a.cpp": "", "src/base/README.md": "", path: text}
        with Scratch(files) as project:
            project.declare([{"folder": "base", "sources": ["a.cpp"], "headers": ["a.hpp"]}])
            found, _, _ = shape.check(Tree(project.path, project.build), ratchet or {})
            return "\n".join(map(str, found))

    def test_a_tidy_file_passes(self):
        self.assertEqual(
            "", self.findings("src/base/a.hpp", "#pragma once\nnamespace keel { int f(); }\n")
        )

    def test_a_long_file_is_refused(self):
        self.assertIn("801 lines; 800 at most", self.findings("src/base/a.cpp", "\n" * 801))

    def test_a_long_line_is_refused(self):
        self.assertIn("a.cpp:2: 101 columns", self.findings("src/base/a.cpp", "\n" + "x" * 101))

    def test_a_long_function_is_refused_until_the_ratchet_names_it(self):
        self.assertIn("a.cpp:1: f has 71 lines", self.findings("src/base/a.cpp", LONG))
        self.assertEqual(
            "", self.findings("src/base/a.cpp", LONG, {"functions": {"src/base/a.cpp:f": 71}})
        )
        self.assertIn(
            "f has 71",
            self.findings("src/base/a.cpp", LONG, {"functions": {"src/base/a.cpp:f": 70}}),
        )

    def test_a_folder_without_an_idea_is_refused(self):
        self.assertIn("a folder named utils", self.findings("tools/utils/a.py", ""))

    def test_a_promise_in_a_comment_is_refused(self):
        self.assertIn("a.cpp:1: TODO", self.findings("src/base/a.cpp", "// TODO: later\n"))

    def test_a_header_without_a_guard_is_refused(self):
        self.assertIn("#pragma once", self.findings("src/base/a.hpp", "namespace keel {}\n"))

    def test_using_namespace_in_a_header_is_refused(self):
        self.assertIn(
            "a.hpp:2: using namespace",
            self.findings("src/base/a.hpp", "#pragma once\nusing namespace std;\n"),
        )

    def test_a_disabled_test_is_refused(self):
        self.assertIn(
            "a.cpp:1: DISABLED_it", self.findings("src/base/a.cpp", "TEST(X, DISABLED_it) {}\n")
        )

    def test_a_file_that_nothing_builds_is_refused(self):
        self.assertIn("src/base/b.cpp: is in no keel_module()", self.findings("src/base/b.cpp", ""))

    def test_a_folder_without_a_readme_is_refused(self):
        with Scratch({"src/base/a.cpp": ""}) as project:
            project.declare([{"folder": "base", "sources": ["a.cpp"]}])
            found, _, _ = shape.check(Tree(project.path, project.build), {})
            self.assertEqual(
                ["src/base: has no README.md, and none above has a row for it"],
                list(map(str, found)),
            )

    def test_a_row_in_the_readme_above_is_enough(self):
        files = {"src/base/text/a.cpp": "", "src/base/README.md": "| `base/text` | words |\n"}
        with Scratch(files) as project:
            project.declare([{"folder": "base"}, {"folder": "base/text", "sources": ["a.cpp"]}])
            found, _, _ = shape.check(Tree(project.path, project.build), {})
            self.assertEqual([], found)


class Functions(unittest.TestCase):

    def names(self, text: str) -> list[tuple[str, int]]:
        return [(function.name, function.lines) for function in cpp_text.functions(text)]

    def test_members_templates_and_free_functions_are_found(self):
        self.assertEqual(
            [("g", 1), ("A::h", 4), ("f", 3)],
            self.names(
                "namespace keel {\nclass A : public B<int()> {\n  int g() { return 1; }\n};\n"
                "int A::h(int a,\n         int b) {\n  if (a) { b; }\n}\n"
                "template <typename T>\nauto f(T t) { return [t] { return t; }; }\n}\n".replace(
                    "auto f(T t) {", "auto f(T t) {\n"
                ).replace("; }; }", "; };}")
            ),
        )

    def test_a_test_is_named_by_suite_and_case(self):
        self.assertEqual([("Ledger.balances", 1)], self.names("TEST(Ledger, balances) { }\n"))

    def test_initialisers_enums_and_strings_are_no_functions(self):
        self.assertEqual(
            [],
            self.names(
                'enum class E { a };\nint a[] = {f(1), 2};\nauto s = "x() {";\nstruct S { int x{3}; };\n'
            ),
        )

    def test_a_constructor_with_an_initialiser_list_is_one_function(self):
        self.assertEqual([("A::A", 2)], self.names("A::A(int x) : x_(x), y_(2) {\n}\n"))


if __name__ == "__main__":
    unittest.main()
