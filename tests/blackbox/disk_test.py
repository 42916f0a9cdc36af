"""Disks that are full or read-only, and journals that are not this program's to touch.

The full and the read-only disk are small file systems in memory, mounted for the test; without the right to mount, the test
runs itself again in a user namespace of its own.
"""

import errno
import hashlib

import json
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest

from keel_process import Node, open_books, transfer

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools"
sys.path.insert(0, str(TOOLS))
from verifier import crc32c  # noqa: E402

OK, FAILED, USAGE, CORRUPT, UNAVAILABLE = range(5)
DISK_MIB = 48
SEGMENT_BYTES = 8 << 20
ROWS = 1_000
MIB = 1 << 20


class SmallDisk:
    """A file system of its own in a temporary directory."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="keel-disk-"))
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", self.path], check=True)

    def read_only(self):
        subprocess.run(["mount", "-o", "remount,ro", self.path], check=True)

    def take_all_but(self, left):
        """A node that runs may take of it meanwhile (its next segment): then once more."""
        for _ in range(100):
            with open(self.path / "ballast", "wb") as ballast:
                free = os.statvfs(self.path)
                try:
                    os.posix_fallocate(ballast.fileno(), 0, max(free.f_bavail * free.f_bsize - left, 1))
                    return
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
        raise AssertionError("the disk was never full")

    def give_back(self):
        (self.path / "ballast").unlink(missing_ok=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "--lazy", self.path], check=False)
        shutil.rmtree(self.path, ignore_errors=True)


def contents(directory):
    """What every file below a directory holds, by name; locks hold nothing."""
    return {str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(directory.rglob("*")) if path.is_file()}


def ended(node):
    """Starts a node that must not serve; its exit code."""
    node.launch()
    return node.process.wait(60)


class Books:
    """Batches of transfers with keys, and how each was answered."""

    def __init__(self, node):
        self.client = node.client()
        self.next = 1
        self.created = 0
        open_books(self.client)

    def move(self, batch=None):
        """One batch (a number of its own, or that of an earlier one); the answer."""
        if batch is None:
            batch, self.next = self.next, self.next + 1
        rows = [transfer(batch * ROWS + number) for number in range(ROWS)]
        answer = self.client.post("/v1/transfers", {"transfers": rows}, key=f"batch-{batch}")
        if answer.status == 200 and not answer.json["repeated"]:
            self.created += ROWS
        return answer

    def fill(self, limit=2_000):
        """Moves until it is refused; the refusal and the number of its batch."""
        for _ in range(limit):
            answer = self.move()
            if answer.status != 200:
                return answer, self.next - 1
        raise AssertionError("the disk was never full")

    def balance(self):
        return self.client.get("/v1/ledgers/1/trial-balance").json


def until(condition, seconds=30):
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "it did not happen in time"
        time.sleep(0.05)


class FullDiskTest(unittest.TestCase):
    def refused(self, answer):
        self.assertEqual(answer.status, 503)
        self.assertEqual(answer.json["code"], "engine.journal_refused")
        self.assertIn("journal.no_space", answer.json["detail"])
        self.assertTrue(answer.headers["Retry-After"])

    def whole(self, node, books):
        """The books balance and hold what was acknowledged, and nothing else."""
        balance = books.balance()
        self.assertTrue(balance["balanced"])
        self.assertEqual(int(balance["transfers"]), books.created)
        verified = node.verify()
        self.assertEqual(verified.returncode, OK, verified.stdout)

    def test_writes_are_refused_reads_go_on_and_it_recovers_when_space_returns(self):
        with SmallDisk() as disk, Node(directory=disk.path, journal__segment_bytes=SEGMENT_BYTES) as node:
            books = Books(node)
            disk.take_all_but(2 * SEGMENT_BYTES)
            answer, batch = books.fill()
            self.refused(answer)
            before = node.resident_bytes()
            for _ in range(200):
                self.refused(books.move(batch))
            grown = node.resident_bytes() - before
            print(f"{books.created} transfers, then 200 batches of {ROWS} refused on the full disk: "
                  f"resident {before >> 20} MiB, {grown / MIB:+.1f} MiB")
            self.assertLess(grown, 32 * MIB)
            self.assertEqual(books.client.get(f"/v1/transfers/{ROWS}").status, 200)
            self.assertEqual(books.client.get(f"/v1/transfers/{batch * ROWS}").status, 404)
            self.assertEqual(books.client.get("/readyz").status, 200)
            until(lambda: "journal.refuses" in node.events())
            self.whole(node, books)

            disk.give_back()
            self.assertEqual(books.move(batch).status, 200)
            self.assertTrue(books.move(batch).json["repeated"])
            until(lambda: "journal.accepts" in node.events())
            self.assertEqual(node.events().count("journal.refuses"), 1)
            self.whole(node, books)
            self.assertEqual(node.stop(), OK)

    def test_a_node_starts_on_a_full_disk_to_read_and_writes_when_there_is_space(self):
        with SmallDisk() as disk, Node(directory=disk.path, journal__segment_bytes=SEGMENT_BYTES) as node:
            books = Books(node)
            disk.take_all_but(2 * SEGMENT_BYTES)
            books.fill()
            disk.take_all_but(4096)
            node.kill()
            node.start()
            again = node.client()
            books.client = again
            self.assertEqual(again.get("/v1/accounts/1").status, 200)
            # The start may have removed a segment that was being made, or found a spare one: that is room again.
            disk.take_all_but(4096)
            answer, batch = books.fill()
            self.refused(answer)
            disk.give_back()
            self.assertEqual(books.move(batch).status, 200)
            self.whole(node, books)
            self.assertEqual(node.stop(), OK)

    def test_a_snapshot_that_does_not_fit_is_told_and_leaves_nothing_behind(self):
        with SmallDisk() as disk, Node(directory=disk.path, journal__segment_bytes=SEGMENT_BYTES,
                                       snapshots__every_records=30) as node:
            books = Books(node)
            disk.take_all_but(64 * 1024)
            for _ in range(40):
                if books.move().status != 200:
                    break
            until(lambda: "snapshot.failed" in node.events())
            left = [path.name for path in (disk.path / "data" / "snapshots").iterdir()]
            self.assertEqual([name for name in left if name.endswith(".unfinished")], [])
            self.assertEqual(books.client.get("/v1/accounts/1").status, 200)
            disk.give_back()
            self.whole(node, books)


class NotOursTest(unittest.TestCase):
    def test_a_read_only_disk_is_refused_by_name_and_nothing_changes(self):
        with SmallDisk() as disk, tempfile.TemporaryDirectory() as elsewhere:
            with Node(directory=disk.path) as node:
                Books(node).move()
                self.assertEqual(node.stop(), OK)
            before = contents(disk.path / "data")
            disk.read_only()
            node = Node(directory=elsewhere)
            pathlib.Path(elsewhere, "data").symlink_to(disk.path / "data")
            self.assertEqual(ended(node), UNAVAILABLE)
            self.assertIn(str(node.directory / "data"), node.said())
            self.assertIn("Read-only file system", node.said())
            self.assertEqual(contents(disk.path / "data"), before)
            self.assertEqual(node.verify().returncode, OK)  # reading needs no right to write
            found = {finding["check"]: finding for finding in json.loads(node.run("doctor", "--json").stdout)["findings"]}
            self.assertEqual(found["data.directory"]["health"], "fail")
            node.__exit__()

    def test_a_directory_in_use_is_refused_and_its_node_goes_on(self):
        with Node() as first, tempfile.TemporaryDirectory() as elsewhere:
            books = Books(first)
            books.move()
            pathlib.Path(elsewhere, "data").symlink_to(first.directory / "data")
            first.process.send_signal(signal.SIGSTOP)  # so that all that changes is the second's doing
            before = contents(first.directory / "data")
            second = Node(directory=elsewhere)
            self.assertEqual(ended(second), UNAVAILABLE)
            self.assertIn("in_use", second.said())
            self.assertEqual(contents(first.directory / "data"), before)
            first.process.send_signal(signal.SIGCONT)
            self.assertEqual(books.move().status, 200)
            second.__exit__()

    def test_a_journal_of_a_newer_version_is_refused_and_left_alone(self):
        with Node() as node:
            Books(node).move()
            self.assertEqual(node.stop(), OK)
            segment = min((node.directory / "data" / "journal").glob("*.segment"))
            data = bytearray(segment.read_bytes())
            self.assertEqual(data[:8], b"KEELSEG1")
            struct.pack_into("<I", data, 8, struct.unpack_from("<I", data, 8)[0] + 1)
            struct.pack_into("<I", data, 188, crc32c.crc32c(bytes(data[:188])))
            segment.write_bytes(data)
            before = contents(node.directory / "data")
            self.assertEqual(ended(node), UNAVAILABLE)
            self.assertIn("journal.newer_format", node.said())
            self.assertIn(segment.name, node.said())
            self.assertEqual(contents(node.directory / "data"), before)


def may_mount():
    with tempfile.TemporaryDirectory() as place:
        done = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", place], capture_output=True, check=False)
        if done.returncode == 0:
            subprocess.run(["umount", place], check=True)
        return done.returncode == 0


if __name__ == "__main__":
    if not may_mount() and "KEEL_UNSHARED" not in os.environ:
        os.environ["KEEL_UNSHARED"] = "1"
        os.execvp("unshare", ["unshare", "--user", "--map-root-user", "--mount", sys.executable, *sys.argv])
    unittest.main(verbosity=2)
