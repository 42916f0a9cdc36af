"""Shows that the gate for kinds of error fails when broken."""

import unittest

import errors
from scratch import Scratch
from tree import Tree


def kind(number: int, name: str, error_class: str = "invalid") -> str:
    return f'inline constexpr ErrorKind k{number}{{{number}, "{name}",\n    ErrorClass::{error_class}}};\n'


class Errors(unittest.TestCase):

    def run_on(self, files: dict[str, str], rows: str = "", write: bool = False) -> tuple[str, str]:
        """The findings, and the page after it."""
        with Scratch({**files, errors.PAGE: rows}) as project:
            project.declare([])
            tree = Tree(project.path, project.build)
            if write:
                project.write(errors.PAGE, errors.page_of(tree))
            found, _ = errors.check(tree)
            return "\n".join(map(str, found)), tree.read(errors.PAGE)

    def findings(self, files: dict[str, str], rows: str = "") -> str:
        return self.run_on(files, rows)[0]

    def test_a_listed_kind_passes(self):
        code = {"src/pump/errors.hpp": kind(10, "pump.dry")}
        self.assertEqual("", self.findings(code, "| 10 | `pump.dry` | invalid | No water. |\n"))

    def test_a_number_of_two_kinds_is_refused(self):
        code = {"src/a/errors.hpp": kind(10, "a.x"), "src/b/errors.hpp": kind(10, "b.x")}
        self.assertIn("the number 10 is already that of a.x", self.findings(code))

    def test_a_name_of_two_kinds_is_refused(self):
        code = {"src/a/errors.hpp": kind(10, "a.x") + kind(11, "a.x")}
        self.assertIn("the name a.x is already that of", self.findings(code))

    def test_a_kind_that_is_not_in_the_page_is_refused(self):
        code = {"src/a/errors.hpp": kind(10, "a.x")}
        self.assertIn("10 a.x is not in docs/errors.md", self.findings(code))

    def test_a_kind_without_a_meaning_is_refused(self):
        code = {"src/a/errors.hpp": kind(10, "a.x")}
        self.assertIn("does not say what 10 a.x means", self.findings(code, "| 10 | `a.x` | invalid |  |\n"))

    def test_another_name_or_class_than_the_pages_is_refused(self):
        code = {"src/a/errors.hpp": kind(10, "a.x")}
        self.assertIn("10 is a.y, invalid", self.findings(code, "| 10 | `a.y` | invalid | Y. |\n"))
        self.assertIn("10 is a.x, bug", self.findings(code, "| 10 | `a.x` | bug | X. |\n"))

    def test_a_retired_number_is_not_taken_again(self):
        code = {"src/a/errors.hpp": kind(10, "a.x")}
        self.assertIn("10 was a.old and is retired", self.findings(code, "| 10 | `a.old` | retired | O. |\n"))

    def test_a_row_without_a_kind_is_refused(self):
        code = {"src/a/errors.hpp": "namespace a {}\n"}
        self.assertIn("10 a.x is in no code", self.findings(code, "| 10 | `a.x` | invalid | X. |\n"))

    def test_a_number_of_tests_in_the_library_and_the_other_way_are_refused(self):
        self.assertIn("is a number for tests", self.findings({"src/a/errors.hpp": kind(9001, "a.x")}))
        self.assertIn("9000 to 9999", self.findings({"src/a/a_test.cpp": kind(11, "a.x")}))
        self.assertEqual("", self.findings({"src/a/a_test.cpp": kind(9001, "test.x")}))

    def test_a_kind_in_a_comment_is_none(self):
        self.assertEqual("", self.findings({"src/a/a.hpp": "// " + kind(10, "a.x").replace("\n", " ")}))

    def test_write_takes_the_comment_keeps_meanings_and_retires(self):
        code = {"src/a/errors.hpp": kind(10, "a.x") + "// Too much\n// at once.\n" + kind(12, "a.z")}
        old = "| 10 | `a.x` | invalid | Said by hand. |\n| 11 | `a.y` | invalid | Gone. |\n"
        found, page = self.run_on(code, old, write=True)
        self.assertEqual("", found)
        self.assertIn("| 10 | `a.x` | invalid | Said by hand. |\n| 11 | `a.y` | retired | Gone. |\n", page)
        self.assertIn("| 12 | `a.z` | invalid | Too much at once. |\n", page)


if __name__ == "__main__":
    unittest.main()
