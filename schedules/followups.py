"""The rechecks that cases call for, by the plans of their targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from core.target import Target
from schedules.rechecks import DueRecheck
from storage import Store, followed


class CaseFollowups:
    """A `RecheckPlan` of the cases in `store` whose notice was sent."""

    def __init__(self, store: Store, targets: Mapping[str, Target]) -> None:
        self._store = store
        self._targets = targets

    def due_rechecks(self, now: datetime) -> Sequence[DueRecheck]:
        """One for each case whose surface is to be looked at by `now`. Raises StorageError."""
        return [
            DueRecheck(
                case=f"#{row.candidate.candidate_id}",
                url=row.candidate.url,
                target_id=row.target_id,
                due_at=coming.next_look,
            )
            for row, coming in followed(self._store, self._targets, now)
            if coming.due and coming.next_look is not None
        ]
