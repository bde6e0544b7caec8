"""Looks into rows: visits for all of them, candidates, sightings and events for the findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import (
    Case,
    ColumnElement,
    Connection,
    RowMapping,
    Table,
    case,
    func,
    literal,
    select,
)

from core.casework import CaseState
from core.text import one_line
from storage.models import Candidate, ScanEvent, Sighting, SightingEvidence, Visit
from storage.presence import Standing, after_absence, after_hit
from storage.records import EventKind, Look, storable
from storage.upsert import Excluded, Row, Upsert, portions, table_of

URL_LIMIT = 4_000
TITLE_LIMIT = 300
HEADLINE_LIMIT = 300

_GRAVITY = {
    "violation": 5,
    "review": 4,
    "repeated": 3,
    "undetermined": 2,
    "clear": 1,
    "absent": 0,
}


def _graver(table: Table, excluded: Excluded) -> ColumnElement[bool]:
    return _gravity_of(excluded["seen"]) >= _gravity_of(table.c["seen"])


def _gravity_of(seen: ColumnElement[Any]) -> Case[int]:
    return case(_GRAVITY, value=seen)


_VISITS = Upsert(
    Visit,
    key=("scan_id", "key"),
    update=("url", "status", "seen", "score", "recorded_at"),
    only_if=_graver,
)
_CANDIDATES = Upsert(
    Candidate,
    key=("key",),
    update=(
        "url",
        "title",
        "presence",
        "first_seen",
        "last_seen",
        "gone_at",
        "best_score",
        "label",
        "headline_zh",
        "headline_en",
    ),
)
_SIGHTINGS = Upsert(
    Sighting,
    key=("candidate_id", "scan_id", "content_sha256"),
    update=("seen_at", "label", "score", "verdict"),
)
_EVIDENCE = Upsert(SightingEvidence, key=("sighting_id", "kind", "sha256"))
_EVENTS = Upsert(ScanEvent, key=("candidate_id", "scan_id"), update=("kind", "at"))


class _Followed(msgspec.Struct):
    """A candidate while a batch is being worked through: its row to be, and its standing."""

    row: dict[str, Any]
    standing: Standing
    event_at: datetime
    hits: list[Look]


class Hit(msgspec.Struct, frozen=True):
    """A look with a finding, the candidate it is of, and where that one's case stood."""

    candidate_id: int
    key: str
    status: CaseState
    look: Look


def record_looks(
    connection: Connection, scan_id: int, scan_started_at: datetime, looks: Sequence[Look]
) -> list[Hit]:
    """Write a batch of looks within the transaction of `connection`; gives those with a finding.

    Events carry the time within the scan: a saved page or WARC record is often older than the
    scan that looks at it, and what it shows is news of today all the same.
    """
    _record_visits(connection, scan_id, scan_started_at, looks)
    keys = {look.key for look in looks if look.is_candidate or look.shows_absence}
    followed = _known(connection, scan_id, keys)
    changed: dict[str, _Followed] = {}
    for look in looks:
        at = max(look.seen_at, scan_started_at)
        if _follow(followed, look, at):
            changed[look.key] = followed[look.key]
    return _write(connection, scan_id, changed) if changed else []


def record_again(
    connection: Connection,
    scan_id: int,
    scan_started_at: datetime,
    keys: Sequence[str],
    seen_at: datetime,
) -> None:
    """Write that the candidates `keys` were seen at `seen_at` just as when they were last judged: a
    visit, an event, and the newest sighting once more. The database copies that by itself, for a
    verdict is long."""
    followed = _known(connection, scan_id, dict.fromkeys(keys))
    newest = _newest_sightings(connection, list(followed))
    followed = {key: followed[key] for key in newest}
    at = max(seen_at, scan_started_at)
    for one in followed.values():
        standing = after_hit(one.standing, seen_at)
        if standing.event != one.standing.event:
            one.event_at = at
        one.standing = standing
    _VISITS.run(
        connection,
        [
            {
                "scan_id": scan_id,
                "key": key,
                "url": followed[key].row["url"],
                "status": None,
                "seen": sighting["label"],
                "score": sighting["score"],
                "recorded_at": at,
            }
            for key, sighting in newest.items()
        ],
    )
    if followed:
        _write_standings(connection, scan_id, followed)
    for portion in portions([sighting["id"] for sighting in newest.values()]):
        _copy_sightings(connection, scan_id, portion, seen_at)


