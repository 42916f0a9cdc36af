"""The money path by clients that nobody here wrote: Python's http.client, curl and Node's fetch."""

import json
import shutil
import struct
import subprocess
import time
import unittest
import urllib.error
import urllib.request

from keel_process import Node, open_books, transfer

TRANSFER = struct.Struct("<16s16s16s16s16s16sQIIIHHq")
RESULT = struct.Struct("<IIq16s")


def packed(number, debit=1, credit=2, amount=1):
    wide = lambda value: value.to_bytes(16, "little")
    return TRANSFER.pack(wide(number), wide(debit), wide(credit), wide(amount), wide(0), wide(0), 0, 0, 0, 1, 1, 0, 0)


class MoneyTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = Node().start()
        cls.client = cls.node.client()
        open_books(cls.client, 20)
        cls.numbers = iter(range(1000, 10**9))

    @classmethod
    def tearDownClass(cls):
        stopped = cls.node.stop()
        verified = cls.node.verify()
        cls.node.__exit__()
        assert stopped == 0, stopped
        assert verified.returncode == 0, verified.stdout

    def move(self, *rows, key=None, query="", **more):
        return self.client.post(f"/v1/transfers{query}", {"transfers": list(rows), **more}, key=key)

    def codes(self, answer):
        self.assertEqual(answer.status, 200, answer.body)
        return [row["code"] for row in answer.json["results"]]

    def fresh(self):
        return next(self.numbers)

    def balance(self, account):
        return {name: int(value) for name, value in self.client.get(f"/v1/accounts/{account}").json["balances"].items()}

    def test_moves_money_and_says_the_balances_after_it(self):
        number = self.fresh()
        answer = self.move(transfer(number, 3, 4, 250), balances=True)
        self.assertEqual(self.codes(answer), ["created"])
        self.assertEqual(answer.json["results"][0]["debit_account"]["debits_posted"], "250")
        self.assertEqual(self.balance(4)["credits_posted"], 250)
        self.assertEqual(self.client.get(f"/v1/transfers/{number}").json["amount"], "250")
        self.assertGreater(int(answer.headers["Keel-Position"]), 0)

    def test_the_same_key_gets_the_same_answer_and_another_body_a_conflict(self):
        row = transfer(self.fresh())
        first = self.move(row, key="the-key")
        again = self.move(row, key="the-key")
        self.assertFalse(first.json["repeated"])
        self.assertTrue(again.json["repeated"])
        self.assertEqual(first.json["results"], again.json["results"])
        other = self.move(transfer(self.fresh()), key="the-key")
        self.assertEqual((other.status, other.json["code"]), (409, "engine.command_id_reused"))

    def test_an_expected_revision_that_has_passed_is_a_conflict(self):
        revision = self.move(transfer(self.fresh())).headers["Keel-Revision"]
        self.assertEqual(self.move(transfer(self.fresh()), query=f"?expected_revision={revision}").status, 200)
        late = self.move(transfer(self.fresh()), query=f"?expected_revision={revision}")
        self.assertEqual((late.status, late.json["code"]), (409, "engine.wrong_revision"))

    def test_pending_is_posted_in_part_or_voided_or_expires(self):
        reserve = [self.fresh() for _ in range(3)]
        for number in reserve:
            self.assertEqual(self.codes(self.move(transfer(number, 5, 6, 100, flags=["pending"], timeout_seconds=2))),
                             ["created"])
        self.assertEqual(self.balance(5)["debits_pending"], 300)
        post = transfer(self.fresh(), 5, 6, 40, flags=["post_pending"], pending_id=str(reserve[0]))
        void = transfer(self.fresh(), 5, 6, 0, flags=["void_pending"], pending_id=str(reserve[1]))
        self.assertEqual(self.codes(self.move(post, void)), ["created", "created"])
        until = time.monotonic() + 10
        while self.balance(5)["debits_pending"] and time.monotonic() < until:
            time.sleep(0.05)
        self.assertEqual(self.balance(5)["debits_pending"], 0)
        self.assertEqual(self.balance(5)["debits_posted"], 40)
        late = transfer(self.fresh(), 5, 6, 1, flags=["post_pending"], pending_id=str(reserve[2]))
        self.assertEqual(self.codes(self.move(late)), ["pending_transfer_expired"])

    def test_a_linked_chain_fails_together(self):
        good = transfer(self.fresh(), 7, 8, 5, flags=["linked"])
        bad = transfer(self.fresh(), 7, 99, 5)
        after = transfer(self.fresh(), 7, 8, 1)
        self.assertEqual(self.codes(self.move(good, bad, after)),
                         ["linked_event_failed", "credit_account_not_found", "created"])
        self.assertEqual(self.balance(8)["credits_posted"], 1)

    def test_a_batch_of_packed_records(self):
        first = 10**12
        body = b"".join(packed(first + i, 9, 10) for i in range(8189))
        answer = self.client.post("/v1/transfers", body, **{"Content-Type": "application/vnd.keel.transfers"})
        self.assertEqual(answer.status, 200, answer.body[:200])
        rows = list(RESULT.iter_unpack(answer.body))
        self.assertEqual([(row[0], row[1]) for row in rows], [(i, 0) for i in range(8189)])
        self.assertEqual(self.balance(10)["credits_posted"], 8189)
        one_more = body + packed(first + 8189)
        refused = self.client.post("/v1/transfers", one_more, **{"Content-Type": "application/vnd.keel.transfers"})
        self.assertEqual(refused.status, 400)
        odd = self.client.post("/v1/transfers", body[:-1], **{"Content-Type": "application/vnd.keel.transfers"})
        self.assertEqual((odd.status, odd.json["code"]), (400, "api.bad_body"))

    def test_an_error_says_where_what_and_what_would_be_right(self):
        wrong = transfer(self.fresh())
        wrong["debit_acount_id"] = wrong.pop("debit_account_id")
        answer = self.move(transfer(self.fresh()), wrong)
        self.assertEqual((answer.status, answer.json["code"]), (400, "json.unknown_key"))
        self.assertIn("transfers[1]", answer.json["detail"])
        self.assertIn("debit_account_id", answer.json["detail"])
        unknown = self.client.get("/v1/accounts?ledgr=1")
        self.assertEqual((unknown.status, unknown.json["code"]), (400, "api.bad_parameter"))
        self.assertEqual(self.client.get("/v1/accounts/12345").status, 404)
        self.assertEqual(self.client.get("/nowhere").status, 404)
        self.assertEqual(self.client.ask("DELETE", "/v1/accounts").status, 405)

    def test_everything_but_health_needs_the_token(self):
        for target in ("/v1/trial-balance", "/metrics", "/openapi.json", "/v1/events"):
            for headers in ({}, {"Authorization": "Bearer keel_" + "0" * 64}):
                with self.assertRaises(urllib.error.HTTPError) as refused:
                    urllib.request.urlopen(urllib.request.Request(self.node.url + target, headers=headers))
                self.assertEqual(refused.exception.code, 401)
        for target in ("/healthz", "/readyz"):
            self.assertEqual(urllib.request.urlopen(self.node.url + target).status, 200)

    def test_urllib_and_head(self):
        request = urllib.request.Request(self.node.url + "/v1/accounts/1", method="HEAD",
                                         headers={"Authorization": f"Bearer {self.node.token}"})
        with urllib.request.urlopen(request) as answer:
            self.assertGreater(int(answer.headers["Content-Length"]), 0)
            self.assertEqual(answer.read(), b"")

    def test_curl(self):
        body = json.dumps({"transfers": [transfer(self.fresh(), 11, 12, 77)]})
        words = ["curl", "-sS", "--fail-with-body", "-H", f"Authorization: Bearer {self.node.token}",
                 "-H", "Expect: 100-continue", "--json", "@-", self.node.url + "/v1/transfers"]
        done = subprocess.run(words, input=body, capture_output=True, text=True, timeout=30, check=True)
        self.assertEqual(json.loads(done.stdout)["results"][0]["code"], "created")
        self.assertEqual(self.balance(12)["credits_posted"], 77)

    def test_fetch_of_node(self):
        self.assertIsNotNone(shutil.which("node"), "Node.js is not installed: tools/setup/install.sh")
        script = """
          const [url, token, body] = process.argv.slice(1);
          const headers = {Authorization: `Bearer ${token}`, 'Content-Type': 'application/json'};
          const answer = await fetch(url + '/v1/transfers', {method: 'POST', headers, body});
          const account = await fetch(url + '/v1/accounts/14', {headers});
          console.log(JSON.stringify([answer.status, await answer.json(), await account.json()]));
        """
        body = json.dumps({"transfers": [transfer(self.fresh(), 13, 14, 9)]})
        done = subprocess.run(["node", "--input-type=module", "-e", script, self.node.url, self.node.token, body],
                              capture_output=True, text=True, timeout=60, check=True)
        status, answer, account = json.loads(done.stdout)
        self.assertEqual((status, answer["results"][0]["code"]), (200, "created"))
        self.assertEqual(account["balances"]["credits_posted"], "9")

    def test_metrics_are_what_prometheus_reads(self):
        text = self.client.get("/metrics").body
        checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, timeout=30,
                                 check=False)
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
        self.assertGreater(self.node.metric("keel_commands_total"), 0)

    def test_the_openapi_document_refers_only_to_what_is_there(self):
        document = self.client.get("/openapi.json").json
        references = []

        def collect(value):
            if isinstance(value, dict):
                references.extend([value["$ref"]] if "$ref" in value else [])
                for inner in value.values():
                    collect(inner)
            elif isinstance(value, list):
                for inner in value:
                    collect(inner)

        collect(document)
        self.assertGreater(len(references), 10)
        for reference in references:
            self.assertTrue(reference.startswith("#/"))
            place = document
            for part in reference[2:].split("/"):
                place = place[part]
        for path, operations in document["paths"].items():
            for operation in operations.values():
                self.assertIn("responses", operation, path)

    def test_events_from_the_start_and_again_from_a_position(self):
        number = self.fresh()
        self.move(transfer(number, 15, 16, 3))

        def events(**headers):
            client = self.node.client()
            client.connection.request("GET", "/v1/events?after=start", headers={
                "Authorization": f"Bearer {self.node.token}", **headers})
            response = client.connection.getresponse()
            self.assertEqual(response.headers["Content-Type"], "text/event-stream")
            got, event = [], {}
            for line in response:
                line = line.decode().rstrip("\n")
                if line:
                    name, _, value = line.partition(": ")
                    event[name] = value
                    continue
                got.append(event)
                if event.get("event") == "caught_up":
                    client.close()
                    return got
                event = {}
            self.fail("the stream ended")

        seen = events()
        ids = [int(event["id"]) for event in seen if "id" in event]
        self.assertEqual(ids, sorted(ids))
        rows = [row for event in seen if event["event"] == "ledger.transfer_created"
                for row in json.loads(event["data"])["rows"]]
        self.assertIn(str(number), [row["id"] for row in rows])
        middle = ids[len(ids) // 2]
        rest = events(**{"Last-Event-ID": str(middle)})
        self.assertEqual([event for event in rest if "id" in event],
                         [event for event in seen if "id" in event and int(event["id"]) > middle])


if __name__ == "__main__":
    unittest.main(verbosity=2)
