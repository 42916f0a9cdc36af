"""Differences between Keel and mosquitto that are right on both sides, or mosquitto's fault; each with its reason.

A rule gets what both have said to one connection in one step, as forms of `side.py`, and gives both back without the
difference. It is tried only where they differ, and counted only where it made them equal: a rule that a long run never
uses is to be taken out.
"""

import collections

Rule = collections.namedtuple("Rule", "name why apply over", defaults=(False,))


def without(forms, unwanted):
    return [form for form in forms if not unwanted(form)]


def last_words(step, ours, theirs):
    """DISCONNECT from the server, where both then close."""
    if ("closed",) in ours and ("closed",) in theirs:
        return tuple(without(forms, lambda form: form[0] == "disconnect") for forms in (ours, theirs))
    return None


def nobody_listens(step, ours, theirs):
    """PUBACK with "no matching subscribers"."""
    return tuple([(form[0], form[1], 0) if form[0] in ("puback", "pubrec") and form[2] == 0x10 else form for form in forms]
                 for forms in (ours, theirs))


def unknown_identifier(step, ours, theirs):
    """The answer to an acknowledgement of nothing."""
    if step.said.get("what", "").endswith("of nothing"):
        return tuple([(form[0], form[1], 0) if form[0] in ("pubrel", "pubcomp") and form[2] == 0x92 else form for form in forms]
                     for forms in (ours, theirs))
    return None


def one_copy_is_gone(step, ours, theirs):
    """A message that comes again, or waited, without what a subscription at QoS 0 adds: its identifier, the retain flag as published."""
    if step.kind == "connect":
        return tuple([(*form[:3], 0, form[4], frozenset(), form[6]) if form[0] == "publish" else form for form in forms]
                     for forms in (ours, theirs))
    return None


def will_at_reconnect(step, ours, theirs):
    """Wills that are told while their client comes back."""
    if step.kind != "connect":
        return None
    return tuple(without(forms, lambda form: form[0] == "publish" and form[1][1].startswith("will")) for forms in (ours, theirs))


def sent_before(step, ours, theirs):
    """DUP on a message that Keel had sent and mosquitto, with a window full of copies, had not."""
    if step.kind != "connect":
        return None
    again = {form[1] for form in ours if form[0] == "publish" and form[4]}
    return ours, [(*form[:4], 1, *form[5:]) if form[0] == "publish" and form[1] in again else form for form in theirs]


def on_the_way_out(step, ours, theirs):
    """A message of QoS 0 to a connection that is ended in this step."""
    if ("closed",) in ours and ("closed",) in theirs:
        return tuple(without(forms, lambda form: form[0] == "publish" and form[2] == 0) for forms in (ours, theirs))
    return None


# What mosquitto 2.0.11 lets pass.
LENIENT = {
    "PINGREQ with a body": "3.12: PINGREQ has no payload",
    "flags of PINGREQ": "2.1.3: reserved flags must be as listed",
    "PUBACK with an unknown reason": "3.4.2.1: one of the listed reasons",
    "a response topic with +": "3.3.2.3.5: a response topic has no wildcard",
    "authentication data without a method": "3.1.2.11.10: a protocol error",
    "no-local and shared": "3.8.3-4: a protocol error",
    "SUBACK from a client": "2.1.2: only servers send it",
    "SUBSCRIBE to nothing": "3.8.3-2 (3.8.3-3 in 3.1.1): at least one filter",
    "flags of SUBSCRIBE": "3.8.1-1: reserved flags; of 3.1 too, where they are QoS 1",
    "payload format 2": "3.3.2.3.2: 0 or 1",
    "a share without a filter": "4.8.2: $share/name/filter",
    "UNSUBSCRIBE from nothing": "3.10.3-2: at least one filter",
    "DUP at QoS 0": "3.3.1-2: DUP is 0",
    "a will's payload that is no text": "3.1.3.2.3: a server may refuse a payload that is not as its format says",
}


def lenient(step, ours, theirs):
    """Keel closes and mosquitto does not; others hear what it let pass."""
    if step.said.get("what") not in LENIENT:
        return None
    if ("closed",) in ours and ("closed",) not in theirs:
        return [], []
    return ([], []) if ours == [] and all(form[0] == "publish" for form in theirs) else None


def forgotten_will(step, ours, theirs):
    """The will of who says DISCONNECT with a reason that only servers have."""
    if step.said.get("what") != "DISCONNECT with a reason of the server's":
        return None
    return without(ours, lambda form: form[0] == "publish" and form[1][1].startswith("will")), theirs


RULES = [
    Rule("the last word", "MQTT 5, 4.13.1: a server may say why it closes, and more than one reason fits; mosquitto often says nothing",
         last_words),
    Rule("nobody listens", "MQTT 5, 3.4.2.1: 0x10 may be said or not", nobody_listens),
    Rule("an unknown identifier", "MQTT 5, 3.6.2.1, 3.7.2.1: 0x92 is no error of itself; mosquitto says success", unknown_identifier),
    Rule("a copy for each subscription",
         "MQTT 5, 3.3.4: one copy with all identifiers, or one each; of mosquitto's, one at QoS 0 is not kept",
         one_copy_is_gone),
    Rule("sent before", "MQTT 5, 3.3.1.1: DUP says that it may have been sent; how many are sent ahead is the broker's choice", sent_before),
    Rule("a will while its client comes back",
         "MQTT 5, 3.1.2.5: a will goes to its own session like to any; mosquitto queues it there at times",
         will_at_reconnect, True),
    Rule("a will that mosquitto forgets",
         "MQTT 5, 3.14.2.1, 3.1.2-8: such a DISCONNECT is a protocol error, not a normal end, so the will is published",
         forgotten_will, True),
    Rule("on the way out", "MQTT 5, 4.3.1: at most once; whether it is sent before the connection ends is chance", on_the_way_out),
    Rule("mosquitto lets pass what is forbidden", "each in LENIENT with its section", lenient, True),
]


def apply(step, slot, ours, theirs):
    """(names of the rules used, whether the script can go on no further, both sides)."""
    used, over = [], False
    for rule in RULES:
        changed = rule.apply(step, list(ours), list(theirs))
        if changed is not None and changed != (ours, theirs):
            ours, theirs = changed
            used.append(rule.name)
            over = over or rule.over
    return used, over, (ours, theirs)
