"""Plays a script to two brokers step by step, and says where they differ.

After each step both are read until they have said the same, or until one of them has had time enough to. What may
differ is listed in `accepted.py`, each with its reason; everything else is a finding.
"""

import time

import accepted
import packets
from scripts import Step
from side import Side

MOST_UNANSWERED = 6


class Finding:
    def __init__(self, number, step, texts):
        self.number, self.step, self.texts = number, step, texts

    def __str__(self):
        return f"step {self.number}: {self.step}\n" + "\n".join(f"    {text}" for text in self.texts)


def merged(forms):
    """One copy of each message, as if overlapping subscriptions made one (MQTT 5, section 3.3.4 leaves that open)."""
    messages, others = {}, []
    for form in forms:
        if form[0] != "publish":
            others.append(form)
            continue
        _, message, qos, retain, dup, identifiers, more = form
        key = (message, more)
        if key in messages:
            held = messages[key]
            messages[key] = (max(held[0], qos), max(held[1], retain), max(held[2], dup), held[3] | identifiers)
        else:
            messages[key] = (qos, retain, dup, identifiers)
    # Dicts keep the order in which each message came first.
    return [("publish", message, *held[:3], tuple(sorted(held[3])), more) for (message, more), held in messages.items()], others


def comparable(forms):
    """Packets as a sorted list, and the order in which the live messages of each topic came."""
    messages, others = merged(forms)
    order = {}
    for _, (topic, payload), qos, retain, _, _, _ in messages:
        if not retain:
            order.setdefault((topic, qos), []).append(payload)
    # A PUBREL for each copy of a message says the same.
    return sorted({repr(form) for form in others} | {repr(form) for form in messages}), order


class Play:
    """Both brokers at one script."""

    def __init__(self, ports, prefix, used, patience):
        self.sides = [Side(name, port, prefix) for name, port in ports.items()]
        self.used = used  # accepted differences, counted by name
        self.patience = patience  # seconds for the slower one to say the same
        self.heard = [{}, {}]

    def run(self, script):
        """The first finding, or None."""
        try:
            for number, step in self.with_answers(script):
                finding = self.step(number, step)
                if finding is not None:
                    return finding
                if self.over:
                    return None
            return None
        finally:
            for side in self.sides:
                side.end()

    def step(self, number, step):
        self.over = False
        self.heard = [{}, {}]
        if step.kind == "answer":
            groups = self.sides[0].groups(step.slot)
            other = self.sides[1].groups(step.slot)
            if groups != other:
                return Finding(number, step, [f"messages wait at {side.name}: {each}" for side, each in zip(self.sides, (groups, other))])
            if not groups:
                return None
            which = step.said["which"]
            chosen = groups if which is None else [groups[which % len(groups)]]
            owed = [sum(side.answer(step.slot, group) for group in chosen) for side in self.sides]
            owes = [(packets.PUBREL, count) if count else None for count in owed]
        else:
            owes = [side.play(step) for side in self.sides]
        silent = [side.settle(step.slot, owed) for side, owed in zip(self.sides, owes)]
        self.take()
        until = time.monotonic() + self.patience
        while self.differences(step) and time.monotonic() < until:
            time.sleep(0.005)
            for side in self.sides:
                side.pump()
            self.take()
        differences = self.differences(step, count=True)
        if silent[0] != silent[1]:
            differences.append(f"silent: {dict(zip((side.name for side in self.sides), silent))}")
        if step.kind == "knock":
            for side in self.sides:
                side.forget(step.slot)
        return Finding(number, step, differences) if differences else None

    def with_answers(self, script):
        """How many messages may be unanswered is each broker's choice for older versions: there are never so many."""
        for number, step in enumerate(script, 1):
            for slot in sorted(self.sides[0].links):
                for _ in range(2):  # QoS 2 is answered twice
                    if max(side.unanswered(slot) for side in self.sides) > MOST_UNANSWERED:
                        yield number, Step("answer", slot, {"which": None})
            yield number, step

    def take(self):
        for heard, side in zip(self.heard, self.sides):
            for slot, forms in side.heard().items():
                heard.setdefault(slot, []).extend(forms)

    def differences(self, step, count=False):
        found = []
        for slot in sorted(set(self.heard[0]) | set(self.heard[1])):
            ours, theirs = (heard.get(slot, []) for heard in self.heard)
            if comparable(ours) == comparable(theirs):
                continue
            used, over, (ours, theirs) = accepted.apply(step, slot, ours, theirs)
            left, right = comparable(ours), comparable(theirs)
            if left == right:
                if count:
                    self.used.update(used)
                    self.over = self.over or over
                continue
            for side, (mine, order), (others, _) in zip(self.sides, (left, right), (right, left)):
                for form in mine:
                    if form not in others:
                        found.append(f"slot {slot}: only {side.name}: {form}")
                if left[0] == right[0]:
                    found.append(f"slot {slot}: order at {side.name}: {order}")
        return found
