"""MQTT 3.1, 3.1.1 and 5 as bytes, written so that wrong packets can be made as easily as right ones.

Written from the specifications; it shares no code with Keel. A packet that is read is a tuple of its kind and a dict of
what it says.
"""

CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP = 1, 2, 3, 4, 5, 6, 7
SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT, AUTH = 8, 9, 10, 11, 12, 13, 14, 15
NAMES = {CONNACK: "connack", PUBLISH: "publish", PUBACK: "puback", PUBREC: "pubrec", PUBREL: "pubrel", PUBCOMP: "pubcomp",
         SUBACK: "suback", UNSUBACK: "unsuback", PINGRESP: "pingresp", DISCONNECT: "disconnect", AUTH: "auth"}

# MQTT 5, section 2.2.2.2: how the value of each property is written.
BYTE, TWO, FOUR, VARIABLE, TEXT, BINARY, PAIR = range(7)
PROPERTIES = {
    0x01: ("payload_format", BYTE), 0x02: ("message_expiry", FOUR), 0x03: ("content_type", TEXT), 0x08: ("response_topic", TEXT),
    0x09: ("correlation", BINARY), 0x0B: ("subscription", VARIABLE), 0x11: ("session_expiry", FOUR),
    0x12: ("assigned_client", TEXT), 0x13: ("server_keep_alive", TWO), 0x15: ("auth_method", TEXT), 0x16: ("auth_data", BINARY),
    0x17: ("problem_information", BYTE), 0x18: ("will_delay", FOUR), 0x19: ("response_information", BYTE),
    0x1A: ("response_info", TEXT), 0x1C: ("server_reference", TEXT), 0x1F: ("reason", TEXT), 0x21: ("receive_maximum", TWO),
    0x22: ("alias_maximum", TWO), 0x23: ("alias", TWO), 0x24: ("maximum_qos", BYTE), 0x25: ("retain_available", BYTE),
    0x26: ("user", PAIR), 0x27: ("maximum_packet", FOUR), 0x28: ("wildcards", BYTE), 0x29: ("identifiers", BYTE),
    0x2A: ("shared", BYTE)}
NUMBERS = {name: (number, form) for number, (name, form) in PROPERTIES.items()}


def variable(value):
    made = bytearray()
    while True:
        value, digit = divmod(value, 128)
        made.append(digit | (0x80 if value else 0))
        if not value:
            return bytes(made)


def binary(value):
    data = value.encode() if isinstance(value, str) else value
    return len(data).to_bytes(2, "big") + data


def one_property(name, value):
    number, form = NUMBERS[name]
    if form == PAIR:
        body = binary(value[0]) + binary(value[1])
    elif form in (TEXT, BINARY):
        body = binary(value)
    elif form == VARIABLE:
        body = variable(value)
    else:
        body = value.to_bytes({BYTE: 1, TWO: 2, FOUR: 4}[form], "big")
    return bytes([number]) + body


def properties(version, pairs):
    """`pairs` is a list, because a property may be wrong by standing there twice."""
    if version != 5:
        return b""
    body = b"".join(one_property(name, value) for name, value in pairs)
    return variable(len(body)) + body


def packet(kind, body, flags=0):
    return bytes([kind << 4 | flags]) + variable(len(body)) + body


def connect(version, client, clean=True, keep_alive=0, will=None, pairs=(), reserved=0):
    """`will`: topic, payload, qos, retain, pairs."""
    flags = 0x02 if clean else 0
    after = binary(client)
    if will:
        topic, payload, qos, retain, will_pairs = will
        flags |= 0x04 | qos << 3 | (0x20 if retain else 0)
        after += properties(version, will_pairs) + binary(topic) + binary(payload)
    name = "MQIsdp" if version == 3 else "MQTT"
    body = binary(name) + bytes([version, flags | reserved]) + keep_alive.to_bytes(2, "big") + properties(version, pairs) + after
    return packet(CONNECT, body)


def publish(version, topic, payload, qos=0, retain=False, identifier=0, dup=False, pairs=()):
    flags = (8 if dup else 0) | qos << 1 | (1 if retain else 0)
    body = binary(topic) + (identifier.to_bytes(2, "big") if qos else b"") + properties(version, pairs) + payload.encode()
    return packet(PUBLISH, body, flags)


def acknowledge(kind, identifier, reason=None):
    return packet(kind, identifier.to_bytes(2, "big") + (b"" if reason is None else bytes([reason])), 2 if kind == PUBREL else 0)


def subscribe(version, identifier, filters, pairs=()):
    """`filters`: name and options."""
    body = b"".join(binary(name) + bytes([options]) for name, options in filters)
    return packet(SUBSCRIBE, identifier.to_bytes(2, "big") + properties(version, pairs) + body, 2)


def unsubscribe(version, identifier, filters):
    return packet(UNSUBSCRIBE, identifier.to_bytes(2, "big") + properties(version, ()) + b"".join(map(binary, filters)), 2)


def disconnect(version, reason=None, pairs=()):
    if version != 5 or reason is None:
        return packet(DISCONNECT, b"")
    return packet(DISCONNECT, bytes([reason]) + properties(version, pairs))


PING = packet(PINGREQ, b"")


class Reader:
    """What is left of a packet's body."""

    def __init__(self, body):
        self.body = body

    def take(self, count):
        if count > len(self.body):
            raise ValueError("a packet ends too early")
        taken, self.body = self.body[:count], self.body[count:]
        return taken

    def number(self, count):
        return int.from_bytes(self.take(count), "big")

    def variable(self):
        value = place = 0
        while True:
            digit = self.number(1)
            value |= (digit & 0x7F) << place
            place += 7
            if not digit & 0x80:
                return value

    def binary(self):
        return self.take(self.number(2))

    def properties(self, version):
        if version != 5 or not self.body:
            return {}
        inner = Reader(self.take(self.variable()))
        found = {}
        while inner.body:
            name, form = PROPERTIES[inner.variable()]
            if form == PAIR:
                value = (inner.binary().decode(), inner.binary().decode())
            elif form == TEXT:
                value = inner.binary().decode()
            elif form == BINARY:
                value = inner.binary().hex()
            elif form == VARIABLE:
                value = inner.variable()
            else:
                value = inner.number({BYTE: 1, TWO: 2, FOUR: 4}[form])
            found.setdefault(name, []).append(value)
        return found


def read(version, first, body):
    """The kind of a server's packet and what it says."""
    kind, flags, rest = first >> 4, first & 15, Reader(body)
    if kind == CONNACK:
        said = {"present": rest.number(1), "reason": rest.number(1), "properties": rest.properties(version)}
    elif kind == PUBLISH:
        said = {"topic": rest.binary().decode(), "qos": flags >> 1 & 3, "retain": flags & 1, "dup": flags >> 3}
        said["id"] = rest.number(2) if said["qos"] else 0
        said["properties"] = rest.properties(version)
        said["payload"] = rest.body.decode()
    elif kind in (PUBACK, PUBREC, PUBREL, PUBCOMP):
        said = {"id": rest.number(2), "reason": rest.number(1) if rest.body else 0, "properties": rest.properties(version)}
    elif kind in (SUBACK, UNSUBACK):
        said = {"id": rest.number(2), "properties": rest.properties(version), "reasons": list(rest.body)}
    elif kind == PINGRESP:
        said = {}
    elif kind in (DISCONNECT, AUTH):
        said = {"reason": rest.number(1) if rest.body else 0, "properties": rest.properties(version)}
    else:
        raise ValueError(f"a packet that no server sends: {kind}")
    return kind, said
