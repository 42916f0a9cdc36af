"""Signed meter values from a station's socket to the receipt: real, forged, a hash in the signature's place, unknown meters.

The station is npm's ocpp-rpc; one record is a real meter's (KEBA KCP30, from the examples of the Transparenzsoftware), the
others are signed by openssl here; receipts are checked by scripts that know the documents and not the program.
"""

import base64
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
from datetime import datetime, timedelta, timezone

import node_packages
from charging_setup import CARD, post, secret_of, set_up
from keel_process import Node

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools"
KEBA_KEY = ("3059301306072A8648CE3D020106082A8648CE3D030107034200043AEEB45C392357820A58FDFB0857BD77ADA31585C61C430531DFA53B44"
            "0AFBFDD95AC887C658EA55260F808F55CA948DF235C2108A0D6DC7D4AB1A5E1A7955BE")
KEBA_RECORD = (
    'OCMF|{"FV":"1.0","GI":"KEBA_KCP30","GS":"17619300","GV":"2.8.5","PG":"T32","IS":false,"IL":"NONE","IF":["RFID_NONE",'
    '"OCPP_NONE","ISO15118_NONE","PLMN_NONE"],"IT":"NONE","ID":"","RD":[{"TM":"2019-08-13T10:03:15,000+0000 I","TX":"B",'
    '"EF":"","ST":"G","RV":0.2596,"RI":"1-b:1.8.0","RU":"kWh"},{"TM":"2019-08-13T10:03:36,000+0000 R","TX":"E","EF":"",'
    '"ST":"G","RV":0.2597,"RI":"1-b:1.8.0","RU":"kWh"}]}|{"SD":"304502200E2F107C987A300AC1695CA89EA149A8CDFA16188AF0A33EE6'
    '4B67964AA943F9022100889A72B6D65364BEA8562E7F6A0253157ACFF84FE4929A93B5964D23C4265699"}')
KEBA_KEY_BASE64 = base64.b64encode(bytes.fromhex(KEBA_KEY)).decode()
OK, REFUSED = 0, 1


def run(*words, data=None):
    return subprocess.run(list(map(str, words)), input=data, capture_output=True, timeout=60, check=False)


class Meter:
    """A meter with a key of its own, on a curve that openssl names."""

    def __init__(self, directory, curve, ocmf_name):
        self.key = pathlib.Path(directory) / f"{ocmf_name}.pem"
        self.curve = ocmf_name
        assert run("openssl", "ecparam", "-name", curve, "-genkey", "-noout", "-out", self.key).returncode == 0
        self.public = run("openssl", "ec", "-in", self.key, "-pubout", "-outform", "DER").stdout

    def record(self, kwh):
        payload = '{"FV":"1.0","PG":"T1","RD":[{"TX":"E","RV":%s,"RI":"1-0:1.8.0","RU":"kWh"}]}' % kwh
        signature = run("openssl", "dgst", "-sha256", "-sign", self.key, data=payload.encode()).stdout
        return f'OCMF|{payload}|{{"SA":"ECDSA-{self.curve}-SHA256","SD":"{signature.hex()}"}}'

    def wrapped(self, record):
        """As the Open Charge Alliance's note has it."""
        key = base64.b64encode(f"oca:base16:asn1:{self.public.hex()}".encode()).decode()
        return json.dumps({"signedMeterData": base64.b64encode(record.encode()).decode(), "signingMethod": "",
                           "encodingMethod": "OCMF", "publicKey": key})


def at(moment):
    """One of the moments of a session: 0 is its start, a minute ago, 30 its end."""
    when = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(seconds=60) + timedelta(seconds=moment)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def meter_value(moment, wh, *signed):
    values = [{"value": str(wh), "unit": "Wh"}] + [{"value": each, "format": "SignedData"} for each in signed]
    return {"timestamp": at(moment), "sampledValue": values}


