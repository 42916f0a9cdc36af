"""CRC32C (RFC 3720, B.4) in Python alone: about 200 MB/s on long texts, 30 MB/s on texts of 200 bytes.

A long text is first folded. 1 + x^154 + x^177 + x^183 + x^258 + x^290 is a multiple of the (bit-reversed)
polynomial, and so is each of its squarings, whose exponents are doubled. The first bits of a text may therefore be
xored into five later places instead, which Python's integers do many bits at a time. What remains, under 60 bytes,
goes through tables, eight bytes a step.
"""

import struct

POLYNOMIAL = 0x82F63B78
FOLD_DISTANCES = (154, 177, 183, 258, 290)


def crc_tables():
    """Table k advances a byte over k further zero bytes."""
    first = []
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ (POLYNOMIAL if byte & 1 else 0)
        first.append(byte)
    tables = [first]
    for _ in range(7):
        tables.append([first[entry & 255] ^ (entry >> 8) for entry in tables[-1]])
    return tables


def fold_steps():
    """For texts of at least `least` bits: (least, bits taken from the front, five left shifts)."""
    steps = []
    for doubling in range(20):  # the last one's `least` is 29 MB: more than a group has
        taken = (FOLD_DISTANCES[0] << doubling) & ~7
        shifts = [(distance << doubling) - taken for distance in FOLD_DISTANCES]
        steps.append(((FOLD_DISTANCES[-1] << doubling) + taken, taken, shifts))
    return steps


T0, T1, T2, T3, T4, T5, T6, T7 = crc_tables()
FOLDS = fold_steps()


def fold(text):
    """A shorter text with the same checksum register, the initial value already in it."""
    value = int.from_bytes(text, "little") ^ 0xFFFFFFFF
    bits = len(text) * 8
    for least, taken, (a, b, c, d, e) in reversed(FOLDS):
        while bits >= least:
            front = value & ((1 << taken) - 1)
            value = (value >> taken) ^ (front << a) ^ (front << b) ^ (front << c) ^ (front << d) ^ (front << e)
            bits -= taken
    return value.to_bytes(bits // 8, "little")


def crc32c(text):
    """The Castagnoli checksum of bytes."""
    register = 0xFFFFFFFF
    if len(text) >= 64:
        text = fold(text)
        register = 0
    whole = len(text) & ~7
    for low, high in struct.iter_unpack("<II", text[:whole]):
        low ^= register
        register = (T7[low & 255] ^ T6[low >> 8 & 255] ^ T5[low >> 16 & 255] ^ T4[low >> 24]
                    ^ T3[high & 255] ^ T2[high >> 8 & 255] ^ T1[high >> 16 & 255] ^ T0[high >> 24])
    for byte in text[whole:]:
        register = T0[(register ^ byte) & 255] ^ (register >> 8)
    return register ^ 0xFFFFFFFF
