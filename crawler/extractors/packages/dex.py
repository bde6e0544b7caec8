"""DEX files: the string table of an Android program.

Layout (Android's "Dalvik executable format"): `string_ids_size` and `string_ids_off` are u32 at
0x38 and 0x3C; each id is the offset of a ULEB128 length, MUTF-8 text and a NUL.
"""

from __future__ import annotations

import struct

from core.errors import Unreadable
from crawler.extractors.packages.bounds import PackageBounds

MAGIC = b"dex\n"
_HEADER_BYTES = 0x70


def dex_strings(body: bytes, bounds: PackageBounds) -> tuple[list[str], str]:
    """The strings of `body`, each place once, and what was left out (or "").

    Raises Unreadable where there is no table.
    """
    if len(body) < _HEADER_BYTES:
        raise Unreadable("the program ends within its header: truncated")
    claimed, start = struct.unpack_from("<II", body, 0x38)
    if start > len(body) or start % 4:
        raise Unreadable("its string table lies outside of the file")
    count = min(claimed, (len(body) - start) // 4, bounds.strings)
    offsets = struct.unpack_from(f"<{count}I", body, start)
    found: list[str] = []
    room = bounds.member_chars
    for offset in dict.fromkeys(offsets):
        raw = _raw(body, offset, bounds.string_chars)
        room -= len(raw) + 1
        if room < 0:
            return found, "its strings are longer than one file may have; the rest was not read"
        if len(raw) > 3:
            found.append(_decoded(raw))
    problem = f"{claimed:,} strings claimed, {count:,} read" if count < claimed else ""
    return found, problem


def _raw(body: bytes, offset: int, most: int) -> bytes:
    for start in range(offset, offset + 5):
        if start < len(body) and body[start] < 0x80:
            end = body.find(b"\0", start + 1, start + 1 + 3 * most)
            return body[start + 1 : end] if end >= 0 else b""
    return b""


def _decoded(raw: bytes) -> str:
    if raw.isascii():
        return raw.decode("ascii")
    try:
        text = raw.replace(b"\xc0\x80", b"").decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return raw.decode("utf-8", "ignore")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
