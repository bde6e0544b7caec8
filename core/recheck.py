"""After a notice: when its surface is looked at again, and what such a look proves. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from core.verdict import Label

RecheckOutcome = Literal["gone", "still_there", "not_seen"]
"""`not_seen`: an error, a block page, a page read in part: nothing is proven by it."""

NOTHING_THERE = (404, 410)
RETRY_AFTER = timedelta(hours=1)
RETRIES = 3
"""How often a look that could not tell is tried again before the next one of the plan."""

_DURATION = re.compile(r"([1-9][0-9]{0,4})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_FAILING = re.compile(
    r"(?i)\b(?:service unavailable|bad gateway|gateway time-?out|internal server error"
    r"|too many requests|access denied|forbidden|temporarily unavailable|under maintenance)\b"
    r"|系统维护|服务器错误|访问被拒绝|暂时无法访问|系统繁忙|请稍后再试"
)
_SHORT_PAGE = 400
"""Characters of a page that says nothing but that it failed; an article on errors is longer."""


class RecheckPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When after `sent` a surface is looked at again, and when it is overdue: `30m`, `1h`, `7d`.

    Raises ValueError (as msgspec shows it, with the place) on anything else.
    """

    after: tuple[str, ...] = ("1h", "1d", "3d", "7d", "30d")
    deadline: str = "7d"

    def __post_init__(self) -> None:
        steps = [duration(one) for one in self.after]
        if steps != sorted(set(steps)):
            raise ValueError("`recheck.after` must rise: 1h, 1d, 3d")
        duration(self.deadline)


class Attempt(msgspec.Struct, frozen=True):
    """A look that was taken."""

    at: datetime
    outcome: RecheckOutcome


def duration(text: str) -> timedelta:
    """`30m`, `1h` or `7d` as a time. Raises ValueError."""
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError(f"`{text}` is no time span: write 30m, 1h or 7d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def next_look(plan: RecheckPlan, sent_at: datetime, attempts: Iterable[Attempt]) -> datetime | None:
    """When the surface is to be looked at next; None where the plan is at its end.

    A moment of the plan is done with the first look at or after it that could tell; one that could
    not is tried again after `RETRY_AFTER`, `RETRIES` times. Of several moments that passed unseen
    (a machine was asleep) one look serves them all.
    """
    taken = sorted(attempts, key=lambda one: one.at)
    last = taken[-1].at if taken else sent_at
    if taken and taken[-1].outcome == "not_seen":
        since = max((m for m in _moments(plan, sent_at) if m <= last), default=sent_at)
        failed = sum(1 for one in taken if one.at >= since and one.outcome == "not_seen")
        coming = next((m for m in _moments(plan, sent_at) if m > last), None)
        retry = last + RETRY_AFTER
        if failed <= RETRIES and (coming is None or retry < coming):
            return retry
    return next((moment for moment in _moments(plan, sent_at) if moment > last), None)


def is_overdue(plan: RecheckPlan, sent_at: datetime, now: datetime) -> bool:
    """Whether a surface that is not known to be gone should be, by now."""
    return now >= sent_at + duration(plan.deadline)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a surface answered when looked at again.

    `label` is None where there was nothing to judge. `same_place`: it answered under its own
    address. `asks_for_human`: it is a check for robots. `in_part`: it is the own page of an entry
    whose listing was not looked at. `text`: what a reader sees of it.
    """

    status: int | None
    label: Label | None
    same_place: bool = True
    degraded: bool = False
    asks_for_human: bool = False
    in_part: bool = False
    text: str = ""


def outcome_of(answer: Answer) -> tuple[RecheckOutcome, str]:
    """What `answer` proves, and why in one line."""
    if answer.status in NOTHING_THERE:
        return "gone", f"answered {answer.status}"
    if answer.label in ("violation", "review"):
        return "still_there", f"still judged {answer.label}"
    doubt = _doubt(answer)
    if doubt:
        return "not_seen", doubt
    return "gone", "the page answers and holds no promotion any more"


def _doubt(answer: Answer) -> str:
    """Why an answer without a finding does not prove that the promotion is gone, or ""."""
    if answer.status is None or answer.status >= 300:
        return f"answered {answer.status}" if answer.status else "no answer"
    if not answer.same_place:
        return "leads to another address now: a person must look"
    if answer.asks_for_human:
        return "asked for a human check"
    if answer.label != "clear" or answer.degraded:
        return "could not be read whole"
    if answer.in_part:
        return "the entry's own page holds no promotion; its listing was not looked at"
    if len(answer.text) <= _SHORT_PAGE and _FAILING.search(answer.text):
        return "says that it failed"
    return ""


def _moments(plan: RecheckPlan, sent_at: datetime) -> list[datetime]:
    return [sent_at + duration(step) for step in plan.after]
