"""What a recheck saw of a case, read from the evidence that was kept of it, and what it proves."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from core import Document, Verdict
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


def proof_of(
    store: Store, case: CandidateRow, captures: Iterable[Kept], gaps: Iterable[GapRecord]
) -> Proof:
    """What `captures` and `gaps` of a scan prove about `case`; the last capture of it counts."""
    own = [kept for kept in captures if _is_of(kept.manifest, case)]
    if not own:
        named = (gap for gap in gaps if canonical_url(gap.subject) == canonical_url(case.url))
        gap = next(named, None)
        return Proof("not_seen", f"{gap.kind.value}: {one_line(gap.reason)}" if gap else _NO_LOOK)
    kept = own[-1]
    outcome, why = outcome_of(_answer(store, case, kept.manifest))
    return Proof(outcome, why, (kept.file, *kept.manifest.files))


_NO_LOOK = "the scan did not get to look at it"


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
    return Answer(
        status=manifest.status,
        label=verdict.label,
        same_place=canonical_url(manifest.final_url) == canonical_url(case.url)
        or manifest.key == case.key,
        degraded=verdict.degraded,
        asks_for_human=asks_for_a_human(document),
        text="\n".join(shown),
    )
