"""Moving evidence files from the data folder to the store that many machines share."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import msgspec

from storage.failures import file_error
from storage.remote_evidence import EvidenceStoreGone, RemoteEvidence

_log = logging.getLogger("promowatch.storage")
_THREADS = 16
_BATCH = 200
_REMEMBERED = 100_000
_REST_SECONDS = 30.0
"""How long a store that did not answer is left alone: a scan asks again with its next batch after
that, so that it is held up by at most one failing request in this time."""


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """What an upload did: files moved, files that still wait, and why they do (one line)."""

    moved: int = 0
    waiting: int = 0
    problem: str = ""


class Uploader:
    """Moves files below `folder` to `remote`, under their names below `folder`.

    A file goes from the folder only when the store has it. Two processes may move the same files.
    """

    def __init__(
        self,
        remote: RemoteEvidence,
        folder: Path,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._remote = remote
        self._folder = folder
        self._monotonic = monotonic
        self._rests_until = float("-inf")
        self._behind = True
        self._moved: set[Path] = set()

    def has(self, path: Path) -> bool:
        """Whether the file was moved by this object: it need not be written again."""
        return path in self._moved

    def move(self, paths: Sequence[Path]) -> list[Path]:
        """Move `paths`, and some of what an earlier failure left; those that remain here.

        The store is not asked while it rests after a failure. Raises StorageError for the disk.
        """
        if self._monotonic() >= self._rests_until and self._move(paths) is None and self._behind:
            older = list(islice(_files(self._folder), _BATCH))
            if self._move(older) is None:
                self._behind = len(older) == _BATCH
        return [path for path in paths if path.exists()]

    def move_all(self, *, seconds: float | None) -> Upload:
        """Move every file of the folder, until one fails or `seconds` have gone by."""
        end = float("inf") if seconds is None else self._monotonic() + seconds
        found = list(_files(self._folder))
        problem = None
        for begin in range(0, len(found), _BATCH):
            problem = self._move(found[begin : begin + _BATCH])
            if problem is not None or self._monotonic() > end:
                break
        waiting = sum(1 for path in found if path.exists())
        said = problem.message if problem else "not all could be moved yet" if waiting else ""
        return Upload(moved=len(found) - waiting, waiting=waiting, problem=said)

    def _move(self, paths: Sequence[Path]) -> EvidenceStoreGone | None:
        """Move a batch; the failure that ended it."""
        first, rest = paths[:1], paths[1:]
        try:
            for path in first:  # one alone: a store that is gone is asked once, not 16 times
                self._move_one(path)
            with ThreadPoolExecutor(min(_THREADS, len(rest) or 1)) as pool:
                for _ in pool.map(self._move_one, rest):
                    pass
        except EvidenceStoreGone as error:
            _log.warning("%s; evidence stays in %s meanwhile", error, self._folder)
            self._rests_until = self._monotonic() + _REST_SECONDS
            self._behind = True
            return error
        return None

    def _move_one(self, path: Path) -> None:
        name = path.relative_to(self._folder).as_posix()
        try:
            data = path.read_bytes()
            if hashlib.sha256(data).hexdigest() != path.name.partition(".")[0]:
                _log.error("%s was changed or cut short: it is not moved", path)
                return
            self._remote.keep(name, data)
            path.unlink(missing_ok=True)
        except FileNotFoundError:
            pass  # another process has moved it
        except OSError as error:
            raise file_error("the evidence file", path, error) from error
        if len(self._moved) < _REMEMBERED:
            self._moved.add(path)


def _files(folder: Path) -> Iterator[Path]:
    """Evidence files of a folder; what a killed write left beside them (`.part`) is none."""
    if not folder.is_dir():
        return
    for path in folder.rglob("*"):
        if not path.name.startswith(".") and path.is_file():
            yield path
