"""The team's work: what is open, what was decided, and deciding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, func, insert, select

from core.casework import CaseState, check_second_person, check_transition
from core.recheck import Attempt, RecheckOutcome
from storage.cases import candidate_named
from storage.casework import ledger_number
from storage.casework_models import Decision, Recheck, Resemblance
from storage.decisions import (
    WHY_LIMIT,
    DecisionRecord,
    Step,
    decisions_where,
    last_step,
    lead,
    settle,
)
from storage.fingerprints import ResemblanceRecord, resemblances
from storage.models import Candidate, Scan, Sighting
from storage.records import CandidateRow, EvidenceFile, storable
from storage.scans import candidate_row
from storage.session import reading, writing
from storage.store import Store
from storage.upsert import portions, table_of

RECHECK_PREFIX = "recheck:"
"""How the id of a scan's target begins when the scan looked at cases again."""

AsksSecondPerson = Callable[[frozenset[str]], bool]
"""Whether one of these targets (ids) asks that a second person approves a notice."""


class RecheckRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A look after a notice was sent: what it showed, why, and the files that prove it."""

    candidate_id: int
    scan_id: int | None
    at: datetime
    outcome: RecheckOutcome
    why: str
    proof: tuple[EvidenceFile, ...] = ()


class WorkRow(msgspec.Struct, frozen=True, kw_only=True):
    """A case as the list of work shows it.

    `target_id` is the target of its newest sighting. `last` is what was decided last. `sent_at` is
    when its newest notice was sent, `attempts` the looks since then.
    """

    candidate: CandidateRow
    target_id: str
    last: DecisionRecord | None
    sent_at: datetime | None
    attempts: tuple[Attempt, ...]


class CaseHistory(msgspec.Struct, frozen=True, kw_only=True):
    """All that was decided about a case, what was looked at after its notices, and the cases that
    it resembles or that resemble it."""

    work: WorkRow
    decisions: tuple[DecisionRecord, ...]
    rechecks: tuple[RecheckRecord, ...]
    resembles: tuple[ResemblanceRecord, ...]


def decide(
    store: Store,
    named: str,
    after: CaseState,
    step: Step,
    *,
    asks_second_person: AsksSecondPerson = lambda _targets: False,
) -> DecisionRecord:
    """Lead the case that `named` names (number, key, its beginning, URL) to `after`.

    Row and ledger entry are written once, whatever dies in between. Raises BadInput when there is
    no such case, the step is not legal from where it stands, or an approval needs somebody else;
    StorageError, and nothing is decided, when database or ledger cannot be written.
    """
    settle(store.database, store.evidence, store.ledger)
    with writing(store.database) as connection:
        candidate = candidate_named(connection, named)
        check_transition(candidate["status"], after, step.actor)
        if after == "approved":
            _check_approval(connection, candidate["id"], step, asks_second_person)
        lead(connection, candidate, after, step, ledger_number(store.ledger))
    settle(store.database, store.evidence, store.ledger)
    with reading(store.database) as connection:
        return _decisions(connection, [candidate["id"]])[candidate["id"]][-1]


def worklist(
    store: Store,
    states: Sequence[CaseState],
    *,
    limit: int | None = None,
    sent_since: datetime | None = None,
) -> tuple[WorkRow, ...]:
    """The cases in one of `states`, highest score first, at most `limit`; with `sent_since` only
    those about which a notice was sent then or later."""
    table, decision = table_of(Candidate), table_of(Decision)
    query = select(table).where(table.c.status.in_(list(states)))
    if sent_since is not None:
        sent = (decision.c.after == "sent") & (decision.c.at >= sent_since)
        query = query.where(table.c.id.in_(select(decision.c.candidate_id).where(sent)))
    query = query.order_by(table.c.best_score.desc(), table.c.id).limit(limit)
    with reading(store.database) as connection:
        rows = connection.execute(query).mappings().all()
        return _work_rows(
            connection,
            [candidate_row(row, score=row["best_score"], label=row["label"]) for row in rows],
        )


def count_cases(store: Store) -> dict[CaseState, int]:
    """How many cases are in each state."""
    table = table_of(Candidate)
    query = select(table.c.status, func.count()).group_by(table.c.status)
    with reading(store.database) as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def case_history(store: Store, named: str) -> CaseHistory:
    """The life of one case up to now. Raises BadInput when there is no such case."""
    with reading(store.database) as connection:
        row = candidate_named(connection, named)
        candidate = candidate_row(row, score=row["best_score"], label=row["label"])
        table, recheck = table_of(Resemblance), table_of(Recheck)
        looks = select(recheck).where(recheck.c.candidate_id == row["id"]).order_by(recheck.c.id)
        pairs = (table.c.candidate_id == row["id"]) | (table.c.other_id == row["id"])
        return CaseHistory(
            work=_work_rows(connection, [candidate])[0],
            decisions=tuple(_decisions(connection, [row["id"]])[row["id"]]),
            rechecks=tuple(
                msgspec.convert(dict(one), RecheckRecord, strict=False)
                for one in connection.execute(looks).mappings()
            ),
            resembles=resemblances(connection, pairs),
        )


def record_recheck(store: Store, recheck: RecheckRecord) -> None:
    """Keep a look at a surface after its notice was sent."""
    row = {
        "candidate_id": recheck.candidate_id,
        "scan_id": recheck.scan_id,
        "at": recheck.at,
        "outcome": recheck.outcome,
        "why": storable(recheck.why)[:WHY_LIMIT],
        "proof": recheck.proof,
    }
    with writing(store.database) as connection:
        connection.execute(insert(table_of(Recheck)), row)


def scan_resemblances(store: Store, scan_id: int) -> tuple[ResemblanceRecord, ...]:
    """The older cases that what a scan found is back from."""
    with reading(store.database) as connection:
        return resemblances(connection, table_of(Resemblance).c.scan_id == scan_id)


def _check_approval(
    connection: Connection, candidate_id: int, step: Step, asks: AsksSecondPerson
) -> None:
    if not asks(_targets_of(connection, candidate_id)):
        return
    prepared = last_step(_decisions(connection, [candidate_id])[candidate_id], "notice_prepared")
    if prepared is not None:
        check_second_person(prepared.decided_by, step.by)


def _targets_of(connection: Connection, candidate_id: int) -> frozenset[str]:
    sighting, scan = table_of(Sighting), table_of(Scan)
    query = select(scan.c.target_id).join(sighting, sighting.c.scan_id == scan.c.id)
    return frozenset(connection.scalars(query.where(sighting.c.candidate_id == candidate_id)))


def _work_rows(connection: Connection, candidates: Sequence[CandidateRow]) -> tuple[WorkRow, ...]:
    ids = [one.candidate_id for one in candidates]
    decisions = _decisions(connection, ids)
    attempts = _attempts(connection, ids)
    targets = newest_targets(connection, ids)
    rows = []
    for candidate in candidates:
        decided = decisions[candidate.candidate_id]
        sent = last_step(decided, "sent")
        sent_at = sent.at if sent else None
        looks = attempts[candidate.candidate_id]
        rows.append(
            WorkRow(
                candidate=candidate,
                target_id=targets.get(candidate.candidate_id, ""),
                last=decided[-1] if decided else None,
                sent_at=sent_at,
                attempts=tuple(one for one in looks if sent_at and one.at >= sent_at),
            )
        )
    return tuple(rows)


def _decisions(connection: Connection, ids: Sequence[int]) -> dict[int, list[DecisionRecord]]:
    found: dict[int, list[DecisionRecord]] = defaultdict(list)
    for portion in portions(ids):
        of_them = table_of(Decision).c.candidate_id.in_(portion)
        for one in decisions_where(connection, of_them):
            if one.candidate_id is not None:
                found[one.candidate_id].append(one)
    return found


def _attempts(connection: Connection, ids: Iterable[int]) -> dict[int, list[Attempt]]:
    table = table_of(Recheck)
    found: dict[int, list[Attempt]] = defaultdict(list)
    for portion in portions(list(ids)):
        query = select(table.c.candidate_id, table.c.at, table.c.outcome)
        query = query.where(table.c.candidate_id.in_(portion)).order_by(table.c.id)
        for candidate_id, at, outcome in connection.execute(query):
            found[candidate_id].append(Attempt(at, outcome))
    return found


def newest_targets(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    """The target under which each candidate was sighted last, rechecks aside."""
    sighting, scan = table_of(Sighting), table_of(Scan)
    found: dict[int, str] = {}
    for portion in portions(ids):
        newest = (
            select(func.max(sighting.c.id))
            .join(scan, scan.c.id == sighting.c.scan_id)
            .where(
                sighting.c.candidate_id.in_(portion),
                ~scan.c.target_id.startswith(RECHECK_PREFIX),
            )
            .group_by(sighting.c.candidate_id)
        )
        query = select(sighting.c.candidate_id, scan.c.target_id).join(
            scan, scan.c.id == sighting.c.scan_id
        )
        for candidate_id, target_id in connection.execute(query.where(sighting.c.id.in_(newest))):
            found[candidate_id] = target_id
    return found
