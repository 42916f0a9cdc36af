"""Old segments in an archive, signed heads, and journals that were written by earlier versions."""

import itertools
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from keel_process import BINARY, Node, open_books, transfer
from stored_test import fill, until

OK, FAILED, USAGE, CORRUPT, UNAVAILABLE = range(5)
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from verifier.layout import HEAD_ENTRY  # noqa: E402
from verifier.report import verify  # noqa: E402


def keel(*words):
    return subprocess.run([BINARY, *map(str, words)], capture_output=True, text=True, timeout=120, check=False)


class ArchiveTest(unittest.TestCase):
    def verified(self, directory):
        """Both verifiers' one report."""
        done = keel("verify", directory, "--json")
        self.assertEqual(done.returncode, OK, done.stdout)
        report = json.loads(done.stdout)
        self.assertEqual(report, verify(str(directory)))
        return report

    def test_a_node_starts_from_its_snapshot_without_what_was_archived(self):
        with Node(journal__segment_bytes=8 << 20, snapshots__every_records=8) as node:
            journal, archive = node.directory / "data" / "journal", node.directory / "archive"
            client = node.client()
            open_books(client)
            numbers = itertools.count(fill(client, 4, node))
            last = next(numbers)

            def move(*more):
                return node.run("journal", "archive", "--before", "1000000000", "--to", str(archive), "--json", *more)

            def only_too_young():
                """Both snapshots are behind the first segment: nothing but its age is left to object to."""
                client.post("/v1/transfers", {"transfers": [transfer(next(numbers))]})
                return "journal.too_young" in move().stderr

            client.post("/v1/transfers", {"transfers": [transfer(last)]})
            until(30, only_too_young)
            moved = move("--keep-hours", "0")
            self.assertEqual(moved.returncode, OK, moved.stderr)
            moved = json.loads(moved.stdout)
            self.assertGreaterEqual(moved["segments"], 1)
            self.assertEqual(client.get(f"/v1/transfers/{last}").status, 200)
            gone = client.get("/v1/events?after=start")
            self.assertEqual((gone.status, gone.json["code"]), (410, "journal.archived"))
            told = node.run("tail", f"--url={node.url}", "--after", "1")
            self.assertNotEqual(told.returncode, OK)
            self.assertIn("journal.archived", told.stderr)
            client.close()
            self.assertEqual(node.stop(), OK)

            left, old = self.verified(journal), self.verified(archive)
            self.assertEqual(left["cut"]["head"], old["head"])
            self.assertEqual(left["first_sequence"], old["last_sequence"] + 1)
            together = node.directory / "together"
            shutil.copytree(journal, together)
            for segment in archive.glob("*.segment"):
                shutil.copy(segment, together)
            self.assertEqual(self.verified(together)["records"], left["records"] + old["records"])

            node.start()
            client = node.client()
            for number in (1, last):
                self.assertEqual(client.get(f"/v1/transfers/{number}").status, 200)
            self.assertTrue(client.get("/v1/ledgers/1/trial-balance").json["balanced"])
            client.close()
            node.stop()
            whole = node.run("backup", "--to", str(node.directory / "copy"), "--archive", str(archive), "--json")
            self.assertEqual(whole.returncode, OK, whole.stderr)
            shutil.rmtree(node.directory / "data" / "snapshots")
            node.launch()
            self.assertNotEqual(node.process.wait(60), OK)
            self.assertIn("journal.archived", node.said())


class HeadTest(unittest.TestCase):
    def openssl_verifies(self, directory, head, statement):
        """Whether a program that nobody here wrote takes the signature of the statement (docs/operations.md)."""
        spki = bytes.fromhex("302a300506032b6570032100" + head["public_key"])  # RFC 8410, section 4
        key, signed, signature = (directory / name for name in ("key.der", "signed", "signature"))
        key.write_bytes(spki)
        signed.write_bytes(bytes.fromhex(statement))
        signature.write_bytes(bytes.fromhex(head["signature"]))
        return subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", key, "-keyform", "DER", "-rawin",
                               "-in", signed, "-sigfile", signature],
                              capture_output=True, timeout=30, check=False).returncode == 0

    def test_a_signed_head_speaks_against_a_journal_that_is_cut(self):
        with Node() as node:
            client = node.client()
            open_books(client)
            client.post("/v1/transfers", {"transfers": [transfer(1)]})
            shown = node.run("head", f"--url={node.url}", "--json")
            self.assertEqual(shown.returncode, OK, shown.stderr)
            head = json.loads(shown.stdout)
            data = node.directory / "data"
            self.assertEqual((data / "head.key").stat().st_mode & 0o777, 0o600)
            self.assertEqual(head["public_key"], (data / "head.pub").read_text().strip())
            self.assertTrue(self.openssl_verifies(node.directory, head, head["statement"]))
            self.assertEqual(head["statement"][192:], head["head"])
            forged = head["statement"][:-1] + ("0" if head["statement"][-1] != "0" else "1")
            self.assertFalse(self.openssl_verifies(node.directory, head, forged))
            client.post("/v1/transfers", {"transfers": [transfer(2)]})
            later = client.get("/v1/head").json
            self.assertGreater(later["group"], head["group"])
            client.close()
            node.stop()
            journal = data / "journal"
            checked = keel("verify", journal, "--key", data / "head.pub", "--json")
            self.assertEqual(checked.returncode, OK, checked.stdout)
            self.assertEqual(json.loads(checked.stdout)["heads"], 2)
            self.assertEqual(keel("verify", journal, "--key", "00" * 32).returncode, CORRUPT)
            self.assertEqual(keel("verify", journal, "--key", "none").returncode, USAGE)
            self.assertTrue(verify(str(journal), key=head["public_key"])["ok"])
            self.assertFalse(verify(str(journal), key="00" * 32)["ok"])

            # The journal cut behind the first head, as if the second transfer had never been.
            segment = next(journal.glob("*1.main.segment"))
            content = bytearray(segment.read_bytes())
            entry = HEAD_ENTRY.unpack((journal / "main.heads").read_bytes()[:256])
            offset = 4096
            for _ in range(entry[7]):
                body = int.from_bytes(content[offset + 88:offset + 96], "little")
                offset += (192 + body + 4095) // 4096 * 4096
            content[offset:] = bytes(len(content) - offset)
            segment.write_bytes(content)
            cut = keel("verify", journal, "--json")
            self.assertEqual(json.loads(cut.stdout)["problems"][0]["problem"], "head_beyond_end")


class UpgradeTest(unittest.TestCase):
    """tests/golden/ledger-v*: what earlier versions wrote, and what it must lead to, for ever."""

    def test_every_golden_ledger_leads_to_its_books(self):
        goldens = sorted((ROOT / "tests" / "golden").glob("ledger-v*"))
        self.assertTrue(goldens)
        for golden in goldens:
            with self.subTest(golden=golden.name), tempfile.TemporaryDirectory() as directory:
                expected = json.loads((golden / "expected.json").read_text())
                for name, size in expected["segments"].items():
                    content = (golden / f"{name}.begin").read_bytes()
                    pathlib.Path(directory, name).write_bytes(content + bytes(size - len(content)))
                report = verify(directory)
                self.assertEqual((report["ok"], report["head"]), (True, expected["head"]))
                replayed = keel("replay", directory, "--json")
                self.assertEqual(replayed.returncode, OK, replayed.stderr)
                found = json.loads(replayed.stdout)
                for name in ("position", "time", "records", "events", "balanced", "trial_balance"):
                    self.assertEqual(found[name], expected[name], name)


if __name__ == "__main__":
    unittest.main(verbosity=2)
