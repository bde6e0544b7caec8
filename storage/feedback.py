"""What people decided about what the machine found: read only."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

import msgspec
from sqlalchemy import select

from core import Verdict
from storage.casework_models import Decision
from storage.models import Scan, Sighting
from storage.session import reading
from storage.store import Store
from storage.upsert import portions, table_of
from storage.work import RECHECK_PREFIX


class DecidedCase(msgspec.Struct, frozen=True, kw_only=True):
    """A case that a person confirmed or dismissed, by the last such decision, and the rules, terms
    and targets that its sightings up to then rest on. Without sightings: they were purged."""

    candidate_id: int
    confirmed: bool
    rules: frozenset[str]
    terms: frozenset[str]
    targets: frozenset[str]


def decided_cases(store: Store, since: datetime | None = None) -> tuple[DecidedCase, ...]:
    """The cases that people decided about since then (aware)."""
    table = table_of(Decision)
    query = select(table.c.candidate_id, table.c.after, table.c.at).where(
        table.c.actor == "person", table.c.after.in_(["confirmed", "dismissed"])
    )
    if since is not None:
        query = query.where(table.c.at >= since)
    with reading(store.database) as connection:
        rows = connection.execute(query.order_by(table.c.id)).all()
    last = {row.candidate_id: row for row in rows}
    found: list[DecidedCase] = []
    for portion in portions(list(last)):
        seen = _seen(store, portion, {number: last[number].at for number in portion})
        found += [_decided(n, last[n].after == "confirmed", seen[n]) for n in portion]
    return tuple(found)


_Seen = list[tuple[str, Verdict]]


def _seen(store: Store, ids: list[int], until: dict[int, datetime]) -> dict[int, _Seen]:
    """Target and verdict of each sighting before its case was decided."""
    sighting, scan = table_of(Sighting), table_of(Scan)
    query = select(
        sighting.c.candidate_id, sighting.c.seen_at, sighting.c.verdict, scan.c.target_id
    ).join(scan, scan.c.id == sighting.c.scan_id)
    found: dict[int, _Seen] = defaultdict(list)
    with reading(store.database) as connection:
        for row in connection.execute(query.where(sighting.c.candidate_id.in_(ids))):
            if row.seen_at <= until[row.candidate_id]:
                verdict = msgspec.convert(row.verdict, Verdict)
                target_id = row.target_id.removeprefix(RECHECK_PREFIX)
                found[row.candidate_id].append((target_id, verdict))
    return found


def _decided(candidate_id: int, confirmed: bool, seen: _Seen) -> DecidedCase:
    rules: set[str] = set()
    terms: set[str] = set()
    for _, verdict in seen:
        for one in verdict.evidence:
            if one.points > 0 and not one.learned:
                rules.add(one.rule)
                cited = (verdict.signals[at] for at in one.signals)
                terms.update(signal.entry for signal in cited if signal.kind == "term")
    return DecidedCase(
        candidate_id=candidate_id,
        confirmed=confirmed,
        rules=frozenset(rules),
        terms=frozenset(terms),
        targets=frozenset(target_id for target_id, _ in seen),
    )
