"""The team's day: what was decided, what came back elsewhere, and where all cases stood at its end.

Read from what was appended, so that a day long past comes out the same today.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, func, select

from core.casework import AWAITING, CASE_STATES, CaseState
from core.recheck import RecheckOutcome
from storage.casework_models import Decision, Recheck, Resemblance
from storage.decisions import DecisionRecord, decisions_where
from storage.fingerprints import ResemblanceRecord, resemblances
from storage.models import Candidate, ScanEvent
from storage.session import reading
from storage.store import Store
from storage.upsert import portions, table_of
from storage.work import newest_targets


class DayDecision(msgspec.Struct, frozen=True):
    """A decision about a case, and what the case is called."""

    decision: DecisionRecord
    url: str
    title: str


class Awaited(msgspec.Struct, frozen=True, kw_only=True):
    """A case whose notice was sent and whose surface was not known to be gone at the day's end;
    `outcome` is what the last look since then showed, None where none was taken."""

    candidate_id: int
    url: str
    title: str
    state: CaseState
    target_id: str
    sent_at: datetime
    outcome: RecheckOutcome | None


class DayWork(msgspec.Struct, frozen=True, kw_only=True):
    """`states` counts all cases by where they stood at the day's end; `standing` names that state
    for each candidate about which anything had been decided by then."""

    decisions: tuple[DayDecision, ...]
    resemblances: tuple[ResemblanceRecord, ...]
    states: dict[CaseState, int]
    standing: dict[int, CaseState]
    awaited: tuple[Awaited, ...]


def day_work(store: Store, start: datetime, end: datetime) -> DayWork:
    """The work from `start` up to, not including, `end` (both aware)."""
    decision, pair = table_of(Decision), table_of(Resemblance)
    with reading(store.database) as connection:
        within = (decision.c.at >= start) & (decision.c.at < end)
        decided = decisions_where(connection, within, decision.c.candidate_id.is_not(None))
        standing = _standing(connection, end)
        return DayWork(
            decisions=_named(connection, decided),
            resemblances=resemblances(connection, (pair.c.at >= start) & (pair.c.at < end)),
            states=_states(connection, end, standing),
            standing=standing,
            awaited=_awaited(connection, end, standing),
        )


def _named(connection: Connection, decided: list[DecisionRecord]) -> tuple[DayDecision, ...]:
    names = _names(connection, [one.candidate_id or 0 for one in decided])
    return tuple(DayDecision(one, *names[one.candidate_id or 0]) for one in decided)


def _names(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """URL and title of each candidate."""
    table = table_of(Candidate)
    names: dict[int, tuple[str, str]] = {}
    for portion in portions(ids):
        query = select(table.c.id, table.c.url, table.c.title).where(table.c.id.in_(portion))
        names |= {number: (url, title) for number, url, title in connection.execute(query)}
    return names


def _awaited(
    connection: Connection, end: datetime, standing: dict[int, CaseState]
) -> tuple[Awaited, ...]:
    sent = _sent(connection, end, [n for n, state in standing.items() if state in AWAITING])
    ids = sorted(sent)
    names, targets = _names(connection, ids), newest_targets(connection, ids)
    looks = _last_looks(connection, end, sent)
    return tuple(
        Awaited(
            candidate_id=number,
            url=names[number][0],
            title=names[number][1],
            state=standing[number],
            target_id=targets.get(number, ""),
            sent_at=sent[number],
            outcome=looks.get(number),
        )
        for number in ids
    )


def _sent(connection: Connection, end: datetime, ids: Sequence[int]) -> dict[int, datetime]:
    """When the last notice about each of `ids` was sent, before `end`."""
    table = table_of(Decision)
    found: dict[int, datetime] = {}
    for portion in portions(ids):
        query = select(table.c.candidate_id, func.max(table.c.at)).where(
            table.c.candidate_id.in_(portion), table.c.after == "sent", table.c.at < end
        )
        for number, at in connection.execute(query.group_by(table.c.candidate_id)):
            found[number] = at
    return found


def _last_looks(
    connection: Connection, end: datetime, sent: dict[int, datetime]
) -> dict[int, RecheckOutcome]:
    """What the last look since each notice showed, before `end`."""
    table = table_of(Recheck)
    found: dict[int, RecheckOutcome] = {}
    for portion in portions(sorted(sent)):
        query = select(table.c.candidate_id, table.c.at, table.c.outcome)
        query = query.where(table.c.candidate_id.in_(portion), table.c.at < end)
        for number, at, outcome in connection.execute(query.order_by(table.c.id)):
            if at >= sent[number]:
                found[number] = outcome
    return found


def _standing(connection: Connection, end: datetime) -> dict[int, CaseState]:
    table = table_of(Decision)
    last = (
        select(func.max(table.c.id))
        .where(table.c.at < end, table.c.candidate_id.is_not(None))
        .group_by(table.c.candidate_id)
    )
    query = select(table.c.candidate_id, table.c.after).where(table.c.id.in_(last))
    return {row[0]: row[1] for row in connection.execute(query)}


def _states(
    connection: Connection, end: datetime, standing: dict[int, CaseState]
) -> dict[CaseState, int]:
    event = table_of(ScanEvent)
    known = select(func.count(event.c.candidate_id.distinct())).where(event.c.at < end)
    counts = Counter(standing.values())
    counts["open"] += max(0, (connection.scalar(known) or 0) - len(standing))
    return {state: counts[state] for state in CASE_STATES if counts[state]}
