"""How a node starts, refuses to start, and stops; and the commands that answer without one."""

import json
import os
import pathlib
import signal
import subprocess
import tempfile
import threading
import time
import unittest

from keel_process import BINARY, Node, open_books, transfer

OK, FAILED, USAGE, CORRUPT, UNAVAILABLE = range(5)


def keel(*words, **options):
    return subprocess.run([os.path.abspath(BINARY), *words], capture_output=True, text=True, timeout=60, check=False,
                          **options)


def ended(node):
    """Starts a node that must not serve; its exit code."""
    node.launch()
    try:
        return node.process.wait(60)
    except subprocess.TimeoutExpired:
        node.kill()
        raise


def segments(node):
    return sorted((node.directory / "data" / "journal").glob("*.segment"))


def flip(path, offset):
    with open(path, "r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 1]))


def move(client, numbers):
    for number in numbers:
        answer = client.post("/v1/transfers", {"transfers": [transfer(number)]})
        assert answer.json["results"][0]["code"] == "created", answer.body


class CommandTest(unittest.TestCase):
    def test_version_config_and_help(self):
        self.assertEqual(keel("version").returncode, OK)
        self.assertTrue(json.loads(keel("version", "--json").stdout)["version"])
        options = json.loads(keel("config", "explain", "--json").stdout)
        self.assertIn("http.port", [option["key"] for option in options])
        for command in ("serve", "demo", "ledger", "tail", "verify", "bench", "config", "version"):
            shown = keel(command, "--help")
            self.assertEqual(shown.returncode, OK)
            self.assertIn("SYNOPSIS", shown.stdout)

    def test_a_wrong_command_line_is_usage(self):
        for words in (["frobnicate"], ["serve", "--no-such-option"], [], ["--set", "http.port", "config", "explain"],
                      ["--set", "http.port=99999", "config", "explain"],
                      # without the broker nobody would be heard
                      ["serve", "--set", "http.port=0", "--set", "mqtt.charging=true"]):
            with self.subTest(words=words):
                self.assertEqual(keel(*words).returncode, USAGE)

    def test_an_unknown_key_of_the_file_comes_with_a_suggestion(self):
        with tempfile.TemporaryDirectory() as directory:
            pathlib.Path(directory, "keel.toml").write_text("[http]\nprot = 1\n")
            shown = keel("config", "explain", cwd=directory)
            self.assertEqual(shown.returncode, USAGE)
            self.assertIn("keel.toml:2", shown.stderr)
            self.assertIn("did you mean \"http.port\"?", shown.stderr)

    def test_verify_of_no_journal(self):
        with tempfile.TemporaryDirectory() as directory:
            self.assertNotIn(keel("verify", directory).returncode, (OK, CORRUPT))


class StartTest(unittest.TestCase):
    def test_every_world_and_number_of_cores_serves(self):
        for settings in ({"world": "io_uring"}, {"world": "threads"}, {"cores": 1}, {"world": "threads", "cores": 1},
                         {"journal__sync": "fdatasync"}):
            with self.subTest(settings=settings), Node(**settings) as node:
                client = node.client()
                open_books(client)
                move(client, range(1, 20))
                client.close()
                self.assertEqual(node.stop(), OK)
                self.assertEqual(node.verify().returncode, OK)

    def test_two_nodes_at_once(self):
        with Node() as left, Node() as right:
            for node, amount in ((left, 5), (right, 7)):
                client = node.client()
                open_books(client)
                client.post("/v1/transfers", {"transfers": [transfer(1, amount=amount)]})
                shown = client.get("/v1/accounts/1").json["balances"]["debits_posted"]
                self.assertEqual(shown, str(amount))
                client.close()

    def test_a_directory_in_use_is_refused_and_its_node_goes_on(self):
        with Node() as first:
            second = Node(directory=first.directory)
            second.log = None
            log = (first.directory / "second").open("w+b")
            process = subprocess.run(second.command("serve"), stdout=log, stderr=log, timeout=60, check=False)
            log.close()
            self.assertEqual(process.returncode, UNAVAILABLE)
            self.assertIn("in_use", (first.directory / "second").read_text())
            self.assertEqual(first.client().get("/readyz").status, 200)

    def test_a_port_in_use_is_refused(self):
        with Node() as first:
            port = first.url.rsplit(":", 1)[1]
            second = Node(http__port=port)
            try:
                self.assertEqual(ended(second), UNAVAILABLE)
                self.assertIn("address_in_use", second.said())
            finally:
                second.__exit__()

    def test_a_directory_that_cannot_be_written_is_refused(self):
        with tempfile.TemporaryDirectory() as directory:
            blocked = pathlib.Path(directory, "file")
            blocked.write_text("not a directory")
            node = Node(directory=blocked / "below")
            shown = subprocess.run(node.command("serve"), capture_output=True, text=True, timeout=60, check=False)
            self.assertNotIn(shown.returncode, (OK, USAGE))
            self.assertIn("keel:", shown.stderr)

    def test_stopping_answers_what_is_under_way(self):
        with Node() as node:
            client = node.client()
            open_books(client)
            answers = []
            going = threading.Event()

            def write():
                writer = node.client()
                for number in range(10, 100_000):
                    answer = writer.post("/v1/transfers", {"transfers": [transfer(number)]})
                    answers.append((number, answer.json["results"][0]["code"]))
                    going.set()
                    if answer.headers.get("Connection") == "close":
                        return

            thread = threading.Thread(target=write, daemon=True)
            thread.start()
            going.wait(30)
            self.assertEqual(node.stop(), OK)
            thread.join(30)
            self.assertTrue(all(code == "created" for _, code in answers))
            node.start()
            again = node.client()
            for number, _ in answers[-20:]:
                self.assertEqual(again.get(f"/v1/transfers/{number}").status, 200)
            again.close()
            client.close()

    def test_a_restart_has_the_state_the_keys_and_the_time(self):
        with Node() as node:
            client = node.client()
            open_books(client)
            first = client.post("/v1/transfers", {"transfers": [transfer(1)]}, key="once")
            client.close()
            self.assertEqual(node.stop(), OK)
            node.start()
            client = node.client()
            again = client.post("/v1/transfers", {"transfers": [transfer(1)]}, key="once")
            self.assertTrue(again.json["repeated"])
            self.assertEqual(again.json["results"], first.json["results"])
            later = client.post("/v1/transfers", {"transfers": [transfer(2)]})
            self.assertGreater(later.json["results"][0]["timestamp"], first.json["results"][0]["timestamp"])
            client.close()


class DamageTest(unittest.TestCase):
    def journal(self, node, transfers):
        client = node.client()
        open_books(client)
        move(client, range(1, transfers + 1))
        client.close()

    def test_a_flipped_bit_in_an_early_group_is_refused_by_name(self):
        with Node() as node:
            self.journal(node, 30)
            self.assertEqual(node.stop(), OK)
            flip(segments(node)[0], 5 * 4096 + 300)
            verified = node.verify()
            self.assertEqual(verified.returncode, CORRUPT)
            problem = json.loads(verified.stdout)["problems"][0]
            self.assertIn(segments(node)[0].name, json.dumps(problem))
            self.assertEqual(ended(node), CORRUPT)
            self.assertIn(segments(node)[0].name, node.said())

    def test_a_torn_last_write_is_dropped_and_reported(self):
        with Node(journal__seal_delay_ms=60000) as node:
            self.journal(node, 30)
            node.kill()
            report = json.loads(node.verify().stdout)
            self.assertTrue(report["ok"])
            end = 4096 + report["bytes"]
            flip(segments(node)[0], end - 4096 + 200)
            torn = json.loads(node.verify().stdout)
            self.assertTrue(torn["ok"])
            self.assertIsNotNone(torn["tail"])
            node.start()
            self.assertIn("journal.tail_dropped", node.said())
            client = node.client()
            self.assertEqual(client.get("/v1/transfers/29").status, 200)
            self.assertEqual(client.get("/v1/transfers/30").status, 404)
            client.close()

    def test_a_newer_format_is_refused(self):
        with Node() as node:
            self.journal(node, 3)
            self.assertEqual(node.stop(), OK)
            flip(segments(node)[0], 8)
            self.assertIn(ended(node), (CORRUPT, UNAVAILABLE))


if __name__ == "__main__":
    unittest.main(verbosity=2)
