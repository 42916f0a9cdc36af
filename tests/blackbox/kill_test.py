"""kill -9 under load, on a disk that forgets what was not synced: what was acknowledged is there, once.

The list of what was acknowledged is kept here, in another process than the one that is killed. KEEL_KILLS sets
the number of kills (50).
"""

import http.client
import json
import os
import random
import threading
import time
import unittest

import keel_process
from keel_process import Node, open_books, transfer

KILLS = int(os.environ.get("KEEL_KILLS", "50"))
ACCOUNTS = 50
WRITERS = 6


class Outside:
    """What the clients were told: the ids that were acknowledged, and those whose fate they do not know."""

    def __init__(self, seed):
        self.lock = threading.Lock()
        self.random = random.Random(seed)
        self.next_id = 1
        self.sent = {}  # id -> (debit, credit, amount)
        self.acknowledged = set()

    def draw(self):
        with self.lock:
            number = self.next_id
            self.next_id += 1
            debit = self.random.randrange(1, ACCOUNTS + 1)
            credit = debit % ACCOUNTS + 1
            amount = self.random.randrange(1, 1000)
            self.sent[number] = (debit, credit, amount)
        return number, transfer(number, debit, credit, amount)

    def acknowledge(self, number):
        with self.lock:
            self.acknowledged.add(number)


def write_until(node, outside, stop):
    """One client: a transfer after the other until it is told to stop or the node is gone."""
    client = node.client()
    while not stop.is_set():
        number, row = outside.draw()
        try:
            answer = client.post("/v1/transfers", {"transfers": [row]}, key=f"kill-{number}")
        except (OSError, http.client.HTTPException):
            return
        if answer.status == 200 and answer.json["results"][0]["code"] == "created":
            outside.acknowledge(number)


def load_and_kill(node, outside):
    stop = threading.Event()
    writers = [threading.Thread(target=write_until, args=(node, outside, stop)) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    time.sleep(outside.random.uniform(0.02, 0.4))
    node.kill()
    stop.set()
    for writer in writers:
        writer.join()


def all_transfers(client):
    """Every transfer that the node has, from the listings of all accounts, by id."""
    found = {}
    for account in range(1, ACCOUNTS + 1):
        cursor = "0"
        while True:
            page = client.get(f"/v1/accounts/{account}/transfers?side=debits&limit=1000&cursor={cursor}").json
            for row in page["transfers"]:
                assert int(row["id"]) not in found, f"transfer {row['id']} is there twice"
                found[int(row["id"])] = (int(row["debit_account_id"]), int(row["credit_account_id"]),
                                         int(row["amount"]))
            cursor = page["next_cursor"]
            if cursor == "0":
                break
    return found


def balances(client):
    page = client.get("/v1/accounts?ledger=1&limit=1000").json
    return {int(row["account"]["id"]): (int(row["balances"]["debits_posted"]), int(row["balances"]["credits_posted"]))
            for row in page["accounts"]}


class KillTest(unittest.TestCase):
    def setUp(self):
        self.seed = random.randrange(2**32)
        print(f"seed {self.seed}", flush=True)

    def check(self, client, outside):
        """The node agrees with the outside list."""
        found = all_transfers(client)
        lost = outside.acknowledged - found.keys()
        self.assertFalse(lost, f"{len(lost)} acknowledged transfers are lost, such as {sorted(lost)[:3]}")
        for number, row in found.items():
            self.assertEqual(row, outside.sent[number])
        expected = {account: [0, 0] for account in range(1, ACCOUNTS + 1)}
        for debit, credit, amount in found.values():
            expected[debit][0] += amount
            expected[credit][1] += amount
        self.assertEqual(balances(client), {account: tuple(sums) for account, sums in expected.items()})
        self.assertTrue(client.get("/v1/ledgers/1/trial-balance").json["balanced"])
        return found

    def ask_again(self, client, outside, found):
        """The same key and body again: the same money, not more of it."""
        numbers = outside.random.sample(sorted(outside.sent), min(20, len(outside.sent)))
        for number in numbers:
            row = transfer(number, *outside.sent[number])
            result = client.post("/v1/transfers", {"transfers": [row]}, key=f"kill-{number}").json["results"][0]
            self.assertIn(result["code"], ("created", "exists"))
            outside.acknowledge(number)
        self.assertEqual(len(all_transfers(client)), len(found.keys() | set(numbers)))

    def test_what_was_acknowledged_is_there_once_after_every_kill(self):
        outside = Outside(self.seed)
        # Snapshots often, so that most starts are a snapshot and a tail.
        with Node(disk="lossy", snapshots__every_records=150) as node:
            open_books(node.client(), ACCOUNTS)
            for kill in range(KILLS):
                load_and_kill(node, outside)
                verified = node.verify()
                self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)
                self.assertTrue(json.loads(verified.stdout)["ok"])
                node.start()
                client = node.client()
                found = self.check(client, outside)
                self.ask_again(client, outside, found)
                client.close()
            print(f"{KILLS} kills, {len(outside.sent)} transfers sent, {len(outside.acknowledged)} acknowledged, "
                  f"{len(found)} there")
            self.assertGreater(len(outside.acknowledged), 10 * KILLS)
            self.assertEqual(node.stop(), 0)

    def test_without_the_sync_this_test_fails(self):
        """The same with the sync deleted: it must be noticed, or the test above proves nothing."""
        outside = Outside(self.seed)
        settings = {"disk": "lossy", "journal__sync": "none"}
        with Node(**settings) as node:
            open_books(node.client(), ACCOUNTS)
            for _ in range(10):
                load_and_kill(node, outside)
                node.start()
                client = node.client()
                page = client.get("/v1/accounts?ledger=1&limit=1000")
                kept = all_transfers(client).keys() if page.json["accounts"] else set()
                client.close()
                if outside.acknowledged - kept:
                    print(f"noticed: {len(outside.acknowledged - kept)} acknowledged transfers are lost")
                    return
                open_books(node.client(), ACCOUNTS)
        self.fail("ten kills without a single sync lost nothing: this test could not fail")


if __name__ == "__main__":
    unittest.main(verbosity=2)
