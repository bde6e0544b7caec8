"""Promoters: invite codes, accounts and QR payloads, with every place where they were seen.

A mark is a promoter of its own, called `kind:value`, until a person counts it under another
(merge) or takes it out again (split). Both are decisions and stand in the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, Connection, Join, delete, func, literal, select

from core import BadInput
from core.casework import CaseState
from core.fingerprint import PROMOTER_KINDS, Mark
from core.text import one_line
from storage.casework import ledger_number
from storage.casework_models import Decision, Fingerprint, PromoterMark
from storage.decisions import DecisionRecord, Step, decisions_where, settle, write_decision
from storage.models import Candidate
from storage.records import Presence
from storage.session import reading, writing
from storage.store import Store
from storage.upsert import Upsert, table_of

_MARKS = Upsert(PromoterMark, key=("kind", "value"), update=("promoter",))
_NAMED = 5
_Moved = Callable[[Connection], str]


class PromoterRow(msgspec.Struct, frozen=True, kw_only=True):
    """A promoter in one line: how many marks it has and on how many surfaces they were seen."""

    name: str
    marks: int
    surfaces: int
    first_seen: datetime
    last_seen: datetime


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A surface on which `mark` was first seen at `first_seen`."""

    mark: Mark
    candidate_id: int
    url: str
    status: CaseState
    presence: Presence
    first_seen: datetime


class Promoter(msgspec.Struct, frozen=True, kw_only=True):
    """A promoter with all its marks and places, and its merges and splits, oldest first."""

    name: str
    marks: tuple[Mark, ...]
    places: tuple[Place, ...]
    decisions: tuple[DecisionRecord, ...] = ()


def promoters(store: Store, *, limit: int | None = None) -> tuple[PromoterRow, ...]:
    """The promoters, those seen on most surfaces first."""
    mark, candidate, name = table_of(Fingerprint), table_of(Candidate), _name()
    surfaces = func.count(mark.c.candidate_id.distinct())
    query = (
        select(
            name.label("name"),
            func.count((mark.c.kind + literal(":") + mark.c.value).distinct()).label("marks"),
            surfaces.label("surfaces"),
            func.min(mark.c.first_seen).label("first_seen"),
            func.max(candidate.c.last_seen).label("last_seen"),
        )
        .select_from(_joined())
        .where(mark.c.kind.in_(PROMOTER_KINDS))
        .group_by(name)
        .order_by(surfaces.desc(), name)
        .limit(limit)
    )
    with reading(store.database) as connection:
        rows = connection.execute(query).mappings()
        return tuple(PromoterRow(**dict(row)) for row in rows)


def promoter(store: Store, named: str) -> Promoter:
    """The promoter that has the mark `named` (`kind:value`, or its value alone).

    Raises BadInput when no or more than one mark is meant.
    """
    with reading(store.database) as connection:
        return _promoter(connection, _promoter_of(connection, _mark(connection, named)))


def merge_promoters(store: Store, into: str, other: str, step: Step) -> Promoter:
    """Count all marks of the promoter of `other` under the promoter of `into`.

    Raises BadInput when they are one already or a mark is not known.
    """

    def moved(connection: Connection) -> str:
        name = _promoter_of(connection, _mark(connection, into))
        old = _promoter_of(connection, _mark(connection, other))
        if name == old:
            raise BadInput(f"{_shown(into)} and {_shown(other)} are one promoter already")
        _write(store, connection, old, (old, name), _promoter(connection, old).marks, step)
        return name

    return _changed(store, moved)


def split_promoter(store: Store, named: str, step: Step) -> Promoter:
    """Take the mark `named` out of its promoter: it is one of its own again.

    Raises BadInput when it is not counted under another.
    """

    def moved(connection: Connection) -> str:
        mark = _mark(connection, named)
        old, name = _promoter_of(connection, mark), _name_of(mark)
        if old == name:
            raise BadInput(
                f"{_shown(named)} is not counted under another mark",
                hint="`promowatch promoters show` names the marks that can be split off",
            )
        _write(store, connection, name, (old, name), (mark,), step)
        return name

    return _changed(store, moved)


