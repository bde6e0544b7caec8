"""Marks of candidates, and which older, confirmed cases a candidate shares strong ones with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, select

from core.casework import UPHELD
from core.fingerprint import (
    NEAR,
    STRONG_KINDS,
    Mark,
    MarkKind,
    alike,
    place_marks,
    verdict_marks,
)
from core.urls import registrable_domain, split_host
from storage.candidates import Hit
from storage.casework_models import Fingerprint, Resemblance
from storage.models import Candidate
from storage.records import storable
from storage.upsert import Upsert, portions, table_of

_FINGERPRINTS = Upsert(Fingerprint, key=("kind", "value", "candidate_id"))
_RESEMBLANCES = Upsert(Resemblance, key=("candidate_id", "other_id", "kind"))
_EXACT = tuple(kind for kind in STRONG_KINDS if kind not in NEAR)
Marks = dict[int, set[Mark]]


class ResemblanceRecord(msgspec.Struct, frozen=True, kw_only=True):
    """`key` bears strong marks of the older case `other_id`, which a person had confirmed."""

    candidate_id: int
    key: str
    url: str
    other_id: int
    other_url: str
    kinds: tuple[MarkKind, ...]
    scan_id: int
    at: datetime


def record_marks(connection: Connection, scan_id: int, hits: Sequence[Hit], at: datetime) -> None:
    """Keep the marks of a batch's findings, and note which older cases they are those of."""
    marks: Marks = defaultdict(set)
    for hit in hits:
        marks[hit.candidate_id] |= _marks_of(hit)
    if not marks:
        return
    known = _hashes(connection, table_of(Fingerprint).c.candidate_id, list(marks))
    rows = [
        {"kind": mark.kind, "value": mark.value, "candidate_id": candidate_id}
        for candidate_id, found in marks.items()
        for mark in sorted(found)
        if mark.kind not in NEAR or not any(alike(mark, one) for one in known[candidate_id])
    ]
    _FINGERPRINTS.run(connection, [{**row, "scan_id": scan_id, "first_seen": at} for row in rows])
    _note_resemblances(connection, scan_id, marks, at)


def resemblances(
    connection: Connection, where: ColumnElement[bool]
) -> tuple[ResemblanceRecord, ...]:
    """The resemblances that `where` (over `Resemblance`) chooses, one per pair of candidates."""
    table, candidate = table_of(Resemblance), table_of(Candidate)
    other = candidate.alias("other")
    query = (
        select(table, candidate.c.key, candidate.c.url, other.c.url.label("other_url"))
        .join(candidate, candidate.c.id == table.c.candidate_id)
        .join(other, other.c.id == table.c.other_id)
        .where(where)
        .order_by(table.c.candidate_id, table.c.other_id, table.c.kind)
    )
    pairs: dict[tuple[int, int], list[RowMapping]] = defaultdict(list)
    for row in connection.execute(query).mappings():
        pairs[row["candidate_id"], row["other_id"]].append(row)
    return tuple(_record(rows) for rows in pairs.values())


def _record(rows: list[RowMapping]) -> ResemblanceRecord:
    first = rows[0]
    found = {row["kind"] for row in rows}
    if "picture" in found:
        found.discard("poster")  # the same file looks the same
    return ResemblanceRecord(
        candidate_id=first["candidate_id"],
        key=first["key"],
        url=first["url"],
        other_id=first["other_id"],
        other_url=first["other_url"],
        kinds=tuple(kind for kind in STRONG_KINDS if kind in found),
        scan_id=first["scan_id"],
        at=first["at"],
    )


def _marks_of(hit: Hit) -> set[Mark]:
    look = hit.look
    pictures = (Mark("picture", one.sha256) for one in look.evidence if one.kind == "picture")
    found = {*place_marks(look.url), *look.marks, *pictures}
    if look.opens_candidate and look.verdict is not None:
        found |= verdict_marks(look.verdict)
    return {Mark(mark.kind, storable(mark.value)) for mark in found}


def _note_resemblances(connection: Connection, scan_id: int, marks: Marks, at: datetime) -> None:
    """A candidate resembles a case that is older than itself and stands on another site."""
    pairs = {*_exact_pairs(connection, marks), *_near_pairs(connection, marks)}
    if not pairs:
        return
    sites = _sites(connection, {one for pair in pairs for one in pair[:2]})
    _RESEMBLANCES.run(
        connection,
        [
            {
                "candidate_id": candidate_id,
                "other_id": other_id,
                "kind": mark.kind,
                "value": mark.value,
                "scan_id": scan_id,
                "at": at,
            }
            for candidate_id, other_id, mark in sorted(pairs)
            if other_id < candidate_id and sites[candidate_id] != sites[other_id]
        ],
    )


def _exact_pairs(connection: Connection, marks: Marks) -> Iterable[tuple[int, int, Mark]]:
    bearers: dict[Mark, list[int]] = defaultdict(list)
    for candidate_id, found in marks.items():
        for mark in found:
            if mark.kind in _EXACT:
                bearers[mark].append(candidate_id)
    table, candidate = table_of(Fingerprint), table_of(Candidate)
    for portion in portions(list({mark.value for mark in bearers})):
        query = (
            select(table.c.kind, table.c.value, table.c.candidate_id)
            .join(candidate, candidate.c.id == table.c.candidate_id)
            .where(
                table.c.kind.in_(_EXACT),
                table.c.value.in_(portion),
                candidate.c.status.in_(UPHELD),
            )
        )
        for kind, value, other_id in connection.execute(query):
            mark = Mark(kind, value)
            yield from ((one, other_id, mark) for one in bearers.get(mark, ()))


def _near_pairs(connection: Connection, marks: Marks) -> Iterable[tuple[int, int, Mark]]:
    """Compared one by one: upheld cases are few, and a batch has 500 findings at most."""
    hashes = [(one, mark) for one, found in marks.items() for mark in found if mark.kind in NEAR]
    if not hashes:
        return
    candidate = table_of(Candidate)
    upheld = _hashes(connection, candidate.c.status, list(UPHELD))
    for other_id, known in upheld.items():
        for one, mark in hashes:
            if any(alike(mark, another) for another in known):
                yield one, other_id, mark


def _hashes(connection: Connection, column: ColumnElement[object], values: list[object]) -> Marks:
    """The marks of the `NEAR` kinds of the candidates whose `column` is one of `values`."""
    table, candidate = table_of(Fingerprint), table_of(Candidate)
    joined = table.join(candidate, candidate.c.id == table.c.candidate_id)
    found: Marks = defaultdict(set)
    for portion in portions(values):
        query = select(table.c.candidate_id, table.c.kind, table.c.value).select_from(joined)
        query = query.where(table.c.kind.in_(NEAR), column.in_(portion))
        for candidate_id, kind, value in connection.execute(query):
            found[candidate_id].add(Mark(kind, value))
    return found


def _sites(connection: Connection, ids: Iterable[int]) -> dict[int, str]:
    """What tells one place from another: the app entry, or else the registrable domain."""
    table = table_of(Candidate)
    columns = (table.c.id, table.c.url, table.c.platform, table.c.app_id)
    found = {}
    for portion in portions(list(ids)):
        for one, url, platform, app_id in connection.execute(
            select(*columns).where(table.c.id.in_(portion))
        ):
            host = split_host(url)
            found[one] = f"{platform}:{app_id}" if app_id else registrable_domain(host) or url
    return found