def _newest_sightings(connection: Connection, keys: Sequence[str]) -> dict[str, RowMapping]:
    """Number, label and score of the last sighting of each candidate, by its key."""
    candidate, sighting = table_of(Candidate), table_of(Sighting)
    found = {}
    for portion in portions(keys):
        newest = (
            select(func.max(sighting.c.id))
            .join(candidate, candidate.c.id == sighting.c.candidate_id)
            .where(candidate.c.key.in_(portion))
            .group_by(sighting.c.candidate_id)
        )
        query = (
            select(candidate.c.key, sighting.c.id, sighting.c.label, sighting.c.score)
            .join(candidate, candidate.c.id == sighting.c.candidate_id)
            .where(sighting.c.id.in_(newest))
        )
        found.update({row["key"]: row for row in connection.execute(query).mappings()})
    return found


def _copy_sightings(
    connection: Connection, scan_id: int, sightings: Sequence[int], seen_at: datetime
) -> None:
    """Sightings and their evidence as those of another scan, at `seen_at`."""
    old = table_of(Sighting)
    new, file = old.alias("new"), table_of(SightingEvidence)
    moment, scan = literal(seen_at, old.c.seen_at.type), literal(scan_id, old.c.scan_id.type)
    same = (old.c.candidate_id, old.c.content_sha256, old.c.label, old.c.score, old.c.verdict)
    _SIGHTINGS.copy(
        connection,
        ("candidate_id", "content_sha256", "label", "score", "verdict", "scan_id", "seen_at"),
        select(*same, scan, moment).where(old.c.id.in_(sightings)),
    )
    proves = (
        (new.c.candidate_id == old.c.candidate_id)
        & (new.c.content_sha256 == old.c.content_sha256)
        & (new.c.scan_id == scan_id)
    )
    _EVIDENCE.copy(
        connection,
        ("sighting_id", "kind", "sha256", "size_bytes"),
        select(new.c.id, file.c.kind, file.c.sha256, file.c.size_bytes)
        .select_from(file.join(old, old.c.id == file.c.sighting_id).join(new, proves))
        .where(old.c.id.in_(sightings)),
    )


def _record_visits(
    connection: Connection, scan_id: int, scan_started_at: datetime, looks: Sequence[Look]
) -> None:
    _VISITS.run(
        connection,
        [
            {
                "scan_id": scan_id,
                "key": look.key,
                "url": _stored_url(look),
                "status": look.status,
                "seen": look.seen,
                "score": look.verdict.score if look.verdict else None,
                "recorded_at": max(look.seen_at, scan_started_at),
            }
            for look in looks
        ],
    )


def _known(connection: Connection, scan_id: int, keys: Iterable[str]) -> dict[str, _Followed]:
    """The candidates among the surfaces `keys`, as they stand, by key."""
    table = table_of(Candidate)
    event = table_of(ScanEvent)
    joined = table.outerjoin(
        event, (event.c.candidate_id == table.c.id) & (event.c.scan_id == scan_id)
    )
    known = {}
    for portion in portions(list(keys)):
        query = (
            select(table, event.c.kind.label("event"), event.c.at.label("event_at"))
            .select_from(joined)
            .where(table.c.key.in_(portion))
        )
        for found in connection.execute(query).mappings():
            row = dict(found)
            row.pop("id")
            kind: EventKind | None = row.pop("event")
            at = row.pop("event_at") or row["last_seen"]
            standing = Standing(
                presence=row["presence"],
                first_seen=row["first_seen"],
                last_seen=row["last_seen"],
                gone_at=row["gone_at"],
                event=kind,
            )
            known[row["key"]] = _Followed(row, standing, at, [])
    return known


