"""OCPP 1.6-J against the whole node, by clients that nobody here wrote: npm's ocpp-rpc (strict mode), ocpp-ws-cli and ws, and
curl. What they have said is looked for in the sessions, the bills, the books, the receipts and the files.
"""

import base64
import json
import pathlib
import signal
import subprocess
import tempfile
import unittest

import node_packages
from charge_points import HOLD, CentralSystem, tls_files, total_of
from keel_process import BINARY
from tls_test import Authority

ACCEPTED = {"idTagInfo": {"status": "Accepted"}}


class Echo:
    """keel bench echo: the WebSocket machinery of the node's doors, with nothing behind it."""

    def __enter__(self):
        self.process = subprocess.Popen([BINARY, "bench", "echo"], stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.status = self.process.wait(30)
        self.process.stdout.close()


class OcppTest(unittest.TestCase):
    def test_a_whole_session_and_an_operators_calls(self):
        with CentralSystem() as node:
            came = node.play("session")
            self.assertEqual(came["strict"], [])
            said = came["said"]
            self.assertEqual(said["BootNotification"]["status"], "Accepted")
            self.assertEqual(said["Authorize"], ACCEPTED)
            self.assertEqual(said["StartTransaction"], {**ACCEPTED, "transactionId": 1})
            self.assertEqual(said["StopTransaction"], ACCEPTED)
            self.assertEqual(said["SignCertificate"], {"status": "Rejected"})
            self.assertEqual(came["ordered"].pop("Reset"), "rejected")
            self.assertEqual(set(came["ordered"].values()), {"accepted"}, came["ordered"])
            self.assertEqual(len(came["asked"]), 17)
            client = node.client()
            station = client.get("/v1/stations?station=CP-1").json["stations"][0]
            client.close()
            self.assertEqual((station["vendor"], station["model"], station["firmware"], station["firmware_status"]),
                             ("V", "M", "1.0", "Installed"))
            self.assertEqual(station["connectors"][1]["status"], "charging")
            sessions = node.check_books(self)
            self.assertEqual(len(sessions), 1)
            session = sessions[0]
            self.assertEqual((session["state"], session["station"], session["driver"], session["reason"], session["flags"]),
                             ("closed", "CP-1", "1", "vehicle_disconnected", []))
            # The start, the reading, the stop.
            self.assertEqual((session["start_register_wh"], session["register_wh"], session["usage"]["readings"]), ("100", "900", 3))
            self.assertEqual((int(session["total"]), int(session["held"])), (total_of(800), HOLD))
            node.check_receipts(self, sessions)
            node.check_files(self, sessions)

    def test_a_station_whose_messages_are_compressed(self):
        with CentralSystem(ocpp__deflate="true") as node:
            came = node.play("session")
            self.assertEqual(came["strict"], [])
            self.assertGreaterEqual(node.metric("keel_ocpp_deflated_total"), 1)
            self.assertEqual(len(node.check_books(self)), 1)

    def test_what_is_wrong_has_its_code_and_who_may_not_charge_is_told(self):
        with CentralSystem() as node:
            came = node.play("refusals")
            self.assertEqual(came["codes"], {
                "unknown action": "NotImplemented", "other direction": "NotSupported", "other profile": "NotSupported",
                "unknown key": "FormationViolation", "missing key": "OccurenceConstraintViolation",
                "wrong type": "TypeConstraintViolation", "too long": "PropertyConstraintViolation",
                "not listed": "PropertyConstraintViolation"})
            self.assertEqual(came["tokens"], {"CARD-2": "Accepted", "NOBODY": "Invalid", "POOR": "Blocked"})
            # They charged all the same, and it is owed.
            sessions = node.check_books(self)
            self.assertEqual([int(each["total"]) for each in sessions], [total_of(1_000)] * 3)
            self.assertEqual(["on_receivables" in each["flags"] or "payer_unknown" in each["flags"] for each in sessions],
                             [False, True, True])
            node.check_files(self, sessions)

    def test_what_breaks_others(self):
        with CentralSystem() as node:
            came = node.play("faults")
            self.assertEqual(came["first"][2], {**ACCEPTED, "transactionId": 1})
            self.assertEqual(came["first"], came["again"])
            self.assertEqual(came["replayed"][2], came["first"][2])
            self.assertEqual(came["stopped"], [[3, "s", ACCEPTED], [3, "t", ACCEPTED]])
            self.assertEqual((came["crossed"], came["order_result"]), (3, "accepted"))
            self.assertEqual((came["slow_result"], list(came["after"])), ("timed_out", ["currentTime"]))
            # One was sent and had no answer; the others waited for it in vain, and were never sent.
            self.assertEqual(came["many"], ["not_sent", "not_sent", "timed_out"])
            self.assertEqual((came["offline"], came["twice_ordered"]), ("not_sent", [200, 409]))
            sessions = node.check_books(self)
            self.assertEqual(len(sessions), 1)
            self.assertEqual((sessions[0]["register_wh"], sessions[0]["usage"]["readings"]), ("3000", 3))
            self.assertEqual(sessions[0]["flags"], [])
            for name, least in (("stray_answers", 4), ("repeated", 1), ("bad_messages", 1)):
                self.assertGreaterEqual(node.metric(f"keel_ocpp_{name}_total"), least, name)
            node.check_receipts(self, sessions)
            node.check_files(self, sessions)

    def test_offline_transactions_are_billed_once_in_whatever_order_they_come_and_however_often(self):
        with CentralSystem() as node:
            came = node.play("offline")
            self.assertEqual(came["first"], came["second"])
            self.assertEqual([came["first"][0]["transactionId"], came["first"][4]["transactionId"]], [1, 2])
            sessions = node.check_books(self)
            self.assertEqual([(each["start_register_wh"], each["register_wh"], each["state"]) for each in sessions],
                             [("0", "1500", "closed"), ("2000", "5000", "closed")])
            for each in sessions:
                self.assertLessEqual({"offline_start", "stop_matched", "no_hold"}, set(each["flags"]))
            self.assertEqual([sum(map(int, each["usage"]["time_s"])) // 60 for each in sessions], [60, 20])
            node.check_receipts(self, sessions)
            node.check_files(self, sessions)

    def test_a_wrong_clock_is_not_believed_and_the_meter_is(self):
        with CentralSystem() as node:
            node.play("clocks")
            sessions = node.check_books(self)
            self.assertEqual([(each["register_wh"], each["state"]) for each in sessions], [("1050", "closed")])
            self.assertLessEqual({"start_clock_wrong", "stop_clock_wrong", "reading_clock_wrong"}, set(sessions[0]["flags"]))
            self.assertLess(sum(map(int, sessions[0]["usage"]["time_s"])), 60)
            node.check_files(self, sessions)

    def test_an_operator_starts_stops_unlocks_and_resets(self):
        with CentralSystem() as node:
            came = node.play("remote")
            self.assertEqual(came["results"], [
                ["RemoteStartTransaction", "accepted"], ["RemoteStopTransaction", "rejected"], ["RemoteStopTransaction", "accepted"],
                ["UnlockConnector", "rejected"], ["UnlockConnector", "failed"], ["Reset", "failed"], ["Reset", "failed"],
                ["Reset", "timed_out"]])
            client = node.client()
            call = client.get("/v1/calls/1000").json
            client.close()
            self.assertEqual((call["action"], call["station"], call["result"]), ("RemoteStartTransaction", "CP-10", "accepted"))
            sessions = node.check_books(self)
            self.assertEqual([(each["driver"], each["register_wh"], each["reason"]) for each in sessions], [("10", "4000", "remote")])
            node.check_files(self, sessions)

    def test_a_station_goes_on_where_a_killed_node_was(self):
        with CentralSystem() as node:
            first = node.play("half a session")
            node.kill()
            node.start()
            self.assertEqual([each["state"] for each in node.check_books(self)], ["open"])
            self.assertEqual(node.play("the other half")["again"], first["transactionId"])
            sessions = node.check_books(self)
            self.assertEqual([(each["register_wh"], each["usage"]["readings"], each["flags"]) for each in sessions],
                             [("2000", 3, [])])
            node.check_receipts(self, sessions)
            node.check_files(self, sessions)

    def test_a_storm_of_reconnections(self):
        with CentralSystem() as node:
            self.assertEqual(node.play("storm"), {"codes": [1008], "same": True, "result": "accepted"})
            self.assertGreaterEqual(node.metric("keel_ocpp_replaced_total"), 101)
            sessions = node.check_books(self)
            self.assertEqual([each["register_wh"] for each in sessions], ["6000"])
            node.check_files(self, sessions)

    def test_security_profiles(self):
        shut = {"right": "open", "wrong": 401, "none": 401, "unknown": 401, "unknown, none": 401}
        with CentralSystem(1) as node:
            self.assertEqual(node.play("door"), shut)
            self.assertGreaterEqual(node.metric("keel_ocpp_refused_total"), 4)
        with CentralSystem(0) as node:
            self.assertEqual(node.play("door"), {**shut, "none": "open", "unknown, none": 404})
        with tempfile.TemporaryDirectory() as directory:
            authority = Authority(directory, "authority")
            tls = {"ocpp__tls": "true", "tls__directory": tls_files(authority, directory)}
            station = authority.sign("CP-5", "DNS:cp-5")
            other = authority.sign("CP-7", "DNS:cp-7")
            with CentralSystem(2, **tls) as node:
                self.assertEqual(node.play("door", authority.certificate), shut)
            with CentralSystem(3, **tls) as node:
                # The certificate says who it is; what else is shown does not matter.
                self.assertEqual(node.play("door", authority.certificate, *station),
                                 {**shut, "wrong": "open", "none": "open"})
                self.assertEqual(set(node.play("door", authority.certificate, *other).values()), {401})
                # Without one there is no connection at all.
                self.assertNotIn("open", node.play("door", authority.certificate).values())

    def test_the_websocket_below(self):
        with CentralSystem() as node:
            self.assertEqual(node.play("not OCPP"), {"mistaken": 1003, "hopeless": 1008, "refused": 1009})
        with Echo() as echo:
            done = node_packages.run("ocpp_station.cjs", "socket", echo.url)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(json.loads(done.stdout),
                             {"text": "text", "bytes": 100010, "answered": "are you there", "code": 1000, "refused": 1009})
            key = base64.b64encode(bytes(16)).decode()
            opening = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key,
                       "Sec-WebSocket-Protocol": "ocpp1.6"}
            # An answer that no client closes is cut after its headers: curl has its status then.
            for status, change in (("101", {}), ("400", {"Sec-WebSocket-Protocol": "other"}), ("400", {"Sec-WebSocket-Key": "short"}),
                                   ("426", {"Sec-WebSocket-Version": "8"}), ("426", {"Upgrade": "other"}),
                                   ("403", {"Origin": "https://elsewhere.example"})):
                fields = [word for name, value in {**opening, **change}.items() for word in ("-H", f"{name}: {value}")]
                done = subprocess.run(["curl", "-s", "-m", "1", "-o", "/dev/null", "-w", "%{http_code}", *fields,
                                       f"http{echo.url.removeprefix('ws')}/"], capture_output=True, text=True, timeout=20, check=False)
                self.assertEqual(done.stdout, status, change)
        self.assertEqual(echo.status, 0)

    def test_errors_of_an_operators_request(self):
        with CentralSystem() as node:
            client = node.client()
            for station, action, payload, status, code in (
                    ("CP-1", "Heartbeat", {}, 404, "ocpp.no_such_action"), ("CP-1", "Nonsense", {}, 404, "ocpp.no_such_action"),
                    ("XX-1", "ClearCache", {}, 404, "ocpp.unknown_station"), ("CP-1", "Reset", {"type": "Warm"}, 400, None)):
                answer = client.ask("POST", f"/v1/stations/{station}/calls/{action}", payload)
                self.assertEqual(answer.status, status, answer.body)
                if code is not None:
                    self.assertEqual(answer.json["code"], code)
            client.close()
            self.assertEqual(node.metric("keel_ocpp_stations"), 0)

    def test_ocpp_ws_cli_passes_every_check(self):
        with CentralSystem(0) as node, tempfile.TemporaryDirectory() as reports:
            place = node_packages.installed()
            done = subprocess.run([str(place / "node_modules/.bin/ocpp"), "test", "-e", f"{node.ocpp_url}/ocpp", "-i", "CP-8", "-p",
                                   "ocpp1.6", "--suite", "all", "--report", "json", "--report-dir", reports],
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=200, check=False)
            report = json.loads(next(pathlib.Path(reports).glob("*.json")).read_text())
            # Its exit status is 0 whatever it found.
            failed = [check for check in report["testResults"] if not check["passed"]]
            self.assertEqual((failed, report["metrics"]["testsPassed"]), ([], 21), done.stdout[-2000:])
            node.check_files(self, node.check_books(self))


if __name__ == "__main__":
    unittest.main()
