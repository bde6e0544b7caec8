"""The team's day: what was decided, what came back elsewhere, and where all cases stood at its end.

Read from what was appended, so that a day long past comes out the same today.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import msgspec
from sqlalchemy import Connection, func, select

from core.casework import CASE_STATES, CaseState
from storage.casework_models import Decision, Resemblance
from storage.decisions import DecisionRecord, decisions_where
from storage.fingerprints import ResemblanceRecord, resemblances
from storage.models import Candidate, ScanEvent
from storage.session import reading
from storage.store import Store
from storage.upsert import portions, table_of


class DayDecision(msgspec.Struct, frozen=True):
    """A decision about a case, and what the case is called."""

    decision: DecisionRecord
    url: str
    title: str


class DayWork(msgspec.Struct, frozen=True, kw_only=True):
    """`states` counts all cases by where they stood at the day's end; `standing` names that state
    for each candidate about which anything had been decided by then."""

    decisions: tuple[DayDecision, ...]
    resemblances: tuple[ResemblanceRecord, ...]
    states: dict[CaseState, int]
    standing: dict[int, CaseState]


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
        )


def _named(connection: Connection, decided: list[DecisionRecord]) -> tuple[DayDecision, ...]:
    table = table_of(Candidate)
    names: dict[int, tuple[str, str]] = {}
    for portion in portions([one.candidate_id for one in decided]):
        query = select(table.c.id, table.c.url, table.c.title).where(table.c.id.in_(portion))
        names |= {number: (url, title) for number, url, title in connection.execute(query)}
    return tuple(DayDecision(one, *names[one.candidate_id or 0]) for one in decided)


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
