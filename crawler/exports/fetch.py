"""Exports from elsewhere: `https://` addresses and object storage, copied to the data folder.

A copy, because a scan that was cut off reads the file again, Parquet is read from its end, and a
server that serves a million rows should not have to wait for them to be judged. Whatever its size,
a few hundred kilobytes of it are in memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import msgspec

from core.errors import AddressRefused, BadInput, StorageError
from core.gap import Gap, GapKind
from core.target import Target
from core.text import one_line

OBJECT_STORAGE = ("s3", "s3a", "gs", "gcs", "abfs", "az", "oss", "oci", "tos", "memory")
"""Schemes that fsspec opens; the ones that name files of this machine are not among them."""
HOW_TO_INSTALL = "install the extra: pip install -e '.[remote]' in the project's folder"

_CHUNK = 256 * 1024


class Export(msgspec.Struct, frozen=True):
    """A seed and the file it is read from. `sha256` of a copy; empty for a file of this machine."""

    seed: str
    path: Path
    sha256: str = ""


class Fetched(msgspec.Struct, frozen=True):
    """The exports of a target, and why others could not be had."""

    exports: tuple[Export, ...]
    gaps: tuple[Gap, ...] = ()


@contextmanager
def fetched(target: Target, data: Path) -> Iterator[Fetched]:
    """The exports that `target` names, those from elsewhere copied into a folder of `data`; the
    copies are gone at the end. Raises BadInput where a library is missing, StorageError where the
    copy cannot be written."""
    folder = data / "exports"
    exports: list[Export] = []
    gaps: list[Gap] = []
    try:
        for seed in target.seeds:
            if "://" not in seed:
                exports.append(Export(seed, Path(seed)))
                continue
            found = _copied(seed, folder, target)
            if isinstance(found, Gap):
                gaps.append(found)
            else:
                exports.append(found)
        yield Fetched(tuple(exports), tuple(gaps))
    finally:
        for export in exports:
            if export.sha256:
                export.path.unlink(missing_ok=True)


def _copied(seed: str, folder: Path, target: Target) -> Export | Gap:
    path = folder / hashlib.sha256(seed.encode()).hexdigest()[:32]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            try:
                sha256 = _copy(seed, target, file)
            except (BadInput, _DiskError):
                raise
            except Exception as error:  # noqa: BLE001  (what a storage library raises is a reason)
                path.unlink()
                return _gap(seed, error)
    except OSError as error:
        raise StorageError(
            f"the copy of an export, {path}, cannot be written: {error.strerror or error}",
            hint="make room, or use another data folder",
        ) from error
    return Export(seed, path, sha256)


class _DiskError(OSError):
    """Our own disk, not the other side."""


def _copy(seed: str, target: Target, file: BinaryIO) -> str:
    digest = hashlib.sha256()
    with _opened(seed, target) as source:
        while data := source.read(_CHUNK):
            digest.update(data)
            try:
                file.write(data)
            except OSError as error:
                raise _DiskError(*error.args) from error
    return digest.hexdigest()


@contextmanager
def _opened(seed: str, target: Target) -> Iterator[BinaryIO]:
    if seed.startswith(("http://", "https://")):
        from crawler.exports.http_file import open_http

        with open_http(seed, target) as source:
            yield source
        return
    if seed.partition("://")[0] not in OBJECT_STORAGE:
        raise BadInput(
            f"`{one_line(seed, 200)}` is no export that can be fetched",
            hint=f"use a path, https://, or one of {', '.join(OBJECT_STORAGE)}",
        )
    try:
        import fsspec

        with fsspec.open(seed, "rb") as source:
            yield source
    except ImportError as error:
        raise BadInput(
            f"`{one_line(seed, 200)}` needs a library ({error})", hint=HOW_TO_INSTALL
        ) from error


def _gap(seed: str, error: Exception) -> Gap:
    kind = GapKind.UNREACHABLE
    if isinstance(error, AddressRefused):
        kind = GapKind.ADDRESS_REFUSED
    elif isinstance(error, TimeoutError):
        kind = GapKind.TIMEOUT
    elif isinstance(error, FetchFailed):
        kind = error.kind
    reason = str(error) or type(error).__name__
    if isinstance(error, FileNotFoundError):
        reason = "there is no such file"
    return Gap(kind, seed, one_line(f"the export was not fetched: {reason}", 300))


class FetchFailed(Exception):
    """An answer that is no file; `kind` says of which kind the gap is."""

    def __init__(self, kind: GapKind, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
