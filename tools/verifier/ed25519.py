"""Ed25519 (RFC 8032, 5.1.7): verification only, so nothing here has to hide its timing."""

import hashlib

FIELD_PRIME = 2**255 - 19
GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
CURVE_D = -121665 * pow(121666, -1, FIELD_PRIME) % FIELD_PRIME


def decompress_point(encoded):
    """The point (X, Y, Z, T) of 32 bytes, or None."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= FIELD_PRIME:
        return None
    square = (y * y - 1) * pow(CURVE_D * y * y + 1, -1, FIELD_PRIME) % FIELD_PRIME
    x = pow(square, (FIELD_PRIME + 3) // 8, FIELD_PRIME)
    if (x * x - square) % FIELD_PRIME:
        x = x * pow(2, (FIELD_PRIME - 1) // 4, FIELD_PRIME) % FIELD_PRIME
    if (x * x - square) % FIELD_PRIME or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = FIELD_PRIME - x
    return (x, y, 1, x * y % FIELD_PRIME)


def add_points(p, q):
    """Sum in extended coordinates (RFC 8032, 5.1.4)."""
    a = (p[1] - p[0]) * (q[1] - q[0]) % FIELD_PRIME
    b = (p[1] + p[0]) * (q[1] + q[0]) % FIELD_PRIME
    c = 2 * p[3] * q[3] * CURVE_D % FIELD_PRIME
    d = 2 * p[2] * q[2] % FIELD_PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % FIELD_PRIME, g * h % FIELD_PRIME, f * g % FIELD_PRIME, e * h % FIELD_PRIME)


def multiply_point(scalar, point):
    """scalar × point by doubling and adding."""
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add_points(result, point)
        point = add_points(point, point)
        scalar >>= 1
    return result


def signature_holds(public_key, statement, signature):
    """Whether `signature` is the key's Ed25519 signature of the statement."""
    key, commitment = decompress_point(public_key), decompress_point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or scalar >= GROUP_ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + public_key + statement).digest()
    base = decompress_point((4 * pow(5, -1, FIELD_PRIME) % FIELD_PRIME).to_bytes(32, "little"))
    left = multiply_point(scalar, base)
    right = add_points(commitment, multiply_point(int.from_bytes(digest, "little") % GROUP_ORDER, key))
    return ((left[0] * right[2] - right[0] * left[2]) % FIELD_PRIME == 0
            and (left[1] * right[2] - right[1] * left[2]) % FIELD_PRIME == 0)