def _changed(store: Store, moved: _Moved) -> Promoter:
    settle(store.database, store.evidence, store.ledger)
    with writing(store.database) as connection:
        name = moved(connection)
        found = _promoter(connection, name)
    settle(store.database, store.evidence, store.ledger)
    return found


def _write(
    store: Store,
    connection: Connection,
    subject: str,
    change: tuple[str, str],
    marks: Sequence[Mark],
    step: Step,
) -> None:
    """Count `marks` under `change[1]`, and write down that they were under `change[0]`."""
    write_decision(
        connection,
        subject=subject,
        change=change,
        step=step,
        ledger_number=ledger_number(store.ledger),
        basis={"marks": [_name_of(mark) for mark in marks]},
    )
    table = table_of(PromoterMark)
    own = [mark for mark in marks if _name_of(mark) == change[1]]
    for mark in own:
        connection.execute(
            delete(table).where(table.c.kind == mark.kind, table.c.value == mark.value)
        )
    rows = [
        {"kind": mark.kind, "value": mark.value, "promoter": change[1]}
        for mark in marks
        if mark not in own
    ]
    _MARKS.run(connection, rows)


def _promoter(connection: Connection, name: str) -> Promoter:
    mark, candidate = table_of(Fingerprint), table_of(Candidate)
    query = (
        select(
            mark.c.kind,
            mark.c.value,
            mark.c.first_seen,
            candidate.c.id,
            candidate.c.url,
            candidate.c.status,
            candidate.c.presence,
        )
        .select_from(_joined())
        .where(mark.c.kind.in_(PROMOTER_KINDS), _name() == name)
        .order_by(mark.c.first_seen, candidate.c.id, mark.c.kind, mark.c.value)
    )
    places = tuple(
        Place(
            mark=Mark(row["kind"], row["value"]),
            candidate_id=row["id"],
            url=row["url"],
            status=row["status"],
            presence=row["presence"],
            first_seen=row["first_seen"],
        )
        for row in connection.execute(query).mappings()
    )
    marks = tuple(dict.fromkeys(place.mark for place in places))
    table = table_of(Decision)
    about = (table.c.subject == name) | (table.c.before == name) | (table.c.after == name)
    decided = decisions_where(connection, table.c.candidate_id.is_(None), about)
    return Promoter(name=name, marks=marks, places=places, decisions=tuple(decided))


def _mark(connection: Connection, named: str) -> Mark:
    table = table_of(Fingerprint)
    kind, _, value = named.partition(":")
    is_value = func.lower(table.c.value) == named.removeprefix("@").lower()
    if kind in PROMOTER_KINDS:
        is_value = is_value | ((table.c.kind == kind) & (table.c.value == value))
    query = select(table.c.kind, table.c.value).distinct()
    query = query.where(table.c.kind.in_(PROMOTER_KINDS), is_value).limit(_NAMED)
    found = [Mark(*row) for row in connection.execute(query)]
    if not found:
        raise BadInput(
            f"no mark is called {_shown(named)}", hint="`promowatch promoters` lists them"
        )
    if len(found) > 1:
        names = ", ".join(one_line(_name_of(mark), 80) for mark in found)
        raise BadInput(f"{_shown(named)} is more than one mark", hint=f"give one of {names}")
    return found[0]


def _promoter_of(connection: Connection, mark: Mark) -> str:
    table = table_of(PromoterMark)
    query = select(table.c.promoter)
    found = connection.scalar(query.where(table.c.kind == mark.kind, table.c.value == mark.value))
    return found or _name_of(mark)


def _joined() -> Join:
    mark, candidate, own = table_of(Fingerprint), table_of(Candidate), table_of(PromoterMark)
    return mark.join(candidate, candidate.c.id == mark.c.candidate_id).outerjoin(
        own, (own.c.kind == mark.c.kind) & (own.c.value == mark.c.value)
    )


def _name() -> ColumnElement[str]:
    """What the promoter of a row of `_joined` is called."""
    mark, own = table_of(Fingerprint), table_of(PromoterMark)
    return func.coalesce(own.c.promoter, mark.c.kind + literal(":") + mark.c.value)


def _name_of(mark: Mark) -> str:
    return f"{mark.kind}:{mark.value}"


def _shown(named: str) -> str:
    return f"`{one_line(named, 100)}`"
