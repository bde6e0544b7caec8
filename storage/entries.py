"""How listing entries change: the first state of each, the last, and the changes between them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from core.entry_state import EntryState, changes
from storage.models import EntryChangeRow, EntryRow
from storage.records import EntryChangeRecord, EntryHistory, EntrySeen, Look, storable
from storage.upsert import Upsert, portions, table_of

_ENTRIES = Upsert(EntryRow, key=("surface_key",), update=("state", "seen_at"))
_CHANGES = Upsert(EntryChangeRow, key=("surface_key", "scan_id", "field", "before", "after"))


def record_entries(
    connection: Connection,
    scan_id: int,
    scan_started_at: datetime,
    looks: Sequence[Look | EntrySeen],
) -> None:
    """Note what is new about the entries of `looks`. One that is as it was writes nothing; a
    capture older than what is known changes nothing."""
    found = [look for look in looks if look.entry is not None]
    if not found:
        return
    known = _known(connection, {look.key for look in found})
    rows: dict[str, dict[str, Any]] = {}
    changed: dict[tuple[object, ...], dict[str, Any]] = {}
    for look in found:
        at = max(look.seen_at, scan_started_at)
        before = known.get(look.key)
        row = _row(look, at, before)
        if row is None:
            continue
        if before is not None:
            for one in _changes(look, before, scan_id, at):
                changed[tuple(one.values())] = one
        known[look.key] = rows[look.key] = row
    _ENTRIES.run(connection, list(rows.values()))
    _CHANGES.run(connection, list(changed.values()))


def entry_history(connection: Connection, surface_key: str) -> EntryHistory | None:
    """How the entry under `surface_key` was first, is now, and what changed; None for no entry."""
    (history,) = entry_histories(connection, [surface_key]) or (None,)
    return history


def entry_histories(connection: Connection, keys: Sequence[str]) -> tuple[EntryHistory, ...]:
    """The histories of those of `keys` that are entries, by key."""
    known = _known(connection, set(keys))
    timeline: dict[str, list[EntryChangeRecord]] = {key: [] for key in known}
    change = table_of(EntryChangeRow)
    for portion in portions(sorted(known)):
        query = select(change).where(change.c.surface_key.in_(portion))
        ordered = query.order_by(change.c.at, change.c.field, change.c.before, change.c.after)
        for row in connection.execute(ordered).mappings():
            timeline[row["surface_key"]].append(
                EntryChangeRecord(
                    scan_id=row["scan_id"],
                    at=row["at"],
                    field=row["field"],
                    before=row["before"],
                    after=row["after"],
                )
            )
    return tuple(
        EntryHistory(
            surface_key=key,
            first=_state(row["first"]),
            first_at=row["first_at"],
            last=_state(row["state"]),
            changes=tuple(timeline[key]),
        )
        for key, row in sorted(known.items())
    )


def _known(connection: Connection, keys: set[str]) -> dict[str, Any]:
    entry = table_of(EntryRow)
    known: dict[str, Any] = {}
    for portion in portions(sorted(keys)):
        query = select(entry).where(entry.c.surface_key.in_(portion))
        known.update((row["surface_key"], row) for row in connection.execute(query).mappings())
    return known


def _row(look: Look | EntrySeen, at: datetime, before: Any) -> dict[str, Any] | None:
    """What is to be stored of `look`, or None where it tells nothing new."""
    state = _plain(look)
    first, first_at = state, at
    if before is not None:
        if at < before["seen_at"]:
            return None
        if not _differs(look, before):
            return None
        first, first_at = before["first"], before["first_at"]
        if not look.entry_whole:
            state = _merged(before["state"], state)
    return {
        "surface_key": look.key,
        "first": first,
        "first_at": first_at,
        "state": state,
        "seen_at": at,
    }


def _differs(look: Look | EntrySeen, before: Any) -> bool:
    assert look.entry is not None  # noqa: S101  (the caller chose such looks)
    earlier = _state(before["state"])
    newer_rules = look.entry_whole and earlier.rules != look.entry.rules
    return newer_rules or bool(changes(earlier, look.entry, whole=look.entry_whole))


def _merged(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """An entry of which part was not seen: what it had before is not lost by that."""
    merged = {**before, **{name: value for name, value in now.items() if value}}
    for name in ("categories", "terms", "domains"):
        both = {*before.get(name, ()), *now.get(name, ())}
        merged[name] = sorted(both)
    return merged


def _changes(
    look: Look | EntrySeen, before: Any, scan_id: int, at: datetime
) -> list[dict[str, Any]]:
    assert look.entry is not None  # noqa: S101  (the caller chose such looks)
    return [
        {
            "surface_key": look.key,
            "scan_id": scan_id,
            "field": one.field,
            "before": storable(one.before),
            "after": storable(one.after),
            "at": at,
        }
        for one in changes(_state(before["state"]), look.entry, whole=look.entry_whole)
    ]


def _plain(look: Look | EntrySeen) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.json.decode(storable(msgspec.json.encode(look.entry).decode()))
    return plain


def _state(plain: Any) -> EntryState:
    return msgspec.convert(plain, EntryState)
