"""The team's day as the report shows it: decisions, and what came back elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

from core.casework import CaseState
from core.target import Target
from core.text import one_line
from reports.report import BackElsewhere, DecisionLine, OverdueLine
from storage import DayDecision, DayWork, deadline_of


def decision_lines(
    work: DayWork, tz: ZoneInfo, shown: Callable[[str], str]
) -> tuple[DecisionLine, ...]:
    """The decisions about cases in the order in which they were made."""
    return tuple(_line(one, tz, shown) for one in work.decisions)


def back_elsewhere(work: DayWork, tz: ZoneInfo) -> tuple[BackElsewhere, ...]:
    """The candidates that an older case is back as."""
    return tuple(
        BackElsewhere(
            candidate_id=one.candidate_id,
            url=one.url,
            other_id=one.other_id,
            other_url=one.other_url,
            kinds=one.kinds,
            at=one.at.astimezone(tz),
        )
        for one in work.resemblances
    )


def overdue_lines(
    work: DayWork,
    targets: Mapping[str, Target],
    tz: ZoneInfo,
    end: datetime,
    shown: Callable[[str], str],
) -> tuple[OverdueLine, ...]:
    """The cases that should have been gone before `end`, the longest waiting first."""
    lines = []
    for one in work.awaited:
        deadline = deadline_of(targets, one.target_id, one.sent_at)
        if deadline < end:
            line = OverdueLine(
                candidate_id=one.candidate_id,
                title=shown(one.title),
                url=one.url,
                state=one.state,
                sent_at=one.sent_at.astimezone(tz),
                deadline=deadline.astimezone(tz),
                outcome=one.outcome,
            )
            lines.append(line)
    return tuple(sorted(lines, key=lambda line: (line.deadline, line.candidate_id)))


def _line(one: DayDecision, tz: ZoneInfo, shown: Callable[[str], str]) -> DecisionLine:
    decision = one.decision
    return DecisionLine(
        candidate_id=decision.candidate_id or 0,
        title=shown(one.title),
        url=one.url,
        before=cast(CaseState, decision.before),
        after=cast(CaseState, decision.after),
        actor=decision.actor,
        decided_by=one_line(decision.decided_by),
        why=shown(decision.why),
        at=decision.at.astimezone(tz),
    )
