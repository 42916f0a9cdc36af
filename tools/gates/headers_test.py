"""Shows that the gate for headers fails when broken, and that a pass is remembered until something it read changes."""

import unittest

import compile_flags
import headers
import remembered
from scratch import Scratch
from tree import Tree

SOUND = {
    "src/base/size.hpp": "#pragma once\n#include <cstddef>\nusing Size = std::size_t;\n",
    "src/base/user.hpp": '#pragma once\n#include "base/size.hpp"\ninline Size one() { return 1; }\n',
}


class Headers(unittest.TestCase):

    def setUp(self):
        self.project = Scratch(SOUND)
        self.addCleanup(self.project.close)
        self.project.declare([{"folder": "base", "headers": ["size.hpp", "user.hpp"]}])
        root = self.project.build / "include" / "keel_base"
        root.mkdir(parents=True)
        (root / "base").symlink_to(self.project.path / "src" / "base")
        self.ran = 0

    def check(self) -> str:
        tree = Tree(self.project.path, self.project.build)
        memory = remembered.Memory("headers", tree, self.project.build / "cache")
        found, _ = headers.check(tree, ["-std=c++23"], memory)
        self.ran = memory.ran
        return "\n".join(map(str, found))

    def test_headers_that_stand_alone_pass_and_are_remembered(self):
        self.assertEqual("", self.check())
        self.assertEqual(2, self.ran)
        self.assertEqual("", self.check())
        self.assertEqual(0, self.ran)

    def test_a_header_that_leans_on_the_precompiled_one_is_refused(self):
        self.project.write("src/base/size.hpp", "#pragma once\nusing Size = std::size_t;\n")
        self.assertIn("src/base/size.hpp: does not compile alone", self.check())

    def test_a_header_is_checked_again_when_one_below_it_changes(self):
        self.assertEqual("", self.check())
        self.project.write("src/base/size.hpp", "#pragma once\n")
        self.assertIn("src/base/user.hpp: does not compile alone", self.check())
        self.assertEqual(2, self.ran)

    def test_a_failure_is_never_remembered(self):
        self.project.write("src/base/user.hpp", "#pragma once\nint one() { return nothing; }\n")
        self.assertIn("user.hpp", self.check())
        self.assertIn("user.hpp", self.check())

    def test_the_precompiled_header_is_taken_out_of_the_flags(self):
        command = (
            "clang++ -DA -I/x -O2 -Winvalid-pch -include-pch p.pch -Xclang -include -Xclang /p.hxx "
            "-Xclang -fno-pch-timestamp -o a.o -c a.cpp"
        ).split()
        self.assertEqual(
            "-DA -O2 -Xclang -fno-pch-timestamp".split(), compile_flags.flags_only(command)
        )


if __name__ == "__main__":
    unittest.main()
