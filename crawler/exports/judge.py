"""Judging the rows of a chunk: what is unchanged is passed over, what is quiet is told in one pass,
and only the rest is taken apart, each entry by itself."""

from __future__ import annotations

from array import array
from pathlib import Path

import msgspec

from classifiers import classify, load_with_shadow, quiet_entries, shadow_change
from core.capture import Capture
from core.document import Document
from core.entry_state import state_of
from core.gap import Gap, GapKind
from core.link_hosts import LinkHosts
from core.target import ExportListing
from core.text import one_line
from core.verdict import CANDIDATE_LABELS, Verdict
from crawler.exports.known_rows import KnownRows, fingerprint
from crawler.exports.protocol import Chunk, Judgement, Setup
from crawler.exports.row_lines import RowLine, read_lines_of
from crawler.extractors import data_uri, with_mini_programs, written_links
from crawler.items import Judged
from crawler.pipelines.identity import document_key
from crawler.pipelines.keeping import Kept, is_kept, kept_files, ledger_notes, look_at
from crawler.sources import EntryFields, entry_platform, listing_document
from crawler.sources.entries import entry_from_record
from crawler.sources.export_file import base_of, renaming, row_capture, row_gaps
from crawler.sources.export_rows import json_record
from storage import EntrySeen, EvidenceStore, LedgerNote, Look


class _Row(msgspec.Struct, frozen=True):
    """A row that was taken apart. `digest` is empty where it may not be passed over next time."""

    digest: bytes
    capture: Capture
    document: Document


class _Found:
    """What a chunk comes to, while it is being worked through."""

    def __init__(self) -> None:
        self.entries = self.clear = self.unchanged = 0
        self.aside = array("I")
        self.quiet = bytearray()
        self.hits = bytearray()
        self.again: list[str] = []
        self.looks: list[Look] = []
        self.states: list[EntrySeen] = []
        self.notes: list[LedgerNote] = []
        self.gaps: list[Gap] = []

    def judgement(self) -> Judgement:
        return Judgement(
            entries=self.entries,
            clear=self.clear,
            unchanged=self.unchanged,
            aside=self.aside.tobytes(),
            quiet=bytes(self.quiet),
            hits=bytes(self.hits),
            again=tuple(self.again),
            looks=tuple(self.looks),
            states=tuple(self.states),
            notes=tuple(self.notes),
            gaps=tuple(self.gaps),
        )


