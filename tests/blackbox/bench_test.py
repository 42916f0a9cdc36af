"""keel bench: each of its commands measures, counts what it did, and says so in JSON."""

import json
import pathlib
import tempfile
import unittest

from keel_process import Node


class Bench(unittest.TestCase):
    def bench(self, *words):
        with tempfile.TemporaryDirectory(prefix="keel-bench-") as scratch:
            node = Node(scratch)
            done = node.run("--json", "bench", *words, f"--directory={scratch}/bench", timeout=120)
            self.assertEqual(0, done.returncode, done.stdout + done.stderr)
            left = [path for path in pathlib.Path(scratch).glob("bench/*")]
        self.assertEqual([], left)
        return json.loads(done.stdout)

    def test_ledger_counts_every_second_and_the_books_balance(self):
        said = self.bench("ledger", "--clients", "4", "--rate", "200", "--seconds", "2", "--warm-up-ms", "100", "--by-second")
        run = said["runs"][0]
        self.assertTrue(run["balanced"])
        self.assertEqual(0, run["not_created"] + run["refused"] + run["lost"])
        self.assertEqual(2, len(run["seconds"]))
        self.assertEqual(run["transfers"], sum(second["transfers"] for second in run["seconds"]))
        self.assertLessEqual(run["latency_p50_ns"], run["latency_max_ns"])
        self.assertGreater(run["server_user_ns"] + run["server_system_ns"], 0)

    def test_journal_appends_every_group_and_checks_them_all_when_opened_again(self):
        said = self.bench("journal", "--group-bytes", "16384", "--groups", "50")
        self.assertEqual(50, said["groups"])
        self.assertEqual("dsync, local files", said["durability"])
        self.assertGreater(said["recovery_cpu_ns"], 0)

    def test_journal_ends_in_time(self):
        said = self.bench("journal", "--what", "raw", "--groups", "20000", "--at-most-ms", "200")
        self.assertTrue(0 < said["groups"] < 20_000, said)

    def test_http_asks_for_the_target_and_counts_refusals_as_a_failure(self):
        said = self.bench("http", "--clients", "2", "--rate", "300", "--seconds", "1", "--warm-up-ms", "100")
        self.assertGreater(said["requests"], 0)
        self.assertEqual(0, said["refused"] + said["lost"])
        with tempfile.TemporaryDirectory(prefix="keel-bench-") as scratch:
            done = Node(scratch).run("bench", "http", "--target", "/nothing/here", "--clients", "1", "--rate", "50", "--seconds",
                                     "1", "--warm-up-ms", "0", f"--directory={scratch}/bench", timeout=60)
        self.assertEqual(1, done.returncode, done.stdout + done.stderr)

    def test_ocpp_bills_every_session_and_measures_an_echo_beside(self):
        said = self.bench("ocpp", "--stations", "3", "--readings", "2", "--rate", "100", "--rounds", "2", "--seconds", "1",
                          "--warm-up-ms", "100", "--idle", "20")
        self.assertGreater(said["sessions"], 3)
        self.assertEqual(said["sessions"], said["acknowledged"])
        self.assertEqual(said["sessions"], said["billed"])
        self.assertTrue(said["balanced"])
        self.assertEqual(["keel", "echo"], [target["name"] for target in said["targets"]])
        for target in said["targets"]:
            self.assertGreater(target["messages"], 0)
            self.assertEqual(0, target["failed"], target)
            self.assertEqual(target["messages"], sum(each["messages"] for each in target["rounds"]))
            self.assertLessEqual(target["latency_p50_ns"], target["latency_max_ns"])
            self.assertEqual([0, 20], [each["connections"] for each in target["idle"]])

    def test_ocpp_says_what_is_wrong_with_its_options(self):
        for words in (["--idle", "20,5"], ["--peer-url", "ws://127.0.0.1:1"], ["--peer-pid", "1"]):
            with tempfile.TemporaryDirectory(prefix="keel-bench-") as scratch:
                done = Node(scratch).run("bench", "ocpp", *words, f"--directory={scratch}/bench", timeout=60)
            self.assertNotEqual(0, done.returncode, words)
            self.assertIn(words[0], done.stderr)

    def test_mqtt_measures_every_shape_and_quality_and_what_idle_connections_hold(self):
        said = self.bench("mqtt", "--seconds", "1", "--rounds", "1", "--warm-up-ms", "100", "--rate", "200", "--idle", "1000",
                          "--mosquitto", "none")
        self.assertEqual([(shape, qos) for qos in (0, 1, 2) for shape in ("1:1", "1:100", "100:1")],
                         [(row["shape"], row["qos"]) for row in said["messages"]])
        for row in said["messages"]:
            self.assertEqual(0, row["missing"] + row["repeated"] + row["refused"] + row["lost_connections"], row)
            self.assertGreater(row["delivered"], 0)
            self.assertGreater(row["deliver"]["latency_p50_ns"], 0)
        self.assertEqual([False, True], [row["tls"] for row in said["idle"]])
        for row in said["idle"]:
            self.assertGreater(row["resident_after_bytes"], row["resident_before_bytes"])


if __name__ == "__main__":
    unittest.main()
