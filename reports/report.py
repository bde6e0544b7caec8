"""The nouns of the daily report, frozen: all that the renderers show, and nothing they look up."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from core import GapKind, LegalBasis, ServiceFinding, Words
from core.casework import Actor, CaseState
from core.document import PayloadType, Surface
from core.fingerprint import MarkKind
from core.recheck import RecheckOutcome
from core.verdict import Asset, Label, ProfileViews
from core.verdict_change import ChangeKind
from storage import AlarmKind, EventKind, EvidenceFile, ScanState, Seen


class Reason(msgspec.Struct, frozen=True):
    """One piece of evidence: what it is, its points (log-odds) and the words it rests on.

    `codes` are the sorts of payload of the QR codes it rests on; `number` is the one it has in the
    case file and beside the boxes of marked pictures.
    """

    title: Words
    points: float
    quote: str = ""
    codes: tuple[PayloadType, ...] = ()
    number: int = 0


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One candidate of the day.

    `url` and quotes are as crawled, control characters and personal data aside; renderers defang
    them. `seen` and `http_status` are what the surface answered last on the day. `decision` is
    what a person said; all else is the machine's. `views`: what other client
    profiles saw. `for_promotion` and `against` are strongest first.
    """

    candidate_id: int
    key: str
    kind: EventKind
    at: datetime
    target_id: str
    scan_id: int
    surface: Surface
    platform: str
    app_id: str
    title: str
    url: str
    label: Label
    score: float
    seen: Seen
    http_status: int | None
    decision: CaseState
    first_seen: datetime
    last_seen: datetime
    headline: Words
    services: tuple[ServiceFinding, ...]
    assets: tuple[Asset, ...]
    legal_basis: tuple[LegalBasis, ...]
    for_promotion: tuple[Reason, ...]
    against: tuple[Reason, ...]
    conflict: bool
    degraded: bool
    judged_on: date
    ruleset_version: str
    content_sha256: str
    evidence_files: tuple[EvidenceFile, ...]
    views: ProfileViews | None = None


class UnseenCandidate(msgspec.Struct, frozen=True, kw_only=True):
    """A candidate that was up when last seen and was not looked at on the day, and why if known."""

    candidate_id: int
    title: str
    url: str
    label: Label
    score: float
    first_seen: datetime
    last_seen: datetime
    gap: GapKind | None = None
    reason: str = ""


class TargetActivity(msgspec.Struct, frozen=True, kw_only=True):
    """What was done about one target on the day. `labels` counts surfaces by `Seen`."""

    target_id: str
    title: str
    scans: dict[ScanState, int]
    looks: int
    labels: dict[str, int]
    gaps: dict[GapKind, int]
    started_at: datetime
    finished_at: datetime | None
    notes: tuple[str, ...]


class GapExample(msgspec.Struct, frozen=True):
    """One gap: what was not seen, and why."""

    subject: str
    reason: str


class GapGroup(msgspec.Struct, frozen=True, kw_only=True):
    """The gaps of one kind: how many, and the first few."""

    kind: GapKind
    count: int
    examples: tuple[GapExample, ...]


class ChangedLink(msgspec.Struct, frozen=True, kw_only=True):
    """A short link, redirector or QR payload on the surface `url` that leads elsewhere now."""

    url: str
    link: str
    before: str
    after: str
    at: datetime
    scan_id: int


class DecisionLine(msgspec.Struct, frozen=True, kw_only=True):
    """A step in the life of the case `candidate_id`: who led it on, when and why."""

    candidate_id: int
    title: str
    url: str
    before: CaseState
    after: CaseState
    actor: Actor
    decided_by: str
    why: str
    at: datetime


class OverdueLine(msgspec.Struct, frozen=True, kw_only=True):
    """A case whose notice was sent and whose surface is not known to be gone, though its `deadline`
    was before the day's end. `outcome` is what the last look showed, None where none was taken."""

    candidate_id: int
    title: str
    url: str
    state: CaseState
    sent_at: datetime
    deadline: datetime
    outcome: RecheckOutcome | None


class BackElsewhere(msgspec.Struct, frozen=True, kw_only=True):
    """A candidate that bears strong marks (`kinds`) of the older, confirmed case `other_id`."""

    candidate_id: int
    url: str
    other_id: int
    other_url: str
    kinds: tuple[MarkKind, ...]
    at: datetime


class AppMember(msgspec.Struct, frozen=True, kw_only=True):
    """One of the entries that are the same app."""

    candidate_id: int
    key: str
    kind: EventKind
    platform: str
    app_id: str
    title: str
    url: str
    label: Label
    score: float


class AppGroup(msgspec.Struct, frozen=True, kw_only=True):
    """The same app on several platforms, or several times on one: all its candidates of the day."""

    name: str
    owner: str
    members: tuple[AppMember, ...]


class AlarmLine(msgspec.Struct, frozen=True, kw_only=True):
    """The alarms of one job and kind on the day: how many, from when to when, the last one's words.

    `job_id` is `scan:TARGET`, `report`, `recheck:CASE`, or `scheduler` itself.
    """

    job_id: str
    kind: AlarmKind
    words: Words
    count: int
    first_at: datetime
    last_at: datetime


class DailyReport(msgspec.Struct, frozen=True, kw_only=True):
    """One day of one team. Times are in the team's zone; `start` <= what happened < `end`.

    `work` counts all cases by where they stood at the day's end, `shadow` the surfaces that shadow
    rules would have changed.
    """

    day: date
    time_zone: str
    personal_data_masked: bool
    start: datetime
    end: datetime
    looks: int
    labels: dict[str, int]
    targets: tuple[TargetActivity, ...]
    gaps: tuple[GapGroup, ...]
    new: tuple[Finding, ...]
    returned: tuple[Finding, ...]
    still_up: tuple[Finding, ...]
    gone: tuple[Finding, ...]
    unseen: tuple[UnseenCandidate, ...]
    changed_links: tuple[ChangedLink, ...] = ()
    decisions: tuple[DecisionLine, ...] = ()
    work: dict[CaseState, int] = {}
    back_elsewhere: tuple[BackElsewhere, ...] = ()
    overdue: tuple[OverdueLine, ...] = ()
    shadow: dict[ChangeKind, int] = {}
    app_groups: tuple[AppGroup, ...] = ()
    alarms: tuple[AlarmLine, ...] = ()

    def findings(self, kind: EventKind) -> tuple[Finding, ...]:
        """The findings of one kind, worst first."""
        by_kind: dict[EventKind, tuple[Finding, ...]] = {
            "new": self.new,
            "returned": self.returned,
            "still_up": self.still_up,
            "gone": self.gone,
        }
        return by_kind[kind]

    @property
    def gap_count(self) -> int:
        """How many things could not be seen."""
        return sum(group.count for group in self.gaps)

    @property
    def scan_count(self) -> int:
        """How many scans ran."""
        return sum(sum(target.scans.values()) for target in self.targets)
