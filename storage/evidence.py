"""The evidence store: files named by the SHA-256 of what they hold.

`evidence/ab/cd/abcd….response` in the data folder. The same bytes are kept once, however often
they are seen. No name ends in `.html`: nobody opens a crawled page by a double click.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from core import StorageError
from storage.failures import file_error
from storage.records import EvidenceFile, EvidenceKind

SUFFIXES: dict[EvidenceKind, str] = {
    "response": ".response",
    "screenshot": ".jpg",  # of scans before `full_page`; never written any more
    "full_page": ".png",
    "document": ".document.json",
    "verdict": ".verdict.json",
    "picture": ".picture",
    "marked": ".marked.png",
    "warc": ".warc.gz",
    "manifest": ".manifest.json",
    "decision": ".decision.json",
    "timestamp": ".tsr",
    "purge": ".purge.json",
}
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SYNCING_THREADS = 16


class EvidenceStore:
    """Evidence files of `data_folder`, in a folder of their own made with the first file.

    A file appears under its name whole or not at all (written beside it, then renamed), also when
    the process is killed. It is not fsynced unless `fsync` is true: that costs milliseconds a
    file. After a power failure a file that was cut short is written again by the next `put` of
    the same bytes, and `read` never returns what the name does not vouch for.
    """

    def __init__(self, data_folder: Path, *, fsync: bool = False) -> None:
        self.folder = data_folder / "evidence"
        self._fsync = fsync

    def put(self, data: bytes, kind: EvidenceKind) -> EvidenceFile:
        """Keep `data`; what is there already is not written again, only made young, so that a
        purge lets it be until it is stored. Raises StorageError."""
        sha256 = hashlib.sha256(data).hexdigest()
        path = self.path(sha256, kind)
        try:
            if not _has_size(path, len(data)) or not _made_young(path):
                self._write(path, data)
        except OSError as error:
            raise file_error("the evidence file", path, error) from error
        return EvidenceFile(kind, sha256, len(data))

    def sync(self, files: Iterable[EvidenceFile]) -> None:
        """Return when `files` are on the disk, whatever happens to its power. Raises StorageError.

        Several fsyncs at once: a journal commits them together (400 files on ext4: 145 ms one by
        one, 31 ms with 16 threads, no better with more).
        """
        paths = [self.path(file.sha256, file.kind) for file in dict.fromkeys(files)]
        with ThreadPoolExecutor(min(_SYNCING_THREADS, len(paths) or 1)) as pool:
            for _ in pool.map(_sync, paths):
                pass

    def read(self, sha256: str, kind: EvidenceKind) -> bytes:
        """The bytes kept under `sha256`.

        Raises StorageError when there are none, or they are no longer what was put.
        """
        path = self.path(sha256, kind)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise file_error("the evidence file", path, error) from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise StorageError(
                f"the evidence file {path} was changed: its content has another SHA-256",
                hint="restore it from a backup",
            )
        return data

    def path(self, sha256: str, kind: EvidenceKind) -> Path:
        """Where a file stands. Raises ValueError when `sha256` is not 64 lower-case hex digits."""
        if not _SHA256.fullmatch(sha256):
            raise ValueError(f"not a SHA-256: {sha256!r}")
        return self.folder / sha256[:2] / sha256[2:4] / f"{sha256}{SUFFIXES[kind]}"

    def _write(self, path: Path, data: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
        try:
            with part.open("xb") as file:
                file.write(data)
                if self._fsync:
                    file.flush()
                    os.fsync(file.fileno())
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def _has_size(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except FileNotFoundError:
        return False


def _made_young(path: Path) -> bool:
    """Whether the file is still there, now with the time of this moment."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    except PermissionError:  # another user's file: as old as it is
        return True
    return True


def _sync(path: Path) -> None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise file_error("the evidence file", path, error) from error
