"""Rows to report: what a day's records say, put together for the renderers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec

from core import Evidence, GapKind, Verdict, Words
from core.document import PayloadType
from core.target import Target
from core.text import one_line
from core.verdict import ProfileViews
from reports.alarm_lines import alarm_lines
from reports.app_groups import app_groups
from reports.masking import masked
from reports.report import (
    ChangedLink,
    DailyReport,
    Finding,
    GapExample,
    GapGroup,
    Reason,
    TargetActivity,
    UnseenCandidate,
)
from reports.work_day import back_elsewhere, decision_lines, overdue_lines
from storage import (
    CandidateEvent,
    CandidateRow,
    DayRecord,
    DayWork,
    EventKind,
    GapRecord,
    Period,
    ScanSummary,
    Store,
    day_work,
    shadow_counts,
)

GAP_EXAMPLES_SHOWN = 5
Shown = Callable[[str], str]
Key = TypeVar("Key", bound=str)


def build_daily(
    store: Store,
    day: date,
    tz: ZoneInfo,
    *,
    mask_personal_data: bool = True,
    targets: Mapping[str, Target] | None = None,
) -> DailyReport:
    """The report of `day`, midnight to midnight in `tz`. Raises StorageError.

    The same store gives the same report whenever it is asked. Phone numbers, identity numbers and
    mail addresses in third-party text are masked unless `mask_personal_data` is false. `targets`
    say when a case is overdue; the usual plan counts where they do not.
    """
    start = datetime.combine(day, time(), tz)
    end = datetime.combine(day + timedelta(days=1), time(), tz)
    record = store.day(start, end)
    shown: Shown = masked if mask_personal_data else one_line
    work = day_work(store, start, end)
    findings = _findings(record, work, tz, shown)
    activity = _targets(record.scans, tz)
    return DailyReport(
        day=day,
        time_zone=tz.key,
        personal_data_masked=mask_personal_data,
        start=start,
        end=end,
        looks=sum(target.looks for target in activity),
        labels=_total(target.labels for target in activity),
        targets=activity,
        gaps=_gap_groups(record, shown),
        new=tuple(one for one in findings if one.kind == "new"),
        returned=tuple(one for one in findings if one.kind == "returned"),
        still_up=tuple(one for one in findings if one.kind == "still_up"),
        gone=tuple(one for one in findings if one.kind == "gone"),
        unseen=_unseen(record, tz, shown),
        changed_links=tuple(
            ChangedLink(
                url=one.url,
                link=one.link,
                before=one.before,
                after=one.after,
                at=one.at.astimezone(tz),
                scan_id=one.scan_id,
            )
            for one in record.destination_changes
        ),
        decisions=decision_lines(work, tz, shown),
        work=work.states,
        back_elsewhere=back_elsewhere(work, tz),
        shadow=shadow_counts(store, Period(start=start, end=end)),
        overdue=overdue_lines(work, targets or {}, tz, end, shown),
        alarms=alarm_lines(store, start, end, tz, shown),
        app_groups=app_groups(
            findings, {one.surface_key: one for one in record.entries}, end, shown
        ),
    )


def _findings(record: DayRecord, work: DayWork, tz: ZoneInfo, shown: Shown) -> list[Finding]:
    of_candidate: dict[int, list[CandidateEvent]] = defaultdict(list)
    for event in record.events:
        of_candidate[event.candidate.candidate_id].append(event)
    findings = [
        msgspec.structs.replace(
            _finding(_kind_of_day(events), events[-1], tz, shown),
            decision=work.standing.get(number, "open"),
        )
        for number, events in of_candidate.items()
    ]
    return sorted(findings, key=lambda one: (-one.score, one.label != "violation", one.url))


def _kind_of_day(events: list[CandidateEvent]) -> EventKind:
    """One word for a day of several scans: how it ended, else how it began."""
    kinds = [event.kind for event in events]
    if kinds[-1] == "gone":
        return "gone"
    if "new" in kinds:
        return "new"
    return "returned" if "returned" in kinds else "still_up"


def _finding(kind: EventKind, event: CandidateEvent, tz: ZoneInfo, shown: Shown) -> Finding:
    candidate, sighting = event.candidate, event.sighting
    verdict = sighting.verdict
    return Finding(
        candidate_id=candidate.candidate_id,
        key=candidate.key,
        kind=kind,
        at=event.at.astimezone(tz),
        target_id=event.target_id,
        scan_id=event.scan_id,
        surface=candidate.surface,
        platform=candidate.platform,
        app_id=candidate.app_id,
        title=shown(candidate.title),
        url=candidate.url,
        label=sighting.label,
        score=sighting.score,
        seen=event.seen,
        http_status=event.status,
        decision=candidate.status,
        first_seen=candidate.first_seen.astimezone(tz),
        last_seen=sighting.seen_at.astimezone(tz),
        headline=Words(shown(verdict.reason("zh")), shown(verdict.reason("en"))),
        services=verdict.services,
        assets=verdict.assets,
        legal_basis=verdict.legal_basis,
        for_promotion=_reasons(verdict, shown, speaks_for=True),
        against=_reasons(verdict, shown, speaks_for=False),
        conflict=verdict.conflict,
        degraded=verdict.degraded,
        judged_on=verdict.on,
        ruleset_version=verdict.ruleset_version,
        content_sha256=sighting.content_sha256,
        evidence_files=sighting.evidence,
        views=_views(verdict.views, shown),
    )


def _views(views: ProfileViews | None, shown: Shown) -> ProfileViews | None:
    if views is None:
        return None
    cloaking = tuple(
        msgspec.structs.replace(one, quotes=tuple(shown(quoted) for quoted in one.quotes))
        for one in views.cloaking
    )
    return msgspec.structs.replace(views, cloaking=cloaking)


def _reasons(verdict: Verdict, shown: Shown, *, speaks_for: bool) -> tuple[Reason, ...]:
    numbered = enumerate(verdict.reasons(), 1)
    chosen = [(number, e) for number, e in numbered if (e.points > 0) == speaks_for]
    chosen.sort(key=lambda one: -abs(one[1].points))
    return tuple(
        Reason(e.title, e.points, shown(e.quote), _codes(verdict, e), number)
        for number, e in chosen
    )


def _codes(verdict: Verdict, evidence: Evidence) -> tuple[PayloadType, ...]:
    """What the payloads of the QR codes are on which `evidence` rests, each sort once."""
    payloads = (verdict.signals[at].payload for at in evidence.signals)
    return tuple(dict.fromkeys(payload for payload in payloads if payload is not None))


def _unseen(record: DayRecord, tz: ZoneInfo, shown: Shown) -> tuple[UnseenCandidate, ...]:
    return tuple(_unseen_candidate(one.candidate, one.gap, tz, shown) for one in record.unseen)


def _unseen_candidate(
    candidate: CandidateRow, gap: GapRecord | None, tz: ZoneInfo, shown: Shown
) -> UnseenCandidate:
    return UnseenCandidate(
        candidate_id=candidate.candidate_id,
        title=shown(candidate.title),
        url=candidate.url,
        label=candidate.label,
        score=candidate.score,
        first_seen=candidate.first_seen.astimezone(tz),
        last_seen=candidate.last_seen.astimezone(tz),
        gap=gap.kind if gap else None,
        reason=shown(gap.reason) if gap else "",
    )


def _targets(scans: Iterable[ScanSummary], tz: ZoneInfo) -> tuple[TargetActivity, ...]:
    of_target: dict[str, list[ScanSummary]] = defaultdict(list)
    for scan in scans:
        of_target[scan.target_id].append(scan)
    return tuple(_activity(scans, tz) for scans in of_target.values())


def _activity(scans: list[ScanSummary], tz: ZoneInfo) -> TargetActivity:
    ends = [scan.finished_at for scan in scans if scan.finished_at]
    return TargetActivity(
        target_id=scans[-1].target_id,
        title=scans[-1].title,
        scans=dict(Counter(scan.state for scan in scans)),
        looks=sum(scan.looks for scan in scans),
        labels=_total(scan.labels for scan in scans),
        gaps=_total(scan.gaps for scan in scans),
        started_at=scans[0].started_at.astimezone(tz),
        finished_at=max(ends).astimezone(tz) if len(ends) == len(scans) else None,
        notes=tuple(dict.fromkeys(note for scan in scans for note in scan.notes)),
    )


def _gap_groups(record: DayRecord, shown: Shown) -> tuple[GapGroup, ...]:
    counts = _total(scan.gaps for scan in record.scans)
    examples: dict[GapKind, list[GapExample]] = defaultdict(list)
    for gap in record.gaps:
        if len(examples[gap.kind]) < GAP_EXAMPLES_SHOWN:
            examples[gap.kind].append(GapExample(one_line(gap.subject, 500), shown(gap.reason)))
    groups = [
        GapGroup(kind=kind, count=count, examples=tuple(examples[kind]))
        for kind, count in counts.items()
    ]
    return tuple(sorted(groups, key=lambda group: (-group.count, group.kind)))


def _total(counts: Iterable[dict[Key, int]]) -> dict[Key, int]:
    total: Counter[Key] = Counter()
    for one in counts:
        total.update(one)
    return dict(total)
