"""The ledger's depth over HTTP: queries and cursors, balances of the past, statements and trial balances, JSON and CSV."""

import csv
import datetime
import io
import subprocess
import time
import unittest
import urllib.parse

from keel_process import Node, open_books, transfer

EUR, USD = 1, 2


def rows_of(body):
    text = body.decode()
    assert text.endswith("\r\n"), text
    return list(csv.DictReader(io.StringIO(text, newline="")))


def moment():
    """A time after everything that has been answered, and before everything that follows."""
    time.sleep(0.002)
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z")
    time.sleep(0.002)
    return now


class DepthTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = Node().start()
        cls.client = cls.node.client()
        open_books(cls.client, 20)
        cls.numbers = iter(range(1000, 10**9))

    @classmethod
    def tearDownClass(cls):
        assert cls.node.stop() == 0
        cls.node.__exit__()

    def post(self, path, body):
        answer = self.client.post(path, body)
        self.assertEqual(answer.status, 200, answer.body)
        return [row["code"] for row in answer.json["results"]]

    def move(self, *rows):
        codes = self.post("/v1/transfers", {"transfers": list(rows)})
        self.assertEqual(set(codes), {"created"})

    def fresh(self):
        return next(self.numbers)

    def get(self, path, status=200, **parameters):
        query = "?" + urllib.parse.urlencode(parameters) if parameters else ""
        answer = self.client.get(path + query)
        self.assertEqual(answer.status, status, answer.body)
        return answer

    def pages(self, path, name, **parameters):
        rows, cursor = [], "0"
        while True:
            page = self.get(path, cursor=cursor, **parameters).json
            rows += page[name]
            cursor = page["next_cursor"]
            if cursor == "0":
                return rows

    def test_transfers_by_any_intersection_both_ways(self):
        rows = [transfer(self.fresh(), 1 + i % 3, 4 + i % 2, 10 + i, code=1 + i % 4, user_data_64=str(100 + i % 5))
                for i in range(60)]
        self.move(*rows)
        for chosen in ({"code": 2}, {"user_data_64": 103}, {"account": 2}, {"debit_account": 1, "credit_account": 5},
                       {"account": 4, "code": 3, "user_data_64": 102}, {"ledger": 1, "code": 4}, {"code": 999}):
            def fits(row):
                return all(str(row[{"debit_account": "debit_account_id", "credit_account": "credit_account_id"}
                                   .get(name, name)]) == str(value) for name, value in chosen.items()
                           if name != "account") and (
                    "account" not in chosen or chosen["account"] in (row["debit_account_id"], row["credit_account_id"]))
            wanted = [row["id"] for row in rows if fits(row)]
            first = min(int(row["id"]) for row in rows)
            for order, expected in (("oldest", wanted), ("newest", wanted[::-1])):
                got = [row["id"] for row in self.pages("/v1/transfers", "transfers", order=order, limit=7, **chosen)
                       if first <= int(row["id"]) < first + 60]
                self.assertEqual(got, expected, chosen)

    def test_a_period_holds_what_happened_in_it(self):
        before = moment()
        number = self.fresh()
        self.move(transfer(number, 6, 7, 5))
        after = moment()
        self.move(transfer(self.fresh(), 6, 7, 5))
        found = self.pages("/v1/transfers", "transfers", **{"from": before, "to": after})
        self.assertEqual([row["id"] for row in found], [str(number)])

    def test_accounts_by_what_they_have_in_common(self):
        first = self.fresh()
        rows = [{"id": str(first + i), "ledger": 1, "code": 70 + i % 2, "user_data_32": 5 + i % 3,
                 "flags": ["history"] if i % 2 else []} for i in range(12)]
        for _ in range(11):
            self.fresh()
        self.post("/v1/accounts", {"accounts": rows})
        found = self.pages("/v1/accounts", "accounts", code=71, user_data_32=6, flags="history", limit=1)
        self.assertEqual([row["account"]["id"] for row in found], [str(first + 1), str(first + 7)])
        newest = self.pages("/v1/accounts", "accounts", code=70, order="newest")
        self.assertEqual([row["account"]["id"] for row in newest], [str(first + i) for i in range(10, -1, -2)])

    def test_pages_as_csv_with_the_cursor_in_a_header(self):
        numbers = [self.fresh() for _ in range(5)]
        self.move(*[transfer(number, 8, 9, 3, flags=["pending"]) for number in numbers])
        got, cursor = [], 0
        while True:
            answer = self.client.get(f"/v1/transfers?account=8&limit=2&cursor={cursor}", Accept="text/csv")
            self.assertEqual(answer.headers["Content-Type"].split(";")[0], "text/csv")
            got += rows_of(answer.body)
            cursor = int(answer.headers["Keel-Next-Cursor"])
            if cursor == 0:
                break
        self.assertEqual([int(row["id"]) for row in got], numbers)
        self.assertEqual({row["flags"] for row in got}, {"pending"})

    def test_balances_of_the_past_with_and_without_history(self):
        plain, kept = self.fresh(), self.fresh()
        self.post("/v1/accounts", {"accounts": [{"id": str(plain), "ledger": 1, "code": 1},
                                                {"id": str(kept), "ledger": 1, "code": 1, "flags": ["history"]}]})
        times, expected = [], []
        posted = pending = 0
        reserved = None
        for step in range(6):
            number = self.fresh()
            if step % 3 == 1:
                self.move(transfer(number, plain, kept, 40, flags=["pending"]))
                reserved, pending = number, 40
            elif step % 3 == 2:
                self.move(transfer(number, plain, kept, 15, flags=["post_pending"], pending_id=str(reserved)))
                posted, pending = posted + 15, 0
            else:
                self.move(transfer(number, plain, kept, 100))
                posted += 100
            times.append(moment())
            expected.append((posted, pending))
        for at, (posted, pending) in zip(times, expected):
            for account, side in ((plain, "debits"), (kept, "credits")):
                balances = self.get(f"/v1/accounts/{account}/balance", at=at).json["balances"]
                self.assertEqual((int(balances[f"{side}_posted"]), int(balances[f"{side}_pending"])), (posted, pending))
        self.get(f"/v1/accounts/{plain}/balance", status=404, at="2001-01-01T00:00:00Z")
        self.assertEqual(self.get(f"/v1/accounts/{kept}/balance").json["balance"], str(expected[-1][0]))
        history = self.pages(f"/v1/accounts/{kept}/balances", "balances", limit=2)
        self.assertEqual(len(history), 6)

    def test_a_statement_adds_up_in_json_and_csv(self):
        account = self.fresh()
        self.post("/v1/accounts", {"accounts": [{"id": str(account), "ledger": 1, "code": 1}]})
        self.move(*[transfer(self.fresh(), 10, account, 7) for _ in range(30)])
        begin = moment()
        moved = [transfer(self.fresh(), *((account, 10) if i % 4 == 0 else (10, account)), 3 + i) for i in range(1500)]
        self.move(*moved)
        self.move(transfer(self.fresh(), account, 10, 9, flags=["pending"]))
        end = moment()
        self.move(transfer(self.fresh(), 10, account, 1))
        path = f"/v1/accounts/{account}/statement"
        statement = self.get(path, **{"from": begin, "to": end}).json
        self.assertEqual(statement["opening"]["credits_posted"], "210")
        self.assertEqual([line["transfer_id"] for line in statement["lines"][:-1]], [row["id"] for row in moved])
        balance = 210
        for line in statement["lines"]:
            balance += int(line.get("credit", 0)) - int(line.get("debit", 0))
            self.assertEqual(int(line["balance"]), balance)
        self.assertEqual(int(statement["balance"]), balance)
        self.assertEqual(statement["closing"]["debits_pending"], "9")
        lines = rows_of(self.get(path, format="csv", **{"from": begin, "to": end}).body)
        self.assertEqual([lines[0]["entry"], lines[-1]["entry"]], ["opening", "closing"])
        self.assertEqual([lines[0]["balance"], lines[-1]["balance"]], ["210", str(balance)])
        self.assertEqual([line["transfer_id"] for line in lines[1:-1]],
                         [line["transfer_id"] for line in statement["lines"]])
        self.get("/v1/accounts/999999999999/statement", status=404)
        self.get(path, status=400, **{"from": end, "to": begin})

    def test_the_trial_balance_of_a_past_moment(self):
        self.post("/v1/ledgers", {"ledgers": [{"id": 7, "currency": "CHF", "exponent": 2}]})
        first = 700
        self.post("/v1/accounts", {"accounts": [{"id": str(first + i), "ledger": 7, "code": 1 + i % 2,
                                                 "flags": ["history"] if i % 3 else []} for i in range(10)]})
        expected = dict.fromkeys(range(first, first + 10), 0)
        for i in range(40):
            debit, credit = first + i % 10, first + (3 * i + 1) % 10
            if debit == credit:
                continue
            self.move(transfer(self.fresh(), debit, credit, 5 + i, ledger=7))
            expected[debit] -= 5 + i
            expected[credit] += 5 + i
        at = moment()
        self.move(transfer(self.fresh(), first, first + 1, 1000, ledger=7))
        sheet = self.get("/v1/ledgers/7/balances", at=at).json
        self.assertEqual({int(line["account_id"]): int(line["balance"]) for line in sheet["accounts"]}, expected)
        self.assertTrue(sheet["balanced"])
        self.assertEqual((sheet["balance"], sheet["count"]), ("0", "10"))
        lines = rows_of(self.get("/v1/ledgers/7/balances", at=at, format="csv").body)
        self.assertEqual({int(line["account_id"]): int(line["balance"]) for line in lines[:-1]}, expected)
        self.assertEqual((lines[-1]["entry"], lines[-1]["balance"]), ("total", "0"))
        some = self.get("/v1/balances", at=at, account_ids=f"{first},{first + 3},12345678", detail="sums").json
        self.assertEqual((some["count"], int(some["balance"])), ("2", expected[first] + expected[first + 3]))
        by_code = self.get("/v1/balances", at=at, ledger=7, code=2, detail="sums").json
        self.assertEqual(int(by_code["balance"]), sum(expected[first + i] for i in range(1, 10, 2)))
        now = self.get("/v1/balances", ledger=7, detail="sums").json
        self.assertTrue(now["balanced"])
        kept = self.get("/v1/ledgers/7/trial-balance").json["sums"]
        self.assertEqual(now["sums"], kept)

    def test_money_changes_currency_by_a_linked_chain(self):
        """The recipe of docs/ledger.md: 100.00 EUR of the customer become 108.00 USD, both legs or none."""
        self.post("/v1/ledgers", {"ledgers": [{"id": 20, "currency": "EUR", "exponent": 2},
                                              {"id": 21, "currency": "USD", "exponent": 2}]})
        ours, theirs = ["debits_must_not_exceed_credits"], []
        accounts = [(2001, 20, ours), (2002, 20, theirs), (2101, 21, theirs), (2102, 21, ours), (2009, 20, theirs),
                    (2109, 21, theirs)]
        self.post("/v1/accounts", {"accounts": [{"id": str(number), "ledger": ledger, "code": 1, "flags": flags}
                                                for number, ledger, flags in accounts]})
        self.move(transfer(self.fresh(), 2009, 2001, 10000, ledger=20), transfer(self.fresh(), 2109, 2102, 20000, ledger=21))

        def exchange(euros, dollars):
            return self.post("/v1/transfers", {"transfers": [
                transfer(self.fresh(), 2001, 2002, euros, ledger=20, flags=["linked"], user_data_128="77"),
                transfer(self.fresh(), 2102, 2101, dollars, ledger=21, user_data_128="77")]})

        self.assertEqual(exchange(10000, 10800), ["created", "created"])
        self.assertEqual(exchange(1, 1), ["exceeds_credits", "linked_event_failed"])  # no euros are left
        self.move(transfer(self.fresh(), 2009, 2001, 50000, ledger=20))
        self.assertEqual(exchange(10000, 10800), ["linked_event_failed", "exceeds_credits"])  # nor dollars enough
        balance = lambda account: int(self.get(f"/v1/accounts/{account}/balance").json["balance"])
        self.assertEqual([balance(account) for account in (2001, 2002, 2101, 2102)], [50000, 10000, 10800, 9200])
        legs = self.pages("/v1/transfers", "transfers", user_data_128=77)
        self.assertEqual([(row["ledger"], row["amount"]) for row in legs], [(20, "10000"), (21, "10800")])

    def test_curl_takes_a_statement(self):
        self.move(transfer(self.fresh(), 15, 16, 250))
        done = subprocess.run(["curl", "-sS", "--fail-with-body", "-H", f"Authorization: Bearer {self.node.token}",
                               "-H", "Accept: text/csv", self.node.url + "/v1/accounts/16/statement"],
                              capture_output=True, timeout=30, check=True)
        lines = rows_of(done.stdout)
        self.assertEqual([line["entry"] for line in lines], ["opening", "posted", "closing"])
        self.assertEqual(lines[-1]["balance"], "250")

    def test_what_is_wrong_is_refused_with_its_name(self):
        for target in ("/v1/transfers?code=70000", "/v1/transfers?account=x", "/v1/accounts?flags=open",
                       "/v1/balances?account_ids=1,,2", "/v1/transfers?format=xml", "/v1/accounts/1/balance?format=csv",
                       "/v1/balances?account_ids=1&ledger=1"):
            answer = self.client.get(target)
            self.assertEqual((answer.status, answer.json["code"]), (400, "api.bad_parameter"), target)
        answer = self.client.get("/v1/transfers?cursor=5")
        self.assertEqual((answer.status, answer.json["code"]), (400, "ledger.bad_filter"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
