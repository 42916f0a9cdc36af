"""The money path on a real node: charge points over OCPP, bills in the ledger, receipts that others check."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

from keel_process import BINARY, Node

OK = 0
ROOT = pathlib.Path(__file__).resolve().parents[2]


def keel(*words, cwd=None):
    return subprocess.run([BINARY, *map(str, words)], capture_output=True, text=True, timeout=120, check=False, cwd=cwd)


class ChargingNode(Node):
    """A node with charge points' door open."""

    def __init__(self, **settings):
        super().__init__(ocpp__enabled="true", ocpp__port=0, **settings)

    @property
    def central_system(self):
        return next(url for url in self.ready.read_text().split() if url.startswith("ws:"))

    def fleet(self, *words):
        done = self.run("fleet", "ocpp", "--url", self.url, "--central-system", self.central_system,
                        "--warm-up-ms", "100", "--seconds", "2", "--json", *map(str, words))
        self.told = json.loads(done.stdout) if done.stdout else done.stderr
        return done.returncode


class ChargingTest(unittest.TestCase):
    def verified(self, node):
        """What the files alone say: every bill is checked against its postings."""
        done = node.verify()
        report = json.loads(done.stdout)
        self.assertEqual(done.returncode, OK, report["problems"])
        return report["bills"]

    def balanced(self, client):
        balance = client.get("/v1/ledgers/10/trial-balance").json
        self.assertTrue(balance["balanced"])
        return balance

    def test_the_demo_tells_a_session_from_the_socket_to_the_bill(self):
        with tempfile.TemporaryDirectory() as directory:
            told = keel("demo", "--seconds", 1, cwd=directory)
            self.assertEqual(told.returncode, OK, told.stderr)
            for step in ("Authorize", "StartTransaction", "MeterValues", "StopTransaction"):
                self.assertRegex(told.stdout, rf"device +{step} +durable after")
            # 11 kWh at 0.49 and 0.35 a session, tax of 19 % included.
            self.assertRegex(told.stdout, r"total +5\.74 EUR, of which tax 0\.92 EUR")
            verified = keel("verify", "--json", cwd=directory)
            self.assertEqual(json.loads(verified.stdout)["bills"], {"sessions": 1, "bills": 1})

    def test_every_session_of_a_fleet_is_billed_once_whatever_is_repeated_or_cut(self):
        with ChargingNode() as node:
            self.assertEqual(node.fleet("--stations", 4, "--readings", 3, "--replay-every", 5, "--cut-every", 7),
                             OK, getattr(node, "told", None))
            self.assertGreater(node.told["reconnected"], 0)
            client = node.client()
            sessions, after = [], 0
            while True:
                page = client.get(f"/v1/sessions?after={after}&limit=500").json
                sessions += page["sessions"]
                after = page["next"]
                if not after:
                    break
            self.assertEqual([each["session"] for each in sessions], list(range(1, len(sessions) + 1)))
            self.assertGreaterEqual(len(sessions), node.told["sessions"])
            closed = [each for each in sessions if each["state"] == "closed"]
            self.assertEqual(len(closed), len(sessions))
            for each in closed:
                # Three readings of 500 Wh: 0.49 a kWh and 0.35.
                self.assertEqual(int(each["register_wh"]) - int(each["start_register_wh"]), 1500)
                self.assertEqual(int(each["total"]), 109)
            self.balanced(client)
            client.close()
            self.assertEqual(node.stop(), OK)
            self.assertEqual(self.verified(node), {"sessions": len(sessions), "bills": len(sessions)})

    def test_what_was_billed_is_there_after_kill_and_its_receipt_is_checked_without_keel(self):
        with ChargingNode() as node:
            self.assertEqual(node.fleet("--stations", 1, "--readings", 1), OK)
            before = node.client().get("/v1/sessions/1").json
            node.kill()
            node.start()
            self.assertEqual(node.client().get("/v1/sessions/1").json, before)
            receipt = node.directory / "receipt"
            made = node.run("receipt", "1", "--url", node.url, "--out", str(receipt))
            self.assertEqual(made.returncode, OK, made.stderr)
            check = [sys.executable, str(ROOT / "tools" / "check_receipt.py"), str(receipt)]
            good = subprocess.run(check, capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(good.returncode, OK, good.stdout + good.stderr)
            openssl = next(line for line in made.stdout.splitlines() if line.startswith("openssl "))
            signed = subprocess.run(openssl, shell=True, capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(signed.returncode, OK, signed.stdout + signed.stderr)
            total = rf'\"total\":\"{before["total"]}\"'
            self.assertIn(total, receipt.read_text())
            receipt.write_text(receipt.read_text().replace(total, r'\"total\":\"1\"'))
            forged = subprocess.run(check, capture_output=True, text=True, timeout=60, check=False)
            self.assertNotEqual(forged.returncode, OK)


if __name__ == "__main__":
    unittest.main(verbosity=2)