def _follow(followed: dict[str, _Followed], look: Look, at: datetime) -> bool:
    """Take `look` into account; whether it changed anything."""
    before = followed.get(look.key)
    if look.is_candidate:
        if before is None and not look.opens_candidate:
            return False
        standing = after_hit(before.standing if before else None, look.seen_at)
        if before is None:
            before = followed[look.key] = _Followed(_fresh_row(look), standing, at, [])
        _describe(before.row, look, newest=look.seen_at >= standing.last_seen)
        before.hits.append(look)
    elif before is not None and look.shows_absence:
        standing = after_absence(before.standing, look.seen_at)
        if standing == before.standing:
            return False
    else:
        return False
    if standing.event != before.standing.event:
        before.event_at = at
    before.standing = standing
    return True


def _fresh_row(look: Look) -> dict[str, Any]:
    return {
        "key": look.key,
        "surface": look.surface,
        "platform": one_line(look.platform),
        "app_id": one_line(look.app_id),
        "status": "open",
        "best_score": 0.0,
    }


def _describe(row: dict[str, Any], look: Look, *, newest: bool) -> None:
    verdict = look.verdict
    if verdict is None:
        return
    row["best_score"] = max(row["best_score"], verdict.score)
    if newest:
        row["url"] = _stored_url(look)
        row["title"] = one_line(look.title, TITLE_LIMIT)
        row["label"] = verdict.label
        row["headline_zh"] = one_line(verdict.reason("zh"), HEADLINE_LIMIT)
        row["headline_en"] = one_line(verdict.reason("en"), HEADLINE_LIMIT)


def _write(connection: Connection, scan_id: int, changed: dict[str, _Followed]) -> list[Hit]:
    ids = _write_standings(connection, scan_id, changed)
    hits = [(ids[key], look) for key, one in changed.items() for look in one.hits]
    _SIGHTINGS.run(connection, [_sighting_row(scan_id, *hit) for hit in hits])
    _EVIDENCE.run(connection, list(_evidence_rows(connection, scan_id, hits)))
    return [Hit(found, look.key, changed[look.key].row["status"], look) for found, look in hits]


def _write_standings(
    connection: Connection, scan_id: int, changed: dict[str, _Followed]
) -> dict[str, int]:
    """Write candidates and what has happened to them; their numbers by key."""
    _CANDIDATES.run(connection, [_candidate_row(one) for one in changed.values()])
    table = table_of(Candidate)
    ids: dict[str, int] = {}
    for portion in portions(list(changed)):
        query = select(table.c.key, table.c.id).where(table.c.key.in_(portion))
        ids.update((key, found) for key, found in connection.execute(query))
    _EVENTS.run(
        connection,
        [
            {
                "candidate_id": ids[key],
                "scan_id": scan_id,
                "kind": one.standing.event,
                "at": one.event_at,
            }
            for key, one in changed.items()
            if one.standing.event
        ],
    )
    return ids


def _candidate_row(one: _Followed) -> Row:
    standing = one.standing
    return {
        **one.row,
        "presence": standing.presence,
        "first_seen": standing.first_seen,
        "last_seen": standing.last_seen,
        "gone_at": standing.gone_at,
    }


def _sighting_row(scan_id: int, candidate_id: int, look: Look) -> Row:
    verdict = look.verdict
    return {
        "candidate_id": candidate_id,
        "scan_id": scan_id,
        "seen_at": look.seen_at,
        "content_sha256": look.content_sha256,
        "label": look.seen,
        "score": verdict.score if verdict else 0.0,
        "verdict": verdict,
    }


def _evidence_rows(
    connection: Connection, scan_id: int, hits: Sequence[tuple[int, Look]]
) -> Iterable[Row]:
    table = table_of(Sighting)
    ids: dict[tuple[int, str], int] = {}
    for portion in portions(list({candidate_id for candidate_id, _ in hits})):
        query = select(table.c.candidate_id, table.c.content_sha256, table.c.id).where(
            table.c.scan_id == scan_id, table.c.candidate_id.in_(portion)
        )
        for candidate_id, content_sha256, found in connection.execute(query):
            ids[candidate_id, content_sha256] = found
    for candidate_id, look in hits:
        for file in look.evidence:
            yield {
                "sighting_id": ids[candidate_id, look.content_sha256],
                "kind": file.kind,
                "sha256": file.sha256,
                "size_bytes": file.size_bytes,
            }


def _stored_url(look: Look) -> str:
    url = look.url[:URL_LIMIT]
    return url if url.isprintable() else one_line(storable(url), URL_LIMIT)
