"""Proofs of a real node's records, checked by a script that knows the document and not the program."""

import json
import pathlib
import random
import subprocess
import sys
import unittest

from keel_process import Node, open_books, transfer

CHECK = pathlib.Path(__file__).resolve().parents[2] / "tools" / "check_receipt.py"
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


if __name__ == "__main__":
    unittest.main()
