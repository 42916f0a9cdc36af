"""Shows that the gate for unsafe places fails when broken."""

import unittest

import unsafe
from scratch import Scratch
from tree import Tree


class Unsafe(unittest.TestCase):

    def findings(self, text: str, path: str = "src/runtime/a.cpp", allowed: int = 9) -> str:
        with Scratch({path: text}) as project:
            project.declare([{"folder": "base"}, {"folder": "runtime"}])
            found, _ = unsafe.check(Tree(project.path, project.build), {"runtime": allowed})
            return "\n".join(map(str, found))

    def test_an_unmarked_cast_is_refused(self):
        self.assertIn(
            "a.cpp:2: reinterpret_cast without",
            self.findings("int a;\nauto b = reinterpret_cast<char*>(&a);\n"),
        )
        self.assertIn("const_cast without", self.findings("auto b = const_cast<char*>(c);\n"))

    def test_other_unsafe_places_are_refused(self):
        self.assertIn("pragma", self.findings("#pragma clang unsafe_buffer_usage begin\n"))
        self.assertIn("volatile", self.findings("volatile int spin;\n"))
        self.assertIn("new (", self.findings("auto* t = new (place) Thing();\n"))

    def test_a_mark_with_a_reason_passes(self):
        cast = "auto b = reinterpret_cast<char*>(&a);"
        self.assertEqual("", self.findings(cast + "  // unsafe: char may alias anything\n"))
        self.assertEqual(
            "",
            self.findings(
                "// unsafe: char may alias anything,\n// whatever it is.\n" + cast + "\n"
            ),
        )

    def test_a_mark_covers_the_statement_below_it(self):
        self.assertEqual(
            "",
            self.findings(
                "int x;\n// unsafe: the kernel's own layout\ncall(1,\n     reinterpret_cast<char*>(&a));\n"
            ),
        )

    def test_a_mark_does_not_reach_the_next_statement(self):
        self.assertIn(
            ":3:",
            self.findings(
                "// unsafe: the kernel's own layout\ncall(1);\ncall(const_cast<char*>(a));\n"
            ),
        )

    def test_a_mark_without_a_reason_is_refused(self):
        self.assertIn("without", self.findings("auto b = const_cast<char*>(c);  // unsafe:\n"))

    def test_more_places_than_allowed_are_refused(self):
        text = "auto b = const_cast<char*>(c);  // unsafe: an old C interface\n"
        self.assertEqual("", self.findings(text * 2, allowed=2))
        self.assertIn(
            "3 unsafe places; unsafe_ratchet.toml allows 2", self.findings(text * 3, allowed=2)
        )

    def test_base_comments_and_strings_pass(self):
        self.assertEqual("", self.findings("auto b = const_cast<char*>(c);\n", "src/base/a.hpp"))
        self.assertEqual("", self.findings('// no const_cast here\nauto b = "const_cast";\n'))


if __name__ == "__main__":
    unittest.main()
