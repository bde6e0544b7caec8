"""One line of the ledger: what it says, how it is bound to the line before, how it is written.

`content` is the SHA-256 of the canonical JSON of what an entry says (kind, subject, time, hash of
the file it is about); `hash` that of `{"content", "number", "previous"}`, where `previous` is the
`hash` of the entry before. Two steps, so that a case file can prove an entry's place in the chain
without telling what the entries between say: their `content` is enough.

Canonical is RFC 8785: keys sorted, no blanks, UTF-8. There are no fractions in an entry, and texts
have no control characters, so `json.dumps` writes exactly that.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from core import Unreadable
from core.text import one_line
from storage.records import storable

LedgerKind = Literal["capture", "verdict", "decision", "timestamp", "purge"]
FIRST_PREVIOUS = "0" * 64
SUBJECT_LIMIT = 300

_SHA256 = re.compile(r"[0-9a-f]{64}")


class LedgerNote(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be written down: that `sha256` was kept for `subject` at `at` (aware).

    `capture`: the hash of a manifest; `verdict`, `decision`: of that file; their subject is the
    candidate's key. `timestamp`: the hash of a time-stamp token; its subject is the `hash` of the
    entry that was stamped. `purge`: the hash of a purge's file. Raises ValueError on a naive time
    or when `sha256` is no hash.
    """

    kind: LedgerKind
    subject: str
    at: datetime
    sha256: str

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError(f"the ledger note on {self.subject} has a time without a time zone")
        if not _SHA256.fullmatch(self.sha256):
            raise ValueError(f"not a SHA-256: {self.sha256!r}")


class LedgerEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A note in its place: `number` counts from 1. See the module for `content` and `hash`."""

    number: int
    kind: LedgerKind
    subject: str
    at: str
    sha256: str
    previous: str
    hash: str

    @property
    def content(self) -> str:
        """SHA-256 of what the entry says, without its place."""
        said = {"at": self.at, "kind": self.kind, "sha256": self.sha256, "subject": self.subject}
        return hashlib.sha256(canonical(said)).hexdigest()

    @property
    def sealed(self) -> bytes:
        """The bytes whose SHA-256 is `hash`: what a time-stamp authority signs."""
        return sealing(self.number, self.content, self.previous)

    @property
    def line(self) -> bytes:
        """The entry as it stands in the file, line break included."""
        return canonical(msgspec.to_builtins(self)) + b"\n"


def canonical(value: dict[str, Any]) -> bytes:
    """`value` as canonical JSON (RFC 8785)."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def sealing(number: int, content: str, previous: str) -> bytes:
    """What binds `content` to its place: the SHA-256 of these bytes is the entry's `hash`."""
    return canonical({"content": content, "number": number, "previous": previous})


def entry_after(previous: LedgerEntry | None, note: LedgerNote) -> LedgerEntry:
    """`note` as the entry that follows `previous` (None: the first one)."""
    entry = LedgerEntry(
        number=previous.number + 1 if previous else 1,
        kind=note.kind,
        subject=one_line(storable(note.subject), SUBJECT_LIMIT),
        at=note.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        sha256=note.sha256,
        previous=previous.hash if previous else FIRST_PREVIOUS,
        hash="",
    )
    return msgspec.structs.replace(entry, hash=hashlib.sha256(entry.sealed).hexdigest())


def read_entry(line: bytes) -> LedgerEntry:
    """The entry that `line` (with its line break) is.

    Raises Unreadable, saying what differs, unless each byte is what its own hash vouches for.
    """
    try:
        entry = msgspec.json.decode(line, type=LedgerEntry)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Unreadable(f"the line is no ledger entry ({error})") from None
    if entry.line != line:
        raise Unreadable("the line is not written as the ledger writes it")
    found = hashlib.sha256(entry.sealed).hexdigest()
    if found != entry.hash:
        raise Unreadable(f"the entry was edited: its hash is {found}, it says {entry.hash}")
    return entry


def follows(entry: LedgerEntry, previous: LedgerEntry | None) -> str:
    """Why `entry` does not follow `previous` (None: is not the first one), or ""."""
    due = previous.number + 1 if previous else 1
    if entry.number != due:
        return f"entry {due} is missing here: the line says it is entry {entry.number}"
    if entry.previous != (previous.hash if previous else FIRST_PREVIOUS):
        return "the entry does not name the hash of the entry before it"
    return ""
