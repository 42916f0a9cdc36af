"""Shows that the gate for shell scripts fails when broken."""

import unittest

import shell
from scratch import Scratch
from tree import Tree

HEAD = "#!/usr/bin/env bash\nset -euo pipefail\n"


class Shell(unittest.TestCase):

    def findings(self, text: str) -> str:
        with Scratch({"run": text}) as project:
            project.declare([])
            found, _ = shell.check(Tree(project.path, project.build))
            return "\n".join(map(str, found))

    def test_a_strict_script_passes(self):
        self.assertEqual("", self.findings(HEAD + 'rm -rf "$1"\n'))

    def test_a_script_that_goes_on_after_errors_is_refused(self):
        self.assertIn(
            "run: does not say set -euo pipefail", self.findings("#!/usr/bin/env bash\nfalse\n")
        )

    def test_an_unquoted_variable_is_refused(self):
        self.assertIn("run:3:", self.findings(HEAD + "rm -rf $1\n"))


if __name__ == "__main__":
    unittest.main()
