"""The foreign proof of the wire format: protoc, which knows nothing of Keel but the .proto text, must write the very
bytes that Keel writes, and read them.

For a number of random values of the sample type, made here, in two notations of our own making (the JSON that Keel
reads, the text format that protoc reads):
  Keel's encoding == protoc --encode; protoc --decode of Keel's bytes, encoded again == the same bytes;
  Keel's decoding of protoc's bytes, encoded again == the same bytes, and no field is lost on the way.

usage: protoc_test.py PROTOC SAMPLE_TOOL [ROUNDS [SEED]]
"""
import base64
import datetime
import json
import pathlib
import random
import subprocess
import sys
import tempfile

SIDES = {"debit": 0, "credit": 1, "both": 7}
OPTIONS = {"linked": 1, "history": 8, "closed": 0x8000}
TEXTS = ["", "a", 'quote " and \\', "line\nbreak", "é€\U0001f4b6", "\x00\x01\x7f", "x" * 300]


class Maker:
    """Makes a value as a pair: JSON for Keel, text format for protoc."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def bits(self, count):
        edge = self.random.choice([0, 1, (1 << count) - 1, None, None])
        return self.random.getrandbits(count) if edge is None else edge

    def signed(self, count):
        return self.bits(count) - (1 << (count - 1))

    @staticmethod
    def octets(data):
        return '"' + "".join(f"\\{byte:03o}" for byte in data) + '"'

    def unsigned(self, count):
        value = self.bits(count)
        return (str(value) if count == 64 else value), str(value)

    def sint(self, count):
        value = self.signed(count)
        return (str(value) if count == 64 else value), str(value)

    def uint128(self):
        value = self.bits(128)
        return str(value), self.octets(value.to_bytes(16, "little"))

    def time(self):
        ns = self.signed(64)
        moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=ns // 10**9)
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{ns % 10**9:09d}Z", str(ns)

    def text(self):
        value = self.random.choice(TEXTS)
        return value, self.octets(value.encode())

    def blob(self):
        value = self.random.randbytes(self.random.choice([0, 1, 2, 3, 200]))
        return base64.b64encode(value).decode(), self.octets(value)

    def tag(self):
        value = self.random.randbytes(4)
        return value.hex(), self.octets(value)

    def side(self):
        name = self.random.choice(list(SIDES))
        return name, "SIDE_" + name.upper()

    def options(self):
        names = [name for name in OPTIONS if self.random.random() < 0.5]
        return names, str(sum(OPTIONS[name] for name in names))

    def line(self):
        return self.message({"account": self.uint128, "amount": lambda: self.sint(64), "text": self.text})

    def message(self, fields):
        both = {name: make() for name, make in fields.items() if self.random.random() < 0.7}
        text = " ".join(f"{name}: {value[1]}" for name, value in both.items())
        return {name: value[0] for name, value in both.items()}, "{" + text + "}"

    def listed(self, make):
        def several():
            values = [make() for _ in range(self.random.choice([0, 1, 2, 5]))]
            return [value[0] for value in values], "[" + ", ".join(value[1] for value in values) + "]"

        return several

    def everything(self):
        def unsigned(count):
            return lambda: self.unsigned(count)

        def sint(count):
            return lambda: self.sint(count)

        value, text = self.message({
            "yes": lambda: self.random.choice([(True, "true"), (False, "false")]),
            "tiny": unsigned(8), "small": unsigned(16), "medium": unsigned(32), "large": unsigned(64),
            "signed_tiny": sint(8), "signed_medium": sint(32), "signed_large": sint(64),
            "huge": self.uint128, "command": self.uint128, "tenant": unsigned(32), "at": self.time,
            "wait": sint(64), "note": self.text, "blob": self.blob, "side": self.side,
            "options": self.options, "line": self.line,
            "maybe_number": unsigned(32), "maybe_huge": self.uint128, "maybe_note": self.text,
            "maybe_line": self.line,
            "numbers": self.listed(unsigned(32)), "signed_numbers": self.listed(sint(64)),
            "times": self.listed(self.time), "sides": self.listed(self.side),
            "commands": self.listed(self.uint128), "notes": self.listed(self.text),
            "blobs": self.listed(self.blob), "lines": self.listed(self.line), "tag": self.tag,
        })
        return json.dumps(value), text[1:-1]


# proto3's "leave the default out" knows no 16 zero bytes: Keel leaves a zero uint128 out and protoc does not, so the
# two are compared after Keel has read and written protoc's bytes.
def main():
    protoc, tool = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 60
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else 20260101

    def run(command, data):
        done = subprocess.run(command, input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if done.returncode != 0:
            sys.exit(f"{command}: {done.stderr.decode()}\ninput: {data!r}")
        return done.stdout

    with tempfile.TemporaryDirectory() as directory:
        (pathlib.Path(directory) / "sample.proto").write_bytes(run([tool, "proto"], b""))

        def foreign(mode, data):
            return run([protoc, f"-I{directory}", f"--{mode}=keel.sample.Everything", "sample.proto"], data)

        equal = 0
        maker = Maker(seed)
        for index in range(rounds):
            as_json, as_text = maker.everything()
            ours = run([tool, "encode"], as_json.encode())
            theirs = foreign("encode", as_text.encode())
            equal += ours == theirs
            again = run([tool, "encode"], run([tool, "decode"], theirs))
            back = foreign("encode", foreign("decode", ours))
            if again != ours or back != ours:
                sys.exit(f"round {index} of seed {seed}: bytes differ\njson:   {as_json}\nours:   {ours.hex()}\n"
                         f"theirs: {theirs.hex()}\nagain:  {again.hex()}\nback:   {back.hex()}")
        print(f"{rounds} values agree, {equal} of them byte for byte before any reading; seed {seed}")
        if equal < rounds // 4:
            sys.exit("too few were equal at once: the comparison has lost its teeth")


if __name__ == "__main__":
    main()
