"""How long what a target's scans saw is kept. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from core.duration import duration

KEEP = "keep"
SHORTEST = timedelta(days=1)

RetentionRule = Literal["clear", "dismissed", "gone", "removed"]
RETENTION_RULES: tuple[RetentionRule, ...] = ("clear", "dismissed", "gone", "removed")


class Retention(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When what was kept may be purged: `90d`, or `keep` for never.

    `clear`: the light rows of surfaces that were no finding, since they were seen. `dismissed`:
    evidence of dismissed cases, since the decision. `gone`: open cases that nobody has decided
    about and whose surface is gone, since it went. `removed`: evidence of cases that ended with
    removal, since the decision. Cases in any other state are kept. Raises ValueError on anything
    else, and on less than a day.
    """

    clear: str = "90d"
    dismissed: str = "365d"
    gone: str = "365d"
    removed: str = KEEP

    def __post_init__(self) -> None:
        for name in RETENTION_RULES:
            text = getattr(self, name)
            if text != KEEP and duration(text) < SHORTEST:
                raise ValueError(f"`retention.{name}` must be 1d or more, or `{KEEP}`")

    def cutoff(self, rule: RetentionRule, now: datetime) -> datetime | None:
        """What is older may be purged at `now` (aware); None: nothing is."""
        text = getattr(self, rule)
        return None if text == KEEP else now - duration(text)


def earliest(
    rule: RetentionRule, retentions: Iterable[Retention], now: datetime
) -> datetime | None:
    """The cutoff for what several targets saw: that of the one which keeps it longest."""
    cutoffs = [one.cutoff(rule, now) for one in retentions]
    known = [cutoff for cutoff in cutoffs if cutoff is not None]
    return min(known) if known and len(known) == len(cutoffs) else None
