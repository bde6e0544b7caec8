"""String pools of `resources.arsc` and binary XML (Android's ResourceTypes.h).

Chunk type 0x0001; flag 0x100 says UTF-8, otherwise UTF-16LE; lengths stand in front of each string
in one or two bytes (UTF-8, twice) or one or two half words (UTF-16).
"""

from __future__ import annotations

import struct

from core.errors import Unreadable
from crawler.extractors.packages.bounds import PackageBounds

POOL = 0x0001
_HEADER = struct.Struct("<HHIIIIII")
_UTF8 = 0x100


def read_pool(body: bytes, at: int, bounds: PackageBounds) -> list[str]:
    """The strings of the pool at `at`, in order; unreadable ones are empty.

    Raises Unreadable where there is no pool.
    """
    if at + _HEADER.size > len(body):
        raise Unreadable("it ends within its string pool: truncated")
    kind, header, size, count, _, flags, start, _ = _HEADER.unpack_from(body, at)
    if kind != POOL or header < _HEADER.size:
        raise Unreadable("it has no string pool where one should be")
    end = min(at + size, len(body))
    if at + header > end:
        raise Unreadable("its string pool lies outside of the file")
    count = min(count, max(end - at - header, 0) // 4, bounds.strings)
    offsets = struct.unpack_from(f"<{count}I", body, at + header)
    read = _utf8 if flags & _UTF8 else _utf16
    strings: list[str] = []
    room = bounds.member_chars
    for offset in offsets:
        text = read(body, at + start + offset, end, bounds.string_chars) if room > 0 else ""
        room -= len(text) + 1
        strings.append(text)
    return strings


def table_strings(body: bytes, bounds: PackageBounds) -> list[str]:
    """The strings of a resource table, each once."""
    if len(body) < 12 or body[:2] != b"\x02\x00":
        raise Unreadable("it is no resource table")
    return list(dict.fromkeys(read_pool(body, struct.unpack_from("<H", body, 2)[0], bounds)))


def _utf8(body: bytes, at: int, end: int, most: int) -> str:
    _, at = _length(body, at, end)
    size, at = _length(body, at, end)
    return body[at : min(at + min(size, 4 * most), end)].decode("utf-8", "ignore")


def _length(body: bytes, at: int, end: int) -> tuple[int, int]:
    if at + 2 > end:
        return 0, end
    if body[at] & 0x80:
        return (body[at] & 0x7F) << 8 | body[at + 1], at + 2
    return body[at], at + 1


def _utf16(body: bytes, at: int, end: int, most: int) -> str:
    if at + 4 > end:
        return ""
    size, more = struct.unpack_from("<HH", body, at)
    at += 2
    if size & 0x8000:
        size, at = (size & 0x7FFF) << 16 | more, at + 2
    return body[at : min(at + 2 * min(size, most), end)].decode("utf-16-le", "ignore")
