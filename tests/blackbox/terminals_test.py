"""Charging over MQTT by mosquitto's clients: whole sessions billed, what is repeated billed once, kill -9 in the middle."""

import concurrent.futures
import contextlib
import json
import random
import subprocess
import threading
import time
import unittest
from datetime import datetime, timedelta, timezone

from charging_setup import CARD, secret_of, set_up
from keel_process import Node

SECONDS = 20
OK = 0
BEGIN = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(hours=20)


def at(minutes):
    return (BEGIN + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


class Terminal:
    """A station over MQTT: its name and its secret are its login."""

    def __init__(self, node, station, secret=None):
        self.node, self.station = node, station
        self.login = ["-u", station, "-P", secret or secret_of(station)]

    def words(self):
        return ["-h", "127.0.0.1", "-p", str(self.node.mqtt_port), *self.login]

    def publish(self, verb, message, *more, station=None):
        """mosquitto_pub at QoS 1: it ends well when it was acknowledged."""
        text = message if isinstance(message, str) else json.dumps(message)
        return subprocess.run(["mosquitto_pub", *self.words(), "-q", "1", "-t", f"charging/{station or self.station}/{verb}",
                               "-m", text, *more], capture_output=True, text=True, timeout=SECONDS, check=False)

    def listen(self, count, *more, ears="ears"):
        """So many answers of a session that is kept: {verb: [answers]}."""
        done = subprocess.run(["mosquitto_sub", *self.words(), "-i", f"{ears}-of-{self.station}", "-c", "-q", "1", "-v",
                               "-t", f"charging/{self.station}/answers/#", "-W", str(SECONDS), *more,
                               *(["-C", str(count)] if count else [])],
                              capture_output=True, text=True, timeout=2 * SECONDS, check=False)
        assert done.returncode == OK, done.stdout + done.stderr
        answers = {}
        for line in done.stdout.splitlines():
            topic, text = line.split(" ", 1)
            answers.setdefault(topic.rsplit("/", 1)[1], []).append(json.loads(text))
        return answers

    def subscribe(self, ears="ears"):
        self.listen(0, "-E", ears=ears)

    @contextlib.contextmanager
    def hearing_calls(self):
        """The next line of what this terminal is called with, once the broker knows that it listens."""
        process = subprocess.Popen(["mosquitto_sub", *self.words(), "-q", "1", "-v", "-t", f"charging/{self.station}/calls/#"],
                                   stdout=subprocess.PIPE, text=True)
        try:
            until = time.monotonic() + SECONDS
            while self.node.metric("keel_mqtt_subscriptions") == 0 and time.monotonic() < until:
                time.sleep(0.05)
            yield process.stdout.readline
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def start(number=0):
    return {"id": f"start-{number}", "connector": 1, "token": CARD, "register_wh": 1000 * number, "time": at(number)}


def readings(session, number=0):
    return {"session": session, "readings": [{"time": at(number + 0.5), "register_wh": 1000 * number + 400}]}


def stop(session, number=0):
    return {"id": f"stop-{number}", "session": session, "register_wh": 1000 * number + 1000, "time": at(number + 0.9)}


class TerminalsTest(unittest.TestCase):
    def node(self):
        return Node(mqtt__enabled="true", mqtt__port=0, mqtt__charging="true")

    def verified(self, node, sessions):
        self.assertEqual(node.stop(), OK)
        done = node.verify()
        report = json.loads(done.stdout)
        self.assertEqual(done.returncode, OK, report["problems"])
        self.assertEqual(report["bills"], {"sessions": sessions, "bills": sessions})

    def test_a_session_is_billed_and_what_is_repeated_is_billed_once(self):
        with self.node() as node:
            client = node.client()
            set_up(client, "TERM-1", "TERM-2")
            terminal = Terminal(node, "TERM-1")
            terminal.subscribe()
            said = [("boot", {"vendor": "Pay", "model": "P1"}), ("status", {"connector": 1, "status": "preparing"}),
                    ("authorize", {"token": CARD}), ("start", start()), ("start", start()), ("readings", readings(1)),
                    ("readings", readings(1)), ("stop", stop(1)), ("stop", stop(1))]
            for at_quality, (verb, message) in enumerate(said):
                # Every third at QoS 2.
                published = terminal.publish(verb, message, *(["-q", "2"] if at_quality % 3 == 2 else []))
                self.assertEqual((published.returncode, published.stderr), (OK, ""))
            answers = terminal.listen(len(said))
            self.assertEqual([each["outcome"] for verb in answers for each in answers[verb]], ["done"] * len(said))
            self.assertEqual(answers["authorize"][0]["status"], "accepted")
            first, again = answers["start"]
            self.assertEqual((first["id"], first["session"], first["status"]), ("start-0", 1, "accepted"))
            self.assertEqual((again["session"], again["repeated"]), (1, True))
            self.assertEqual([each["total"] for each in answers["stop"]], ["30", "30"])  # 1 kWh at 0.30
            session = client.get("/v1/sessions/1").json
            self.assertEqual((session["state"], session["total"], session["usage"]["readings"]), ("closed", "30", 3))
            self.assertEqual(client.get("/v1/sessions/2").status, 404)
            station = client.get("/v1/stations?station=TERM-1").json["stations"][0]
            self.assertEqual((station["vendor"], station["connectors"][1]["status"]), ("Pay", "preparing"))

            # What is wrong is answered, acknowledged, and not done. (By other ears: mosquitto_sub leaves without
            # acknowledging the last that it heard, and would hear it again.)
            terminal.subscribe("others")
            for verb, message in (("start", "{"), ("start", {"connector": 1}), ("dance", {}),
                                  ("stop", {**stop(1), "register_wh": 2 * 10**12})):
                self.assertEqual(terminal.publish(verb, message).returncode, OK)
            wrong = terminal.listen(4, ears="others")
            self.assertTrue(all(each.get("error") for verb in wrong for each in wrong[verb]), wrong)
            client.close()
            self.verified(node, 1)

    def test_a_terminal_speaks_for_itself_alone(self):
        with self.node() as node:
            client = node.client()
            set_up(client, "TERM-1", "TERM-2")
            terminal = Terminal(node, "TERM-1")
            self.assertNotEqual(Terminal(node, "TERM-1", "not the secret of it at all").publish("start", start()).returncode, OK)
            self.assertNotEqual(Terminal(node, "TERM-3").publish("start", start()).returncode, OK)
            terminal.publish("start", start(), station="TERM-2")
            terminal.publish("start", start(), "-V", "5", station="TERM-2")
            terminal.publish("answers/start", "{}")
            self.assertEqual(client.get("/v1/sessions").json["sessions"], [])
            self.assertEqual(terminal.publish("start", start()).returncode, OK)
            self.assertEqual([each["station"] for each in client.get("/v1/sessions").json["sessions"]], ["TERM-1"])
            client.close()

    def test_an_operator_calls_and_is_told_what_came_of_it(self):
        def call(action, payload, seconds=SECONDS, station="TERM-1"):
            own = node.client()
            answer = own.post(f"/v1/stations/{station}/calls/{action}?timeout_s={seconds}", payload)
            own.close()
            return answer

        with self.node() as node, concurrent.futures.ThreadPoolExecutor() as pool:
            client = node.client()
            set_up(client, "TERM-1", "TERM-2")
            self.assertIn("/v1/stations/{id}/calls/{action}", client.get("/openapi.json").json["paths"])
            terminal = Terminal(node, "TERM-1")
            self.assertEqual(call("unlock", {"connector": 1}).json["result"], "not_sent")
            with terminal.hearing_calls() as heard:
                asked = pool.submit(call, "start", {"token": CARD, "connector": 1})
                topic, text = heard().split(" ", 1)
                told = json.loads(text)
                self.assertEqual((topic, told["token"], told["connector"]), ("charging/TERM-1/calls/start", CARD, 1))
                # Nobody else may answer for it.
                Terminal(node, "TERM-2").publish("result", {"call": told["call"], "result": "failed"}, station="TERM-1")
                self.assertFalse(asked.done())
                said = {"call": told["call"], "result": "accepted"}
                self.assertEqual(terminal.publish("result", said).returncode, OK)
                self.assertEqual(asked.result(SECONDS).json["result"], "accepted")
                recorded = client.get(f"/v1/calls/{told['call']}").json
                self.assertEqual((recorded["action"], recorded["station"], recorded["result"]), ("start", "TERM-1", "accepted"))
                asked = pool.submit(call, "stop", {"session": 7})
                told = json.loads(heard().split(" ", 1)[1])
                terminal.publish("result", {"call": told["call"], "result": "rejected", "detail": "no such session"})
                self.assertEqual((asked.result(SECONDS).json["result"], asked.result().json["error"]), ("rejected", "no such session"))
                # No answer: only the terminal knows, and what it says later is too late.
                self.assertEqual(call("reset", {"hard": True}, seconds=1).json["result"], "timed_out")
                terminal.subscribe("late")
                late = json.loads(heard().split(" ", 1)[1])
                terminal.publish("result", {"call": late["call"], "result": "accepted"})
                self.assertIn("no such call", terminal.listen(1, ears="late")["result"][0]["error"])
            for action, payload, status, code in (("Reset", {"type": "Hard"}, 404, "terminals.no_such_action"),
                                                  ("start", {"connector": 1}, 400, "json.missing_key")):
                answer = call(action, payload)
                self.assertEqual((answer.status, answer.json["code"]), (status, code))
            self.assertEqual(call("unlock", {"connector": 1}, station="TERM-9").status, 404)
            client.close()

    def test_what_was_acknowledged_is_billed_once_after_kill(self):
        chance = random.Random(20261129)
        with self.node() as node:
            client = node.client()
            set_up(client, "TERM-1")
            client.close()
            terminal = Terminal(node, "TERM-1")
            alive = threading.Lock()  # held while the node is down
            over = threading.Event()
            kills = []

            def kill_now_and_then():
                while not over.wait(chance.uniform(0.2, 0.6)):
                    with alive:
                        node.kill()
                        node.start()
                    kills.append(time.monotonic())

            def insist(verb, message):
                """Says it until it is acknowledged, as a terminal does."""
                until = time.monotonic() + 60
                while time.monotonic() < until:
                    with alive:
                        pass
                    if terminal.publish(verb, message).returncode == OK:
                        return
                self.fail(f"{verb} was not acknowledged in 60 s")

            killer = threading.Thread(target=kill_now_and_then, daemon=True)
            killer.start()
            sessions = 0
            try:
                while len(kills) < 4 and sessions < 1000:
                    insist("start", start(sessions))
                    # The terminal may not have heard which session it is: the one at the connector is meant.
                    insist("readings", {**readings(0, sessions), "connector": 1})
                    insist("stop", stop(0, sessions))
                    sessions += 1
            finally:
                over.set()
                killer.join(60)
            self.assertGreaterEqual(len(kills), 4)
            client = node.client()
            billed = client.get("/v1/sessions?limit=500").json["sessions"]
            client.close()
            self.assertEqual([each["session"] for each in billed], list(range(1, sessions + 1)))
            self.assertEqual({(each["state"], each["total"], each["version"]) for each in billed}, {("closed", "30", 1)})
            self.verified(node, sessions)


if __name__ == "__main__":
    unittest.main(verbosity=2)
