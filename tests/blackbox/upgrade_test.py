"""What earlier versions wrote is read for ever: every directory of tests/golden opens, verifies, and gives its books."""

import json
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import unittest

from keel_process import BINARY, Node

OK = 0
ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden"
sys.path.insert(0, str(ROOT / "tools"))
from verifier.report import verify  # noqa: E402


def keel(*words):
    return subprocess.run([BINARY, *map(str, words)], capture_output=True, text=True, timeout=120, check=False)


def goldens(kind):
    return sorted(GOLDEN.glob(f"{kind}-v*"))


class UpgradeTest(unittest.TestCase):
    def verified(self, journal):
        """Both verifiers' one report."""
        done = keel("verify", journal, "--json")
        self.assertEqual(done.returncode, OK, done.stdout)
        report = json.loads(done.stdout)
        self.assertEqual(report, verify(str(journal)))
        return report

    def test_every_golden_directory_is_read_here(self):
        known = {path for kind in ("journal", "erased", "ledger", "node", "receipt") for path in goldens(kind)}
        self.assertEqual({path for path in GOLDEN.iterdir() if path.is_dir()}, known)

    def test_every_golden_journal_verifies(self):
        for golden in goldens("journal"):
            with self.subTest(golden=golden.name):
                self.assertEqual(self.verified(golden / "journal"), json.loads((golden / "report.json").read_text()))
        for golden in goldens("erased"):
            with self.subTest(golden=golden.name):
                self.assertTrue(self.verified(golden / "keel_data" / "journal")["ok"])

    def test_every_golden_node_starts_and_answers_as_it_did(self):
        """node-vN has snapshots of format N: where this program does not read it, it says so, and replays."""
        self.assertTrue(goldens("node"))
        for golden in goldens("node"):
            with self.subTest(golden=golden.name), tempfile.TemporaryDirectory() as directory:
                expected = json.loads((golden / "expected.json").read_text())
                self.assertEqual(golden.name, f"node-v{expected['snapshot_format']}")
                data = pathlib.Path(directory) / "data"
                with tarfile.open(golden / "keel_data.tar.xz") as tar:
                    tar.extractall(data)
                self.assertEqual(self.verified(data / "journal")["head"], expected["head"])
                with Node(directory, journal__segment_bytes=8 << 20) as node:
                    client = node.client()
                    for path, answer in expected["answers"].items():
                        self.assertEqual(client.get(path).json, answer, path)
                    client.close()
                    rejected = "snapshot.rejected" in node.events()
                    self.assertEqual(rejected, golden != goldens("node")[-1], "the newest golden is of today's format")
                    if rejected:
                        self.assertIn(f"format version {expected['snapshot_format']}", node.said())
                    self.assertEqual(node.stop(), OK)
                    self.assertEqual(node.verify().returncode, OK)

    def test_every_golden_ledger_leads_to_its_books(self):
        self.assertTrue(goldens("ledger"))
        for golden in goldens("ledger"):
            with self.subTest(golden=golden.name), tempfile.TemporaryDirectory() as directory:
                expected = json.loads((golden / "expected.json").read_text())
                for name, size in expected["segments"].items():
                    content = (golden / f"{name}.begin").read_bytes()
                    pathlib.Path(directory, name).write_bytes(content + bytes(size - len(content)))
                self.assertEqual(self.verified(directory)["head"], expected["head"])
                replayed = keel("replay", directory, "--json")
                self.assertEqual(replayed.returncode, OK, replayed.stderr)
                found = json.loads(replayed.stdout)
                for name in ("position", "time", "records", "events", "balanced", "trial_balance"):
                    self.assertEqual(found[name], expected[name], name)


if __name__ == "__main__":
    unittest.main(verbosity=2)
