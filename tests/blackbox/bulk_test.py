"""keel ledger import, export, query, statement and trial-balance: files into the books and out again."""

import csv
import io
import json
import os
import pathlib
import socket
import subprocess
import tempfile
import time
import unittest

from keel_process import Node

DAY = 86400
ACCOUNTS = 50


def open_ledger(node):
    client = node.client()
    opened = client.post("/v1/ledgers", {"ledgers": [{"id": 1, "currency": "EUR", "exponent": 2}]})
    client.close()
    assert opened.status == 200, opened.body


def stamp(second):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_500_000_000 + second))


def quiet_port():
    """A free port that no outgoing connection takes: one that asks such a port of its own would meet itself."""
    for port in range(20_000 + os.getpid() % 10_000, 32_000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass
    raise AssertionError("no free port")


def write_csv(path, rows):
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def account_rows(count=ACCOUNTS, ledger=1):
    return [{"id": number, "ledger": ledger, "code": 1 + number % 3, "flags": "history" if number % 5 == 0 else "",
             "timestamp": stamp(number)} for number in range(1, count + 1)]


def transfer_rows(count, first_id=None, ledger=1):
    rows = []
    for i in range(count):
        row = {"debit_account_id": 1 + i % ACCOUNTS, "credit_account_id": 1 + (7 * i + 3) % ACCOUNTS, "amount": 1 + i,
               "ledger": ledger, "code": 1 + i % 4, "user_data_64": i % 10, "timestamp": stamp(DAY + i)}
        if row["debit_account_id"] == row["credit_account_id"]:
            row["credit_account_id"] = 1 + row["credit_account_id"] % ACCOUNTS
        rows.append(row if first_id is None else {"id": first_id + i, **row})
    return rows


class BulkTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="keel-bulk-")
        self.path = pathlib.Path(self.folder.name)
        self.node = Node(http__port=quiet_port()).start()
        open_ledger(self.node)

    def tearDown(self):
        self.assertEqual(self.node.stop(), 0)
        self.node.__exit__()
        self.folder.cleanup()

    def ledger(self, *words, code=0, node=None):
        node = node or self.node
        done = node.run("ledger", "--url", node.url, *map(str, words))
        self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        return done

    def imported(self, *words, code=0):
        return json.loads(self.ledger("import", "--json", *words, code=code).stdout)

    def file(self, name, rows):
        write_csv(self.path / name, rows)
        return self.path / name

    def sums(self, node=None):
        client = (node or self.node).client()
        answer = client.get("/v1/ledgers/1/trial-balance").json
        client.close()
        return answer["sums"], answer["accounts"], answer["transfers"]

    def test_original_times_ids_that_are_derived_and_a_second_run_that_changes_nothing(self):
        accounts = self.file("accounts.csv", account_rows())
        self.assertEqual(self.imported("--accounts", accounts),
                         {"rows": ACCOUNTS, "created": ACCOUNTS, "existing": 0, "refused": 0})
        transfers = self.file("transfers.csv", transfer_rows(20_000))
        self.assertEqual(self.imported(transfers), {"rows": 20000, "created": 20000, "existing": 0, "refused": 0})
        before = self.sums()
        self.assertEqual(self.imported(transfers, "--batch", 1000),
                         {"rows": 20000, "created": 0, "existing": 20000, "refused": 0})
        self.assertEqual(self.sums(), before)
        self.assertEqual(before[1:], (str(ACCOUNTS), "20000"))
        # The balance of a day long ago.
        at = stamp(DAY + 99)
        done = json.loads(self.ledger("trial-balance", 1, "--at", at).stdout)
        self.assertEqual((done["balanced"], done["sums"]["debits_posted"]), (True, str(sum(range(1, 101)))))
        lines = list(csv.DictReader(io.StringIO(self.ledger("query", "transfers", "--account", 3, "--code", 3,
                                                            "--limit", 5, "--csv").stdout)))
        self.assertEqual(len(lines), 5)
        self.assertEqual({line["flags"] for line in lines}, {"imported"})

    def test_an_import_that_was_broken_off_goes_on(self):
        self.ledger("import", "--accounts", self.file("accounts.csv", account_rows()))
        transfers = self.file("transfers.csv", transfer_rows(30_000))
        words = self.node.command("ledger", "--url", self.node.url, "import", str(transfers), "--batch", "50")
        process = subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.PIPE)
        process.stderr.readline()  # some progress has been told
        process.kill()
        process.communicate()
        there = int(self.sums()[2])
        self.assertTrue(0 < there < 30_000, there)
        self.assertEqual(self.imported(transfers),
                         {"rows": 30000, "created": 30000 - there, "existing": there, "refused": 0})

    def test_a_node_that_is_killed_and_started_again_is_waited_for(self):
        self.ledger("import", "--accounts", self.file("accounts.csv", account_rows()))
        transfers = self.file("transfers.csv", transfer_rows(30_000))
        words = self.node.command("ledger", "--url", self.node.url, "import", str(transfers), "--batch", "50", "--json")
        process = subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        process.stderr.readline()
        self.node.kill()
        self.node.start()
        out, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, errors)
        counts = json.loads(out)
        self.assertEqual((counts["rows"], counts["created"] + counts["existing"]), (30000, 30000))
        self.assertEqual(self.sums()[2], "30000")

    def test_what_is_wrong_is_told_with_its_line(self):
        self.ledger("import", "--accounts", self.file("accounts.csv", account_rows()))
        rows = transfer_rows(10, first_id=1)
        rows[4]["credit_account_id"] = 777
        rows[7]["ledger"] = 9
        wrong = self.file("wrong.csv", rows)
        for words in (["--dry-run"], []):
            done = self.ledger("import", *words, wrong, code=1)
            self.assertIn("line 6" if words else "wrong.csv:6: credit_account_not_found", done.stderr)
        self.assertIn("wrong.csv:9: transfer_must_have_the_same_ledger_as_accounts", done.stderr)
        self.assertEqual(self.sums()[2], "8")
        rows = transfer_rows(10, first_id=100)
        rows[5]["timestamp"] = stamp(DAY)
        self.assertIn("line 7: timestamp", self.ledger("import", "--dry-run", self.file("late.csv", rows), code=1).stderr)
        rows[5]["amount"] = "a lot"
        self.assertIn("line 7: amount", self.ledger("import", "--dry-run", self.file("text.csv", rows), code=1).stderr)
        self.assertEqual(self.sums()[2], "8")
        (self.path / "odd.jsonl").write_text('{"id":1,"amuont":5}\n')
        self.assertIn("amount", self.ledger("import", self.path / "odd.jsonl", code=1).stderr)
        self.ledger("import", self.path / "nothing.csv", code=1)
        self.ledger("import", wrong.rename(self.path / "wrong.txt"), code=1)

    def test_a_dry_run_changes_nothing(self):
        self.ledger("import", "--accounts", self.file("accounts.csv", account_rows()))
        done = self.ledger("import", "--dry-run", self.file("transfers.csv", transfer_rows(500)))
        self.assertIn("500 rows read, nothing sent", done.stdout)
        self.assertEqual(self.sums()[2], "0")

    def test_chains_are_kept_together_and_exist_together(self):
        self.ledger("import", "--accounts", self.file("accounts.csv", account_rows()))
        rows = transfer_rows(100, first_id=1)
        for i, row in enumerate(rows):
            row["flags"] = "linked" if i % 4 != 3 else ""
        chains = self.file("chains.csv", rows)
        self.assertEqual(self.imported(chains, "--batch", 6)["created"], 100)
        self.assertEqual(self.imported(chains, "--batch", 7),
                         {"rows": 100, "created": 0, "existing": 100, "refused": 0})

    def test_books_go_from_one_node_to_another(self):
        self.ledger("import", "--accounts", self.file("accounts.csv", account_rows()))
        self.ledger("import", self.file("transfers.csv", transfer_rows(2_500, first_id=1)))
        reserve = {"id": "9001", "debit_account_id": 1, "credit_account_id": 2, "amount": 50, "ledger": 1, "code": 1,
                   "flags": ["pending"]}
        post = {"id": "9002", "pending_id": "9001", "amount": 20, "flags": ["post_pending"]}
        client = self.node.client()
        self.assertEqual(client.post("/v1/transfers", {"transfers": [reserve, post]}).status, 200)
        client.close()
        with Node() as other:
            open_ledger(other)
            for what, form in (("accounts", "csv"), ("transfers", "jsonl")):
                name = self.path / f"out.{form}"
                self.ledger("export", what, name)
                self.assertFalse(name.with_suffix(f".{form}.partial").exists())
                self.ledger("import", *(["--accounts"] if what == "accounts" else []), name, node=other)
            self.assertEqual(self.sums(other), self.sums())
            mine, theirs = ([json.loads(line) for line in self.ledger(
                "query", "transfers", "--limit", 0, node=node).stdout.splitlines()] for node in (self.node, other))
            for row in mine + theirs:
                row["flags"] = [flag for flag in row["flags"] if flag != "imported"]
            self.assertEqual(mine, theirs)
            at = stamp(DAY + 1000)
            for words in (["statement", 5], ["trial-balance", 1, "--at", at], ["query", "balance", 6, "--at", at]):
                lines = [self.ledger(*words, node=node).stdout for node in (self.node, other)]
                first, second = ({name: value for name, value in json.loads(line).items()
                                  if name not in ("account", "to")} for line in lines)
                self.assertEqual(first, second)

    def test_queries_reach_what_has_left_memory(self):
        rows = transfer_rows(30_000, first_id=1)
        accounts, transfers = self.file("accounts.csv", account_rows()), self.file("transfers.csv", rows)
        with Node(archive__hot_bytes=1 << 20, snapshots__every_bytes=1 << 20) as node:
            open_ledger(node)
            self.ledger("import", "--accounts", accounts, node=node)
            self.ledger("import", transfers, "--batch", 1000, node=node)
            self.assertGreater(node.metric("keel_rows_cold"), 10_000)

            def ids(*words):
                lines = self.ledger("query", "transfers", "--limit", 0, *words, node=node).stdout.splitlines()
                return [int(json.loads(line)["id"]) for line in lines]

            both = [row["id"] for row in rows if row["code"] == 2 and row["user_data_64"] == 3]
            self.assertEqual(ids("--code", 2, "--user-data-64", 3), both)
            self.assertEqual(ids("--code", 2, "--user-data-64", 3, "--newest"), both[::-1])
            of_account = [row["id"] for row in rows if 5 in (row["debit_account_id"], row["credit_account_id"])]
            self.assertEqual(ids("--account", 5), of_account)
            self.assertEqual(ids("--ledger", 1, "--from", stamp(DAY + 500), "--to", stamp(DAY + 520)),
                             list(range(501, 522)))
            done = self.ledger("trial-balance", 1, "--at", stamp(DAY + 999), "--sums", node=node)
            self.assertEqual(json.loads(done.stdout)["sums"]["debits_posted"], str(sum(range(1, 1001))))
            lines = self.ledger("statement", 5, "--csv", node=node).stdout.splitlines()
            self.assertEqual(len(lines), len(of_account) + 3)

    def test_queries_on_the_command_line(self):
        self.ledger("import", "--accounts", self.file("accounts.csv", account_rows()))
        self.ledger("import", self.file("transfers.csv", transfer_rows(3_000, first_id=1)))
        newest = [json.loads(line) for line in
                  self.ledger("query", "transfers", "--code", 2, "--user-data-64", 1, "--newest", "--limit", 3).stdout.splitlines()]
        self.assertEqual([row["id"] for row in newest], ["2982", "2962", "2942"])
        accounts = self.ledger("query", "accounts", "--flags", "history", "--csv", "--limit", 0).stdout
        self.assertEqual(len(list(csv.DictReader(io.StringIO(accounts)))), ACCOUNTS // 5)
        history = self.ledger("query", "history", 5, "--limit", 4).stdout.splitlines()
        self.assertEqual(len(history), 4)
        sums = json.loads(self.ledger("query", "balances", "--ids", "1,2,3", "--sums").stdout)
        self.assertEqual((sums["count"], sums["accounts"]), ("3", []))
        statement = self.ledger("statement", 5, "--from", stamp(DAY + 100), "--to", stamp(DAY + 900), "--csv").stdout
        lines = list(csv.DictReader(io.StringIO(statement)))
        self.assertEqual((lines[0]["entry"], lines[-1]["entry"]), ("opening", "closing"))
        self.assertGreater(len(lines), 10)
        refused = self.ledger("query", "accounts", "--account", 5, code=1)
        self.assertIn("account", refused.stderr)
        self.ledger("statement", 4711, code=1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
