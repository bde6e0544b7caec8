"""What goes into storage and what comes out of it: frozen records, no rows, no sessions."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Literal

import msgspec

from core import GapKind, Verdict, Words
from core.casework import CaseState
from core.document import Surface
from core.entry_state import EntryField, EntryState
from core.fingerprint import Mark
from core.link_chain import LinkChain, LinkStep
from core.urls import canonical_url
from core.verdict import CANDIDATE_LABELS, Label, ProfileViews
from core.verdict_change import VerdictChange

ScanState = Literal["running", "finished", "interrupted", "failed"]
Presence = Literal["up", "gone"]
EventKind = Literal["new", "still_up", "gone", "returned"]
EVENT_KINDS: tuple[EventKind, ...] = ("new", "still_up", "gone", "returned")
EvidenceKind = Literal[
    "response",
    "screenshot",
    "document",
    "verdict",
    "full_page",
    "picture",
    "marked",
    "warc",
    "manifest",
    "decision",
    "timestamp",
    "purge",
]
Seen = Label | Literal["absent", "repeated"]
"""What a look said: the verdict's label; `absent` where the surface answered 404 or 410; `repeated`
where a finding is that of other pages of the site."""

NOTHING_THERE = (404, 410)


class EvidenceFile(msgspec.Struct, frozen=True):
    """One file of the evidence store, by content. `sha256` is 64 lower-case hex digits."""

    kind: EvidenceKind
    sha256: str
    size_bytes: int


class EntrySeen(msgspec.Struct, frozen=True):
    """How a listing entry was, where nothing else of it is stored; `entry_whole` as in `Look`."""

    key: str
    seen_at: datetime
    entry: EntryState
    entry_whole: bool = True


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """One judged surface, ready to store.

    `key` comes from `surface_key`. `seen_at` is the capture's time, aware. `status` is the HTTP
    status, None for files and listing entries. `verdict` is None where the surface answered 404
    or 410: nothing is there. `chains` is where its opaque links lead. `marks` are fingerprints that
    neither the verdict nor the evidence holds (the text's). Raises ValueError on a naive time, or a
    missing verdict with another status; what could not be seen is a gap, never a look.
    """

    key: str
    surface: Surface
    url: str
    title: str
    platform: str = ""
    app_id: str = ""
    seen_at: datetime
    status: int | None
    content_sha256: str
    verdict: Verdict | None
    evidence: tuple[EvidenceFile, ...] = ()
    chains: tuple[LinkChain, ...] = ()
    marks: tuple[Mark, ...] = ()
    entry: EntryState | None = None
    """What a listing entry says of itself; `entry_whole` is false where part of it was not seen."""
    entry_whole: bool = True
    shadow: VerdictChange | None = None
    """What shadow rules would have said otherwise."""

    def __post_init__(self) -> None:
        if self.seen_at.tzinfo is None:
            raise ValueError(f"the look at {self.url} has a time without a time zone")
        if self.verdict is None and self.status not in NOTHING_THERE:
            raise ValueError(f"the look at {self.url} has no verdict, and status {self.status}")

    @property
    def seen(self) -> Seen:
        """The verdict's label, `repeated` or `absent`."""
        if self.verdict is None:
            return "absent"
        return "repeated" if self.verdict.repeated else self.verdict.label

    @property
    def is_candidate(self) -> bool:
        """Whether a person should look at this surface."""
        return self.verdict is not None and self.verdict.label in CANDIDATE_LABELS

    @property
    def opens_candidate(self) -> bool:
        """Whether this look makes a candidate where there is none: a footer that stands on every
        page of a site does so on the first pages alone, and keeps those from being called gone."""
        return self.is_candidate and self.verdict is not None and not self.verdict.repeated

    @property
    def shows_absence(self) -> bool:
        """Whether this look proves that nothing is there (any more).

        Only 404, 410 and a clear verdict on a page that answered and was read whole do; a
        degraded document, an error page or `undetermined` never does.
        """
        if self.verdict is None:
            return True
        answered = self.status is None or self.status < 400
        return answered and self.verdict.label == "clear" and not self.verdict.degraded


def surface_key(surface: Surface, url: str, platform: str = "", app_id: str = "") -> str:
    """Stable identity of a surface: 32 hex digits, the same on every machine and for ever.

    A listing entry is its platform and app id (its page may move); anything else is its canonical
    URL. Keys are stored: a change here needs a migration.
    """
    if platform and app_id:
        identity = f"{surface}\n{platform}\n{app_id}"
    else:
        identity = f"{surface}\n{canonical_url(storable(url))}"
    return hashlib.blake2b(storable(identity).encode(), digest_size=16).hexdigest()


def storable(text: str) -> str:
    """`text` as every database takes it: lone surrogates and NUL become replacement characters."""
    if "\0" not in text and (text.isascii() or _is_utf8(text)):
        return text
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class CandidateRow(msgspec.Struct, frozen=True, kw_only=True):
    """A candidate in one line, as the table of a scan shows it.

    `score` and `label` are those of the sighting the row was asked for. `status` is what a person
    decided, `presence` what the machine saw last. `event` is what happened in the scan, or None
    where an older capture was looked at and changed nothing. `views`: what other client profiles
    saw in the scan, where the row is asked for by scan.
    """

    candidate_id: int
    key: str
    surface: Surface
    url: str
    title: str
    platform: str
    app_id: str
    status: CaseState
    presence: Presence
    first_seen: datetime
    last_seen: datetime
    score: float
    label: Label
    headline: Words
    event: EventKind | None = None
    views: ProfileViews | None = None


class GapRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A stored gap: what was not seen, why, when, in which scan."""

    scan_id: int
    kind: GapKind
    subject: str
    reason: str
    at: datetime


class ScanSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One scan in figures. `labels` counts surfaces by `Seen`, and as `unchanged` the rows of an
    export that were seen and not judged again; `gaps` counts by kind, `events` by kind."""

    scan_id: int
    target_id: str
    title: str
    state: ScanState
    started_at: datetime
    finished_at: datetime | None
    notes: tuple[str, ...]
    looks: int
    labels: dict[str, int]
    gaps: dict[GapKind, int]
    events: dict[EventKind, int]


class SightingRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One capture of a candidate with the verdict it got and the files that prove it."""

    scan_id: int
    seen_at: datetime
    score: float
    label: Label
    verdict: Verdict
    content_sha256: str
    evidence: tuple[EvidenceFile, ...] = ()


class CandidateEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to a candidate in a scan.

    `sighting` is the newest one up to then (for `gone`: the last before it went). `status` and
    `seen` are what the surface answered in that scan.
    """

    kind: EventKind
    at: datetime
    scan_id: int
    target_id: str
    candidate: CandidateRow
    sighting: SightingRecord
    status: int | None
    seen: Seen


class LinkDestinationRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Where an opaque link led last, and by which hops: (address, step that led to it)."""

    link: str
    destination: str
    hops: tuple[tuple[str, LinkStep], ...]
    scan_id: int
    resolved_at: datetime


class DestinationChangeRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A link on the surface `url` that led to `before` at an earlier scan and leads to `after`."""

    scan_id: int
    surface_key: str
    url: str
    link: str
    before: str
    after: str
    at: datetime


class EntryChangeRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Something about an entry that was otherwise when it was looked at before."""

    scan_id: int
    at: datetime
    field: EntryField
    before: str
    after: str


class EntryHistory(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as it was first seen, as it was seen last, and each change, oldest first."""

    surface_key: str
    first: EntryState
    first_at: datetime
    last: EntryState
    changes: tuple[EntryChangeRecord, ...]


class Unseen(msgspec.Struct, frozen=True, kw_only=True):
    """A candidate, up when last seen, that was not seen on the day; `gap` says why if known."""

    candidate: CandidateRow
    gap: GapRecord | None = None


class DayRecord(msgspec.Struct, frozen=True, kw_only=True):
    """All that happened from `start` up to, not including, `end`.

    `scans` are those that ran in that time; their figures count only what fell into it. `gaps`
    holds at most `GAP_EXAMPLES` of each kind; the scans' figures count them all.
    """

    start: datetime
    end: datetime
    scans: tuple[ScanSummary, ...]
    events: tuple[CandidateEvent, ...]
    unseen: tuple[Unseen, ...]
    gaps: tuple[GapRecord, ...]
    destination_changes: tuple[DestinationChangeRecord, ...] = ()
    entries: tuple[EntryHistory, ...] = ()
    """Of the candidates in `events` that are listing entries."""


GAP_EXAMPLES = 50
