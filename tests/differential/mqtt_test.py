"""Keel and mosquitto, told the same by the same random clients: where they answer differently.

    mqtt_test.py [--seconds N] [--seed N] [--scripts N] [--keep-going]

A seed is a script; what differs each of three times and is not in `accepted.py` fails, with the seed and the shortest
script that shows it; so does a run in which more than one script of a hundred differed once, and not again.
Without --seed the seeds begin at a fixed number, and without --seconds no clock ends the run: the test is the same every time.
By hand: --seconds 600 --seed 100000.
"""

import argparse
import collections
import math
import sys
import time

import accepted
from brokers import Mosquitto, keel
from compare import Play
from scripts import Author

FIRST_SEED = 1
SCRIPTS_PER_CHANCE = 100
PATIENCE_SECONDS = 1.5
SHORT_PATIENCE_SECONDS = 0.25  # while a script that differs is made shorter


class Campaign:
    def __init__(self, ports):
        self.ports = ports
        self.used = collections.Counter()
        self.played = 0
        self.steps = 0

    def play(self, script, used=None, patience=PATIENCE_SECONDS):
        """Its own topics and clients each time: nothing of an earlier script is in the way."""
        self.played += 1
        self.steps += len(script)
        return Play(self.ports, f"s{self.played}/", self.used if used is None else used, patience).run(script)

    def shortest(self, script):
        """Leaves out steps for as long as something differs."""
        at = len(script) - 1
        while at >= 0:
            shorter = script[:at] + script[at + 1:]
            if self.play(shorter, collections.Counter(), SHORT_PATIENCE_SECONDS) is not None:
                script = shorter
            at -= 1
        return script


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--seconds", type=float, default=math.inf)
    arguments.add_argument("--seed", type=int, default=FIRST_SEED)
    arguments.add_argument("--scripts", type=int, default=None, help="400, or without end where --seconds are given")
    arguments.add_argument("--as-it-is", action="store_true", help="do not look for the shortest script")
    arguments.add_argument("--keep-going", action="store_true", help="say every finding, not only the first")
    chosen = arguments.parse_args()
    if chosen.scripts is None:
        chosen.scripts = 400 if math.isinf(chosen.seconds) else sys.maxsize
    findings = by_chance = 0
    with Mosquitto() as mosquitto, keel() as node:
        campaign = Campaign({"Keel": node.mqtt_port, "mosquitto": mosquitto.port})
        until = time.monotonic() + chosen.seconds
        scripts = 0
        for seed in range(chosen.seed, chosen.seed + chosen.scripts):
            if time.monotonic() > until:
                break
            scripts += 1
            script = Author(seed).script()
            first = campaign.play(script)
            if first is None:
                continue
            if not all(campaign.play(script, collections.Counter()) for _ in range(2)):
                print(f"seed {seed}: the brokers differed once, and not again: {first}", flush=True)
                by_chance += 1
                continue
            findings += 1
            short = script if chosen.as_it_is else campaign.shortest(script)
            print(f"seed {seed}: the brokers differ" + ("" if chosen.as_it_is else "; the shortest script that shows it:"))
            finding = campaign.play(short, collections.Counter())
            for number, step in enumerate(short, 1) if finding is None or not chosen.as_it_is else ():
                print(f"  {number:2} {step}")
            print(f"  {finding or first}" + ("" if finding else "  (not again)"), flush=True)
            if not chosen.keep_going:
                break
        print(f"{scripts} scripts, {campaign.steps} steps, {findings} findings, {by_chance} by chance")
        for rule in accepted.RULES:
            print(f"  accepted {campaign.used[rule.name]:6} times: {rule.name}")
        assert node.process.poll() is None, "the node is gone"
        assert node.stop() == 0
    if by_chance > max(1, scripts / SCRIPTS_PER_CHANCE):
        print(f"{by_chance} of {scripts} scripts differed by chance: what is compared does not hold still")
        return 1
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
