#!/usr/bin/env python3
"""Checks a meter's signed value (OCMF) against the meter's public key, without Keel.

Written from the OCMF specification (S.A.F.E. e.V., versions 1.0 to 1.4) and SEC 1 alone; Python's standard library only.
Used by check_receipt.py for the signed values on a receipt. Exit code: 0 it holds; 1 it does not, and standard error says
why; 2 it cannot be read.
"""

import argparse
import base64
import hashlib
import json
import pathlib
import sys

# SEC 2 and RFC 5639: object identifier in DER, prime, a, b, generator, order; in hexadecimal.
CURVES = {
    "secp192k1": ("2b8104001f", "fffffffffffffffffffffffffffffffffffffffeffffee37", "0", "3",
                  "db4ff10ec057e9ae26b07d0280b7f4341da5d1b1eae06c7d", "9b2f2f6d9c5628a7844163d015be86344082aa88d95e2f9d",
                  "fffffffffffffffffffffffe26f2fc170f69466a74defd8d"),
    "secp256k1": ("2b8104000a", "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f", "0", "7",
                  "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
                  "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8",
                  "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"),
    "secp192r1": ("2a8648ce3d030101", "fffffffffffffffffffffffffffffffeffffffffffffffff",
                  "fffffffffffffffffffffffffffffffefffffffffffffffc", "64210519e59c80e70fa7e9ab72243049feb8deecc146b9b1",
                  "188da80eb03090f67cbf20eb43a18800f4ff0afd82ff1012", "07192b95ffc8da78631011ed6b24cdd573f977a11e794811",
                  "ffffffffffffffffffffffff99def836146bc9b1b4d22831"),
    "secp256r1": ("2a8648ce3d030107", "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
                  "ffffffff00000001000000000000000000000000fffffffffffffffffffffffc",
                  "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
                  "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
                  "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
                  "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"),
    "secp384r1": ("2b81040022",
                  "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
                  "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000fffffffc",
                  "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef",
                  "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7",
                  "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f",
                  "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"),
    "brainpool256r1": ("2b2403030208010107", "a9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377",
                       "7d5a0975fc2c3057eef67530417affe7fb8055c126dc5c6ce94a4b44f330b5d9",
                       "26dc5c6ce94a4b44f330b5d9bbd77cbf958416295cf7e1ce6bccdc18ff8c07b6",
                       "8bd2aeb9cb7e57cb2c4b482ffc81b7afb9de27e1e3bd23c23a4453bd9ace3262",
                       "547ef835c3dac4fd97f8461a14611dc9c27745132ded8e545c1d54c72f046997",
                       "a9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7"),
    "brainpool384r1": ("2b240303020801010b",
                       "8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b412b1da197fb71123acd3a729901d1a71874700133107ec53",
                       "7bc382c63d8c150c3c72080ace05afa0c2bea28e4fb22787139165efba91f90f8aa5814a503ad4eb04a8c7dd22ce2826",
                       "04a8c7dd22ce28268b39b55416f0447c2fb77de107dcd2a62e880ea53eeb62d57cb4390295dbc9943ab78696fa504c11",
                       "1d1c64f068cf45ffa2a63a81b7c13f6b8847a3e77ef14fe3db7fcafe0cbd10e8e826e03436d646aaef87b2e247d4af1e",
                       "8abe1d7520f9c2a45cb1eb8e95cfd55262b70b29feec5864e19c054ff99129280e4646217791811142820341263c5315",
                       "8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b31f166e6cac0425a7cf3ab6af6b7fc3103b883202e9046565"),
}
EC_PUBLIC_KEY = bytes.fromhex("06072a8648ce3d0201")


class Refused(Exception):
    """What does not hold."""


def require(condition, why):
    """Refuses unless the condition holds."""
    if not condition:
        raise Refused(why)


def add(p, q, a, prime):
    """The sum of two points of a curve; None is the point at infinity."""
    if p is None or q is None:
        return q if p is None else p
    if p[0] == q[0]:
        if (p[1] + q[1]) % prime == 0:
            return None
        slope = (3 * p[0] * p[0] + a) * pow(2 * p[1], -1, prime) % prime
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], -1, prime) % prime
    x = (slope * slope - p[0] - q[0]) % prime
    return x, (slope * (p[0] - x) - p[1]) % prime


