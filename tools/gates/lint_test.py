"""Shows that the lint gate fails when broken: a defect of each kind that the list is there for."""

import json
import shutil
import unittest

import lint
import remembered
from scratch import ROOT, Scratch
from tree import Tree

MOVED = """#include <string>
#include <utility>
namespace keel {
std::size_t twice(std::string text) {
  const std::string taken = std::move(text);
  return taken.size() + text.size();
}
}  // namespace keel
"""
DANGLING = """#include <string>
#include <string_view>
namespace keel {
std::string name();
std::size_t length() {
  const std::string_view view = name();
  return view.size();
}
}  // namespace keel
"""
NULL = """namespace keel {
int through(const int* place) {
  if (place == nullptr) return *place;
  return 0;
}
}  // namespace keel
"""
NAMES = """namespace keel {
int CountOf(int Thing) { return Thing; }
}  // namespace keel
"""


class Lint(unittest.TestCase):

    def findings(self, text: str) -> str:
        with Scratch({"src/base/a.cpp": text}) as project:
            shutil.copy(ROOT / ".clang-tidy", project.path)
            project.declare([{"folder": "base"}])
            file = str(project.path / "src/base/a.cpp")
            (project.build / "compile_commands.json").write_text(
                json.dumps(
                    [
                        {
                            "directory": str(project.build),
                            "file": file,
                            "command": f"clang++-19 -std=c++23 -o a.o -c {file}",
                        }
                    ]
                )
            )
            tree = Tree(project.path, project.build)
            memory = remembered.Memory("lint", tree, project.build / "cache")
            return "\n".join(
                map(str, lint.findings_of(tree, memory.run(lint.jobs(tree), (".clang-tidy",))))
            )

    def test_sound_code_passes(self):
        self.assertEqual(
            "", self.findings("namespace keel {\nint one() { return 1; }\n}  // namespace keel\n")
        )

    def test_use_after_move_is_refused(self):
        self.assertIn("src/base/a.cpp:6: 'text' used after it was moved", self.findings(MOVED))

    def test_a_view_of_what_is_gone_is_refused(self):
        self.assertIn("bugprone-dangling-handle", self.findings(DANGLING))

    def test_a_null_pointer_followed_is_refused(self):
        self.assertIn("clang-analyzer-core.NullDereference", self.findings(NULL))

    def test_names_against_the_house_are_refused(self):
        found = self.findings(NAMES)
        self.assertIn("invalid case style for function 'CountOf'", found)
        self.assertIn("invalid case style for parameter 'Thing'", found)


if __name__ == "__main__":
    unittest.main()
