"""The systemd unit: it is right, it is tight, and it allows what the program really does."""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from keel_process import BINARY, Node, open_books, transfer

UNIT = pathlib.Path(__file__).resolve().parents[2] / "packaging" / "keel.service"
MOST_EXPOSED = 2.0  # of 10, by systemd-analyze security


def analyze(*words):
    return subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, timeout=60, check=False)


def calls_of(name):
    """The system calls of a group of systemd's, groups in it taken apart."""
    if not name.startswith("@"):
        return {name}
    lines = [line.strip() for line in analyze("syscall-filter", name).stdout.splitlines()[1:]]
    return set().union(*(calls_of(line) for line in lines if line and not line.startswith("#")))


def allowed_calls():
    """As systemd reads the lines: from left to right, "~" takes away."""
    allowed = set()
    for value in re.findall(r"^SystemCallFilter=(.*)$", UNIT.read_text(), re.MULTILINE):
        named = set().union(*(calls_of(name) for name in value.lstrip("~").split()))
        allowed = allowed - named if value.startswith("~") else allowed | named
    return allowed


class ServiceTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.unit = pathlib.Path(self.directory.name, "keel.service")
        self.unit.write_text(UNIT.read_text().replace("/usr/local/bin/keel", os.path.abspath(BINARY)))

    def test_the_unit_has_no_mistakes(self):
        shown = analyze("verify", str(self.unit))
        self.assertEqual((shown.returncode, shown.stderr.strip()), (0, ""))

    def test_it_gives_away_little(self):
        shown = analyze("security", "--offline=true", str(self.unit)).stdout
        exposure = float(re.search(r"exposure level for keel.service: ([0-9.]+)", shown)[1])
        print(f"exposure {exposure} of 10")
        self.assertLessEqual(exposure, MOST_EXPOSED)

    def test_its_settings_are_settings(self):
        line = re.search(r"^ExecStart=\S+ serve (.*)$", UNIT.read_text(), re.MULTILINE)[1]
        keys = {option["key"] for option in
                json.loads(subprocess.run([BINARY, "config", "explain", "--json"], capture_output=True, check=True).stdout)}
        for key in re.findall(r"--set ([a-z._]+)=", line):
            self.assertIn(key, keys)

    def test_every_system_call_of_a_working_node_is_allowed(self):
        trace = pathlib.Path(self.directory.name, "trace")

        class Traced(Node):
            def command(self, *words):
                return ["strace", "-f", "-qq", "-o", str(trace), *super().command(*words)]

        for world in ("auto", "threads"):
            with Traced(world=world, snapshots__every_records=5, pin_cores="true") as node:
                client = node.client()
                open_books(client)
                for number in range(1, 30):
                    self.assertEqual(client.post("/v1/transfers", {"transfers": [transfer(number)]}).status, 200)
                client.close()
                pid = int(trace.read_text().split(" ", 1)[0])
                os.kill(pid, 15)
                self.assertEqual(node.process.wait(30), 0)
            used = set(re.findall(r"^\d+ +([a-z_0-9]+)\(", trace.read_text(), re.MULTILINE))
            self.assertGreater(len(used), 20)
            self.assertLessEqual(used, allowed_calls())


if __name__ == "__main__":
    unittest.main(verbosity=2)
