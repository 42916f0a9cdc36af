"""Shows that the include gate fails when broken."""

import unittest

import includes
from scratch import Scratch
from tree import Tree

MODULES = [
    {"folder": "base", "headers": ["bytes.hpp"]},
    {"folder": "runtime", "depends": ["base"], "headers": ["task.hpp"]},
    {"folder": "sim", "headers": ["world.hpp"]},
    {
        "folder": "modules/ledger",
        "depends": ["runtime"],
        "test_depends": ["sim"],
        "tests": ["ledger_test.cpp"],
    },
]


class Includes(unittest.TestCase):

    def findings(self, path: str, line: str) -> str:
        with Scratch({path: line + "\n"}) as project:
            project.declare(MODULES)
            found, _ = includes.check(Tree(project.path, project.build))
            return "\n".join(map(str, found))

    def test_own_and_declared_headers_pass(self):
        self.assertEqual(
            "", self.findings("src/modules/ledger/a.cpp", '#include "modules/ledger/a.hpp"')
        )
        self.assertEqual(
            "", self.findings("src/modules/ledger/a.cpp", '#include "runtime/task.hpp"')
        )

    def test_a_header_reached_only_through_another_folder_is_refused(self):
        self.assertIn(
            "does not list base in its DEPENDS",
            self.findings("src/modules/ledger/a.cpp", '#include "base/bytes.hpp"'),
        )

    def test_only_a_test_may_use_what_only_tests_declare(self):
        line = '#include "sim/world.hpp"'
        self.assertEqual("", self.findings("src/modules/ledger/ledger_test.cpp", line))
        self.assertIn("does not list sim", self.findings("src/modules/ledger/a.cpp", line))

    def test_a_path_that_climbs_is_refused(self):
        self.assertIn(
            "leaves its folder", self.findings("src/base/a.cpp", '#include "../runtime/task.hpp"')
        )
        self.assertIn(
            "leaves its folder", self.findings("tests/a.cpp", '#include "../src/base/bytes.hpp"')
        )

    def test_an_include_of_no_module_is_refused(self):
        self.assertIn(
            "belongs to no keel_module()", self.findings("src/base/a.cpp", '#include "other/a.hpp"')
        )
        self.assertIn(
            "belongs to no keel_module()", self.findings("src/base/a.cpp", '#include "bytes.hpp"')
        )

    def test_a_third_party_header_stays_in_its_adapter(self):
        self.assertEqual("", self.findings("src/runtime/ring.cpp", "#include <liburing.h>"))
        self.assertIn(
            "<liburing.h> is for runtime only, not for base",
            self.findings("src/base/a.cpp", "#include <liburing.h>"),
        )
        self.assertIn(
            "is not in tools/gates/includes.toml",
            self.findings("src/base/a.cpp", "#include <boost/any.hpp>"),
        )

    def test_a_test_framework_stays_in_tests(self):
        self.assertEqual("", self.findings("src/base/a_test.cpp", "#include <gtest/gtest.h>"))
        self.assertIn("is for tests, ", self.findings("src/base/a.hpp", "#include <gtest/gtest.h>"))

    def test_a_clock_has_no_place_in_a_module(self):
        self.assertIn(
            "<random> has no place in modules/ledger",
            self.findings("src/modules/ledger/a.hpp", "#include <random>"),
        )
        self.assertEqual("", self.findings("src/runtime/a.hpp", "#include <thread>"))

    def test_a_comment_is_no_include(self):
        self.assertEqual("", self.findings("src/base/a.hpp", '// #include "../x.hpp"'))


if __name__ == "__main__":
    unittest.main()
