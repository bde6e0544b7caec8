"""What an archive hands out: its files in memory, one after another, and what was wrong."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from core import GapKind
from core.text import one_line
from crawler.extractors.packages.bounds import PackageBounds


class Member(msgspec.Struct, frozen=True):
    """One file of a package. `name` is what the index calls it: a label, never a path to open."""

    name: str
    body: bytes


class Damage(msgspec.Struct, frozen=True):
    """Part of a package that was not read. `name` is the member concerned, or empty."""

    kind: GapKind
    reason: str
    name: str = ""


Members = Iterator[Member | Damage]


def label(name: str) -> str:
    """`name` as it is written into locators and gaps: harmless, and never longer than 300."""
    return one_line(name.lstrip("/"), 300) or "(no name)"


def leads_out(name: str) -> bool:
    """Whether whoever unpacked `name` to a disk would write outside of the folder."""
    parts = name.replace("\\", "/").split("/")
    return ".." in parts or (len(name) > 1 and name[1] == ":") or "\0" in name


class Meter:
    """Counts what comes out of a package, nested ones included."""

    def __init__(self, bounds: PackageBounds, packed_bytes: int) -> None:
        self.bounds = bounds
        self._packed_bytes = packed_bytes
        self._members = 0
        self._bytes = 0

    def admits_member(self) -> bool:
        """Counts one more member; False when there are too many."""
        self._members += 1
        return self._members <= self.bounds.members

    def room(self) -> int:
        """How many bytes the next member may have."""
        growth = max(self.bounds.free_bytes, self.bounds.ratio * self._packed_bytes)
        most = min(growth, self.bounds.total_bytes)
        return max(0, min(self.bounds.member_bytes, most - self._bytes))

    def count(self, size: int) -> None:
        """`size` bytes have come out."""
        self._bytes += size

    def too_large(self, name: str) -> Damage:
        """Why a member of more than `room()` bytes is not read."""
        if self.room() < self.bounds.member_bytes:
            reason = "it grows beyond all measure when unpacked (a zip bomb); it was not read"
            return Damage(GapKind.DECOMPRESSION_BOMB, reason, name)
        reason = f"more than {self.bounds.member_bytes // 2**20} MB unpacked; it was not read"
        return Damage(GapKind.TOO_LARGE, reason, name)

    def too_many(self) -> Damage:
        """Why the members after this one are not read."""
        reason = f"more than {self.bounds.members:,} files; the rest was not read"
        return Damage(GapKind.BUDGET_REACHED, reason)
