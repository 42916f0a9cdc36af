"""Help and completion: every command has a whole manual page, and bash completes what the program really has."""

import json
import os
import pathlib
import subprocess
import unittest

from keel_process import BINARY

KEEL = os.path.abspath(BINARY)


def keel(*words):
    return subprocess.run([KEEL, *words], capture_output=True, text=True, timeout=60, check=False)


def completed(*words):
    """What bash offers behind these words (the last one unfinished), with the script that keel prints."""
    # As bash cuts the line: a "=" is a word of its own.
    cut = [part for word in words for part in word.replace("=", "\0=\0").strip("\0").split("\0")]
    if words[-1].endswith("="):
        cut.append("")
    line = " ".join(f"'{word}'" for word in ["keel", *cut])
    script = f"source <('{KEEL}' completion bash); COMP_WORDS=({line}); COMP_CWORD={len(cut)}; _keel; " \
             'printf "%s\\n" "${COMPREPLY[@]}"'
    shown = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=True)
    return [word for word in shown.stdout.split("\n") if word]


class HelpTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.commands = json.loads(keel("help", "--json").stdout)

    def test_every_command_has_a_page(self):
        for command in self.commands:
            with self.subTest(command=command["command"]):
                for part in ("summary", "description", "exits", "examples"):
                    self.assertTrue(command[part], f"no {part}: add it to src/node/cli/pages.cpp")
                self.assertTrue(command["description"].endswith("."))
                for option in command["options"]:
                    self.assertTrue(option["doc"], option["names"])

    def test_every_command_is_in_the_overview(self):
        overview = (pathlib.Path(__file__).resolve().parents[2] / "docs" / "command-line.md").read_text()
        for command in {command["command"].split()[0] for command in self.commands}:
            self.assertIn(f"`keel {command}", overview)

    def test_a_page_is_shown_by_help_and_by_the_option_alike(self):
        for command in self.commands:
            words = command["command"].split()
            page = keel("help", *words)
            self.assertEqual(page.returncode, 0)
            self.assertEqual(page.stdout.strip(), keel(*words, "--help").stdout.strip())
            for part in ("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT CODES", "EXAMPLES"):
                self.assertIn(f"{part}\n", page.stdout)
            self.assertTrue(all(len(line) <= 100 for line in page.stdout.splitlines()), words)

    def test_the_examples_are_command_lines_that_exist(self):
        known = [command["command"] for command in self.commands] + ["config", "bench"]
        for command in self.commands:
            for line in command["examples"].splitlines():
                self.assertRegex(line, rf"keel ({'|'.join(known)})")

    def test_no_such_command_is_a_usage_error(self):
        self.assertEqual(keel("help", "nonsense").returncode, 2)
        self.assertEqual(keel("nonsense").returncode, 2)


class CompletionTest(unittest.TestCase):
    def test_every_command_and_option_is_offered(self):
        for command in json.loads(keel("help", "--json").stdout):
            words = command["command"].split()
            for depth, word in enumerate(words):
                self.assertIn(word, completed(*words[:depth], word[:1]))
            offered = completed(*words, "--")
            for option in command["options"]:
                long = [name.split()[0] for name in option["names"].split(", ") if name.startswith("--")]
                self.assertLessEqual(set(long), set(offered), words)

    def test_settings_and_their_values_are_offered(self):
        keys = [option["key"] + "=" for option in json.loads(keel("config", "explain", "--json").stdout)]
        self.assertEqual(sorted(completed("serve", "--set", "")), sorted(keys))
        self.assertEqual(completed("serve", "--set", "http.po"), ["http.port="])
        self.assertEqual(completed("serve", "--set", "disk="), ["real", "lossy"])
        self.assertEqual(completed("serve", "--set", "journal.sync=fd"), ["fdatasync"])

    def test_where_a_file_is_wanted_nothing_is_in_its_way(self):
        self.assertEqual(completed("serve", "--ready-file", ""), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
