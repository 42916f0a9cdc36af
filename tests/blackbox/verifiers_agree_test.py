"""Two verifiers that share no code, `keel verify` and tools/verify.py, must say the same of the same files.

The journals are a real node's: fresh, after a load, after kill -9 under load. Then copies are damaged, at places
chosen by a seed that is printed (KEEL_SEED repeats a run), and cut at the end as a power failure would.
"""

import http.client
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

from keel_process import BINARY, Node, open_books, transfer

TOOL = pathlib.Path(__file__).resolve().parents[2] / "tools" / "verify.py"
sys.path.insert(0, str(TOOL.parent))
from verifier.crc32c import crc32c  # noqa: E402
from verifier.report import verify  # noqa: E402  (in this process: 300 starts of Python would take a minute)

BLOCK_BYTES = 4096
DAMAGES = 240
TORN_TAILS = 60
SEED = int(os.environ.get("KEEL_SEED", random.SystemRandom().randrange(1 << 32)))


def keel_report(journal):
    """(exit code, report) of the program under test."""
    done = subprocess.run([BINARY, "verify", "--json", str(journal)],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout, f"keel verify said nothing: {done.returncode} {done.stderr}"
    return done.returncode, json.loads(done.stdout)


def tool_report(journal):
    """(exit code, report) of tools/verify.py as a program."""
    done = subprocess.run([sys.executable, str(TOOL), str(journal), "--json"],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout, f"tools/verify.py said nothing: {done.returncode} {done.stderr}"
    return done.returncode, json.loads(done.stdout)


def verdict(report):
    """What both must agree on: ok, the incomplete last write, and the first problem's name and place.

    What is found behind a first problem, and counted there, is left to each verifier.
    """
    first = next(iter(report["problems"]), None)
    place = first and (first["problem"], first["file"], first["offset"])
    return report["ok"], report["tail"], place


def load(node, clients, requests, first):
    """Clients side by side, each with `requests` batches of transfers; they end early when the node does."""
    def run(number):
        client = node.client()
        try:
            for request in range(requests):
                start = first + (number * requests + request) * 5
                client.post("/v1/transfers", {"transfers": [transfer(start + row) for row in range(5)]})
        except (OSError, http.client.HTTPException):
            return
        finally:
            client.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    return threads


def join(threads):
    for thread in threads:
        thread.join()


class VerifiersAgree(unittest.TestCase):
    """One small journal, copied for each test."""

    @classmethod
    def setUpClass(cls):
        print(f"KEEL_SEED={SEED}", flush=True)
        cls.directory = pathlib.Path(tempfile.mkdtemp(prefix="keel-verify-"))
        with Node(cls.directory / "node", journal__segment_bytes=8 << 20) as node:
            client = node.client()
            open_books(client)
            client.close()
            join(load(node, clients=2, requests=12, first=1))
            node.stop()
        cls.small = cls.directory / "node" / "data" / "journal"

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.directory, ignore_errors=True)

    def setUp(self):
        self.random = random.Random(f"{SEED} {self.id()}")
        self.journal = self.directory / self.id().rsplit(".", 1)[1]
        shutil.copytree(self.small, self.journal)
        self.segment = sorted(self.journal.glob("*.main.segment"))[0]
        self.bytes = self.segment.read_bytes()
        self.written = self.bytes
        self.used = len(self.bytes.rstrip(b"\0")) // BLOCK_BYTES * BLOCK_BYTES + BLOCK_BYTES

    def agree_entirely(self, journal):
        """Whole journals: every field of both reports, and the exit codes."""
        keel, tool = keel_report(journal), tool_report(journal)
        self.assertEqual(keel, tool)
        self.assertEqual(tool[0], 0)
        return tool[1]

    def put(self, content):
        """Makes the segment this content; only pieces that differ are written: it is 8 MiB, hundreds of times."""
        with open(self.segment, "r+b") as file:
            file.truncate(len(content))
            for start in range(0, len(content), 1 << 16):
                piece = content[start:start + (1 << 16)]
                if piece != self.written[start:start + (1 << 16)]:
                    file.seek(start)
                    file.write(piece)
        self.written = bytes(content)

    def agree_on(self, content, what):
        """The segment with other content: both verdicts and the exit code. Returns the tool's report."""
        self.put(content)
        code, keel = keel_report(self.journal)
        tool = verify(str(self.journal))
        self.assertEqual(verdict(keel), verdict(tool), f"KEEL_SEED={SEED}: {what}")
        self.assertEqual(code, 0 if tool["ok"] else 3, f"KEEL_SEED={SEED}: {what}")
        return tool

    def test_a_fresh_journal(self):
        with Node() as node:
            node.stop()
            report = self.agree_entirely(node.directory / "data" / "journal")
        self.assertEqual((report["groups"], report["seals"], report["records"]), (1, 1, 0))

    def test_a_journal_after_many_transfers(self):
        with Node(journal__segment_bytes=8 << 20) as node:
            client = node.client()
            open_books(client)
            client.close()
            join(load(node, clients=4, requests=150, first=1))
            node.stop()
            report = self.agree_entirely(node.directory / "data" / "journal")
        self.assertGreater(report["records"], 600)

    def test_a_journal_after_kills_under_load(self):
        with Node() as node:
            client = node.client()
            open_books(client)
            client.close()
            records = 0
            for life in range(3):
                threads = load(node, clients=4, requests=100000, first=1 + life * 10_000_000)
                client = node.client()
                for _ in range(self.random.randrange(20, 60)):
                    client.get("/healthz")
                node.kill()
                join(threads)
                client.close()
                report = self.agree_entirely(node.directory / "data" / "journal")
                self.assertGreater(report["records"], records)
                self.assertEqual(report["epoch"], life + 1)
                records = report["records"]
                node.start()
            node.stop()

    def damage(self):
        """The bytes with one place damaged, and the words for it."""
        content = bytearray(self.bytes)
        kind = self.random.choice(("bit", "byte", "bit of a block's first 300 bytes", "bit of block 0",
                                   "bit anywhere in the file", "zeroed block"))
        offset = self.random.randrange(self.used)
        if kind == "bit of a block's first 300 bytes":
            offset = offset // BLOCK_BYTES * BLOCK_BYTES + self.random.randrange(300)
        elif kind == "bit of block 0":
            offset = self.random.randrange(256)
        elif kind == "bit anywhere in the file":
            offset = self.random.randrange(len(content))
        if kind == "zeroed block":
            offset = offset // BLOCK_BYTES * BLOCK_BYTES
            content[offset:offset + BLOCK_BYTES] = bytes(BLOCK_BYTES)
        elif kind == "byte":
            content[offset] ^= self.random.randrange(1, 256)
        else:
            content[offset] ^= 1 << self.random.randrange(8)
        return content, f"{kind} at {offset}"

    def test_damage_at_random_places(self):
        corrupt = 0
        for _ in range(DAMAGES):
            content, what = self.damage()
            corrupt += not self.agree_on(content, what)["ok"]
        self.assertGreater(corrupt, DAMAGES // 3)

    def test_torn_tails(self):
        dropped = 0
        for _ in range(TORN_TAILS):
            start = self.used - self.random.randrange(1, 2 * BLOCK_BYTES)
            content = self.bytes[:start] + bytes(len(self.bytes) - start)
            what = f"zeros from {start}"
            if self.random.randrange(2):
                garbage = self.random.randbytes(self.random.randrange(1, 3 * BLOCK_BYTES))
                content = content[:self.used] + garbage + content[self.used + len(garbage):]
                what += f", {len(garbage)} random bytes at {self.used}"
            dropped += self.agree_on(content, what)["tail"] is not None
        self.assertGreater(dropped, TORN_TAILS // 4)

    def test_checkpoints(self):
        """Section 8b: what is no checkpoint of this journal, written from the document alone."""
        headers = [self.bytes[at:at + 192] for at in range(BLOCK_BYTES, self.used, BLOCK_BYTES)
                   if self.bytes[at:at + 8] == b"KEELGRP1"]
        self.assertGreater(len(headers), 5)

        def record(first_segment, header):
            content = b"KEELCHK1" + first_segment.to_bytes(8, "little") + header + bytes(44)
            return content + crc32c(content).to_bytes(4, "little")

        ahead = record(2, headers[-1])
        flipped = bytearray(ahead)
        flipped[self.random.randrange(256)] ^= 1 << self.random.randrange(8)
        changed = bytearray(headers[3])
        changed[160 - 1] ^= 1  # its Merkle root
        changed[188:] = crc32c(bytes(changed[:188])).to_bytes(4, "little")
        path = self.journal / "main.checkpoint"
        for content, what in ((ahead, "ahead"), (bytes(flipped), "a bit"), (ahead[:-1], "short"), (ahead + b"x", "long"),
                              (record(3, headers[-1]), "another segment"), (record(2, bytes(changed)), "another past")):
            path.write_bytes(content)
            report = self.agree_on(self.bytes, what)
            self.assertEqual([(one["problem"], one["file"], one["offset"]) for one in report["problems"]],
                             [("checkpoint", "main.checkpoint", 0)], what)
            # With damage beside it, too.
            damaged, place = self.damage()
            self.agree_on(damaged, f"{what}, {place}")
        path.unlink()
        self.assertTrue(self.agree_on(self.bytes, "none")["ok"])

    def test_a_checkpoint_that_is_right(self):
        """A node with small segments writes one behind a snapshot; a start begins there; both verifiers pass it."""
        with Node(journal__segment_bytes=8 << 20, snapshots__every_bytes=1 << 20) as node:
            client = node.client()
            open_books(client)
            journal = node.directory / "data" / "journal"
            for first in range(1, 8_000 * 60, 8_000):  # 12 or so
                client.post("/v1/transfers", {"transfers": [transfer(first + row) for row in range(8_000)]})
                if (journal / "main.checkpoint").exists():
                    break
            self.assertTrue((journal / "main.checkpoint").exists())
            client.close()
            node.stop()
            report = self.agree_entirely(journal)
            self.assertGreater(report["segments"], 1)
            node.start()
            node.stop()
            self.agree_entirely(journal)

    def test_a_segment_cut_short(self):
        for _ in range(12):
            end = self.random.choice((self.used, len(self.bytes)))
            length = self.random.randrange(2 * BLOCK_BYTES, end) // BLOCK_BYTES * BLOCK_BYTES
            self.agree_on(self.bytes[:length], f"cut to {length} bytes")
            self.agree_on(self.bytes[:length + self.random.randrange(1, BLOCK_BYTES)], f"cut behind {length} bytes")

    def test_a_segment_whose_length_is_no_segments_has_no_incomplete_last_write(self):
        for length in (self.used + 100, self.used - 100, 2 * BLOCK_BYTES + 7, BLOCK_BYTES + 5, 100, len(self.bytes) + 5):
            report = self.agree_on(self.bytes[:length] + bytes(max(0, length - len(self.bytes))), f"{length} bytes")
            self.assertEqual((report["problems"][0]["problem"], report["tail"]), ("segment_header", None))

    def test_nothing_is_judged_or_counted_behind_a_newer_format(self):
        content = bytearray(self.bytes)
        content[8] = 2
        self.agree_on(content, "a newer format")
        keel, tool = keel_report(self.journal)[1], tool_report(self.journal)[1]
        self.assertEqual([problem.pop("expected") and problem["problem"] for problem in keel["problems"]],
                         ["newer_format"])
        tool["problems"][0].pop("expected")
        self.assertEqual(keel, tool)
        self.assertEqual((keel["groups"], keel["records"], keel["heads"]), (0, 0, 0))

    def test_a_changed_byte_behind_the_last_group_costs_no_group(self):
        whole = verify(str(self.journal))
        for offset in (self.used, self.used + 5_000, self.used + BLOCK_BYTES - 1):
            content = bytearray(self.bytes)
            content[offset] ^= 1
            report = self.agree_on(content, f"a changed byte at {offset}")
            self.assertEqual((report["ok"], report["groups"], report["tail"]["offset"]),
                             (True, whole["groups"], self.used))

    def header(self, offset, field, value):
        """The segment with one field of the header at offset changed, and its CRC right again."""
        content = bytearray(self.bytes)
        content[offset + field:offset + field + 8] = value.to_bytes(8, "little")
        content[offset + 188:offset + 192] = crc32c(bytes(content[offset:offset + 188])).to_bytes(4, "little")
        return content

    def test_headers_that_were_written_whole_and_do_not_belong_are_corruption(self):
        copied = bytearray(self.bytes)
        copied[self.used:self.used + BLOCK_BYTES] = copied[BLOCK_BYTES:2 * BLOCK_BYTES]
        number = self.header(BLOCK_BYTES, 48, 2)
        number[2 * BLOCK_BYTES:] = bytes(len(number) - 2 * BLOCK_BYTES)
        number[40] ^= 1  # and the segment's own header torn
        for content, what, problem in (
                (copied, "a group of another place behind the last one", "group_header"),
                (self.header(0, 40, 7), "a segment header of another index", "segment_header"),
                (self.header(0, 80, 1 << 20), "a segment header of another size", "segment_header"),
                (number, "a whole group of a wrong number behind a torn segment header", "chain")):
            report = self.agree_on(content, what)
            self.assertEqual(report["problems"][0]["problem"], problem, what)

    def test_a_spare_behind_an_incomplete_first_write_is_corruption(self):
        for spare in self.journal.glob("*.main.segment"):
            if spare != self.segment:
                spare.unlink()
        torn = bytearray(self.bytes)
        torn[2 * BLOCK_BYTES:] = bytes(len(torn) - 2 * BLOCK_BYTES)
        torn[50] ^= 1
        self.assertIsNotNone(self.agree_on(torn, "first write torn")["tail"])
        second = self.segment.with_name("00000000000000000002.main.segment")
        second.write_bytes(bytes(len(torn)))
        report = self.agree_on(torn, "first write torn, a spare behind it")
        self.assertEqual((report["problems"][0]["problem"], report["problems"][0]["file"]),
                         ("missing_segment", second.name))

    def test_a_whole_journal_with_a_dropped_tail_opens_and_is_whole_again(self):
        node = Node(self.directory / "reopened", journal__segment_bytes=8 << 20)
        shutil.copytree(self.small.parent, node.directory / "data", dirs_exist_ok=True)
        segment = node.directory / "data" / "journal" / self.segment.name
        content = bytearray(self.bytes)
        content[self.used:self.used + 9] = b"unwritten"
        segment.write_bytes(content)
        before = self.agree_entirely(segment.parent)
        self.assertEqual(before["tail"]["offset"], self.used)
        with node:
            node.stop()
        after = self.agree_entirely(segment.parent)
        self.assertIsNone(after["tail"])
        self.assertEqual((after["records"], after["epoch"]), (before["records"], before["epoch"] + 1))


if __name__ == "__main__":
    unittest.main()