class SignedValuesTest(unittest.TestCase):
    def charge(self, node, connector, readings, start=0, stop=1000, at_stop=()):
        """A session with these readings; its view."""
        words = [["StartTransaction", {"connectorId": connector, "idTag": CARD, "meterStart": start, "timestamp": at(0)}]]
        words += [["MeterValues", {"connectorId": connector, "transactionId": "{transaction}", "meterValue": [each]}]
                  for each in readings]
        words += [["StopTransaction", {"transactionId": "{transaction}", "meterStop": stop, "timestamp": at(30),
                                       "transactionData": list(at_stop)}]]
        if not at_stop:
            del words[-1][1]["transactionData"]
        said = node_packages.run("say_ocpp.cjs", node.ocpp_url, "CP-1", secret_of("CP-1"), json.dumps(words))
        self.assertEqual(said.returncode, OK, said.stderr)
        client = node.client()
        session = client.get(f"/v1/sessions/{json.loads(said.stdout)[0]['transactionId']}").json
        client.close()
        return session

    def receipt(self, node, session):
        """(what keel says of it, the receipt as JSON, what the script says of it)"""
        path = node.directory / f"receipt-{session}"
        made = node.run("receipt", str(session), "--url", node.url, "--out", str(path))
        self.assertEqual(made.returncode, OK, made.stderr)
        checked = run(sys.executable, TOOLS / "check_receipt.py", path)
        self.assertEqual(checked.returncode, OK, checked.stderr.decode())
        return made.stdout, json.loads(path.read_text()), checked.stdout.decode()

    def test_signed_values_are_checked_kept_and_on_the_receipt(self):
        with tempfile.TemporaryDirectory() as keys, Node(ocpp__enabled="true", ocpp__port=0) as node:
            client = node.client()
            set_up(client, "CP-1")
            meter = Meter(keys, "brainpoolP256r1", "brainpool256r1")
            post(client, "/v1/stations/meter-keys", {"station": "CP-1", "connector": 1, "key": KEBA_KEY})
            bad = client.post("/v1/stations/meter-keys", {"station": "CP-1", "connector": 1, "key": KEBA_KEY[:-2]})
            self.assertEqual(bad.status, 400, bad.body)
            kept = client.get("/v1/stations/meter-keys?station=CP-1").json["keys"]
            self.assertEqual(kept, [{"connector": 1, "key": KEBA_KEY_BASE64}])

            # A real meter's record in MeterValues, and again with the stop.
            real = self.charge(node, 1, [meter_value(10, 259, KEBA_RECORD)], 259, 259, [meter_value(30, 259, KEBA_RECORD)])
            self.assertEqual(real["flags"], [])
            self.assertEqual(real["signed_values"], {"verified": 2, "unregistered": 0, "refused": 0, "records": []})
            told, receipt, checked = self.receipt(node, real["session"])
            self.assertIn("2 values by a registered key, 0 by another, 0 refused", told)
            records = json.loads(receipt["statement"])["bill"]["signed_values"]["records"]
            self.assertEqual([each["record"] for each in records], [KEBA_RECORD, KEBA_RECORD])
            self.assertEqual({each["meter_key"] for each in records}, {KEBA_KEY_BASE64})
            self.assertIn("KEBA_KCP30", checked)
            alone = run(sys.executable, TOOLS / "check_signed_value.py", "-", KEBA_KEY, data=KEBA_RECORD.encode())
            self.assertEqual(alone.returncode, OK, alone.stderr)

            # Forged; a SHA-256 in the signature's place; signed by another meter: recorded, flagged, never on the bill.
            forged = KEBA_RECORD.replace("0.2597", "0.9597")
            hashed = KEBA_RECORD[:KEBA_RECORD.rindex("30450220")] + "ab" * 32 + '"}'
            lies = self.charge(node, 1, [meter_value(5, 500, forged), meter_value(10, 600, hashed),
                                         meter_value(15, 700, meter.wrapped(meter.record("0.7")))])
            self.assertEqual(lies["flags"], ["signature_refused"])
            self.assertEqual(lies["signed_values"], {"verified": 0, "unregistered": 0, "refused": 3, "records": []})
            told, receipt, _ = self.receipt(node, lies["session"])
            self.assertIn("0 values by a registered key, 0 by another, 3 refused", told)
            self.assertEqual(json.loads(receipt["statement"])["bill"]["signed_values"]["records"], [])
            self.assertEqual(run(sys.executable, TOOLS / "check_signed_value.py", "-", KEBA_KEY,
                                 data=forged.encode()).returncode, REFUSED)

            # A meter that nobody registered shows its key; what it signed is not what is billed.
            unknown = self.charge(node, 2, [meter_value(10, 500, meter.wrapped(meter.record("0.5")))],
                                  at_stop=[meter_value(30, 900, meter.wrapped(meter.record("0.9")))])
            self.assertEqual(unknown["flags"], ["meter_unregistered", "signed_values_differ"])
            self.assertEqual(unknown["signed_values"]["unregistered"], 2)
            _, receipt, _ = self.receipt(node, unknown["session"])
            records = json.loads(receipt["statement"])["bill"]["signed_values"]["records"]
            self.assertEqual([each["signed_wh"] for each in records], ["500", "900"])
            self.assertEqual({each["verdict"] for each in records}, {"unregistered"})

            # The journal alone says the same.
            client.close()
            self.assertEqual(node.stop(), OK)
            verified = node.verify()
            report = json.loads(verified.stdout)
            self.assertEqual(verified.returncode, OK, report["problems"])
            self.assertEqual(report["bills"], {"sessions": 3, "bills": 3})


if __name__ == "__main__":
    unittest.main(verbosity=2)
