"""keel erase, on a vault that is written here from docs/vault.md alone: the key goes from both copies, nothing else does."""

import fcntl
import json
import os
import pathlib
import struct
import subprocess
import sys
import unittest

from keel_process import Node

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
from verifier import crc32c  # noqa: E402

OK, FAILED, USAGE, CORRUPT, UNAVAILABLE = range(5)
VAULT_ID = bytes(range(16))
HEADER_BYTES, SLOT_BYTES, SLOTS = 64, 112, 36
EMPTY, KEY, ERASED = range(3)
COPIES = ("subjects.a.keys", "subjects.b.keys")


def with_crc(data):
    """The CRC32C of a record or a block, with zero in its place, in its place."""
    return data[:12] + struct.pack("<I", crc32c.crc32c(bytes(data))) + data[16:]


def master():
    return with_crc(b"KEELMST1" + struct.pack("<II", 1, 0) + VAULT_ID + os.urandom(32))


def slot(subject, state=KEY, tenant=1):
    secret = os.urandom(72) if state == KEY else bytes(72)
    return struct.pack("<IIQ", state, tenant, 0) + subject.to_bytes(16, "little") + secret + bytes(8)


def block(number, slots):
    head = b"KEELKEY1" + struct.pack("<IIQ", 1, 0, number) + VAULT_ID + bytes(24)
    return with_crc(head + b"".join(slots) + bytes(SLOT_BYTES * (SLOTS - len(slots))))


