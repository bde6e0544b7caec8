"""The ledger: an append-only file in which every entry is bound to the one before by its hash.

`ledger.jsonl` in the data folder, one entry a line; `ledger.head` beside it names the last entry,
so that lines cut off at the end are noticed too. Both are plain files: verifiable without us.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import msgspec

from core import StorageError, Unreadable
from storage.failures import file_error
from storage.ledger_entry import (
    FIRST_PREVIOUS,
    LedgerEntry,
    LedgerNote,
    entry_after,
    follows,
    read_entry,
)

LEDGER_NAME = "ledger.jsonl"
HEAD_NAME = "ledger.head"
LOCK_TIMEOUT_SECONDS = 30.0

_WHAT = "the ledger"
_LOCK_WAIT_SECONDS = 0.01
_WINDOW_BYTES = 64 * 1024
_BROKEN_HINT = (
    "run `promowatch evidence verify`, then restore the ledger from a backup, or move "
    f"{LEDGER_NAME} and {HEAD_NAME} away together to begin a new one"
)


class LedgerHead(msgspec.Struct, frozen=True, kw_only=True):
    """The last entry that was written whole: its number (0: none yet) and hash."""

    number: int = 0
    hash: str = FIRST_PREVIOUS


class Ledger:
    """The ledger of `data_folder`, made with the first entry. Safe for threads and processes.

    An append takes an exclusive `flock`, which the kernel gives back when a process dies. It
    writes its entries with one write, fsyncs them, and only then moves the head: after a power
    failure the ledger has every entry whose append returned, and the head is never ahead of it.
    Callers fsync the files an entry names first (`EvidenceStore.sync`), so that the ledger never
    names what the disk may not hold.
    """

    def __init__(
        self, data_folder: Path, *, lock_timeout_seconds: float = LOCK_TIMEOUT_SECONDS
    ) -> None:
        self.path = data_folder / LEDGER_NAME
        self.head_path = data_folder / HEAD_NAME
        self._lock_timeout_seconds = lock_timeout_seconds

    def append(self, notes: Sequence[LedgerNote]) -> tuple[LedgerEntry, ...]:
        """Write `notes` as the next entries, in their order, and give them.

        What a killed append left unfinished at the end is repaired first: a whole entry that lacks
        only its line break is kept, a torn one, which nobody was told of, is cut off. On an error
        nothing stays. Raises StorageError when the ledger is locked for too long, cannot be
        written, or does not end where its head says.
        """
        if not notes:
            return ()
        try:
            with self._locked() as file:
                return self._append(file, notes)
        except OSError as error:
            raise file_error(_WHAT, self.path, error) from error

    def head(self) -> LedgerHead | None:
        """What the head file says; None where there is none. Raises StorageError."""
        try:
            return msgspec.json.decode(self.head_path.read_bytes(), type=LedgerHead)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise file_error("the ledger's head", self.head_path, error) from error
        except msgspec.MsgspecError as error:
            raise StorageError(
                f"the ledger's head {self.head_path} cannot be read ({error})", hint=_BROKEN_HINT
            ) from error

    def lines(self) -> Iterator[bytes]:
        """Every line as it stands, the last one perhaps unfinished. Raises StorageError."""
        try:
            with self.path.open("rb") as file:
                yield from file
        except FileNotFoundError:
            return
        except OSError as error:
            raise file_error(_WHAT, self.path, error) from error

    def last(self) -> LedgerEntry | None:
        """The last entry; None where there is none. Raises StorageError."""
        try:
            with self._locked() as file:
                return self._repaired_end(file)
        except OSError as error:
            raise file_error(_WHAT, self.path, error) from error

    def since(self, number: int) -> tuple[LedgerEntry, ...]:
        """The entries after entry `number`, read from the end. Raises StorageError."""
        try:
            with self._locked() as file:
                last = self._repaired_end(file)
                if last is None or last.number <= number:
                    return ()
                entries = [read_entry(line) for line in _lines_from(file, last.number - number)]
        except OSError as error:
            raise file_error(_WHAT, self.path, error) from error
        except Unreadable as error:
            raise self._damaged(f"a line of it is damaged: {error}") from error
        return tuple(entries)

    @contextmanager
    def _locked(self) -> Iterator[BinaryIO]:
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        with os.fdopen(descriptor, "r+b", buffering=0) as file:
            self._lock(file)
            yield file  # closing gives the lock back

    def _lock(self, file: BinaryIO) -> None:
        deadline = time.monotonic() + self._lock_timeout_seconds
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise StorageError(
                        f"{_WHAT} {self.path} is locked by another process",
                        hint="wait until that one is done (or end it), then run it again",
                    ) from None
                time.sleep(_LOCK_WAIT_SECONDS)
            else:
                return

    def _append(self, file: BinaryIO, notes: Sequence[LedgerNote]) -> tuple[LedgerEntry, ...]:
        last = self._repaired_end(file)
        entries: list[LedgerEntry] = []
        for note in notes:
            last = entry_after(last, note)
            entries.append(last)
        size = file.seek(0, os.SEEK_END)
        try:
            _write_whole(file, b"".join(entry.line for entry in entries))
            os.fsync(file.fileno())
            self._move_head(entries[-1])
        except BaseException:
            file.truncate(size)
            raise
        return tuple(entries)

    def _repaired_end(self, file: BinaryIO) -> LedgerEntry | None:
        """The last entry, with what a killed append left behind it finished or cut off."""
        line, fragment, size = _end_of(file)
        try:
            last = read_entry(line) if line else None
        except Unreadable as error:
            raise self._damaged(f"its last line is damaged: {error}") from error
        if fragment:
            finished = _finished(fragment, last)
            if finished is not None:
                file.seek(0, os.SEEK_END)
                _write_whole(file, b"\n")
                last = finished
            else:
                file.truncate(size)
        self._check_head(last)
        return last

    def _check_head(self, last: LedgerEntry | None) -> None:
        head = self.head()
        if head is None:
            if last is not None:
                raise self._damaged(f"its {HEAD_NAME} is missing")
            self._move_head(None)
        elif head.number > (last.number if last else 0):
            raise self._damaged(f"it ends before entry {head.number}, which was written")
        elif last is not None and head.number == last.number and head.hash != last.hash:
            raise self._damaged(f"its entry {head.number} is not the one that was written")

    def _move_head(self, entry: LedgerEntry | None) -> None:
        head = LedgerHead(number=entry.number, hash=entry.hash) if entry else LedgerHead()
        part = self.head_path.with_name(f".{HEAD_NAME}.part")
        try:
            with part.open("wb") as file:
                file.write(msgspec.json.encode(head))
                file.flush()
                os.fsync(file.fileno())
            part.replace(self.head_path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    def _damaged(self, what: str) -> StorageError:
        return StorageError(f"{_WHAT} {self.path} was changed: {what}", hint=_BROKEN_HINT)


def _write_whole(file: BinaryIO, data: bytes) -> None:
    written = file.write(data)
    if written != len(data):  # a full disk takes what still fits and says so
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _end_of(file: BinaryIO) -> tuple[bytes, bytes, int]:
    """The last whole line, what stands unfinished behind it, and the offset where that begins."""
    size = file.seek(0, os.SEEK_END)
    window = _WINDOW_BYTES
    while True:
        start = max(0, size - window)
        file.seek(start)
        tail = _read_whole(file, size - start)
        whole = tail.rfind(b"\n") + 1
        begin = tail.rfind(b"\n", 0, whole - 1) + 1 if whole else 0
        if start == 0 or begin:
            return tail[begin:whole], tail[whole:], start + whole
        window *= 4


def _lines_from(file: BinaryIO, count: int) -> list[bytes]:
    """The last `count` lines, all of them whole."""
    size = file.seek(0, os.SEEK_END)
    window = _WINDOW_BYTES
    while True:
        start = max(0, size - window)
        file.seek(start)
        lines = _read_whole(file, size - start).splitlines(keepends=True)
        if start == 0 or len(lines) > count:  # the first one may be cut
            return lines[-count:]
        window *= 4


def _read_whole(file: BinaryIO, size: int) -> bytes:
    parts = []
    while size > 0 and (part := file.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _finished(fragment: bytes, last: LedgerEntry | None) -> LedgerEntry | None:
    """The entry that `fragment` is but for its line break, or None."""
    try:
        entry = read_entry(fragment + b"\n")
    except Unreadable:
        return None
    return None if follows(entry, last) else entry
