"""The Windows client's encryption of `.wxapkg`: AES over the head, one XOR byte over the tail.

Byte positions are those of 42 real packages (listing_formats.md, 1.2): magic 0-5, head 6-1029
(AES-256-CBC, 1,023 plain bytes and one byte of padding), tail from 1030 on. Key: PBKDF2-HMAC-SHA1
of the app id. The XOR byte is the last character but one of the app id, so one of sixteen.
"""

from __future__ import annotations

import hashlib
import re

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

MAGIC = b"V1MMWX"
HEAD_END = 1_030
PLAIN_HEAD_BYTES = 1_023
APP_ID = re.compile(r"wx[0-9a-f]{16}")

_SALT = b"saltiest"
_ROUNDS = 1_000
_VECTOR = b"the iv: 16 bytes"
_SHORT_ID_BYTE = 0x66
_HEX = b"0123456789abcdef"
_HITS = (b"define(", b"function", b"http", b"\x89PNG", b"</", b'":"')
_SAMPLE_BYTES = 4 * 1024 * 1024


def decrypted(body: bytes, app_id: str) -> bytes | None:
    """The plain package of `body`; None when `app_id` is not its key, or the head is cut off."""
    if len(body) < HEAD_END:
        return None
    head = _head(body[len(MAGIC) : HEAD_END], app_id)
    if head[-1] != 1 or head[0] != 0xBE or head[13] != 0xED:
        return None
    return head[:PLAIN_HEAD_BYTES] + xored(body[HEAD_END:], _xor_byte(app_id))


def tail_of(body: bytes) -> tuple[bytes, str] | None:
    """Everything behind the head by the likeliest of the 16 XOR bytes, and that character; None
    where no key gives anything that stands in packages."""
    tail = body[HEAD_END:]
    sample = tail[:_SAMPLE_BYTES]
    scores = [(_hits(xored(sample, byte)), -at) for at, byte in enumerate(_HEX)]
    best, place = max(scores, default=(0, 0))
    if best == 0:
        return None
    byte = _HEX[-place]
    return xored(tail, byte), chr(byte)


def xored(data: bytes, byte: int) -> bytes:
    """Each byte of `data` XOR `byte`, at memory speed."""
    return data.translate(bytes(value ^ byte for value in range(256)))


def _hits(data: bytes) -> int:
    return sum(map(data.count, _HITS))


def _xor_byte(app_id: str) -> int:
    return ord(app_id[-2]) & 0xFF if len(app_id) > 1 else _SHORT_ID_BYTE


def _head(packed: bytes, app_id: str) -> bytes:
    key = hashlib.pbkdf2_hmac("sha1", app_id.encode(), _SALT, _ROUNDS, 32)
    decryptor = Cipher(algorithms.AES(key), modes.CBC(_VECTOR)).decryptor()
    return decryptor.update(packed) + decryptor.finalize()
