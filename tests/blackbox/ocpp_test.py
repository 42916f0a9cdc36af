"""OCPP 1.6-J and the WebSockets below it, by clients that nobody here wrote: npm's ocpp-rpc (strict mode), ocpp-ws-cli and ws,
and curl. The server is keel-test-central-system (tests/ocpp): the whole of servers/ocpp on sockets, without a cell.
"""

import base64
import json
import os
import pathlib
import subprocess
import tempfile
import unittest
import urllib.request

import node_packages
from keel_process import Node
from tls_test import Authority

PROGRAM = pathlib.Path(os.environ["KEEL_BIN"]).parent / "keel-test-central-system"


class CentralSystem:
    """The program, from its first line to the end of its input."""

    def __init__(self, least_profile=1, *files):
        self.process = subprocess.Popen([str(PROGRAM), str(least_profile), *files], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        self.url = self.process.stdout.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.status = self.process.wait(30)
        self.process.stdout.close()

    def events(self):
        with urllib.request.urlopen(f"http{self.url.removeprefix('ws')}/events", timeout=10) as answer:
            return json.load(answer)


class OcppTest(unittest.TestCase):
    def play(self, case, server, *files):
        done = node_packages.run("ocpp_station.cjs", case, server.url, *files)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_a_whole_session_and_an_operators_calls(self):
        with CentralSystem() as server:
            came = self.play("session", server)
            told = server.events()
        self.assertEqual(server.status, 0)
        self.assertEqual(came["strict"], [])
        said = came["said"]
        self.assertEqual(said["BootNotification"]["status"], "Accepted")
        self.assertEqual(said["Authorize"], {"idTagInfo": {"status": "Accepted"}})
        self.assertEqual(said["StartTransaction"], {"idTagInfo": {"status": "Accepted"}, "transactionId": 1})
        self.assertEqual(said["StopTransaction"], {"idTagInfo": {"status": "Accepted"}})
        self.assertEqual(said["SignCertificate"], {"status": "Rejected"})
        self.assertEqual(came["ordered"].pop("Reset"), "rejected")
        self.assertEqual(set(came["ordered"].values()), {"accepted"}, came["ordered"])
        self.assertEqual(len(came["asked"]), 17)
        self.assertEqual((told["starts"], told["stops"], told["readings"]), (1, 1, 1))
        self.assertEqual(told["notes"], ["V/m", "Installed", "Uploaded", "FirmwareUpdated", "Uploaded", "Installed"])

    def test_what_is_wrong_has_its_code(self):
        with CentralSystem() as server:
            codes = self.play("refusals", server)
        self.assertEqual(codes, {
            "unknown action": "NotImplemented", "other direction": "NotSupported", "other profile": "NotSupported",
            "unknown key": "FormationViolation", "missing key": "OccurenceConstraintViolation",
            "wrong type": "TypeConstraintViolation", "too long": "PropertyConstraintViolation",
            "not listed": "PropertyConstraintViolation"})

    def test_what_breaks_others(self):
        with CentralSystem() as server:
            came = self.play("faults", server)
            told = server.events()
        self.assertEqual(came["first"], came["again"])
        self.assertEqual(came["replayed"][2], came["first"][2])
        self.assertEqual((came["early"], came["twice"]), ([3, "b", {"idTagInfo": {"status": "Accepted"}}],
                                                          [3, "c", {"idTagInfo": {"status": "Accepted"}}]))
        self.assertEqual((told["starts"], told["stops"]), (1, 1))
        self.assertEqual((came["crossed"], came["order_result"]), (3, "accepted"))
        self.assertEqual((came["slow_result"], came["after"]), ("timed_out", 3))
        # One was sent and had no answer; the others waited for it in vain, and were never sent.
        self.assertEqual(came["many"], ["not_sent", "not_sent", "timed_out"])
        self.assertEqual((came["offline"], came["twice_ordered"]), ("not_sent", [200, 409]))

    def test_a_storm_of_reconnections(self):
        with CentralSystem() as server:
            came = self.play("storm", server)
        self.assertEqual(came, {"codes": [1008], "answer": 3, "result": "accepted"})

    def test_security_profiles(self):
        with CentralSystem(1) as server:
            self.assertEqual(self.play("door", server), {"right": "open", "wrong": 401, "none": 401, "unknown": 401})
        with CentralSystem(0) as server:
            self.assertEqual(self.play("door", server), {"right": "open", "wrong": 401, "none": "open", "unknown": 401})
        with tempfile.TemporaryDirectory() as directory:
            authority = Authority(directory, "authority")
            files = [*authority.sign("server", "DNS:localhost,IP:127.0.0.1"), authority.certificate]
            station = authority.sign("CP-5", "DNS:cp-5")
            other = authority.sign("CP-7", "DNS:cp-7")
            with CentralSystem(2, *files) as server:
                self.assertEqual(self.play("door", server, authority.certificate),
                                 {"right": "open", "wrong": 401, "none": 401, "unknown": 401})
            with CentralSystem(3, *files) as server:
                # The certificate says who it is; what else is shown does not matter.
                self.assertEqual(self.play("door", server, authority.certificate, *station),
                                 {"right": "open", "wrong": "open", "none": "open", "unknown": 401})
                self.assertEqual(set(self.play("door", server, authority.certificate, *other).values()), {401})
                self.assertEqual(set(self.play("door", server, authority.certificate).values()), {401})

    def test_the_websocket_below(self):
        with CentralSystem() as server:
            came = self.play("socket", server)
            self.assertEqual(came, {"text": "text", "bytes": 100010, "answered": "are you there", "code": 1000, "refused": 1009,
                                    "streamed": "bytes", "mistaken": 1003})
            key = base64.b64encode(bytes(16)).decode()
            opening = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key,
                       "Sec-WebSocket-Protocol": "echo"}
            # An answer that no client closes is cut after its headers: curl has its status then.
            for status, change in (("101", {}), ("400", {"Sec-WebSocket-Protocol": "other"}), ("400", {"Sec-WebSocket-Key": "short"}),
                                   ("426", {"Sec-WebSocket-Version": "8"}), ("426", {"Upgrade": "other"}),
                                   ("403", {"Origin": "https://elsewhere.example"})):
                fields = [word for name, value in {**opening, **change}.items() for word in ("-H", f"{name}: {value}")]
                done = subprocess.run(["curl", "-s", "-m", "1", "-o", "/dev/null", "-w", "%{http_code}", *fields,
                                       f"http{server.url.removeprefix('ws')}/"], capture_output=True, text=True, timeout=20, check=False)
                self.assertEqual(done.stdout, status, change)

    def test_a_node_opens_its_door_and_lets_no_stranger_in(self):
        with Node(ocpp__enabled="true", ocpp__port=0, ocpp__security_profile=0) as node:
            done = node_packages.run("ocpp_station.cjs", "door", node.ocpp_url)
            self.assertEqual(done.returncode, 0, done.stderr)
            # 503: module charging does not answer yet; 404: nobody has registered this station.
            self.assertIn(json.loads(done.stdout)["none"], (404, 503))
            client = node.client()
            answer = client.ask("POST", "/v1/stations/CP-1/calls/Heartbeat", {})
            self.assertEqual((answer.status, answer.json["code"]), (404, "ocpp.no_such_action"))
            client.close()
            self.assertEqual(node.metric("keel_ocpp_stations"), 0)
            self.assertGreaterEqual(node.metric("keel_ocpp_refused_total"), 1)
            self.assertEqual(node.stop(), 0)

    def test_ocpp_ws_cli_passes_every_check(self):
        with CentralSystem(0) as server, tempfile.TemporaryDirectory() as reports:
            place = node_packages.installed()
            done = subprocess.run([str(place / "node_modules/.bin/ocpp"), "test", "-e", f"{server.url}/ocpp", "-i", "CP-8", "-p",
                                   "ocpp1.6", "--suite", "all", "--report", "json", "--report-dir", reports],
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=200, check=False)
            report = json.loads(next(pathlib.Path(reports).glob("*.json")).read_text())
        # Its exit status is 0 whatever it found.
        failed = [check for check in report["testResults"] if not check["passed"]]
        self.assertEqual((failed, report["metrics"]["testsPassed"]), ([], 21), done.stdout[-2000:])


if __name__ == "__main__":
    unittest.main()
