"""What a recheck saw of a case, read from the evidence that was kept of it, and what it proves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from core import Document, Verdict
from core.gap import GapKind
from core.recheck import Answer, RecheckOutcome, outcome_of
from core.text import one_line
from core.urls import canonical_url
from crawler.challenge import asks_for_a_human
from storage import (
    CandidateRow,
    EvidenceFile,
    GapRecord,
    Manifest,
    Store,
    read_manifest,
)


class Proof(msgspec.Struct, frozen=True):
    """What a look proves, why, and the files that prove it (the manifest first)."""

    outcome: RecheckOutcome
    why: str
    files: tuple[EvidenceFile, ...] = ()


class Kept(msgspec.Struct, frozen=True):
    """A capture that the ledger vouches for: its manifest, and the manifest's own file."""

    manifest: Manifest
    file: EvidenceFile


def kept_since(store: Store, number: int) -> list[Kept]:
    """The captures that the ledger got after entry `number`. Raises StorageError."""
    kept = []
    for entry in store.ledger.since(number):
        if entry.kind == "capture":
            manifest = read_manifest(store.evidence, entry.sha256)
            size = len(store.evidence.read(entry.sha256, "manifest"))
            kept.append(Kept(manifest, EvidenceFile("manifest", entry.sha256, size)))
    return kept


def page_proof(
    store: Store, case: CandidateRow, captures: Iterable[Kept], gaps: Iterable[GapRecord]
) -> Proof:
    """What `captures` and `gaps` of a scan prove about `case`; the last capture of it counts."""
    own = [kept for kept in captures if _is_of(kept.manifest, case)]
    if not own:
        named = (gap for gap in gaps if canonical_url(gap.subject) == canonical_url(case.url))
        gap = next(named, None)
        return Proof("not_seen", f"{gap.kind.value}: {one_line(gap.reason)}" if gap else _NO_LOOK)
    return _proven(store, case, own[-1])


def listing_proof(
    store: Store, case: CandidateRow, captures: Sequence[Kept], gaps: Iterable[GapRecord]
) -> Proof:
    """What a scan of its whole listing proves about the entry `case`.

    An entry is delisted where every page of the listing was read and none shows it: the pages are
    the proof. A listing that was read in part proves nothing of what is missing.
    """
    own = [kept for kept in captures if kept.manifest.key == case.key]
    if own:
        return _proven(store, case, own[-1])
    unread = [gap for gap in gaps if gap.kind not in _OF_ONE_PICTURE]
    pages = [kept for kept in captures if kept.manifest.label == "listing"]
    if unread or not pages:
        first = f": {unread[0].kind.value}: {one_line(unread[0].reason)}" if unread else ""
        return Proof("not_seen", f"the listing was not read whole{first}")
    files = [file for kept in pages for file in (kept.file, *kept.manifest.files)]
    why = f"delisted: no longer on any page of its listing ({len(pages)} read)"
    return Proof("gone", why, tuple(dict.fromkeys(files)))


_NO_LOOK = "the scan did not get to look at it"
_OF_ONE_PICTURE = (
    GapKind.PICTURE_TOO_LARGE,
    GapKind.PICTURE_UNREADABLE,
    GapKind.DOCUMENT_UNREADABLE,
    GapKind.OPAQUE_CODE,
    GapKind.READER_FAILED,
    GapKind.WORDS_NOT_READ,
)
"""Gaps that hide no entry."""


def _proven(store: Store, case: CandidateRow, kept: Kept) -> Proof:
    outcome, why = outcome_of(_answer(store, case, kept.manifest))
    return Proof(outcome, why, (kept.file, *kept.manifest.files))


def _is_of(manifest: Manifest, case: CandidateRow) -> bool:
    return manifest.key == case.key or canonical_url(manifest.requested_url) == canonical_url(
        case.url
    )


def _answer(store: Store, case: CandidateRow, manifest: Manifest) -> Answer:
    if manifest.label == "absent":
        return Answer(status=manifest.status, label=None)
    kinds = {file.kind: file.sha256 for file in manifest.files}
    document = msgspec.json.decode(
        store.evidence.read(kinds["document"], "document"), type=Document
    )
    verdict = msgspec.json.decode(store.evidence.read(kinds["verdict"], "verdict"), type=Verdict)
    shown = (block.text for block in document.blocks if block.kind in ("title", "visible", "alt"))
    listed = manifest.key == case.key and document.entry is not None
    return Answer(
        status=200 if listed else manifest.status,  # what its own page answered is another matter
        label=verdict.label,
        same_place=canonical_url(manifest.final_url) == canonical_url(case.url)
        or manifest.key == case.key,
        degraded=verdict.degraded,
        in_part=bool(case.app_id) and not listed,
        asks_for_human=asks_for_a_human(document),
        text="\n".join(shown),
    )
