"""Plain `.wxapkg`: an index of names, offsets and sizes, then the bodies (listing_formats.md 1.1).

All integers are big-endian. The bodies are neither packed nor checked by a sum.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import msgspec

from core import GapKind
from crawler.extractors.packages.member import Damage, Member, Members, Meter, leads_out

FIRST_MARK = 0xBE
LAST_MARK = 0xED
HEADER_BYTES = 14

_SMALLEST_ENTRY = 13
_U32 = struct.Struct(">I")
_PAIR = struct.Struct(">II")


class _Entry(msgspec.Struct, frozen=True):
    name: str
    offset: int
    size: int


def is_wxapkg(body: bytes) -> bool:
    """Whether `body` begins as a package does, both marks in place."""
    return len(body) >= HEADER_BYTES and body[0] == FIRST_MARK and body[13] == LAST_MARK


def wxapkg_members(body: bytes, meter: Meter) -> Members:
    """The files of a plain package; what the index says wrongly is a Damage, the rest is read."""
    if not is_wxapkg(body):
        yield _damaged("the marks of a package are missing: damaged or wrongly decrypted")
        return
    index_end = HEADER_BYTES + _U32.unpack_from(body, 5)[0]
    claimed = HEADER_BYTES + sum(_PAIR.unpack_from(body, 5))
    if claimed > len(body):
        yield _damaged(f"it ends after {len(body):,} of {claimed:,} bytes: truncated")
    given_out = 0
    for entry in _entries(body, min(index_end, len(body))):
        if isinstance(entry, Damage):
            yield entry
            continue
        if not meter.admits_member():
            yield meter.too_many()
            return
        if leads_out(entry.name):
            reason = "its name leads out of the package; the content was read under it as a label"
            yield _damaged(reason, entry.name)
        if entry.offset < index_end or entry.offset + entry.size > len(body):
            yield _damaged("its place in the index lies outside of the package", entry.name)
            continue
        given_out += entry.size
        if given_out > 2 * len(body) or entry.size > meter.room():
            yield meter.too_large(entry.name)
            continue
        meter.count(entry.size)
        yield Member(entry.name, body[entry.offset : entry.offset + entry.size])


def _entries(body: bytes, end: int) -> Iterator[_Entry | Damage]:
    if end < HEADER_BYTES + 4:
        yield _damaged("the index is cut off: truncated")
        return
    (count,) = _U32.unpack_from(body, HEADER_BYTES)
    most = (end - HEADER_BYTES) // _SMALLEST_ENTRY
    if count > most:
        yield _damaged(f"the index claims {count:,} files and has room for {most:,}")
        count = most
    at = HEADER_BYTES + 4
    for number in range(count):
        entry, at = _entry(body, at, end)
        if entry is None:
            reason = f"the index breaks off at file {number + 1:,} of {count:,}"
            yield _damaged(f"{reason}: damaged or wrongly decrypted")
            return
        yield entry


def _entry(body: bytes, at: int, end: int) -> tuple[_Entry | None, int]:
    if at + _SMALLEST_ENTRY > end:
        return None, at
    (length,) = _U32.unpack_from(body, at)
    after = at + 4 + length
    if not 0 < length <= 1_024 or after + _PAIR.size > end:
        return None, at
    try:
        name = body[at + 4 : after].decode()
    except UnicodeDecodeError:
        return None, at
    return _Entry(name, *_PAIR.unpack_from(body, after)), after + _PAIR.size


def _damaged(reason: str, name: str = "") -> Damage:
    return Damage(GapKind.UNDECODABLE, reason, name)
