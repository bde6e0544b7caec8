"""The evidence store: files named by the SHA-256 of what they hold.

`evidence/ab/cd/abcd….response` in the data folder. The same bytes are kept once, however often
they are seen. No name ends in `.html`: nobody opens a crawled page by a double click. With
`PROMOWATCH_EVIDENCE_URL` the files go on to a store that many machines share, and the folder holds
those that are not there yet.
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
from storage.evidence_upload import Upload, Uploader
from storage.failures import file_error
from storage.records import EvidenceFile, EvidenceKind
from storage.remote_evidence import EVIDENCE_URL_VARIABLE, RemoteEvidence

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

    `url` (None: PROMOWATCH_EVIDENCE_URL; empty: none) names a store beyond this machine. `sync` and
    `upload` move the files there; a store that does not answer costs nothing but the room they take
    here meanwhile. Raises BadInput for a URL that is none.
    """

    def __init__(self, data_folder: Path, *, fsync: bool = False, url: str | None = None) -> None:
        self.folder = data_folder / "evidence"
        self._fsync = fsync
        named = os.environ.get(EVIDENCE_URL_VARIABLE, "") if url is None else url
        self._remote = RemoteEvidence(named) if named else None
        self._uploader = Uploader(self._remote, self.folder) if self._remote else None

    def put(self, data: bytes, kind: EvidenceKind) -> EvidenceFile:
        """Keep `data`; what is there already is not written again, only made young, so that a
        purge lets it be until it is stored. Raises StorageError."""
        sha256 = hashlib.sha256(data).hexdigest()
        path = self.path(sha256, kind)
        moved = self._uploader is not None and self._uploader.has(path)
        try:
            if not moved and not (_has_size(path, len(data)) and _made_young(path)):
                self._write(path, data)
        except OSError as error:
            raise file_error("the evidence file", path, error) from error
        return EvidenceFile(kind, sha256, len(data))

    def sync(self, files: Iterable[EvidenceFile]) -> None:
        """Return when `files` outlive the power of this machine. Raises StorageError.

        They are in the shared store then, else on the disk. Several fsyncs at once: a journal
        commits them together (400 files on ext4: 145 ms one by one, 31 ms with 16 threads, no
        better with more).
        """
        paths = [self.path(file.sha256, file.kind) for file in dict.fromkeys(files)]
        if self._uploader is not None:
            paths = self._uploader.move(paths)
        with ThreadPoolExecutor(min(_SYNCING_THREADS, len(paths) or 1)) as pool:
            for _ in pool.map(_sync, paths):
                pass

    def upload(self, *, seconds: float | None = None) -> Upload:
        """Move what still waits in the folder to the shared store, for up to `seconds`.

        Without a shared store nothing waits. A store that does not answer is told in the result.
        """
        if self._uploader is None:
            return Upload()
        return self._uploader.move_all(seconds=seconds)

    def read(self, sha256: str, kind: EvidenceKind) -> bytes:
        """The bytes kept under `sha256`.

        Raises StorageError when there are none, or they are no longer what was put.
        """
        path = self.path(sha256, kind)
        try:
            data = self.unchecked(sha256, kind)
        except OSError as error:
            raise file_error("the evidence file", path, error) from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise StorageError(
                f"the evidence file {path} was changed: its content has another SHA-256",
                hint="restore it from a backup",
            )
        return data

    def unchecked(self, sha256: str, kind: EvidenceKind) -> bytes:
        """What stands under a name, be it what the name says or not.

        Raises OSError, EvidenceStoreGone.
        """
        path = self.path(sha256, kind)
        try:
            return path.read_bytes()
        except FileNotFoundError:
            if self._remote is None:
                raise
        return self._remote.read(path.relative_to(self.folder).as_posix())

    @property
    def beyond(self) -> str:
        """What messages call the store beyond this machine; empty where there is none."""
        return self._remote.name if self._remote else ""

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
