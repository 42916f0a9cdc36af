"""Random scripts: what up to four connections of three clients say to a broker, step by step.

A script is made from its seed alone and knows no broker. It stands for the same bytes at both, but for the packet
identifiers that a broker chooses: a step that answers a message says which, by its place among those that wait.
"""

import random
from dataclasses import dataclass, field

import packets

SLOTS = 4
CLIENTS = ("one", "two", "three")
VERSIONS = ((3, 4, 4), (5,), (5,))  # a client's of one script
TOPICS = ("a", "a/b", "a/b/c", "b", "a//b", "b/c")
FILTERS = ("a", "a/b", "a/b/c", "b", "a/+", "a/#", "#", "+/b", "+/+", "a/+/c", "b/#", "+", "a//b", "a/+/b")
APART = ("a", "b")  # filters that no topic matches together
MOST_STEPS = 45
HOUR = 3600


@dataclass
class Step:
    kind: str
    slot: int
    said: dict = field(default_factory=dict)

    def __str__(self):
        more = ", ".join(f"{name}={value!r}" for name, value in self.said.items()).replace(40 * "x", "…")
        return f"{self.kind:<11} slot {self.slot}  {more}"


class Author:
    """Makes one script. It believes that what is right works, so that most steps mean something."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.links = {}  # slot: client, version, few
        self.halves = {client: [] for client in CLIENTS}  # identifiers of QoS 2 that wait for PUBREL
        self.versions = {client: self.random.choice(VERSIONS) for client in CLIENTS}
        self.repeated = set()  # client, identifier of a message that was said twice
        self.delayed = set()  # clients with a will that is delayed
        self.kept = {}  # of a client's filter
        self.number = 0
        self.identifier = {}

    def script(self):
        steps = self.connect(0) + self.connect(1)
        kinds = (("knock", 3), ("publish", 32), ("answer", 26), ("subscribe", 14), ("connect", 9), ("burst", 4), ("unsubscribe", 4),
                 ("drop", 3), ("disconnect", 3), ("wrong", 3), ("half", 2), ("release", 2), ("again", 2))
        names, weights = zip(*kinds)
        while len(steps) < MOST_STEPS:
            kind = self.random.choices(names, weights)[0]
            if kind == "connect":
                steps += self.connect(self.random.randrange(SLOTS))
            elif kind == "knock":
                steps.append(Step("knock", SLOTS, {"what": self.random.choice(sorted(KNOCKS))}))
            elif self.links:
                steps.append(getattr(self, kind)(self.random.choice(sorted(self.links))))
                if steps[-1] is not None and steps[-1].said.get("what") in LAST:
                    break
        return [step for step in steps if step is not None]

    def chance(self, share):
        return self.random.random() < share

    def next_identifier(self, slot):
        self.identifier[slot] = self.identifier.get(slot, 0) % 65535 + 1
        return self.identifier[slot]

    def payload(self):
        self.number += 1
        return f"{self.number}" + "x" * self.random.choice((0, 0, 0, 40, 300))

    def connect(self, slot):
        client = self.random.choice(CLIENTS)
        version = self.random.choice(self.versions[client])
        for other, (theirs, _, _) in list(self.links.items()):
            if theirs == client or other == slot:
                self.forget(other)
        clean, pairs, few = self.chance(0.4), [], False
        if version == 5:
            if self.chance(0.6):
                pairs.append(("session_expiry", self.random.choice((0, HOUR, HOUR, 0xFFFFFFFF))))
            if self.chance(0.15) and client not in self.delayed:
                pairs.append(("receive_maximum", self.random.choice((1, 2, 3))))
                # What waited before is more than that, and mosquitto sends it (against MQTT-3.3.4-9).
                few = clean = True
            if self.chance(0.1):
                pairs.append(("maximum_packet", self.random.choice((100, 200, 5000))))
            if self.chance(0.2):
                pairs.append(("alias_maximum", self.random.choice((1, 5))))
            if self.chance(0.1):
                pairs.append(("problem_information", self.random.choice((0, 1))))
        if client in self.delayed:
            clean = False  # what becomes of a will that is delayed when its session is ended, mosquitto 2.0.11 does not do
        will = self.will(version, pairs) if self.chance(0.3) else None
        self.delayed.discard(client)
        if will and ("will_delay", HOUR) in will[4]:
            self.delayed.add(client)
        self.links[slot] = (client, version, few)
        said = {"version": version, "client": client, "clean": clean, "will": will, "pairs": pairs, "keep_alive": 60}
        return [Step("connect", slot, said)]

    def will(self, version, connect_pairs):
        pairs = []
        if version == 5 and self.chance(0.3):
            # A session that ends with its connection publishes its will at once, whatever the delay (3.1.3.2.2); mosquitto never.
            kept = any(name == "session_expiry" and seconds for name, seconds in connect_pairs)
            pairs.append(("will_delay", self.random.choice((0, HOUR)) if kept else 0))
        if version == 5 and self.chance(0.3):
            pairs += self.message_properties()
        return (self.random.choice(TOPICS), "will" + self.payload(), self.random.randrange(3), self.chance(0.3), pairs)

    def message_properties(self):
        pairs = []
        if self.chance(0.4):
            pairs.append(("user", ("k", self.random.choice(("v", "w")))))
            if self.chance(0.5):
                pairs.append(("user", ("k", "again")))
        if self.chance(0.3):
            pairs.append(("content_type", "text/plain"))
        if self.chance(0.3):
            pairs += [("response_topic", "r"), ("correlation", b"\1\2\3")]
        if self.chance(0.2):
            pairs.append(("payload_format", 1))
        if self.chance(0.2):
            pairs.append(("message_expiry", HOUR))
        return pairs

    def forget(self, slot):
        self.links.pop(slot, None)

    def subscribe(self, slot):
        client, version, few = self.links[slot]
        filters, pairs = [], []
        for _ in range(self.random.choice((1, 1, 1, 2, 3))):
            name = self.random.choice(APART if few else FILTERS)
            # Where subscriptions overlap mosquitto gives 3.1.1 the quality of the first one, against MQTT-3.3.5-1: all are alike.
            options = self.random.randrange(3) if version == 5 else 2
            if version == 5:
                # A filter that is subscribed to again keeps no-local and retain-as-published: mosquitto would not change them.
                options |= self.kept.setdefault((client, name), self.random.choice((0, 0, 0, 4, 8, 12)))
                # Behind a full window Keel keeps back retained messages of QoS 0 too, as MQTT-4.9.0-2 allows: there are none.
                options |= 32 if few else self.random.choice((0, 0, 16, 32))
            filters.append((name, options))
        if version == 5 and self.chance(0.4):
            pairs.append(("subscription", self.random.choice((1, 2, 127, 128, 268_435_455))))
        return Step("subscribe", slot, {"version": version, "identifier": self.next_identifier(slot), "filters": filters, "pairs": pairs})

    def unsubscribe(self, slot):
        _, version, _ = self.links[slot]
        names = [self.random.choice(FILTERS) for _ in range(self.random.choice((1, 1, 2)))]
        return Step("unsubscribe", slot, {"version": version, "identifier": self.next_identifier(slot), "filters": names})

    def publish(self, slot, qos=None, topic=None):
        _, version, _ = self.links[slot]
        qos = self.random.randrange(3) if qos is None else qos
        retain = self.chance(0.25)
        payload = "" if retain and self.chance(0.3) else self.payload()
        pairs = self.message_properties() if version == 5 and self.chance(0.3) else []
        said = {"version": version, "topic": topic or self.random.choice(TOPICS), "payload": payload, "qos": qos, "retain": retain,
                "pairs": pairs, "alias": None}
        if version == 5 and self.chance(0.2):
            said["alias"] = (self.random.choice((1, 2, 10)), self.chance(0.5))
        if qos:
            said["identifier"] = self.next_identifier(slot)
        return Step("publish", slot, said)

    def burst(self, slot):
        """Messages of one topic at once: their order is what counts."""
        topic, qos = self.random.choice(TOPICS), self.random.randrange(3)
        return Step("burst", slot, {"messages": [self.publish(slot, qos, topic).said for _ in range(4)]})

    def half(self, slot):
        """A message of QoS 2 without its PUBREL. Nobody has subscribed to it: when it is delivered is the broker's choice."""
        client, version, _ = self.links[slot]
        identifier = 40_000 + len(self.halves[client])
        self.halves[client].append(identifier)
        return Step("half", slot, {"version": version, "identifier": identifier, "dup": False})

    def again(self, slot):
        """It is said once more with the same identifier, perhaps on a new connection."""
        client, version, _ = self.links[slot]
        once = [each for each in self.halves[client] if (client, each) not in self.repeated]
        if not once:
            return None
        identifier = self.random.choice(once)
        self.repeated.add((client, identifier))  # at the third time mosquitto 2.0.11 closes
        return Step("half", slot, {"version": version, "identifier": identifier, "dup": True})

    def release(self, slot):
        waiting = self.halves[self.links[slot][0]]
        if not waiting:
            return None
        return Step("release", slot, {"identifier": waiting.pop(self.random.randrange(len(waiting)))})

    def answer(self, slot):
        """One of the messages that wait, or all: few are unanswered at once, for how many may be is each broker's choice."""
        return Step("answer", slot, {"which": None if self.chance(0.4) else self.random.randrange(1000)})

    def drop(self, slot):
        self.forget(slot)
        return Step("drop", slot)

    def disconnect(self, slot):
        client, version, _ = self.links[slot]
        said = {"version": version, "reason": None, "pairs": []}
        if version == 5:
            said["reason"] = self.random.choice((None, 0, 4))
            if said["reason"] is not None and self.chance(0.3) and client not in self.delayed:
                said["pairs"] = [("session_expiry", self.random.choice((0, HOUR)))]
        self.forget(slot)
        return Step("disconnect", slot, said)

    def wrong(self, slot):
        _, version, _ = self.links[slot]
        name = self.random.choice([name for name, (versions, _) in WRONG.items() if version in versions])
        if not name.endswith(HARMLESS):
            self.forget(slot)
        return Step("wrong", slot, {"version": version, "what": name})


