"""Backups of a node under load, restores, and what a customer would count afterwards."""

import json
import pathlib
import shutil
import subprocess
import tempfile
import threading
import time
import unittest

from keel_process import BINARY, Node, open_books, transfer

OK, FAILED, USAGE, CORRUPT, UNAVAILABLE = range(5)


def keel(*words):
    return subprocess.run([BINARY, *map(str, words)], capture_output=True, text=True, timeout=120, check=False)


class BackupTest(unittest.TestCase):
    def setUp(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="keel-backup-"))
        self.copy = self.place / "copy"

    def tearDown(self):
        shutil.rmtree(self.place, ignore_errors=True)

    def back_up(self, node, *more):
        done = node.run("backup", "--to", str(self.copy), "--json", *more)
        self.assertEqual(done.returncode, OK, done.stderr)
        return json.loads(done.stdout)

    def restore(self, name, *more):
        """A node on what was restored, not yet started, and the report."""
        data = self.place / name / "data"
        done = keel("restore", "--from", self.copy, "--to", data, "--json", *more)
        self.assertEqual(done.returncode, OK, done.stderr)
        return Node(self.place / name), json.loads(done.stdout)

    def found(self, node, numbers):
        client = node.client()
        there = [number for number in numbers if client.get(f"/v1/transfers/{number}").status == 200]
        balance = client.get("/v1/ledgers/1/trial-balance").json
        client.close()
        self.assertTrue(balance["balanced"])
        return there

    def test_backups_under_load_hold_all_that_was_acknowledged_before_them(self):
        with Node() as node:
            client = node.client()
            open_books(client)
            client.close()
            acknowledged = []
            going = True

            def write():
                writer = node.client()
                number = 0
                while going:
                    number += 1
                    if writer.post("/v1/transfers", {"transfers": [transfer(number)]}).status == 200:
                        acknowledged.append(number)
                writer.close()

            thread = threading.Thread(target=write, daemon=True)
            thread.start()
            before, reports = [], []
            for _ in range(4):
                time.sleep(0.3)
                before.append(len(acknowledged))
                reports.append(self.back_up(node))
            going = False
            thread.join()
            positions = [report["position"] for report in reports]
            self.assertEqual(positions, sorted(positions))
            self.assertGreater(before[0], 5)
            self.assertLess(reports[-1]["copied"], reports[-1]["read_back"])
            # The group that was last when the copy began may be missing: it has one client, so one transfer.
            restored, report = self.restore("restored")
            self.assertTrue(report["whole"])
            with restored:
                there = self.found(restored, range(1, before[-1] + 1))
                self.assertGreaterEqual(len(there), before[-1] - 1)
                restored.stop()
                self.assertEqual(restored.verify().returncode, OK)
            self.assertEqual(keel("verify", self.copy).returncode, OK)
            node.stop()
            end = self.back_up(node)
            self.assertEqual(end["position"], json.loads(node.verify().stdout)["last_sequence"])
            self.assertEqual(json.loads(node.verify().stdout), json.loads(keel("verify", self.copy, "--json").stdout))
            self.assertEqual(self.back_up(node, "--quick")["copied"], 0)

    def test_a_point_in_time_and_the_history_that_goes_on_from_it(self):
        with Node() as node:
            client = node.client()
            open_books(client)
            for number in range(1, 21):
                client.post("/v1/transfers", {"transfers": [transfer(number)]})
            at = client.get("/v1/transfers/12").json["timestamp"]
            client.close()
            node.stop()
            whole = self.back_up(node)
        by_time, _ = self.restore("by_time", "--until", at)
        with by_time:
            self.assertEqual(self.found(by_time, range(1, 21)), list(range(1, 13)))
            client = by_time.client()
            client.post("/v1/transfers", {"transfers": [transfer(100)]})
            client.close()
            by_time.stop()
            refused = by_time.run("backup", "--to", str(self.copy))
            self.assertEqual(refused.returncode, UNAVAILABLE)
            self.assertIn("forked", refused.stderr)
        beyond = keel("restore", "--from", self.copy, "--to", self.place / "no", "--until", whole["position"] + 1)
        self.assertEqual(beyond.returncode, FAILED)
        self.assertEqual(keel("restore", "--from", self.copy, "--to", by_time.directory / "data").returncode,
                         UNAVAILABLE)
        self.assertEqual(keel("restore", "--from", self.copy, "--to", "x", "--until", "noon").returncode, USAGE)

    def test_a_damaged_backup_is_named_and_restores_nothing(self):
        with Node() as node:
            client = node.client()
            open_books(client)
            for number in range(1, 21):
                client.post("/v1/transfers", {"transfers": [transfer(number)]})
            client.close()
            node.stop()
            self.back_up(node)
        segment = next(iter((self.copy / "journal").glob("*.segment")))
        content = bytearray(segment.read_bytes())
        content[5 * 4096 + 300] ^= 1
        segment.write_bytes(content)
        checked = keel("verify", self.copy, "--json")
        self.assertEqual(checked.returncode, CORRUPT)
        self.assertEqual(json.loads(checked.stdout)["problems"][0]["file"], segment.name)
        refused = keel("restore", "--from", self.copy, "--to", self.place / "data")
        self.assertEqual(refused.returncode, CORRUPT)
        self.assertIn(segment.name, refused.stderr)
        self.assertFalse((self.place / "data" / "journal").exists())

    def test_a_directory_of_something_else_is_left_alone(self):
        with Node() as node:
            refused = node.run("backup", "--to", str(node.directory / "data"))
            self.assertEqual(refused.returncode, FAILED)
            self.assertIn("directory of its own", refused.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
