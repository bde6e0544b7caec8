"""A candidate as one ZIP file: all that proves it, readable and checkable without this program."""

from __future__ import annotations

import secrets
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from core import StorageError
from reports.case_ledger import LedgerExcerpt, excerpt_of
from reports.render_case import render_case
from reports.words import language
from storage import (
    CandidateRow,
    EntryHistory,
    EvidenceFile,
    EvidenceKind,
    Manifest,
    SightingRecord,
    Store,
    portable_json,
    read_manifest,
)

Progress = Callable[[int, int], None]
"""Called with the files packed so far and how many there are."""

_NAMES: dict[EvidenceKind, tuple[str, str]] = {
    "response": ("response", ".bin"),
    "warc": ("capture", ".warc.gz"),
    "screenshot": ("screenshot", ".jpg"),
    "document": ("document", ".json"),
    "verdict": ("verdict", ".json"),
    "manifest": ("manifest", ".json"),
    "full_page": ("full-page", ".png"),
    "picture": ("picture", ".bin"),
    "marked": ("marked", ".png"),
    "decision": ("decision", ".json"),
    "timestamp": ("time-stamp", ".tsr"),
    "purge": ("purge", ".json"),
}
_PACKED_ALREADY = frozenset({"warc", "screenshot", "full_page", "picture", "marked"})
_EARLIEST_YEAR = 1980


class PackedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the evidence store and its name in the ZIP."""

    name: str
    kind: EvidenceKind
    sha256: str
    size_bytes: int


class MarkedPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture with the evidence boxed: its name in the ZIP, whose copy it is, and the numbers of
    the reasons in its boxes. `address` is where the original came from."""

    name: str
    original: str
    address: str
    numbers: tuple[int, ...]


class PackedSighting(msgspec.Struct, frozen=True, kw_only=True):
    """A sighting with its files; `manifest` is None for one older than the ledger."""

    number: int
    sighting: SightingRecord
    manifest: Manifest | None
    files: tuple[PackedFile, ...]
    marked: tuple[MarkedPicture, ...] = ()


class CaseFile(msgspec.Struct, frozen=True, kw_only=True):
    """What a case file holds. `generated` files (index, summary, ledger) are not listed."""

    candidate: CandidateRow
    sightings: tuple[PackedSighting, ...]
    ledger: LedgerExcerpt | None
    entry: EntryHistory | None = None
    """How a listing entry changed since it was first seen."""


def write_case_file(
    store: Store,
    named: str,
    out: Path,
    lang: str,
    progress: Progress = lambda _done, _total: None,
) -> CaseFile:
    """Write the ZIP file `out` for the candidate that `named` (key, its beginning, URL) names.

    `index.html` (in `lang`, nothing of theirs clickable), `summary.json`, `sightings/NNN/...` and
    `ledger/...`; same evidence, same bytes. `out` appears whole or not at all. Raises BadInput when
    no or more than one candidate is meant, StorageError when a file of evidence is missing or was
    changed, or `out` cannot be written.
    """
    case = store.case(named)
    packed = CaseFile(
        candidate=case.candidate,
        sightings=tuple(_packed(store, *one) for one in enumerate(case.sightings, start=1)),
        ledger=excerpt_of(store.ledger, case.candidate.key),
        entry=case.entry,
    )
    _write(store, packed, out, lang, progress)
    return packed


def _write(store: Store, case: CaseFile, out: Path, lang: str, progress: Progress) -> None:
    part = out.with_name(f".{out.name}.{secrets.token_hex(4)}.part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        try:
            with zipfile.ZipFile(part, "x") as archive:
                _fill(archive, store, case, language(lang), progress)
            part.replace(out)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(
            f"the case file {out} was not written ({error.strerror or type(error).__name__})",
            hint="choose another place with `--out`, or free some space",
        ) from error


def _packed(store: Store, number: int, sighting: SightingRecord) -> PackedSighting:
    file = next((file for file in sighting.evidence if file.kind == "manifest"), None)
    manifest = read_manifest(store.evidence, file.sha256) if file else None
    files = _named(sighting.evidence, f"sightings/{number:03}")
    return PackedSighting(
        number=number,
        sighting=sighting,
        manifest=manifest,
        files=files,
        marked=_marked(manifest, files) if manifest else (),
    )


def _marked(manifest: Manifest, files: tuple[PackedFile, ...]) -> tuple[MarkedPicture, ...]:
    """The marked copies that the manifest names, the page first."""
    names = {file.sha256: file.name for file in files}
    return tuple(
        MarkedPicture(
            name=names[copy.sha256],
            original=names.get(copy.of, ""),
            address=copy.address,
            numbers=copy.numbers,
        )
        for copy in manifest.marked
        if copy.sha256 in names
    )


def _named(files: tuple[EvidenceFile, ...], folder: str) -> tuple[PackedFile, ...]:
    """Names of ours alone; a second file of a kind (the same content met twice) has a number."""
    taken: dict[EvidenceKind, int] = {}
    packed = []
    for file in sorted(files, key=lambda file: (file.kind, file.sha256)):
        count = taken[file.kind] = taken.get(file.kind, 0) + 1
        stem, suffix = _NAMES[file.kind]
        packed.append(
            PackedFile(
                name=f"{folder}/{stem}{f'-{count}' if count > 1 else ''}{suffix}",
                kind=file.kind,
                sha256=file.sha256,
                size_bytes=file.size_bytes,
            )
        )
    return tuple(packed)


def _fill(
    archive: zipfile.ZipFile, store: Store, case: CaseFile, lang: str, progress: Progress
) -> None:
    last = case.candidate.last_seen
    _add(archive, "index.html", render_case(case, lang).encode(), last)
    _add(archive, "summary.json", _readable(case), last)
    total = sum(len(one.files) for one in case.sightings)
    done = 0
    for one in case.sightings:
        for file in one.files:
            data = store.evidence.read(file.sha256, file.kind)
            pack = file.kind not in _PACKED_ALREADY
            _add(archive, file.name, data, one.sighting.seen_at, pack=pack)
            done += 1
            progress(done, total)
    if case.ledger is not None:
        _add(archive, "ledger/entries.jsonl", case.ledger.text.encode(), last)
        _add(archive, "ledger/proof.json", _readable(case.ledger.proof), last)
        if case.ledger.token_sha256:
            token = store.evidence.read(case.ledger.token_sha256, "timestamp")
            _add(archive, "ledger/time-stamp.tsr", token, last)


def _readable(value: msgspec.Struct) -> bytes:
    return msgspec.json.format(portable_json(value), indent=1)


def _add(
    archive: zipfile.ZipFile, name: str, data: bytes, at: datetime, *, pack: bool = True
) -> None:
    moment = (max(at.year, _EARLIEST_YEAR), at.month, at.day, at.hour, at.minute, at.second)
    info = zipfile.ZipInfo(name, moment)
    info.create_system = 3
    info.external_attr = 0o644 << 16
    info.compress_type = zipfile.ZIP_DEFLATED if pack else zipfile.ZIP_STORED
    archive.writestr(info, data)
