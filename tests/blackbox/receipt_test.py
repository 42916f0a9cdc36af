"""Proofs and receipts, checked by a script that knows the document and not the program, and by openssl.

The receipt is the one that is kept in tests/golden/receipt-v1: the unit tests make the same.
"""

import hashlib
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

from keel_process import Node, open_books, transfer

CHECK = pathlib.Path(__file__).resolve().parents[2] / "tools" / "check_receipt.py"
GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden" / "receipt-v1" / "receipt.json"
SEED = 20261129
OK, FAILED, CORRUPT = 0, 1, 3


def check(document, *options):
    """(exit code, what it said) of tools/check_receipt.py on a document."""
    text = document if isinstance(document, str) else json.dumps(document)
    done = subprocess.run([sys.executable, str(CHECK), "-", *options], input=text, capture_output=True, text=True,
                          timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def flip(text, bit):
    """Hexadecimal digits with one bit of their bytes turned."""
    data = bytearray.fromhex(text)
    data[bit // 8] ^= 1 << bit % 8
    return data.hex()


def forged(proof, chance):
    """Copies of a proof with one bit turned, some in each member."""
    for member in ("group_header", "envelope", "payload", "head"):
        for _ in range(6):
            yield {**proof, member: flip(proof[member], chance.randrange(4 * len(proof[member])))}
    for at in range(len(proof["path"])):
        path = list(proof["path"])
        path[at] = flip(path[at], chance.randrange(256))
        yield {**proof, "path": path}
    for member in ("index", "leaves"):
        yield {**proof, member: proof[member] + 1}
    yield {**proof, "path": proof["path"] + [proof["head"]]}


class Proofs(unittest.TestCase):
    def prove(self, node, position, *more):
        done = node.run("prove", str(position), *more, "--json")
        self.assertEqual(done.returncode, OK, done.stderr)
        return json.loads(done.stdout)

    def test_every_record_of_a_running_node_can_be_proved_to_somebody_who_has_no_journal(self):
        with Node() as node:
            client = node.client()
            open_books(client)
            for first in range(1, 60, 20):
                body = [transfer(number) for number in range(first, first + 20)]
                self.assertEqual(client.post("/v1/transfers", {"transfers": body}, key=str(first)).status, 200)
            last = json.loads(node.run("verify", "--json").stdout)["last_sequence"]
            journal = str(node.directory / "data" / "journal")
            heads = set()
            for position in range(1, last + 1):
                proof = self.prove(node, position)
                code, said = check(proof, "--journal", journal)
                self.assertEqual(code, OK, said)
                heads.add(proof["head"])
            self.assertGreater(len(heads), 3)
            self.assertIn("the record is in the chain", said)
            client.close()
            beyond = node.run("prove", str(last + 1))
            self.assertEqual(beyond.returncode, FAILED)
            self.assertIn("journal.no_such_position", beyond.stderr)

    def test_a_forged_proof_is_refused(self):
        chance = random.Random(SEED)
        with Node() as node:
            client = node.client()
            open_books(client, accounts=9)
            client.close()
            last = json.loads(node.run("verify", "--json").stdout)["last_sequence"]
            proof = self.prove(node, last)
            self.assertEqual(check(proof)[0], OK)
            for bad in forged(proof, chance):
                code, said = check(bad)
                self.assertEqual(code, 1, f"{bad} was taken: {said}")
            with Node() as other:
                other_client = other.client()
                open_books(other_client)
                other_client.close()
                code, said = check(proof, "--journal", str(other.directory / "data" / "journal"))
                self.assertEqual((code, "not in that journal" in said), (1, True), said)
            self.assertEqual(check("{")[0], 2)
            self.assertEqual(check("[]")[0], 2)

    def test_a_receipt_of_no_session_is_not_given(self):
        with Node() as node:
            done = node.run("receipt", "7", f"--url={node.url}")
            self.assertEqual((done.returncode, done.stdout), (FAILED, ""))


class Receipts(unittest.TestCase):
    """What the golden receipt says is checked by others; then it is forged, with a key and without."""

    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="keel-receipt-"))
        self.receipt = json.loads(GOLDEN.read_text())

    def tearDown(self):
        for path in self.directory.iterdir():
            path.unlink()
        self.directory.rmdir()

    def openssl(self, *words):
        return subprocess.run(["openssl", *words], capture_output=True, timeout=60, check=False)

    def signed_by_another_key(self, receipt):
        """The receipt with a signature that is right, by a key that openssl makes."""
        key, statement, signature = (self.directory / name for name in ("key", "statement", "signature"))
        self.assertEqual(self.openssl("genpkey", "-algorithm", "ed25519", "-out", str(key)).returncode, 0)
        statement.write_text(receipt["statement"])
        done = self.openssl("pkeyutl", "-sign", "-inkey", str(key), "-rawin", "-in", str(statement), "-out",
                            str(signature))
        self.assertEqual(done.returncode, 0, done.stderr)
        public = self.openssl("pkey", "-in", str(key), "-pubout", "-outform", "DER").stdout
        return {**receipt, "signature": signature.read_bytes().hex(), "public_key": public[-32:].hex()}

    def test_openssl_and_the_script_find_it_good(self):
        name = str(GOLDEN)
        done = self.openssl("pkeyutl", "-verify", "-pubin", "-inkey", name + ".pem", "-rawin", "-in",
                            name + ".statement", "-sigfile", name + ".signature")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(pathlib.Path(name + ".statement").read_text(), self.receipt["statement"])
        code, said = check(self.receipt, "--key", self.receipt["public_key"], "--head", self.receipt["proof"]["head"])
        self.assertEqual(code, OK, said)
        self.assertIn("total              508", said)
        self.assertEqual(check(self.receipt, "--key", "00" * 32)[0], 1)
        self.assertEqual(check(self.receipt, "--head", "00" * 32)[0], 1)

    def test_with_one_bit_turned_it_is_refused_by_both(self):
        chance = random.Random(SEED)
        for proof in forged(self.receipt["proof"], chance):
            self.assertEqual(check({**self.receipt, "proof": proof})[0], 1)
        for member in ("signature", "public_key"):
            for _ in range(6):
                bit = chance.randrange(4 * len(self.receipt[member]))
                self.assertEqual(check({**self.receipt, member: flip(self.receipt[member], bit)})[0], 1)
        for _ in range(12):
            text = bytearray(self.receipt["statement"].encode())
            text[chance.randrange(len(text))] ^= 1
            self.assertEqual(check({**self.receipt, "statement": text.decode()})[0], 1)
            statement = self.directory / "changed"
            statement.write_bytes(text)
            done = self.openssl("pkeyutl", "-verify", "-pubin", "-inkey", f"{GOLDEN}.pem", "-rawin", "-in",
                                str(statement), "-sigfile", f"{GOLDEN}.signature")
            self.assertNotEqual(done.returncode, 0)

    def test_signed_anew_it_holds_only_when_it_says_what_the_record_says(self):
        self.assertEqual(check(self.signed_by_another_key(self.receipt))[0], OK)
        original = json.loads(self.receipt["statement"])
        lies = [{**original, "tenant": 2}, {**original, "position": "44"}, {**original, "receipt": 2},
                {**original, "head": "00" * 32}, {**original, "cell": 9}, {**original, "more": 1}]
        for name, value in {"total": "1", "session": 8, "lines": [], "currency": "USD", "transfers": [],
                            "stopped_at": "2026-11-29T00:00:00.000000000Z", "flags": ["no_hold"]}.items():
            lies.append({**original, "bill": {**original["bill"], name: value}})
        for statement in lies:
            receipt = {**self.receipt, "statement": json.dumps(statement)}
            code, said = check(self.signed_by_another_key(receipt))
            self.assertEqual(code, 1, f"{statement} was taken: {said}")

    def test_a_record_made_up_to_fit_the_lie_does_not_lead_to_the_head(self):
        proof = self.receipt["proof"]
        payload = bytes.fromhex(proof["payload"])
        changed = payload.replace(b"EUR", b"USD")
        self.assertNotEqual(payload, changed)
        lie = self.receipt["statement"].replace("EUR", "USD")
        receipt = {**self.receipt, "statement": lie, "proof": {**proof, "payload": changed.hex()}}
        code, said = check(self.signed_by_another_key(receipt))
        self.assertEqual((code, "Merkle root" in said), (1, True), said)
        # Even with a root that fits, the head is another one than the statement and the chain have.
        header = bytearray.fromhex(proof["group_header"])
        header[128:160] = hashlib.sha256(b"\0" + bytes.fromhex(proof["envelope"]) + changed).digest()
        receipt["proof"] = {**receipt["proof"], "group_header": header.hex()}
        self.assertEqual(check(self.signed_by_another_key(receipt))[0], 1)


if __name__ == "__main__":
    unittest.main()
