"""What is due about cases whose notice was sent, by the plans of their targets.

`due_rechecks` is what a scheduler asks; `followed` is the same for people, overdue cases included.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from core.casework import AWAITING, FOLLOWED
from core.recheck import RecheckPlan, duration, is_overdue, next_look
from core.target import Target
from storage.store import Store
from storage.work import WorkRow, worklist

_RETRIES_LAST = timedelta(days=1)
"""A last look that could not tell is tried again for some hours."""


class Followup(msgspec.Struct, frozen=True, kw_only=True):
    """When the surface is looked at next (None: not any more), whether that is due, and whether it
    should have gone by now."""

    next_look: datetime | None = None
    due: bool = False
    overdue: bool = False


def plan_of(targets: Mapping[str, Target], target_id: str) -> RecheckPlan:
    """The recheck plan of a target; the usual one where the catalogue does not have it."""
    return targets[target_id].recheck if target_id in targets else RecheckPlan()


def deadline_of(targets: Mapping[str, Target], target_id: str, sent_at: datetime) -> datetime:
    """When what a notice was sent about at `sent_at` should be gone."""
    return sent_at + duration(plan_of(targets, target_id).deadline)


def followup(row: WorkRow, targets: Mapping[str, Target], now: datetime) -> Followup:
    """What is due about `row` at `now` (aware)."""
    state = row.candidate.status
    if row.sent_at is None or state not in FOLLOWED:
        return Followup()
    plan = plan_of(targets, row.target_id)
    coming = next_look(plan, row.sent_at, row.attempts)
    return Followup(
        next_look=coming,
        due=coming is not None and coming <= now,
        overdue=state in AWAITING and is_overdue(plan, row.sent_at, now),
    )


def followed(
    store: Store, targets: Mapping[str, Target], now: datetime
) -> tuple[tuple[WorkRow, Followup], ...]:
    """The cases whose notice was sent, each with what is due: those not known to be gone, and those
    removed whose plan is not at its end yet. Raises StorageError."""
    plans = [RecheckPlan(), *(target.recheck for target in targets.values())]
    longest = max(duration(step) for plan in plans for step in plan.after)
    removed = tuple(state for state in FOLLOWED if state not in AWAITING)
    since = now - longest - _RETRIES_LAST
    rows = worklist(store, AWAITING) + worklist(store, removed, sent_since=since)
    return tuple((row, followup(row, targets, now)) for row in rows)


def due_rechecks(store: Store, targets: Mapping[str, Target], now: datetime) -> tuple[WorkRow, ...]:
    """The cases whose surface is to be looked at by `now` (aware), highest score first within
    those not known to be gone, then those removed. Raises StorageError."""
    return tuple(row for row, coming in followed(store, targets, now) if coming.due)