class EraseTest(unittest.TestCase):
    def setUp(self):
        self.node = Node()
        self.addCleanup(self.node.__exit__)
        self.vault = self.node.directory / "data" / "vault"
        self.vault.mkdir(parents=True)
        (self.vault / "master.key").write_bytes(master())
        self.slots = [slot(number) for number in range(1, 51)]
        self.data = block(0, self.slots[:SLOTS]) + block(1, self.slots[SLOTS:])
        for copy in COPIES:
            (self.vault / copy).write_bytes(self.data)

    def copies(self):
        return [(self.vault / copy).read_bytes() for copy in COPIES]

    def slot_in(self, data, number):
        """The slot of a person, who are numbered from 1 in the order of their slots."""
        index = number - 1
        start = index // SLOTS * 4096 + HEADER_BYTES + index % SLOTS * SLOT_BYTES
        return data[start:start + SLOT_BYTES]

    def test_the_key_goes_from_both_copies_and_the_others_stay(self):
        erased = self.node.run("erase", "40", "--yes", "--json")
        self.assertEqual(erased.returncode, OK, erased.stderr)
        self.assertEqual(json.loads(erased.stdout), {"tenant": 1, "subject": "40", "erased": True, "already": False})
        for data in self.copies():
            self.assertNotIn(self.slots[39][32:104], data)
            self.assertEqual(self.slot_in(data, 40), slot(40, ERASED))
            for number in (1, 39, 41, 50):
                self.assertEqual(self.slot_in(data, number), self.slots[number - 1])
            self.assertEqual(data[4096:], with_crc(data[4096:4108] + bytes(4) + data[4112:]))
        again = self.node.run("erase", "40", "--yes", "--json")
        self.assertTrue(json.loads(again.stdout)["already"])

    def test_nobody_is_erased_by_mistake(self):
        for words, code in ((("51", "--yes"), FAILED), (("40", "--tenant=2", "--yes"), FAILED), (("40",), USAGE),
                            (("0", "--yes"), USAGE), (("forty", "--yes"), USAGE)):
            with self.subTest(words=words):
                shown = subprocess.run(self.node.command("erase", *words), stdin=subprocess.DEVNULL, capture_output=True,
                                       text=True, timeout=60, check=False)
                self.assertEqual(shown.returncode, code, shown.stderr)
                self.assertEqual(self.copies(), [self.data, self.data])

    def test_a_damaged_copy_is_healed_and_two_are_refused(self):
        damaged = bytearray(self.data)
        damaged[200] ^= 1
        (self.vault / COPIES[0]).write_bytes(damaged)
        self.assertEqual(self.node.run("erase", "40", "--yes").returncode, OK)
        first, second = self.copies()
        self.assertEqual(first, second)
        self.assertEqual(self.slot_in(first, 2), self.slots[1])
        for copy in COPIES:
            (self.vault / copy).write_bytes(damaged)
        self.assertEqual(self.node.run("erase", "41", "--yes").returncode, CORRUPT)

    def test_a_vault_that_is_in_use_or_has_lost_its_master_key_is_refused(self):
        with open(self.vault / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.assertEqual(self.node.run("erase", "40", "--yes").returncode, UNAVAILABLE)
        (self.vault / "master.key").unlink()
        refused = self.node.run("erase", "40", "--yes")
        self.assertEqual(refused.returncode, UNAVAILABLE)
        self.assertIn("vault.no_master_key", refused.stderr)
        self.assertFalse((self.vault / "master.key").exists())
        self.assertEqual(self.copies(), [self.data, self.data])

    def test_where_there_is_no_vault_none_is_made(self):
        for path in self.vault.iterdir():
            path.unlink()
        self.vault.rmdir()
        self.assertEqual(self.node.run("erase", "40", "--yes").returncode, FAILED)
        self.assertFalse(self.vault.exists())


class DriverTest(unittest.TestCase):
    """A driver's name from the API to the disk, and gone from all of it."""

    NAME, EMAIL = "Augusta Ada Byron", "ada@analytical.example"

    def setUp(self):
        self.node = Node()
        self.addCleanup(self.node.__exit__)
        self.node.start()
        self.client = self.node.client()
        client = self.client
        settings = {"ledger": 1, "currency": "EUR", "exponent": 2, "hold": 0}
        self.assertEqual(client.post("/v1/charging/settings", settings).status, 200)
        for driver, name in ((7, self.NAME), (8, "Charles Babbage")):
            made = client.post("/v1/drivers", {"driver": driver, "name": name, "email": self.EMAIL})
            self.assertEqual((made.status, made.json["outcome"]), (200, "done"), made.body)

    def again(self, client=None):
        """The same node, stopped and started."""
        (client or self.client).close()
        self.assertEqual(self.node.stop(), OK)
        self.node.start()
        self.client = self.node.client()

    def shown(self, driver):
        told = self.client.get(f"/v1/drivers/{driver}")
        self.assertEqual(told.status, 200, told.body)
        return [told.json.get(field, "") for field in ("personal", "name", "email")]

    def holding(self, text):
        """The files of the node that hold the text."""
        files = (path for path in (self.node.directory / "data").rglob("*") if path.is_file())
        return [path for path in files if text.encode() in path.read_bytes()]

    def test_a_name_is_shown_sealed_where_it_is_stored_and_erased_while_the_node_runs(self):
        self.assertEqual(self.shown(7), ["shown", self.NAME, self.EMAIL])
        self.assertEqual(self.client.post("/v1/drivers", {"driver": 7, "email": "ada@new.example"}).status, 200)
        self.assertEqual(self.shown(7), ["shown", self.NAME, "ada@new.example"])
        self.again()
        self.assertEqual(self.shown(7), ["shown", self.NAME, "ada@new.example"])
        for text in (self.NAME, self.EMAIL, "Charles"):
            self.assertEqual(self.holding(text), [])

        erased = self.node.run("erase", "7", "--yes", "--json", "--url", self.node.url)
        self.assertEqual(erased.returncode, OK, erased.stderr)
        self.assertEqual(json.loads(erased.stdout), {"tenant": 1, "subject": "7", "erased": True, "already": False})
        self.assertTrue(self.client.post("/v1/subjects/7/erase", b"").json["already"])
        self.assertEqual(self.client.post("/v1/subjects/9/erase", b"").status, 404)
        self.assertEqual(self.node.run("erase", "9", "--yes", "--url", self.node.url).returncode, FAILED)
        self.assertEqual(self.node.run("erase", "8", "--tenant=2", "--yes", "--url", self.node.url).returncode, USAGE)
        token = self.node.directory / "data" / "token"
        known = token.read_text()
        token.write_text("keel_" + "0" * 64 + "\n")
        refused = self.node.run("erase", "8", "--yes", "--url", self.node.url)
        token.write_text(known)
        self.assertNotEqual(refused.returncode, OK)
        self.assertIn("client.refused", refused.stderr)
        for _ in range(2):
            self.assertEqual(self.shown(7), ["erased", "", ""])
            self.assertEqual(self.shown(8), ["shown", "Charles Babbage", self.EMAIL])
            refused = self.client.post("/v1/drivers", {"driver": 7, "name": "Somebody"})
            self.assertEqual((refused.status, refused.json["code"]), (404, "kernel.subject_erased"))
            self.again()
        self.client.close()
        self.assertEqual(self.node.stop(), OK)
        self.assertEqual(self.node.verify().returncode, OK)

    def test_a_node_without_its_vault_says_what_it_cannot_read(self):
        self.client.close()
        self.assertEqual(self.node.stop(), OK)
        vault = self.node.directory / "data" / "vault"
        self.assertEqual({path.stat().st_mode & 0o077 for path in (vault, *vault.iterdir())}, {0})
        vault.rename(self.node.directory / "elsewhere")
        self.node.start()
        self.client = self.node.client()
        self.assertEqual(self.shown(7), ["unreadable", "", ""])
        self.client.close()
        self.assertEqual(self.node.stop(), OK)
        (vault / "master.key").unlink()
        (vault / COPIES[0]).write_bytes(block(0, [slot(1)]))
        self.node.launch()
        self.assertEqual(self.node.process.wait(30), UNAVAILABLE)
        self.assertIn("vault.no_master_key", self.node.said())


if __name__ == "__main__":
    unittest.main(verbosity=2)
