"""The part of the ledger that a case rests on, with proof of its place in the whole."""

from __future__ import annotations

import msgspec

from core import StorageError, Unreadable
from storage import Ledger, LedgerEntry, read_entry

RULE = (
    "content = SHA-256 of canonical JSON (RFC 8785) {at, kind, sha256, subject}; "
    "hash = SHA-256 of canonical JSON {content, number, previous}; "
    "previous = hash of the entry before"
)


class LedgerProof(msgspec.Struct, frozen=True, kw_only=True):
    """The chain of hashes around a case's entries, without what other entries say.

    `contents` are those of the entries `first_number` to `last_number`; from `previous`, the hash
    of the entry before the first, each hash follows by `rule`, up to `last_hash`: that of the
    entry which a time-stamp authority stamped, or else the ledger's last.
    """

    rule: str = RULE
    first_number: int
    previous: str
    contents: tuple[str, ...]
    last_number: int
    last_hash: str
    stamped: bool


class LedgerExcerpt(msgspec.Struct, frozen=True, kw_only=True):
    """A case's entries as they stand in the file (`text`), their proof, and the token's hash if the
    chain is stamped."""

    numbers: tuple[int, ...]
    text: str
    proof: LedgerProof
    token_sha256: str


def excerpt_of(ledger: Ledger, key: str) -> LedgerExcerpt | None:
    """The entries about candidate `key` with their proof; None where there are none.

    Raises StorageError when the ledger was changed.
    """
    entries = _entries(ledger)
    own = [entry for entry in entries if entry.subject == key]
    if not own:
        return None
    stamp = _first_stamp(entries, own[-1].number)
    last = entries[-1]
    if stamp is not None:
        last = next(entry for entry in entries if entry.hash == stamp.subject)
    chain = entries[own[0].number - 1 : last.number]
    shown = [*own, stamp] if stamp else own
    proof = LedgerProof(
        first_number=own[0].number,
        previous=own[0].previous,
        contents=tuple(entry.content for entry in chain),
        last_number=last.number,
        last_hash=last.hash,
        stamped=stamp is not None,
    )
    return LedgerExcerpt(
        numbers=tuple(entry.number for entry in own),
        text=b"".join(entry.line for entry in shown).decode(),
        proof=proof,
        token_sha256=stamp.sha256 if stamp else "",
    )


def _first_stamp(entries: list[LedgerEntry], number: int) -> LedgerEntry | None:
    """The first time stamp over an entry that is `number` or later."""
    numbers = {entry.hash: entry.number for entry in entries}
    stamps = (entry for entry in entries if entry.kind == "timestamp")
    return next((one for one in stamps if numbers.get(one.subject, 0) >= number), None)


def _entries(ledger: Ledger) -> list[LedgerEntry]:
    entries: list[LedgerEntry] = []
    for line in ledger.lines():
        if not line.endswith(b"\n"):
            break
        try:
            entry = read_entry(line)
        except Unreadable as error:
            raise _broken(ledger, len(entries) + 1, str(error)) from error
        if entry.previous != (entries[-1].hash if entries else entry.previous):
            raise _broken(ledger, entry.number, "it does not follow the entry before it")
        entries.append(entry)
    return entries


def _broken(ledger: Ledger, number: int, problem: str) -> StorageError:
    return StorageError(
        f"the ledger {ledger.path} was changed at entry {number}: {problem}",
        hint="run `promowatch evidence verify`",
    )
