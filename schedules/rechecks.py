"""What the follow-up of cases has to tell the scheduler: which surfaces are to be looked at again.

The plan itself (an hour, a day, three days after a notice) is not made here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

_PREFIX = "recheck:"


class DueRecheck(msgspec.Struct, frozen=True):
    """A surface that is to be looked at again since `due_at` (aware).

    `case` is what `promowatch recheck CASE` takes. A recheck is started once for each `due_at`.
    """

    case: str
    url: str
    target_id: str
    due_at: datetime


class RecheckPlan(Protocol):
    """Whoever knows which rechecks are due. Raises StorageError."""

    def due_rechecks(self, now: datetime) -> Sequence[DueRecheck]:
        """The rechecks due at `now` (aware) whose outcome is not known yet."""
        ...


def recheck_job(case: str) -> str:
    """The name of the job that looks at a case again."""
    return _PREFIX + case


def case_of(job_id: str) -> str | None:
    """The case of a recheck job; None where it is another job."""
    return job_id.removeprefix(_PREFIX) if job_id.startswith(_PREFIX) else None
