"""Old segments in an archive, and signed heads."""

import itertools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import unittest

from keel_process import BINARY, Node, open_books, transfer
from stored_test import fill, flip, until

OK, FAILED, USAGE, CORRUPT, UNAVAILABLE = range(5)
KILLS = int(os.environ.get("KEEL_CUT_KILLS", "3"))
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from verifier.crc32c import crc32c  # noqa: E402
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


class RefusalTest(unittest.TestCase):
    """What somebody may still need is not moved: each reason is told by its name, and nothing is changed."""

    def refused(self, node, name, *more):
        journal, archive = node.directory / "data" / "journal", node.directory / "archive"
        before = {path.name: path.stat().st_size for path in journal.iterdir()}
        done = node.run("journal", "archive", "--before", "1000000000", "--to", str(archive), *more)
        self.assertNotEqual(done.returncode, OK)
        self.assertIn(name, done.stderr)
        self.assertEqual({path.name: path.stat().st_size for path in journal.iterdir()}, before)
        return done.stderr

    def test_what_a_start_or_a_reader_still_needs_stays(self):
        with Node(journal__segment_bytes=8 << 20, snapshots__every_records=8, archive__hot_bytes=1 << 20,
                  snapshots__at_stop="true") as node:
            client = node.client()
            open_books(client)
            fill(client, 4, node)
            client.close()
            self.assertEqual(node.stop(), OK)
            data = node.directory / "data"
            self.refused(node, "journal.too_young")

            # A projection that has taken in three records needs the fourth.
            positions = data / "positions"
            positions.mkdir()
            stored = b"KEELPOSI" + (3).to_bytes(8, "little")
            reader = positions / "webhooks.position"
            reader.write_bytes(stored + crc32c(stored).to_bytes(4, "little") + bytes(4))
            self.assertIn("webhooks", self.refused(node, "storage.reader_behind", "--keep-hours", "0"))
            reader.write_bytes(b"KEELPOSI")
            self.refused(node, "storage.position_unknown", "--keep-hours", "0")
            reader.unlink()

            # Settled rows: the snapshot does not hold them, so what is on disk must be whole.
            rows = max((data / "archive").glob("data-*.keel"), key=lambda path: path.stat().st_size)
            flip(rows, 5_000)
            self.assertIn(rows.name, self.refused(node, "storage.rows_not_whole", "--keep-hours", "0"))
            flip(rows, 5_000)
            (data / "archive").rename(data / "elsewhere")
            self.assertIn("kernel.rows_missing", self.refused(node, "storage.no_good_snapshot", "--keep-hours", "0"))
            (data / "elsewhere").rename(data / "archive")

            snapshots = sorted((data / "snapshots").glob("*.keel"))
            for snapshot in snapshots:
                flip(snapshot, snapshot.stat().st_size // 2)
            self.refused(node, "storage.no_good_snapshot", "--keep-hours", "0")
            for snapshot in snapshots:
                flip(snapshot, snapshot.stat().st_size // 2)
            done = node.run("journal", "archive", "--before", "1000000000", "--to", str(node.directory / "archive"),
                            "--keep-hours", "0")
            self.assertEqual(done.returncode, OK, done.stderr)
            node.start()

    def test_the_tail_behind_the_oldest_snapshot_stays(self):
        with Node(journal__segment_bytes=8 << 20, snapshots__every_records=4, snapshots__at_stop="false") as node:
            client = node.client()
            open_books(client)
            snapshots = node.directory / "data" / "snapshots"
            until(20, lambda: list(snapshots.glob("*.keel")))
            client.close()
            node.stop()
            node.settings["snapshots.every_records"] = 1 << 30
            node.start()
            client = node.client()
            fill(client, 4, node)
            client.close()
            node.stop()
            self.refused(node, "storage.snapshot_behind", "--keep-hours", "0")


class InterruptedTest(unittest.TestCase):
    def test_a_move_that_is_killed_anywhere_loses_nothing_and_can_be_done_again(self):
        with Node(journal__segment_bytes=8 << 20, snapshots__every_records=8) as node:
            client = node.client()
            open_books(client)
            numbers = itertools.count(fill(client, 5, node))
            newest = max((node.directory / "data" / "snapshots").glob("*.keel"))

            def both_snapshots_are_new():
                client.post("/v1/transfers", {"transfers": [transfer(next(numbers))]})
                return min((node.directory / "data" / "snapshots").glob("*.keel")) > newest

            until(30, both_snapshots_are_new)
            client.close()
            node.stop()
            data, kept = node.directory / "data", node.directory / "kept"
            archive, together = node.directory / "archive", node.directory / "together"
            whole = verify(str(data / "journal"))
            data.rename(kept)
            words = ("journal", "archive", "--before", "1000000000", "--to", str(archive), "--keep-hours", "0")
            shutil.copytree(kept, data)
            began = time.monotonic()
            done = node.run(*words)
            self.assertEqual(done.returncode, OK, done.stderr)
            seconds = time.monotonic() - began
            left_as_it_was = cut = 0
            for place in range(KILLS):
                for directory in (data, archive, together):
                    shutil.rmtree(directory, ignore_errors=True)
                shutil.copytree(kept, data)
                move = subprocess.Popen(node.command(*words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                time.sleep(seconds * (place + 1) / (KILLS + 1))
                move.kill()
                move.wait()
                report = verify(str(data / "journal"))
                self.assertTrue(report["ok"], report["problems"])
                cut += report["cut"] is not None
                left_as_it_was += report["records"] == whole["records"]
                node.start()
                client = node.client()
                self.assertTrue(client.get("/v1/ledgers/1/trial-balance").json["balanced"])
                self.assertEqual(client.get("/v1/transfers/1").status, 200)
                client.close()
                self.assertEqual(node.stop(), OK)
                again = node.run(*words)
                self.assertTrue(again.returncode == OK or "snapshot_behind" in again.stderr, again.stderr)
                shutil.copytree(data / "journal", together)
                for segment in archive.glob("*.segment"):
                    shutil.copy(segment, together)
                both = verify(str(together))
                self.assertEqual((both["ok"], both["first_sequence"], both["records"]), (True, 1, whole["records"]))
            print(f"{KILLS} kills: {left_as_it_was} before the first segment went, {cut} behind the record of the cut")


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


if __name__ == "__main__":
    unittest.main(verbosity=2)
