"""A broker that a script is played to: its connections, and what its clients know of messages that wait for them.

What came in a step is put in a form that two brokers can be compared in: identifiers that the broker chose are replaced
by the message they stand for, topics lose the script's prefix, aliases their indirection.
"""

import packets
from link import Link
from scripts import KNOCKS, OLDER, WRONG

ANSWER_SECONDS = 5
STAGES = ("puback", "pubrec", "pubcomp")
OWED = {1: packets.PUBACK, 2: packets.PUBCOMP}  # for a message of this quality, in the end


class Side:
    def __init__(self, name, port, prefix):
        self.name, self.port, self.prefix = name, port, prefix
        self.links = {}
        self.clients = {}  # slot: client
        self.wills = set()  # slots with one
        self.waiting = {}  # client: identifier: [stage, message]; stages "puback", "pubrec", "pubrel", "pubcomp"

    # --- steps ---

    def play(self, step):
        """Says it. The kind of packet that the broker owes for it, and how many; None: it owes nothing."""
        return getattr(self, "do_" + step.kind)(step.slot, step.said)

    def do_connect(self, slot, said):
        # At a take-over Keel publishes a will (MQTT 5, 3.1.4, and MQTT-3.1.2-8), mosquitto forgets it: such a connection goes first.
        for other in [each for each in self.wills if each == slot or self.clients[each] == said["client"]]:
            self.forget(other)
        self.settle(slot, None)
        self.forget(slot)
        link = self.links[slot] = Link(self.port, said["version"])
        self.clients[slot] = said["client"]
        will = said["will"]
        if will:
            self.wills.add(slot)
            will = (self.prefix + will[0], *will[1:])
        link.send(packets.connect(said["version"], self.prefix.replace("/", "-") + said["client"], said["clean"], said["keep_alive"],
                                  will, said["pairs"]))
        return packets.CONNACK, 1

    def do_knock(self, slot, said):
        if slot in self.links:
            self.links[slot].close()
        self.links[slot] = Link(self.port, 5 if said["what"] not in OLDER else 4)
        self.clients[slot] = "knock"
        self.links[slot].send(KNOCKS[said["what"]])
        return packets.CONNACK, 1

    def do_subscribe(self, slot, said):
        filters = [(self.prefix + name, options) for name, options in said["filters"]]
        return self.send(slot, packets.subscribe(said["version"], said["identifier"], filters, said["pairs"])) and (packets.SUBACK, 1)

    def do_unsubscribe(self, slot, said):
        filters = [self.prefix + name for name in said["filters"]]
        return self.send(slot, packets.unsubscribe(said["version"], said["identifier"], filters)) and (packets.UNSUBACK, 1)

    def do_publish(self, slot, said):
        return self.do_burst(slot, {"messages": [said]})

    def do_burst(self, slot, said):
        """Messages of one quality, with all that belongs to them: brokers may deliver QoS 2 before PUBREC or after PUBREL."""
        messages = said["messages"]
        if not self.send(slot, b"".join(self.message(slot, each) for each in messages)):
            return None
        qos = messages[0]["qos"]
        if qos == 2:
            link = self.links[slot]
            link.until(lambda: sum(kind == packets.PUBREC for kind, _ in link.came) >= len(messages), ANSWER_SECONDS)
            taken = [heard["id"] for kind, heard in link.came if kind == packets.PUBREC and heard["reason"] < 0x80]
            self.send(slot, b"".join(packets.acknowledge(packets.PUBREL, identifier) for identifier in taken))
            return packets.PUBCOMP, len(taken)
        return (OWED[qos], len(messages)) if qos else None

    def do_half(self, slot, said):
        return self.send(slot, packets.publish(said["version"], "nobody", "half", 2, identifier=said["identifier"],
                                               dup=said["dup"])) and (packets.PUBREC, 1)

    def message(self, slot, said):
        topic, pairs = self.prefix + said["topic"], list(said["pairs"])
        if said["alias"] and slot in self.links:
            alias, short = said["alias"]
            known = self.links[slot].aliases
            pairs.append(("alias", alias))
            if short and known.get(("sent", alias)) == topic:
                topic = ""
            else:
                known["sent", alias] = topic
        return packets.publish(said["version"], topic, said["payload"], said["qos"], said["retain"], said.get("identifier", 0),
                               pairs=pairs)

    def do_release(self, slot, said):
        return self.send(slot, packets.acknowledge(packets.PUBREL, said["identifier"])) and (packets.PUBCOMP, 1)

    def do_wrong(self, slot, said):
        self.send(slot, WRONG[said["what"]][1](said["version"], self.prefix))

    def do_drop(self, slot, said):
        self.forget(slot)

    def do_disconnect(self, slot, said):
        if slot in self.links:
            link = self.links[slot]
            link.send(packets.disconnect(said["version"], said["reason"], said["pairs"]))
            link.until(lambda: False, ANSWER_SECONDS)  # the broker closes
            link.close()

    def send(self, slot, data):
        link = self.links.get(slot)
        if link is None or link.ended:
            return None
        link.send(data)
        return True

    # --- messages that wait for a client's answer ---

    def groups(self, slot):
        """Messages that wait for an answer, each with the furthest stage of its copies, in an order that does not depend on the
        broker."""
        link = self.links.get(slot)
        if link is None or link.ended:
            return []
        waiting = self.waiting.get(self.clients[slot], {})
        furthest = {}
        for stage, message in waiting.values():
            if stage != "pubrel":
                furthest[message] = max(stage, furthest.get(message, stage), key=STAGES.index)
        return sorted(furthest.items())

    def unanswered(self, slot):
        return len(self.waiting.get(self.clients[slot], {})) if slot in self.links else 0

    def answer(self, slot, group):
        """Answers all copies of a message that wait; how many PUBREL are owed for it."""
        owed = 0
        waiting = self.waiting.get(self.clients[slot], {})
        kinds = {"puback": packets.PUBACK, "pubrec": packets.PUBREC, "pubcomp": packets.PUBCOMP}
        for identifier, (stage, message) in sorted(waiting.items()):
            if message == group[0] and stage != "pubrel":
                self.send(slot, packets.acknowledge(kinds[stage], identifier))
                if stage == "pubrec":
                    waiting[identifier] = ["pubrel", message]
                    owed += 1
                else:
                    del waiting[identifier]
        return owed

    # --- what came ---

    def settle(self, acting, owes):
        """Reads until nothing more can be on its way: the acting client has its answer, then everybody answers a ping."""
        silent = []
        first = self.links.get(acting) if acting is not None else None
        if first is not None and not first.ended:
            if owes and not first.until(lambda: sum(kind == owes[0] for kind, _ in first.came) >= owes[1], ANSWER_SECONDS):
                silent.append((acting, "no answer"))
            if not first.ended and first.greeted and not first.ping(ANSWER_SECONDS):
                silent.append((acting, "no PINGRESP"))
        for slot, link in self.links.items():
            if slot != acting and not link.ended and link.greeted and not link.ping(ANSWER_SECONDS):
                silent.append((slot, "no PINGRESP"))
        return silent

    def pump(self):
        for link in self.links.values():
            while link.pump(0):
                pass

    def heard(self):
        """What each slot has heard since the last step: packets in a comparable form. Each is taken once."""
        heard = {}
        for slot, link in list(self.links.items()):
            taken, link.came = link.came, []
            forms = [form for kind, said in taken if (form := self.form(slot, link, kind, said)) is not None]
            if link.ended:
                forms.append(("closed",))
                del self.links[slot]
            if forms:
                heard[slot] = forms
        return heard

    def form(self, slot, link, kind, said):
        waiting = self.waiting.setdefault(self.clients[slot], {})
        name = packets.NAMES[kind]
        if kind == packets.CONNACK:
            if said["reason"] == 0 and not said["present"]:
                waiting.clear()
            extra = tuple(sorted(each for each in ("assigned_client",) if each in said["properties"]))
            return (name, said["reason"], said["present"], extra)
        if kind == packets.PUBLISH:
            return self.message_form(link, waiting, said)
        if kind == packets.PUBREL:
            entry = waiting.get(said["id"])
            if entry is None:
                return (name, "of nothing", said["reason"])
            entry[0] = "pubcomp"
            return (name, entry[1], said["reason"])
        if kind in (packets.PUBACK, packets.PUBREC, packets.PUBCOMP):
            return (name, said["id"], said["reason"])
        if kind in (packets.SUBACK, packets.UNSUBACK):
            return (name, said["id"], tuple(said["reasons"]))
        return (name, said["reason"])

    def message_form(self, link, waiting, said):
        found = dict(said["properties"])
        alias = found.pop("alias", [None])[0]
        topic = said["topic"]
        if alias is not None:
            if topic:
                link.aliases["heard", alias] = topic
            else:
                topic = link.aliases.get(("heard", alias), f"alias {alias} stands for nothing")
        topic = topic.removeprefix(self.prefix)
        message = (topic, said["payload"].replace(40 * "x", "…"))
        if said["qos"]:
            stage = "puback" if said["qos"] == 1 else "pubrec"
            waiting[said["id"]] = [stage, message]
        identifiers = frozenset(found.pop("subscription", ()))
        if "message_expiry" in found:
            found["message_expiry"] = [round(seconds / 1800) for seconds in found["message_expiry"]]
        more = tuple(sorted((key, tuple(values)) for key, values in found.items()))
        return ("publish", message, said["qos"], said["retain"], said["dup"], identifiers, more)

    def forget(self, slot):
        self.wills.discard(slot)
        if slot in self.links:
            self.links.pop(slot).leave()

    def end(self):
        """Leaves nothing behind that costs later scripts anything but memory."""
        for slot in list(self.links):
            self.forget(slot)
