"""Zip archives, read as Android reads them: the central directory counts, flags are not believed.

The standard library's reader takes a whole directory into memory before anything can be bounded,
and stops at the false flags that shell applications write to stop it (encryption bits, unknown
methods). Layout: PKWARE's APPNOTE.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import msgspec

from core import GapKind
from crawler.extractors.packages.member import Damage, Member, Members, Meter, leads_out

MAGIC = b"PK\x03\x04"
EMPTY_MAGIC = b"PK\x05\x06"

_END_SIZE = 22
_END_SEARCHED = 65_557
_END = struct.Struct("<IHHHHIIH")
_DIRECTORY = struct.Struct("<IHHHHHHIIIHHHHHII")
_LOCAL = struct.Struct("<IHHHHHIIIHH")
_UTF8_FLAG = 0x800
_ENCRYPTED_FLAG = 0x1
_STORED, _DEFLATED = 0, 8
_ZIP64 = 0xFFFFFFFF


class _Entry(msgspec.Struct, frozen=True):
    name: str
    flags: int
    method: int
    packed: int
    size: int
    offset: int


def zip_members(body: bytes, meter: Meter) -> Members:
    """The files of a zip archive, folders and empty files left out."""
    entries = list(_directory(body, meter.bounds.members + 1))
    if not entries:
        if body.startswith(EMPTY_MAGIC):
            return
        reason = "no central directory: truncated or damaged; files were searched by their headers"
        yield Damage(GapKind.UNDECODABLE, reason)
        entries = list(_by_headers(body, meter.bounds.members + 1))
    for entry in entries:
        if entry.name.endswith("/") or (entry.size == 0 and entry.packed == 0):
            continue
        if not meter.admits_member():
            yield meter.too_many()
            return
        if leads_out(entry.name):
            reason = "its name leads out of the package; the content was read under it as a label"
            yield Damage(GapKind.UNDECODABLE, reason, entry.name)
        yield _member(body, entry, meter)


def zip_names(body: bytes, most: int) -> list[str]:
    """The first `most` names in the directory of `body`, without reading a file."""
    names = [entry.name for entry in _directory(body, most)]
    return names or [entry.name for entry in _by_headers(body, most)]


def _directory(body: bytes, most: int) -> Iterator[_Entry]:
    end = body.rfind(b"PK\x05\x06", max(len(body) - _END_SEARCHED, 0))
    if end < 0 or end + _END_SIZE > len(body):
        return
    at = _END.unpack_from(body, end)[6]
    for _ in range(most):
        if at + _DIRECTORY.size > end or body[at : at + 4] != b"PK\x01\x02":
            return
        fields = _DIRECTORY.unpack_from(body, at)
        flags, method, packed, size = fields[3], fields[4], fields[8], fields[9]
        start = at + _DIRECTORY.size
        name = _name(body[start : start + fields[10]], flags)
        yield _Entry(name, flags, method, packed, size, fields[16])
        at = start + fields[10] + fields[11] + fields[12]


def _by_headers(body: bytes, most: int) -> Iterator[_Entry]:
    at = body.find(MAGIC)
    for _ in range(most):
        if at < 0 or at + _LOCAL.size > len(body):
            return
        fields = _LOCAL.unpack_from(body, at)
        flags, method, packed, size, length = fields[2], fields[3], fields[7], fields[8], fields[9]
        start = at + _LOCAL.size
        if 0 < length <= 1_024:
            name = _name(body[start : start + length], flags)
            yield _Entry(name, flags, method, packed or len(body), size or 1, at)
        at = body.find(MAGIC, start + (packed if 0 < packed < len(body) else 0))


def _name(raw: bytes, flags: int) -> str:
    try:
        return raw[:1_024].decode()
    except UnicodeDecodeError:
        return raw[:1_024].decode("utf-8" if flags & _UTF8_FLAG else "gb18030", "replace")


def _member(body: bytes, entry: _Entry, meter: Meter) -> Member | Damage:
    start = _data_start(body, entry.offset)
    if start < 0 or _ZIP64 in (entry.packed, entry.size, entry.offset):
        return _damaged(entry, "its place in the archive lies outside of it (or is zip64)")
    packed = body[start : start + entry.packed]
    room = meter.room()
    if entry.method == _DEFLATED or (entry.method != _STORED and entry.packed != entry.size):
        data, problem = _inflated(packed, room)
    else:
        data, problem = packed, ""
    meter.count(len(data))
    if len(data) > room:
        return meter.too_large(entry.name)
    if problem and not data:
        if entry.flags & _ENCRYPTED_FLAG:
            problem = "it is encrypted with a password"
        return _damaged(entry, problem)
    return Member(entry.name, data)


def _data_start(body: bytes, offset: int) -> int:
    if offset + _LOCAL.size > len(body) or body[offset : offset + 4] != MAGIC:
        return -1
    fields = _LOCAL.unpack_from(body, offset)
    return int(offset + _LOCAL.size + fields[9] + fields[10])


def _inflated(packed: bytes, room: int) -> tuple[bytes, str]:
    """What `packed` unpacks to, at most one byte more than `room`, and what was wrong with it."""
    inflate = zlib.decompressobj(-15)
    try:
        data = inflate.decompress(packed, room + 1)
    except zlib.error as error:
        return _readable_part(packed, room), f"its data is damaged ({error})"
    return data, "" if data or inflate.eof else "its data ends early"


def _readable_part(packed: bytes, room: int) -> bytes:
    """What comes out in front of the damage."""
    inflate = zlib.decompressobj(-15)
    pieces: list[bytes] = []
    left = room
    for at in range(0, len(packed), 4_096):
        try:
            piece = inflate.decompress(packed[at : at + 4_096], left + 1)
        except zlib.error:
            break
        pieces.append(piece)
        left -= len(piece)
        if left < 0:
            break
    return b"".join(pieces)


def _damaged(entry: _Entry, reason: str) -> Damage:
    return Damage(GapKind.UNDECODABLE, reason, entry.name)
