"""One candidate with all its sightings: what a case file is made of."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, false, select

from core import BadInput, Verdict
from core.text import one_line
from core.urls import canonical_url
from storage.entries import entry_history
from storage.models import Candidate, Sighting, SightingEvidence
from storage.records import CandidateRow, EntryHistory, EvidenceFile, SightingRecord
from storage.scans import candidate_row
from storage.upsert import table_of

_KEY_PREFIX = re.compile(r"[0-9a-f]{4,32}")
_NUMBER = re.compile(r"#?([1-9][0-9]{0,17})")
_NAMED = 5


class Case(msgspec.Struct, frozen=True):
    """A candidate and its sightings, oldest first, each with its evidence files."""

    candidate: CandidateRow
    sightings: tuple[SightingRecord, ...]
    entry: EntryHistory | None = None
    """How it changed, where it is a listing entry."""


def case_of(connection: Connection, named: str) -> Case:
    """The candidate whose number `named` is, whose key is or begins with it (4 hex digits or more),
    or whose URL it is.

    Raises BadInput when there is none or more than one.
    """
    row = candidate_named(connection, named)
    return Case(
        candidate_row(row, score=row["best_score"], label=row["label"]),
        _sightings(connection, row["id"]),
        entry_history(connection, row["key"]),
    )


def recorded_manifests(connection: Connection) -> frozenset[str]:
    """The hash of every manifest that a sighting names."""
    file = table_of(SightingEvidence)
    query = select(file.c.sha256).where(file.c.kind == "manifest")
    return frozenset(connection.scalars(query))


def candidate_named(connection: Connection, named: str) -> Any:
    """The row of the candidate that `named` names, as for `case_of`. Raises BadInput."""
    candidate = table_of(Candidate)
    number, is_key = _NUMBER.fullmatch(named), _KEY_PREFIX.fullmatch(named)
    where: ColumnElement[bool] = candidate.c.url.in_({named, canonical_url(named)})
    if number or is_key:
        where = candidate.c.key.startswith(named) if is_key else false()
        where = where | (candidate.c.id == int(number[1])) if number else where
    query = select(candidate).where(where).order_by(candidate.c.key).limit(_NAMED + 1)
    rows = connection.execute(query).mappings().all()
    shown = one_line(named)
    if not rows:
        raise BadInput(
            f"no candidate is called `{shown}`",
            hint="give its number, its key (4 digits or more of it) or its URL, as `promowatch "
            "cases` and `promowatch scan --json` print them",
        )
    if len(rows) > 1:
        keys = ", ".join(row["key"] for row in rows[:_NAMED])
        raise BadInput(
            f"`{shown}` names more than one candidate", hint=f"give one key: {keys}, or #NUMBER"
        )
    return rows[0]


def _sightings(connection: Connection, candidate_id: int) -> tuple[SightingRecord, ...]:
    sighting, file = table_of(Sighting), table_of(SightingEvidence)
    own = select(sighting.c.id).where(sighting.c.candidate_id == candidate_id)
    files: dict[int, list[EvidenceFile]] = defaultdict(list)
    kept = select(file).where(file.c.sighting_id.in_(own)).order_by(file.c.kind, file.c.sha256)
    for row in connection.execute(kept).mappings():
        files[row["sighting_id"]].append(
            EvidenceFile(row["kind"], row["sha256"], row["size_bytes"])
        )
    query = select(sighting).where(sighting.c.candidate_id == candidate_id)
    rows = connection.execute(query.order_by(sighting.c.seen_at, sighting.c.id)).mappings()
    return tuple(
        SightingRecord(
            scan_id=row["scan_id"],
            seen_at=row["seen_at"],
            score=row["score"],
            label=row["label"],
            verdict=msgspec.convert(row["verdict"], Verdict),
            content_sha256=row["content_sha256"],
            evidence=tuple(files[row["id"]]),
        )
        for row in rows
    )
