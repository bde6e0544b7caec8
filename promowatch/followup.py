"""What is due about a case whose notice was sent, by the plan of its target."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from core import Target
from core.casework import AWAITING
from core.recheck import RecheckPlan, is_overdue, next_look
from storage import WorkRow


class Followup(msgspec.Struct, frozen=True, kw_only=True):
    """When the surface is looked at next (None: not any more), whether that is due, and whether it
    should have gone by now."""

    next_look: datetime | None = None
    due: bool = False
    overdue: bool = False


def plan_of(targets: Mapping[str, Target], target_id: str) -> RecheckPlan:
    """The recheck plan of a target; the usual one where the catalogue does not have it."""
    return targets[target_id].recheck if target_id in targets else RecheckPlan()


def followup(row: WorkRow, targets: Mapping[str, Target], now: datetime) -> Followup:
    """What is due about `row` at `now` (aware)."""
    if row.sent_at is None or row.candidate.status not in AWAITING:
        return Followup()
    plan = plan_of(targets, row.target_id)
    coming = next_look(plan, row.sent_at, row.attempts)
    return Followup(
        next_look=coming,
        due=coming is not None and coming <= now,
        overdue=is_overdue(plan, row.sent_at, now),
    )
