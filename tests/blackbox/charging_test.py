"""The money path on a real node: charge points over OCPP, bills in the ledger, receipts that others check."""

import json
import pathlib
import re
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
    """A node with the doors of charge points and terminals open."""

    def __init__(self, **settings):
        super().__init__(ocpp__enabled="true", ocpp__port=0, mqtt__enabled="true", mqtt__port=0, mqtt__charging="true",
                         **settings)

    def fleet(self, *words):
        done = self.run("fleet", "charging", "--url", self.url, "--central-system", self.ocpp_url,
                        "--broker", f"mqtt://127.0.0.1:{self.mqtt_port}",
                        "--warm-up-ms", "100", "--seconds", "2", "--json", *map(str, words))
        self.told = json.loads(done.stdout) if done.stdout else done.stderr
        return done.returncode


class ChargingTest(unittest.TestCase):
    def verified(self, node):
        """What the files alone say: every bill is checked against its postings."""
        done = node.verify()
        report = json.loads(done.stdout)
        self.assertEqual(done.returncode, OK, report["problems"])
        self.assertEqual(report["readings"]["unplaced"], 0)
        return report["bills"]

    def balanced(self, client):
        balance = client.get("/v1/ledgers/10/trial-balance").json
        self.assertTrue(balance["balanced"])
        return balance

    def test_the_demo_tells_a_session_over_each_protocol_from_the_socket_to_the_bill(self):
        with tempfile.TemporaryDirectory() as directory:
            told = keel("demo", "--seconds", 1, "--stations", 3, "--terminals", 2, cwd=directory)
            self.assertEqual(told.returncode, OK, told.stdout + told.stderr)
            for step in ("Authorize", "StartTransaction", "MeterValues", "StopTransaction",
                         "authorize", "start", "readings", "stop"):
                self.assertRegex(told.stdout, rf"device +{step} +durable after")
            # 11 kWh at 0.49 and 0.35 a session, tax of 19 % included; once for each.
            self.assertEqual(len(re.findall(r"total +5\.74 EUR, of which tax 0\.92 EUR", told.stdout)), 2, told.stdout)
            processes = set(re.findall(r"process (\d+)", told.stdout))
            self.assertEqual(len(processes), 3)
            second = re.search(r"1 s +(\d+) messages .* (\d+) sessions ended  balance zero", told.stdout)
            self.assertGreater(int(second[1]), 0, told.stdout)
            verified = json.loads(keel("verify", "--json", cwd=directory).stdout)
            self.assertTrue(verified["ok"], verified)
            self.assertGreaterEqual(verified["bills"]["bills"], 2 + int(second[2]))
            self.assertEqual(verified["bills"]["bills"], verified["bills"]["sessions"])

    def test_the_demo_kills_the_node_and_finds_every_session_that_was_acknowledged(self):
        with tempfile.TemporaryDirectory() as directory:
            told = keel("demo", "--kill", "--seconds", 1, "--stations", 3, "--terminals", 2, "--set", "disk=lossy",
                        cwd=directory)
            self.assertEqual(told.returncode, OK, told.stdout + told.stderr)
            found = re.search(r"found +(\d+) of (\d+) acknowledged sessions billed, .*: all of them", told.stdout)
            self.assertGreater(int(found[1]), 0, told.stdout)
            self.assertIn('"balanced":true', told.stdout)
            verified = keel("verify", "--json", cwd=directory)
            self.assertEqual(verified.returncode, OK, verified.stdout)

    def test_every_session_of_a_fleet_is_billed_once_whatever_is_repeated_or_cut(self):
        with ChargingNode() as node:
            self.assertEqual(node.fleet("--stations", 3, "--terminals", 3, "--readings", 3, "--replay-every", 5, "--cut-every", 7),
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
