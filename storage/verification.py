"""Does the evidence still stand? Every link of the ledger and every file, checked offline."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec

from core import StorageError, Unreadable
from storage.evidence import EvidenceStore
from storage.ledger import HEAD_NAME, LEDGER_NAME, Ledger, LedgerHead
from storage.ledger_entry import LedgerEntry, follows, read_entry
from storage.manifest import Manifest, read_manifest
from storage.purges import purged_files
from storage.records import EvidenceFile, EvidenceKind
from storage.remote_evidence import EvidenceStoreGone
from storage.timestamps import TokenChecker

Progress = Callable[[int, int], None]
"""Called with the entries checked so far and the entries known to be there."""


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """The first place where the evidence no longer holds.

    `entry` is the number of the ledger's entry, 0 where it is about no entry. `file` is the path of
    the file concerned, below the data folder.
    """

    entry: int
    file: str
    problem: str


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """A time-stamp token: the ledger entry with `stamped_hash` was there `at` that time.

    `at` is None where tokens were not read (no checker), `signature_checked` true where the
    authority's certificate was at hand.
    """

    entry: int
    stamped_hash: str
    sha256: str
    at: datetime | None = None
    signature_checked: bool = False


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """What was checked: entries, distinct files and their bytes, until the first break if any.

    `purged` files were removed by one of `purges`, which the ledger holds. `remarks` are one line
    each about what is no break but should be known.
    """

    entries: int
    files: int
    size_bytes: int
    broken: Broken | None
    purged: int = 0
    purges: int = 0
    stamps: tuple[Stamp, ...] = ()
    remarks: tuple[str, ...] = ()


def verify_evidence(
    ledger: Ledger,
    evidence: EvidenceStore,
    known_manifests: Iterable[str] = (),
    progress: Progress = lambda _done, _total: None,
    tokens: TokenChecker | None = None,
) -> Verification:
    """Check the ledger from its first line to its last, and each file an entry vouches for.

    `known_manifests` are the manifests that the database names; read before this is called, each of
    them must have an entry. Without `tokens` a time-stamp token's own hash alone is checked. A scan
    may go on meanwhile. Nothing is written. Raises StorageError when the ledger, or the store that
    has the files, cannot be read at all.
    """
    return _Check(ledger, evidence, progress, tokens).run(frozenset(known_manifests))


class _BrokenHere(Exception):
    def __init__(self, entry: int, file: str, problem: str) -> None:
        super().__init__(problem)
        self.broken = Broken(entry=entry, file=file, problem=problem)


class _Check:
    def __init__(
        self,
        ledger: Ledger,
        evidence: EvidenceStore,
        progress: Progress,
        tokens: TokenChecker | None,
    ) -> None:
        self._tokens = tokens
        self._ledger = ledger
        self._evidence = evidence
        self._progress = progress
        self._last: LedgerEntry | None = None
        self._checked: set[tuple[EvidenceKind, str]] = set()
        self._hashes: set[str] = set()
        self._manifests: set[str] = set()
        self._stamps: list[Stamp] = []
        self._remarks: list[str] = []
        self._size_bytes = 0
        self._purged: dict[tuple[EvidenceKind, str], int] = {}
        self._purges = 0

    def run(self, known: frozenset[str]) -> Verification:
        broken = None
        try:
            self._purged = purged_files(self._ledger, self._evidence)
            head = self._head()  # before the lines: those of a running scan may grow
            for line in self._ledger.lines():
                self._line(line, head)
            self._end(head, known)
        except _BrokenHere as stop:
            broken = stop.broken
        return Verification(
            entries=self._last.number if self._last else 0,
            files=len(self._checked),
            size_bytes=self._size_bytes,
            broken=broken,
            purged=sum(not self._is_there(name) for name in self._purged),
            purges=self._purges,
            stamps=tuple(self._stamps),
            remarks=tuple(self._remarks),
        )

    def _head(self) -> LedgerHead:
        try:
            head = self._ledger.head()
        except StorageError as error:
            raise _BrokenHere(0, HEAD_NAME, error.message) from error
        if head is None and self._ledger.path.exists():
            raise _BrokenHere(0, HEAD_NAME, "the file is missing")
        return head or LedgerHead()

    def _line(self, line: bytes, head: LedgerHead) -> None:
        number = self._last.number + 1 if self._last else 1
        if not line.endswith(b"\n"):
            self._remarks.append(
                f"{len(line)} bytes of an unfinished entry at the end of {LEDGER_NAME}: an append "
                "was cut short; the next one repairs it"
            )
            return
        try:
            entry = read_entry(line)
        except Unreadable as error:
            raise _BrokenHere(number, LEDGER_NAME, str(error)) from error
        unlinked = follows(entry, self._last)
        if not unlinked and number == head.number and entry.hash != head.hash:
            unlinked = f"{HEAD_NAME} names another hash for this entry"
        if unlinked:
            raise _BrokenHere(number, LEDGER_NAME, unlinked)
        self._files_of(entry)
        self._last = entry
        self._hashes.add(entry.hash)
        self._progress(number, max(number, head.number))

    def _files_of(self, entry: LedgerEntry) -> None:
        if entry.kind == "capture":
            self._manifests.add(entry.sha256)
            if ("manifest", entry.sha256) in self._checked:
                return
            if self._file(entry, EvidenceFile("manifest", entry.sha256, -1)):
                for file in self._manifest(entry).files:
                    self._file(entry, file)
            return
        self._file(entry, EvidenceFile(entry.kind, entry.sha256, -1))
        self._purges += entry.kind == "purge"
        if entry.kind == "timestamp":
            self._stamps.append(self._stamp(entry))

    def _stamp(self, entry: LedgerEntry) -> Stamp:
        if entry.subject not in self._hashes:
            raise _BrokenHere(entry.number, LEDGER_NAME, "it stamps an entry that is not here")
        stamp = Stamp(entry=entry.number, stamped_hash=entry.subject, sha256=entry.sha256)
        if self._tokens is None:
            return stamp
        try:
            token = self._evidence.read(entry.sha256, "timestamp")
            time = self._tokens.check(token, entry.subject)
        except Unreadable as error:
            name = self._name(EvidenceFile("timestamp", entry.sha256, -1))
            raise _BrokenHere(entry.number, name, str(error)) from error
        return msgspec.structs.replace(stamp, at=time.at, signature_checked=time.signature_checked)

    def _manifest(self, entry: LedgerEntry) -> Manifest:
        try:
            return read_manifest(self._evidence, entry.sha256)
        except EvidenceStoreGone:
            raise
        except StorageError as error:
            name = self._name(EvidenceFile("manifest", entry.sha256, -1))
            raise _BrokenHere(entry.number, name, error.message) from error

    def _file(self, entry: LedgerEntry, file: EvidenceFile) -> bool:
        """Check one file once; its size only where the manifest tells it. False: it was purged
        after this entry was written."""
        name = (file.kind, file.sha256)
        if name in self._checked:
            return True
        purged = self._purged.get(name, 0) > entry.number
        if purged and not self._is_there(name):
            return False
        size, found = self._hash_of(entry, file)
        if file.size_bytes >= 0 and size != file.size_bytes:
            problem = f"it has {size} bytes, its manifest says {file.size_bytes}"
            raise _BrokenHere(entry.number, self._name(file), problem)
        if found != file.sha256:
            problem = f"its content was changed: it has the SHA-256 {found}"
            raise _BrokenHere(entry.number, self._name(file), problem)
        self._checked.add(name)
        self._size_bytes += size
        return True

    def _is_there(self, name: tuple[EvidenceKind, str]) -> bool:
        return self._evidence.path(name[1], name[0]).exists()

    def _hash_of(self, entry: LedgerEntry, file: EvidenceFile) -> tuple[int, str]:
        try:
            data = self._evidence.unchecked(file.sha256, file.kind)
            return len(data), hashlib.sha256(data).hexdigest()
        except FileNotFoundError:
            raise _BrokenHere(entry.number, self._name(file), "the file is missing") from None
        except OSError as error:
            problem = f"it cannot be read ({error.strerror})"
            raise _BrokenHere(entry.number, self._name(file), problem) from error

    def _name(self, file: EvidenceFile) -> str:
        path = self._evidence.path(file.sha256, file.kind)
        return path.relative_to(self._evidence.folder.parent).as_posix()

    def _end(self, head: LedgerHead, known: frozenset[str]) -> None:
        number = self._last.number if self._last else 0
        if number < head.number:
            problem = f"it ends here; {HEAD_NAME} says that {head.number} entries were written"
            raise _BrokenHere(number + 1, LEDGER_NAME, problem)
        unknown = sorted(known - self._manifests)
        if unknown:
            name = self._name(EvidenceFile("manifest", unknown[0], -1))
            problem = f"the database names it, the ledger does not ({len(unknown)} such)"
            raise _BrokenHere(0, name, problem)
