"""What lies on the disk while a node runs: bit rot that the scrubber finds, and replays of the files."""

import json
import pathlib
import re
import shutil
import struct
import sys
import time
import unittest

from keel_process import BINARY, Node, open_books, transfer

OK, FAILED, USAGE, CORRUPT, UNAVAILABLE = range(5)
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
from verifier.crc32c import crc32c  # noqa: E402


def fill(client, segments, node, first=1):
    """Transfers in batches until the journal has so many segment files; the next free id."""
    while len(list((node.directory / "data" / "journal").glob("*.main.segment"))) < segments:
        rows = [transfer(number) for number in range(first, first + 2000)]
        assert client.post("/v1/transfers", {"transfers": rows}).status == 200
        first += 2000
    return first


def flip(path, offset):
    with open(path, "r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 16]))


def forge(path):
    """Another correlation in a record of the segment's last group, with its checksum made anew: only the Merkle root tells."""
    at, place = 4096, None
    with open(path, "r+b") as file:
        while True:
            file.seek(at)
            header = file.read(192)
            if header[:8] != b"KEELGRP1":
                break
            records, body_bytes = struct.unpack_from("<I", header, 12)[0], struct.unpack_from("<Q", header, 88)[0]
            place = at + 192 if records else place
            at += (192 + body_bytes + 4095) // 4096 * 4096
        file.seek(place + 4)
        payload_bytes = file.read(4)
        content = bytearray(file.read(88 + int.from_bytes(payload_bytes, "little")))
        content[48] ^= 1
        file.seek(place)
        file.write(crc32c(bytes(content) + payload_bytes).to_bytes(4, "little") + payload_bytes + content)


def until(seconds, holds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


class ScrubTest(unittest.TestCase):
    def test_bit_rot_in_a_cold_segment_is_found_and_named_and_the_node_goes_on(self):
        with Node(journal__segment_bytes=8 << 20, scrub__pause_s=1, scrub__bytes_per_second=1 << 30) as node:
            client = node.client()
            open_books(client)
            number = fill(client, 3, node)
            until(20, lambda: node.metric("keel_scrub_passes_total", client) >= 1
                  and node.metric("keel_scrub_bytes_total", client) > 1 << 20)
            url = f"--url={node.url}"
            self.assertEqual(node.run("scrub", url).returncode, OK)
            self.assertEqual(client.get("/readyz").json, {"status": "ready"})

            cold = node.directory / "data" / "journal" / "00000000000000000001.main.segment"
            flip(cold, 5_000_000)
            until(20, lambda: node.metric("keel_scrub_problems", client) == 1)
            ready = client.get("/readyz")
            self.assertEqual(ready.status, 200)
            self.assertIn(cold.name, ready.json["warning"])
            line = re.search(r"scrub\.damage .*", node.said()).group()
            self.assertIn(cold.name, line)
            offset = int(re.search(r"offset=(\d+)", line).group(1))
            self.assertLess(offset, 5_000_000)
            self.assertIn(f'file="{cold.name}",offset="{offset}"', client.get("/metrics").body.decode())
            shown = node.run("scrub", url, "--json")
            self.assertEqual(shown.returncode, CORRUPT)
            self.assertEqual(json.loads(shown.stdout)["damage"][0]["file"], cold.name)
            verified = node.verify()
            self.assertEqual(verified.returncode, CORRUPT)
            problem = json.loads(verified.stdout)["problems"][0]
            self.assertEqual((problem["file"], problem["offset"]), (cold.name, offset))

            self.assertEqual(client.post("/v1/transfers", {"transfers": [transfer(number)]}).status, 200)
            flip(cold, 5_000_000)  # as a copy from a backup would
            until(20, lambda: node.metric("keel_scrub_problems", client) == 0)
            self.assertEqual(client.get("/readyz").json, {"status": "ready"})
            self.assertEqual(node.said().count("scrub.damage"), 1)
            client.close()
            self.assertEqual(node.stop(), OK)


class ArchiveTest(unittest.TestCase):
    def test_bit_rot_in_settled_rows_is_found_and_named_and_they_are_made_again_from_the_journal(self):
        with Node(archive__hot_bytes=1 << 20, scrub__pause_s=1, scrub__bytes_per_second=1 << 30) as node:
            client = node.client()
            open_books(client)
            for first in range(1, 24_000, 4000):
                rows = [transfer(number) for number in range(first, first + 4000)]
                self.assertEqual(client.post("/v1/transfers", {"transfers": rows}).status, 200)
            until(20, lambda: node.metric("keel_rows_cold", client) > 10_000)
            passes = node.metric("keel_scrub_passes_total", client)
            until(30, lambda: node.metric("keel_scrub_passes_total", client) > passes + 1)
            self.assertEqual(node.metric("keel_scrub_problems", client), 0)
            verified = node.verify()  # beside the running node
            self.assertEqual(verified.returncode, OK, verified.stdout)
            self.assertGreater(json.loads(verified.stdout)["archive"]["rows"], 10_000)

            archive = node.directory / "data" / "archive"
            rotten = max(archive.glob("data-*.keel"), key=lambda path: path.stat().st_size)  # rows: they stay
            flip(rotten, 100_000)
            until(30, lambda: node.metric("keel_scrub_problems", client) == 1)
            block = 100_000 // 16384 * 16384
            self.assertIn(f'problem="archive",file="{rotten.name}",offset="{block}"',
                          client.get("/metrics").body.decode())
            self.assertIn(rotten.name, client.get("/readyz").json["warning"])
            self.assertIn(rotten.name, re.search(r"scrub\.damage .*", node.said()).group())
            verified = node.verify()
            self.assertEqual(verified.returncode, CORRUPT)
            problem = json.loads(verified.stdout)["problems"][0]
            self.assertEqual((problem["file"], problem["offset"]), (f"archive/{rotten.name}", block))

            number = 24_001
            self.assertEqual(client.post("/v1/transfers", {"transfers": [transfer(number)]}).status, 200)
            client.close()
            self.assertEqual(node.stop(), OK)
            archive.rename(node.directory / "rotten")  # as docs/operations.md says
            node.start()
            client = node.client()
            for old in range(1, 24_001, 997):
                self.assertEqual(client.get(f"/v1/transfers/{old}").status, 200)
            client.close()
            self.assertEqual(node.verify().returncode, OK)

    def test_a_flipped_bit_of_any_file_of_the_archive_is_found_by_verify(self):
        with Node(archive__hot_bytes=1 << 20) as node:
            client = node.client()
            open_books(client)
            for first in range(1, 16_000, 4000):
                rows = [transfer(number) for number in range(first, first + 4000)]
                self.assertEqual(client.post("/v1/transfers", {"transfers": rows}).status, 200)
            until(20, lambda: node.metric("keel_rows_cold", client) > 5_000)
            client.close()
            self.assertEqual(node.stop(), OK)
            report = json.loads(node.verify().stdout)
            self.assertEqual(report["problems"], [])
            files = sorted((node.directory / "data" / "archive").glob("*.keel"))
            newest = max(path for path in files if path.name.startswith("manifest-"))
            found = 0
            for path in files:
                flip(path, path.stat().st_size // 2)
                verified = node.verify()
                names = [problem["file"] for problem in json.loads(verified.stdout)["problems"]]
                self.assertEqual(verified.returncode, CORRUPT if names else OK)
                found += f"archive/{path.name}" in names
                self.assertTrue(path != newest or names)
                flip(path, path.stat().st_size // 2)
            # Files of an older manifest only, and parts of blocks behind the end, are not looked at.
            self.assertGreaterEqual(found, report["archive"]["files"] * 3 // 4)
            self.assertEqual(node.verify().returncode, OK)


    def test_the_archive_of_another_journal_is_refused_by_name_and_left_alone(self):
        def fill_one(node):
            client = node.client()
            open_books(client)
            for first in range(1, 12_000, 4000):
                rows = [transfer(number) for number in range(first, first + 4000)]
                self.assertEqual(client.post("/v1/transfers", {"transfers": rows}).status, 200)
            until(20, lambda: node.metric("keel_rows_cold", client) > 1000)
            client.close()
            self.assertEqual(node.stop(), OK)

        with Node(archive__hot_bytes=1 << 20) as one, Node(archive__hot_bytes=1 << 20) as other:
            fill_one(one)
            fill_one(other)
            mine, theirs = (node.directory / "data" / "archive" for node in (one, other))
            mine.rename(one.directory / "aside")
            theirs.rename(mine)
            names = sorted(path.name for path in mine.iterdir())
            one.launch()
            self.assertEqual(one.process.wait(60), CORRUPT)
            self.assertIn("engine.foreign_archive", one.said())
            self.assertEqual(names, sorted(path.name for path in mine.iterdir()))
            verified = one.verify()
            self.assertEqual(verified.returncode, CORRUPT)
            self.assertIn("archive", [problem["file"] for problem in json.loads(verified.stdout)["problems"]])
            mine.rename(other.directory / "back")
            (one.directory / "aside").rename(mine)
            one.start()
            client = one.client()
            self.assertEqual(client.get("/v1/transfers/1").status, 200)
            client.close()


class StartTest(unittest.TestCase):
    def test_what_is_wrong_before_the_checkpoint_stops_a_start_that_needs_it(self):
        """One that begins at its snapshot does not read it, and says nothing; the scrubber and verify are for that."""
        for spoil in (lambda segment: flip(segment, 5 << 20), forge):
            with self.subTest(spoil):
                self.spoiled(spoil)

    def spoiled(self, spoil):
        with Node(journal__segment_bytes=8 << 20, snapshots__every_records=8, scrub__bytes_per_second=0) as node:
            client = node.client()
            open_books(client)
            fill(client, 4, node)
            client.close()
            self.assertEqual(node.stop(), OK)
            first = sorted((node.directory / "data" / "journal").glob("*.main.segment"))[0]
            spoil(first)
            node.start()
            self.assertEqual(node.stop(), OK)
            shutil.rmtree(node.directory / "data" / "snapshots")
            node.launch()
            self.assertEqual(node.process.wait(60), CORRUPT)
            self.assertIn(first.name, node.said())


class ReplayTest(unittest.TestCase):
    def replay(self, node, *more):
        done = node.run("replay", "--json", *more)
        return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr

    def test_a_replay_says_what_the_node_said_and_stops_where_it_is_told(self):
        with Node() as node:
            client = node.client()
            open_books(client)
            positions = {}
            for number in range(1, 31):
                answer = client.post("/v1/transfers", {"transfers": [transfer(number, amount=number)]})
                positions[number] = int(answer.headers["Keel-Position"])
            moment = client.get("/v1/transfers/20").json["timestamp"]
            sums = client.get("/v1/ledgers/1/trial-balance").json
            client.close()
            code, live = self.replay(node)  # beside the running node
            self.assertEqual(code, OK)
            node.stop()
            code, whole = self.replay(node, "--with", BINARY)
            self.assertEqual((code, whole["equal"], whole["balanced"]), (OK, True, True))
            self.assertEqual(live["state_hash"], whole["state_hash"])
            self.assertEqual(whole["with_hash"], whole["state_hash"])
            self.assertEqual(whole["trial_balance"][0]["debits_posted"], sums["sums"]["debits_posted"])
            self.assertEqual(whole["trial_balance"][0]["transfers"], 30)
            _, part = self.replay(node, "--until", str(positions[12]))
            self.assertEqual((part["position"], part["trial_balance"][0]["transfers"]), (positions[12], 12))
            _, by_time = self.replay(node, "--until", moment)
            self.assertEqual(by_time["trial_balance"][0]["transfers"], 20)
            self.assertNotEqual(by_time["state_hash"], whole["state_hash"])
            self.assertEqual(self.replay(node, "--until", "1000000")[0], FAILED)
            self.assertEqual(self.replay(node, "--with", "/bin/false")[0], CORRUPT)


if __name__ == "__main__":
    unittest.main(verbosity=2)