def multiply(scalar, point, a, prime):
    """scalar * point."""
    result = None
    while scalar:
        if scalar & 1:
            result = add(result, point, a, prime)
        point, scalar = add(point, point, a, prime), scalar >> 1
    return result


def part(der, tag):
    """(content of the DER element that `der` begins with, what is behind it)."""
    require(len(der) > 1 and der[0] == tag and der[1] < 0x82 and (der[1] < 0x80 or len(der) > 2), "not the DER expected")
    size, begin = (der[1], 2) if der[1] < 0x80 else (der[2], 3)
    require(begin + size <= len(der), "DER is cut off")
    return der[begin:begin + size], der[begin + size:]


def read_key(der):
    """(name of the curve, point) of a SubjectPublicKeyInfo."""
    outer, rest = part(der, 0x30)
    algorithm, bits = part(outer, 0x30)
    require(not rest and algorithm.startswith(EC_PUBLIC_KEY), "the key is no elliptic curve's")
    oid, nothing = part(algorithm[len(EC_PUBLIC_KEY):], 0x06)
    curve = next((name for name, parameters in CURVES.items() if bytes.fromhex(parameters[0]) == oid), None)
    point, behind = part(bits, 0x03)
    require(curve and not nothing and not behind and point[:2] == b"\0\4", "the key is on no curve of OCMF")
    half = (len(point) - 2) // 2
    x, y = int.from_bytes(point[2:2 + half], "big"), int.from_bytes(point[2 + half:], "big")
    prime, a, b = (int(each, 16) for each in CURVES[curve][1:4])
    require(x < prime and y < prime and (y * y - x * x * x - a * x - b) % prime == 0, "the key is not on its curve")
    return curve, (x, y)


def read_signature(der):
    """(r, s)."""
    inner, rest = part(der, 0x30)
    r, inner = part(inner, 0x02)
    s, inner = part(inner, 0x02)
    require(not rest and not inner and r and s, "the signature data are no signature")
    return int.from_bytes(r, "big"), int.from_bytes(s, "big")


def check_signed_value(record, key):
    """Refuses an OCMF record (a text) that the key (bytes in DER) has not signed. Its payload, as JSON says it."""
    require(record.startswith("OCMF|") and record.count("|") >= 2, "this is no OCMF record")
    payload, _, section = record[5:].rpartition("|")
    signature = json.loads(section)
    require(set(signature) <= {"SA", "SE", "SM", "SD"}, "the signature section has keys that OCMF does not know")
    decode = base64.b64decode if signature.get("SE", "hex") == "base64" else bytes.fromhex
    r, s = read_signature(decode(signature["SD"]))
    curve, point = read_key(key)
    require(signature.get("SA", "ECDSA-secp256r1-SHA256") == f"ECDSA-{curve}-SHA256", "the key is on another curve")
    prime, a, _, x, y, order = (int(each, 16) for each in CURVES[curve][1:])
    require(0 < r < order and 0 < s < order, "the signature data are no signature")
    digest = int.from_bytes(hashlib.sha256(payload.encode("utf-8")).digest(), "big") >> max(0, 256 - order.bit_length())
    inverse = pow(s, -1, order)
    found = add(multiply(digest * inverse % order, (x, y), a, prime), multiply(r * inverse % order, point, a, prime), a, prime)
    require(found is not None and found[0] % order == r, "the signature is not this key's of this payload")
    return json.loads(payload)


def main():
    """Checks the record in a file, by a key in hexadecimal."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", help="an OCMF record; - for standard input")
    parser.add_argument("key", help="the meter's public key: SubjectPublicKeyInfo in hexadecimal")
    arguments = parser.parse_args()
    try:
        record = sys.stdin.read() if arguments.file == "-" else pathlib.Path(arguments.file).read_text("utf-8")
        payload = check_signed_value(record.strip(), bytes.fromhex(arguments.key))
    except Refused as why:
        print(f"REFUSED: {why}", file=sys.stderr)
        return 1
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        print(f"cannot be read: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    print(json.dumps(payload))
    return 0


if __name__ == "__main__":
    sys.exit(main())