def raw(kind, flags, body):
    return packets.packet(kind, body, flags)


# After the first mosquitto has forgotten the session, whatever its expiry; after the second it publishes no will, although
# only reason 0 takes one back (3.1.2.5).
LAST = ("a second CONNECT", "DISCONNECT with a reason of the server's")
# What comes for nothing is passed over.
HARMLESS = ("of nothing",)
ALL, OLD, NEW = (3, 4, 5), (3, 4), (5,)
P = packets
# What is sent, of version and prefix of topics. After each of them a connection ends, or does not, as the
# specification says.
WRONG = {
    "a second CONNECT": (ALL, lambda v, p: P.connect(v, "other")),
    "QoS 3": (ALL, lambda v, p: raw(P.PUBLISH, 6, P.binary(p + "a") + b"\0\1" + P.properties(v, ()))),
    "DUP at QoS 0": (ALL, lambda v, p: raw(P.PUBLISH, 8, P.binary(p + "a") + P.properties(v, ()) + b"d")),
    "a topic with +": (ALL, lambda v, p: P.publish(v, p + "a/+", "w")),
    "a topic with #": (ALL, lambda v, p: P.publish(v, p + "a/#", "w")),
    "an empty topic": (ALL, lambda v, p: P.publish(v, "", "w")),
    "a topic that is no UTF-8": (ALL, lambda v, p: raw(P.PUBLISH, 0, P.binary(b"\xc0\xaf") + P.properties(v, ()) + b"w")),
    "a topic with a surrogate": (ALL, lambda v, p: raw(P.PUBLISH, 0, P.binary(b"\xed\xa0\x80") + P.properties(v, ()) + b"w")),
    "a topic with U+0000": (ALL, lambda v, p: raw(P.PUBLISH, 0, P.binary(b"a\0b") + P.properties(v, ()) + b"w")),
    "PUBLISH with identifier 0": (ALL, lambda v, p: P.publish(v, p + "a", "w", 1, identifier=0)),
    "SUBSCRIBE with identifier 0": (ALL, lambda v, p: P.subscribe(v, 0, [(p + "a", 0)])),
    "UNSUBSCRIBE with identifier 0": (ALL, lambda v, p: P.unsubscribe(v, 0, [p + "a"])),
    "SUBSCRIBE to nothing": (ALL, lambda v, p: P.subscribe(v, 9, [])),
    "UNSUBSCRIBE from nothing": (ALL, lambda v, p: P.unsubscribe(v, 9, [])),
    "SUBSCRIBE to an empty filter": (ALL, lambda v, p: P.subscribe(v, 9, [("", 0)])),
    "# inside a filter": (ALL, lambda v, p: P.subscribe(v, 9, [(p + "a/#/b", 0)])),
    "a+ in a filter": (ALL, lambda v, p: P.subscribe(v, 9, [(p + "a+", 0)])),
    "SUBSCRIBE at QoS 3": (ALL, lambda v, p: P.subscribe(v, 9, [(p + "a", 3)])),
    "reserved bits of options": ((4, 5), lambda v, p: P.subscribe(v, 9, [(p + "a", 0xC0)])),
    "retain handling 3": (NEW, lambda v, p: P.subscribe(v, 9, [(p + "a", 0x30)])),
    "no-local and shared": (NEW, lambda v, p: P.subscribe(v, 9, [("$share/g/" + p + "a", 4)])),
    "a share without a filter": (NEW, lambda v, p: P.subscribe(v, 9, [("$share/g", 0)])),
    "a share with a wildcard": (NEW, lambda v, p: P.subscribe(v, 9, [("$share/g+/" + p + "a", 0)])),
    "flags of SUBSCRIBE": (ALL, lambda v, p: raw(P.SUBSCRIBE, 0, b"\0\x09" + P.properties(v, ()) + P.binary(p + "a") + b"\0")),
    "flags of PUBREL": ((4, 5), lambda v, p: raw(P.PUBREL, 0, b"\0\x09")),
    "flags of PINGREQ": ((4, 5), lambda v, p: raw(P.PINGREQ, 1, b"")),
    "flags of DISCONNECT": ((4, 5), lambda v, p: raw(P.DISCONNECT, 1, b"")),
    "PINGREQ with a body": (ALL, lambda v, p: raw(P.PINGREQ, 0, b"\0")),
    "packet type 0": (ALL, lambda v, p: raw(0, 0, b"")),
    "CONNACK from a client": (ALL, lambda v, p: raw(P.CONNACK, 0, b"\0\0")),
    "SUBACK from a client": (ALL, lambda v, p: raw(P.SUBACK, 0, b"\0\1\0")),
    "AUTH that nobody asked for": (NEW, lambda v, p: raw(P.AUTH, 0, b"")),
    "AUTH in an older version": (OLD, lambda v, p: raw(15, 0, b"")),
    "PUBACK of nothing": (ALL, lambda v, p: P.acknowledge(P.PUBACK, 999)),
    "PUBREC of nothing": (ALL, lambda v, p: P.acknowledge(P.PUBREC, 999)),
    "PUBREL of nothing": (ALL, lambda v, p: P.acknowledge(P.PUBREL, 999)),
    "PUBCOMP of nothing": (ALL, lambda v, p: P.acknowledge(P.PUBCOMP, 999)),
    "PUBACK with identifier 0": (ALL, lambda v, p: P.acknowledge(P.PUBACK, 0)),
    "PUBREL with identifier 0": (ALL, lambda v, p: P.acknowledge(P.PUBREL, 0)),
    "PUBACK that is cut": (ALL, lambda v, p: raw(P.PUBACK, 0, b"\0")),
    "PUBACK with an unknown reason": (NEW, lambda v, p: P.acknowledge(P.PUBACK, 9, 0x42)),
    "topic alias 0": (NEW, lambda v, p: P.publish(v, p + "a", "w", pairs=[("alias", 0)])),
    "a topic alias too great": (NEW, lambda v, p: P.publish(v, p + "a", "w", pairs=[("alias", 65535)])),
    "a topic alias that stands for nothing": (NEW, lambda v, p: P.publish(v, "", "w", pairs=[("alias", 7)])),
    "a topic alias twice": (NEW, lambda v, p: P.publish(v, p + "a", "w", pairs=[("alias", 1), ("alias", 2)])),
    "payload format 2": (NEW, lambda v, p: P.publish(v, p + "a", "w", pairs=[("payload_format", 2)])),
    "a response topic with +": (NEW, lambda v, p: P.publish(v, p + "a", "w", pairs=[("response_topic", "r/+")])),
    "a property of another packet": (NEW, lambda v, p: P.publish(v, p + "a", "w", pairs=[("session_expiry", 1)])),
    "an unknown property": (NEW, lambda v, p: raw(P.PUBLISH, 0, P.binary(p + "a") + b"\2\x7f\0" + b"w")),
    "properties longer than the packet": (NEW, lambda v, p: raw(P.PUBLISH, 0, P.binary(p + "a") + b"\x20\1\0")),
    "subscription identifier 0": (NEW, lambda v, p: P.subscribe(v, 9, [(p + "a", 0)], [("subscription", 0)])),
    "two subscription identifiers": (NEW, lambda v, p: P.subscribe(v, 9, [(p + "a", 0)], [("subscription", 1), ("subscription", 2)])),
    "an expiry at DISCONNECT where there was none": (NEW, lambda v, p: P.disconnect(v, 0, [("session_expiry", 9)])),
    "DISCONNECT with a reason of the server's": (NEW, lambda v, p: P.disconnect(v, 0x8E)),
    "a length of five bytes": (ALL, lambda v, p: b"\xc0\x80\x80\x80\x80\1"),
}


