"""What an export scan reads and what it judges by: where both are the same, it may go on, and what
the scan before found is still true."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import msgspec

from classifiers import judged_by
from core.errors import BadInput
from core.target import Target
from crawler.exports.fetch import Export
from storage import SOFTWARE

_HEAD_BYTES = 64 * 1024


def files_identity(exports: Iterable[Export]) -> str:
    """Hash of each file's path, size, time of change and beginning, or of a copy's name and whole
    content. Raises BadInput."""
    digest = hashlib.sha256()
    for export in exports:
        if export.sha256:
            digest.update(f"{export.seed}\0{export.sha256}\0".encode())
            continue
        path = export.path
        try:
            with path.open("rb") as file:
                head = file.read(_HEAD_BYTES)
            status = path.stat()
        except OSError as error:
            raise BadInput(f"cannot read {path}: {error.strerror or error}") from error
        digest.update(f"{path.resolve()}\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
        digest.update(hashlib.sha256(head).digest())
    return digest.hexdigest()


def basis_identity(target: Target, catalogue: Path, on: date) -> str:
    """Hash of program, rules, law of the day, and how the target has its rows read."""
    how = (target.surface, target.platform, target.pictures, target.limits.resolves_links)
    parts = (SOFTWARE, judged_by(catalogue, on), repr(how), msgspec.json.encode(target.source))
    digest = hashlib.sha256()
    for part in parts:
        digest.update((part if isinstance(part, bytes) else part.encode()) + b"\0")
    return digest.hexdigest()
