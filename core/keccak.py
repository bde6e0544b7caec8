"""Keccak-256 as Ethereum uses it: SHA-3 before its padding was changed, so `hashlib` has it not.

https://keccak.team/keccak_specs_summary.html
"""

from __future__ import annotations

_RATE = 136
_MASK = (1 << 64) - 1
_ROUNDS = 24


def _round_constants() -> list[int]:
    """The 24 constants, from the shift register that the specification gives."""
    constants, register = [], 1
    for _ in range(_ROUNDS):
        constant = 0
        for exponent in range(7):
            if register & 1:
                constant |= 1 << ((1 << exponent) - 1)
            register = (register << 1) ^ (0x171 if register & 0x80 else 0)
        constants.append(constant)
    return constants


_CONSTANTS = _round_constants()


def keccak_256(data: bytes) -> bytes:
    """The 32 bytes of the digest of `data`. Slow: meant for short texts."""
    padded = bytearray(data) + b"\x01" + bytes(-(len(data) + 1) % _RATE)
    padded[-1] |= 0x80
    lanes = [0] * 25
    for start in range(0, len(padded), _RATE):
        for at in range(_RATE // 8):
            first = start + 8 * at
            lanes[at] ^= int.from_bytes(padded[first : first + 8], "little")
        lanes = _permuted(lanes)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])


def _permuted(lanes: list[int]) -> list[int]:
    """Keccak-f[1600] of the 25 lanes; lane (x, y) stands at x + 5 y."""
    for constant in _CONSTANTS:
        parity = [
            lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20]
            for x in range(5)
        ]
        mixed = [parity[x - 1] ^ _turned(parity[(x + 1) % 5], 1) for x in range(5)]
        lanes = [lane ^ mixed[at % 5] for at, lane in enumerate(lanes)]
        moved = lanes[:]
        x, y, held = 1, 0, lanes[1]
        for step in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            place = x + 5 * y
            held, moved[place] = lanes[place], _turned(held, (step + 1) * (step + 2) // 2 % 64)
        lanes = [
            moved[at] ^ (~moved[at - at % 5 + (at + 1) % 5] & moved[at - at % 5 + (at + 2) % 5])
            for at in range(25)
        ]
        lanes[0] ^= constant
    return lanes


def _turned(lane: int, bits: int) -> int:
    return ((lane << bits) | (lane >> (64 - bits))) & _MASK