def opening(flags, level=4, name="MQTT", after=b"", pairs=b""):
    """A CONNECT with any flags: `after` follows the client id."""
    return raw(P.CONNECT, 0, P.binary(name) + bytes([level, flags]) + b"\0\0" + pairs + P.binary("knock") + after)


WILL = P.binary("t") + P.binary("w")
# What is said first, on a connection of its own.
KNOCKS = {
    "an unknown protocol": opening(2, name="MQTX"), "level 6": opening(2, level=6), "level 0": opening(2, level=0),
    "a reserved flag": opening(3), "a will of QoS 3": opening(0x1E, after=WILL), "a will's QoS without a will": opening(0x0A),
    "a will's retain without a will": opening(0x22), "a will that is missing": opening(0x06),
    "a password without a name": opening(0x42, after=P.binary("p")), "bytes behind the end": opening(2, after=b"more"),
    "a client id that is cut": raw(P.CONNECT, 0, P.binary("MQTT") + b"\4\2\0\0\0\x09abc"),
    "a will's topic with +": opening(0x06, after=P.binary("a/+") + P.binary("w")),
    "flags of CONNECT": raw(P.CONNECT, 1, P.connect(4, "knock")[2:]),
    "PINGREQ first": P.PING, "PUBLISH first": P.publish(4, "a", "x"), "nothing but a length": b"\x10\0",
    "no client id, clean, 3.1.1": P.connect(4, ""), "no client id, kept, 3.1.1": P.connect(4, "", clean=False),
    "no client id, 3.1": P.connect(3, ""), "no client id, 5": P.connect(5, ""),
    "no client id, kept, 5": P.connect(5, "", clean=False, pairs=[("session_expiry", 9)]),
    "a client id with U+0000": P.connect(4, "a\0b"), "receive maximum 0": P.connect(5, "knock", pairs=[("receive_maximum", 0)]),
    "maximum packet 0": P.connect(5, "knock", pairs=[("maximum_packet", 0)]),
    "session expiry twice": P.connect(5, "knock", pairs=[("session_expiry", 1), ("session_expiry", 1)]),
    "a property of a will in CONNECT": P.connect(5, "knock", pairs=[("will_delay", 1)]),
    "problem information 2": P.connect(5, "knock", pairs=[("problem_information", 2)]),
    "authentication data without a method": P.connect(5, "knock", pairs=[("auth_data", b"x")]),
    "a method that nobody knows": P.connect(5, "knock", pairs=[("auth_method", "X-NONE")]),
    "a will's payload that is no text": P.connect(5, "knock", will=("t", b"\xff", 0, False, [("payload_format", 1)])),
}
# Of them, those that are answered in the words of 3.1.1, if at all.
OLDER = {"no client id, clean, 3.1.1", "no client id, kept, 3.1.1", "no client id, 3.1", "an unknown protocol", "level 0",
         "a client id with U+0000", "a password without a name"}