class Judge:
    """Judges chunks by one setup. Raises StorageError where evidence cannot be kept."""

    def __init__(self, setup: Setup) -> None:
        self._target = setup.target
        self._ruleset, self._shadow = load_with_shadow(Path(setup.catalogue))
        self._evidence = EvidenceStore(Path(setup.data))
        self._known = KnownRows(setup.known)
        self._keys_up = frozenset(setup.keys_up)
        self._hosts: LinkHosts | None = None
        if setup.target.limits.resolves_links:
            self._hosts = LinkHosts.load(Path(setup.catalogue))
        source = setup.target.source
        self._rename = renaming(source) if isinstance(source, ExportListing) else {}
        self._keeps_entries = isinstance(source, ExportListing) and source.keep_entries

    def judge(self, chunk: Chunk) -> Judgement:
        """What came of `chunk`."""
        found = _Found()
        lines = list(read_lines_of(chunk, found.gaps))
        digests = [fingerprint(line.text) for line in lines]
        rows: list[_Row] = []
        for line, digest, is_quiet in zip(
            lines, digests, self._known.are_quiet(digests), strict=True
        ):
            if line.odd or not self._pass_over(digest, found, quiet=is_quiet):
                row = self._row(chunk, line, b"" if line.odd else digest, found)
                if row is not None:
                    rows.append(row)
        self._judge_rows(rows, chunk, found)
        return found.judgement()

    def _pass_over(self, digest: bytes, found: _Found, *, quiet: bool) -> bool:
        """Whether the row was there in the scan before, and counts as what it was then."""
        if quiet:
            found.quiet += digest
        else:
            key = self._known.hit(digest)
            if key is None:
                return False
            found.hits += digest + key
            found.again.append(key.hex())
        found.entries += 1
        found.unchanged += quiet
        return True

    def _row(self, chunk: Chunk, line: RowLine, digest: bytes, found: _Found) -> _Row | None:
        """The row taken apart; None where it is no entry, or is left to a spider."""
        record = json_record(line.text)
        place = f"{chunk.name}:{line.number}"
        if isinstance(record, str):
            found.gaps.append(Gap(GapKind.BAD_ROW, place, record))
            return None
        entry = entry_from_record(record, base_of(chunk.name), rename=self._rename)
        gaps = list(row_gaps(place, entry, lossy=False))
        if not entry.fields:
            found.gaps += gaps
            return None
        found.entries += 1
        capture = row_capture(entry, chunk.name, chunk.taken_at)
        target = self._target
        platform = entry_platform(entry, target)
        document = listing_document(entry, target.surface, platform, capture.final_url)
        document, opaque = with_mini_programs(document, entry.pictures)
        if self._needs_a_spider(entry, document):
            found.aside.append(line.place)
            return None
        gaps += opaque
        found.gaps += gaps
        return _Row(b"" if gaps else digest, capture, document)

    def _needs_a_spider(self, entry: EntryFields, document: Document) -> bool:
        """Whether pictures, packages or opaque links of the entry are to be looked at."""
        if entry.fields.get("package_url"):
            return True
        if any(self._target.pictures or data_uri(url) is not None for url in entry.pictures):
            return True
        if self._hosts is None:
            return False
        urls = [reference.url for reference in document.references]
        urls += [reference.url for reference in written_links(document)]
        return bool(urls and self._hosts.hiding(dict.fromkeys(urls)))

    def _judge_rows(self, rows: list[_Row], chunk: Chunk, found: _Found) -> None:
        quiet = self._quiet([row.document for row in rows])
        for row, is_quiet in zip(rows, quiet, strict=True):
            if is_quiet and not self._is_up(row):
                found.clear += 1
                found.quiet += row.digest
                continue
            try:
                verdict = classify(row.document, self._ruleset, on=chunk.on)
                shadow = shadow_change(row.document, verdict, self._shadow)
            except Exception as error:  # noqa: BLE001  (one entry that breaks the judge is a gap)
                reason = one_line(f"the classifier failed: {type(error).__name__}: {error}")
                found.gaps.append(Gap(GapKind.INTERNAL_ERROR, row.capture.final_url, reason))
            else:
                self._keep(row, Judged(row.capture, row.document, verdict, shadow=shadow), found)

    def _quiet(self, documents: list[Document]) -> list[bool]:
        if self._keeps_entries:  # what is recognised in a clear entry is part of its state
            return [False] * len(documents)
        try:
            quiet = quiet_entries(documents, self._ruleset)
            if self._shadow is not None and any(quiet):
                both = zip(quiet, quiet_entries(documents, self._shadow), strict=True)
                quiet = [live and shadow for live, shadow in both]
            return quiet
        except Exception:  # noqa: BLE001  (then each is judged by itself, and its error told)
            return [False] * len(documents)

    def _is_up(self, row: _Row) -> bool:
        """Whether the entry was a candidate, so that its being clear is news."""
        if not self._keys_up:
            return False
        return document_key(row.document, row.capture) in self._keys_up

    def _keep_state(self, row: _Row, key: str, verdict: Verdict, found: _Found) -> None:
        state = state_of(row.document, verdict) if self._keeps_entries else None
        if state is not None:
            whole = not row.document.degraded
            found.states.append(EntrySeen(key, row.capture.taken_at, state, whole))

    def _keep(self, row: _Row, judged: Judged, found: _Found) -> None:
        verdict = judged.verdict
        key = document_key(row.document, row.capture)
        passed = verdict.label == "clear" and not verdict.degraded
        if passed and key not in self._keys_up and judged.shadow is None:
            found.clear += 1
            found.quiet += row.digest
            self._keep_state(row, key, verdict, found)
            return
        kept = Kept()
        if is_kept(verdict):
            kept = kept_files(self._evidence, judged, self._target.limits)
            found.gaps += kept.gaps
            found.notes += ledger_notes(judged, kept.files)
        found.looks.append(look_at(judged, kept))
        if not row.digest or verdict.degraded:
            return
        if passed:
            found.quiet += row.digest
        elif verdict.label in CANDIDATE_LABELS:
            found.hits += row.digest + bytes.fromhex(key)
