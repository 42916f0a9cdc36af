"""A node whose door for charge points is open, with stations, drivers and a tariff, and what its books must say."""

import json
import os
import pathlib
import subprocess
import sys

import node_packages
from keel_process import Node

CHECK_RECEIPT = pathlib.Path(__file__).resolve().parents[2] / "tools" / "check_receipt.py"
SECRET = "a-secret-of-one-station"
STATIONS = 12  # CP-1 …, of two connectors; driver n with money has the token CARD-n
POOR = 99  # a driver without money, with the token POOR
PER_WH, SESSION_FEE = 490, 350_000  # ten-thousandths of a cent
HOLD = 2_000


def half_up(numerator, denominator):
    return (2 * numerator + denominator) // (2 * denominator)


def total_of(energy_wh):
    """What a session costs, in cents, tax included."""
    return half_up(SESSION_FEE + PER_WH * energy_wh, 10_000)


class CentralSystem(Node):
    def __init__(self, profile=1, ocpp__port=0, **settings):
        super().__init__(ocpp__enabled="true", ocpp__port=ocpp__port, ocpp__security_profile=profile, **settings)

    def __enter__(self):
        self.start()
        try:
            self.set_up()
        except BaseException:
            self.__exit__()  # nobody else would end the process
            raise
        return self

    def post(self, client, path, body):
        answer = client.post(path, body)
        assert answer.status == 200, (path, answer.body)
        assert answer.json.get("result", answer.json)["outcome"] == "done", (path, answer.body)

    def set_up(self):
        client = self.client()
        self.post(client, "/v1/charging/settings", {"ledger": 1, "currency": "EUR", "exponent": 2, "hold": HOLD})
        self.post(client, "/v1/tariffs", {"tariff": 1, "terms": {
            "name": "Test", "currency": "EUR", "energy_per_kwh": 1_000 * PER_WH, "session_fee": SESSION_FEE, "tax_basis_points": 1_900,
            "prices_include_tax": True}})
        for number in range(1, STATIONS + 1):
            self.post(client, "/v1/stations", {"station": f"CP-{number}", "connectors": 2, "tariff": 1, "secret": SECRET})
            self.post(client, "/v1/drivers", {"driver": number, "credit_limit": "100000"})
            self.post(client, "/v1/tokens", {"token": f"CARD-{number}", "driver": number})
        self.post(client, "/v1/drivers", {"driver": POOR})
        self.post(client, "/v1/tokens", {"token": "POOR", "driver": POOR})
        client.close()

    def environment_of_stations(self):
        return {"KEEL_API": self.url, "KEEL_TOKEN": self.token, "KEEL_SECRET": SECRET,
                "KEEL_KEPT": str(self.directory / "kept")}

    def begin(self, case):
        """A case of node/ocpp_station.cjs that goes on until its input ends: its process."""
        return node_packages.start("ocpp_station.cjs", case, self.ocpp_url, environment=self.environment_of_stations())

    def play(self, case, *files):
        """A case of node/ocpp_station.cjs: what came of it."""
        done = node_packages.run("ocpp_station.cjs", case, self.ocpp_url, *files, environment=self.environment_of_stations())
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def sessions(self):
        client = self.client()
        answer = client.get("/v1/sessions?limit=500").json
        client.close()
        assert answer["next"] == 0, "more sessions than a page"
        return answer["sessions"]

    def account(self, client, number):
        row = client.get(f"/v1/accounts/{number}").json["balances"]
        return {name: int(row[name]) for name in ("debits_posted", "credits_posted", "debits_pending", "credits_pending")}

    def check_books(self, test):
        """To the cent: every account of charging has what the sessions' bills say. The sessions."""
        client, sessions = self.client(), self.sessions()
        test.addCleanup(client.close)
        settings = client.get("/v1/charging/settings").json["settings"]
        closed = [each for each in sessions if each["state"] == "closed"]
        pending = sum(int(each["held"]) for each in sessions if each["state"] != "closed")
        for each in closed:
            energy = int(each["register_wh"]) - int(each["start_register_wh"])
            test.assertEqual(int(each["total"]), total_of(energy), each)
            test.assertEqual(int(each["tax"]), half_up(int(each["total"]) * 19, 119), each)
            test.assertEqual(int(each["net"]) + int(each["tax"]), int(each["total"]), each)
        total = sum(int(each["total"]) for each in closed)
        owed = {number: sum(int(each["total"]) for each in closed if each["driver"] == str(number))
                for number in [*range(1, STATIONS + 1), POOR]}
        revenue = self.account(client, settings["revenue_account"])
        test.assertEqual(revenue["credits_posted"], sum(int(each["net"]) for each in closed))
        test.assertEqual(self.account(client, settings["tax_account"])["credits_posted"], sum(int(each["tax"]) for each in closed))
        clearing = self.account(client, settings["clearing_account"])
        test.assertEqual((clearing["debits_posted"], clearing["credits_posted"], clearing["credits_pending"]), (total, total, pending))
        receivables = self.account(client, settings["receivables_account"])["debits_posted"]
        paid = 0
        for number, amount in owed.items():
            account = self.account(client, client.get(f"/v1/drivers/{number}").json["account"])
            # All or nothing: who has no money owes it.
            test.assertEqual(account["debits_posted"], 0 if number == POOR else amount, number)
            paid += account["debits_posted"]
        test.assertEqual(paid + receivables, total)
        test.assertTrue(client.get("/v1/ledgers/1/trial-balance").json["balanced"])
        return sessions

    def check_receipts(self, test, sessions):
        """Each bill has a receipt that is checked without Keel and says the same."""
        for each in sessions:
            out = self.directory / f"receipt-{each['session']}"
            made = self.run("receipt", str(each["session"]), "--url", self.url, "--out", str(out))
            test.assertEqual(made.returncode, 0, made.stderr)
            good = subprocess.run([sys.executable, str(CHECK_RECEIPT), str(out)], capture_output=True, text=True, timeout=60,
                                  check=False)
            test.assertEqual(good.returncode, 0, good.stdout + good.stderr)
            test.assertIn(rf'\"total\":\"{each["total"]}\"', out.read_text())

    def check_files(self, test, sessions):
        """The node ends, and its files alone say that every bill is in the books."""
        closed = [each for each in sessions if each["state"] == "closed"]
        test.assertEqual(self.stop(), 0)
        done = self.verify()
        report = json.loads(done.stdout)
        test.assertEqual(done.returncode, 0, report["problems"])
        test.assertEqual(report.get("bills", {"sessions": 0, "bills": 0}), {"sessions": len(sessions), "bills": len(closed)})


def tls_files(authority, directory):
    """The directory of a node's certificates, signed by tls_test.Authority, with it as the judge of stations'."""
    into = pathlib.Path(directory) / "tls"
    os.makedirs(into)
    authority.sign("default", "DNS:localhost,IP:127.0.0.1", into=into)
    (into / "client_ca.pem").write_text(pathlib.Path(authority.certificate).read_text())
    return str(into)
