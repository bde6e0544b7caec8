"""What is kept of a judged surface: evidence files, ledger notes, its look; notes on a scan."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from core.entry_state import state_of
from core.fingerprint import Mark, text_mark
from core.gap import Gap
from core.target import Limits, Target
from core.verdict import CANDIDATE_LABELS, Verdict
from crawler.items import Judged, Listed, Missing
from crawler.pipelines.identity import key_of, key_of_answer, url_of
from crawler.pipelines.kept_pictures import kept_pictures
from storage import (
    EvidenceFile,
    EvidenceStore,
    LedgerNote,
    Look,
    Unjudged,
    contrast_view,
    manifest_of,
    portable_json,
    unjudged_manifest,
    warc_of,
)


def is_kept(verdict: Verdict) -> bool:
    """Whether a person will have to look at it, so that it needs evidence."""
    return verdict.label in CANDIDATE_LABELS and not verdict.repeated


class Kept(NamedTuple):
    """The files of a finding, gaps of pictures that could not be marked, and the marks by which it
    is known again."""

    files: tuple[EvidenceFile, ...] = ()
    gaps: tuple[Gap, ...] = ()
    marks: frozenset[Mark] = frozenset()


def kept_files(store: EvidenceStore, item: Judged, limits: Limits) -> Kept:
    """Write what was fetched, screenshot, pictures, document, verdict and a manifest of them."""
    put = store.put
    capture, verdict = item.capture, item.verdict
    answers = (answer for chain in item.chains for answer in chain.answers)
    shown = kept_pictures(item, put, limits)
    files = (
        put(capture.body, "response"),
        put(warc_of(capture, item.pictures, answers), "warc"),
        put(portable_json(item.document), "document"),
        put(portable_json(verdict), "verdict"),
        *shown.files,
    )
    others = [(other, put(warc_of(other), "warc")) for other in item.contrast]
    files = (*files, *dict.fromkeys(file for _, file in others))
    surface = item.document.surface
    contrast = tuple(contrast_view(other, file) for other, file in others)
    manifest = manifest_of(
        key_of(item), surface, capture, verdict, files, contrast=contrast, marked=shown.marked
    )
    files = (*files, put(portable_json(manifest), "manifest"))
    return Kept(files, shown.gaps, text_mark(item.document) | shown.fingerprints)


def kept_answer(store: EvidenceStore, item: Missing | Listed) -> tuple[EvidenceFile, ...]:
    """Write the answer that something is not there, or a page of a listing, and its manifest."""
    capture = item.capture
    files = (store.put(capture.body, "response"), store.put(warc_of(capture), "warc"))
    label: Unjudged = "absent" if isinstance(item, Missing) else "listing"
    manifest = unjudged_manifest(key_of_answer(item), capture, label, files)
    return (*files, store.put(portable_json(manifest), "manifest"))


def ledger_notes(item: Judged, files: Sequence[EvidenceFile]) -> tuple[LedgerNote, LedgerNote]:
    """What the ledger is told: the manifest of the capture, and the verdict."""
    hashes = {file.kind: file.sha256 for file in files}
    key, now = key_of(item), datetime.now(UTC)
    return (
        LedgerNote(kind="capture", subject=key, at=now, sha256=hashes["manifest"]),
        LedgerNote(kind="verdict", subject=key, at=now, sha256=hashes["verdict"]),
    )


def scan_notes(target: Target) -> tuple[str, ...]:
    """What the report says of how a target is scanned: relaxed limits, other visitors."""
    relaxed, reason = target.politeness.relaxed(), target.politeness.reason
    notes = [f"politeness relaxed ({', '.join(relaxed)}): {reason}"] if relaxed else []
    if target.profiles:
        notes.append(f"pages were also seen as {', '.join(target.profiles)}: {reason}")
    return tuple(notes)


def look_at(item: Judged, kept: Kept) -> Look:
    """The look as it is stored, with what was kept of it."""
    capture, document = item.capture, item.document
    entry = document.entry
    return Look(
        key=key_of(item),
        surface=document.surface,
        url=url_of(item),
        title=(entry.name if entry else document.title)[:500],
        platform=entry.platform if entry else "",
        app_id=entry.app_id if entry else "",
        seen_at=capture.taken_at,
        status=capture.status,
        content_sha256=hashlib.sha256(capture.body).hexdigest(),
        verdict=item.verdict,
        evidence=kept.files,
        chains=item.chains,
        marks=tuple(sorted(kept.marks)),
        entry=state_of(document, item.verdict),
        entry_whole=not document.degraded,
        shadow=item.shadow,
    )
