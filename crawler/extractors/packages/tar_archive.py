"""Tar archives (Alipay's offline packages): headers of 512 bytes, bodies padded to 512."""

from __future__ import annotations

from core import GapKind
from crawler.extractors.packages.member import Damage, Member, Members, Meter, leads_out

_BLOCK = 512
_FILE_TYPES = (b"0", b"\0", b"7")


def is_tar(body: bytes) -> bool:
    """Whether `body` begins with a tar header."""
    return body[257:262] == b"ustar" and _size_at(body, 0) >= 0


def tar_members(body: bytes, meter: Meter) -> Members:
    """The plain files of a tar archive; links, devices and folders are passed over."""
    at = 0
    while at + _BLOCK <= len(body) and body[at] != 0:
        size = _size_at(body, at)
        if size < 0:
            yield Damage(GapKind.UNDECODABLE, "a header is damaged; the rest was not read")
            return
        name = body[at : at + 100].split(b"\0")[0].decode("utf-8", "replace")
        prefix = body[at + 345 : at + 500].split(b"\0")[0].decode("utf-8", "replace")
        name = f"{prefix}/{name}" if prefix else name
        data = body[at + _BLOCK : at + _BLOCK + size]
        if body[at + 156 : at + 157] in _FILE_TYPES and size:
            if not meter.admits_member():
                yield meter.too_many()
                return
            yield from _member(name, data, size, meter)
        at += _BLOCK + -(-size // _BLOCK) * _BLOCK


def _member(name: str, data: bytes, size: int, meter: Meter) -> Members:
    if leads_out(name):
        reason = "its name leads out of the package; the content was read under it as a label"
        yield Damage(GapKind.UNDECODABLE, reason, name)
    if len(data) < size:
        yield Damage(GapKind.UNDECODABLE, "it is cut off: the archive is truncated", name)
    if len(data) > meter.room():
        yield meter.too_large(name)
        return
    meter.count(len(data))
    yield Member(name, data)


def _size_at(body: bytes, at: int) -> int:
    digits = body[at + 124 : at + 136].strip(b"\0 ")
    if not digits or digits.strip(b"01234567"):
        return -1
    return int(digits, 8)
