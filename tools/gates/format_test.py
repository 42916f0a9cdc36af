"""Shows that the format gate fails when broken."""

import shutil
import unittest

import format
from scratch import ROOT, Scratch
from tree import Tree


class Format(unittest.TestCase):

    def findings(self, text: str) -> list[str]:
        with Scratch({"src/base/a.cpp": text}) as project:
            shutil.copy(ROOT / ".clang-format", project.path)
            project.declare([])
            found, _ = format.check(Tree(project.path, project.build))
            return list(map(str, found))

    def test_formatted_code_passes(self):
        self.assertEqual([], self.findings("int f(int x) {\n  return x;\n}\n"))

    def test_unformatted_code_is_refused_with_its_line(self):
        self.assertEqual(
            ["src/base/a.cpp:2: run clang-format-19 -i src/base/a.cpp"],
            self.findings("int x;\nint  f( int x ){return x;}\nint   y;\n"),
        )


if __name__ == "__main__":
    unittest.main()
