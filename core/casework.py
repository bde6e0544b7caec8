"""A candidate's life in people's hands: its states and the one table of legal transitions.

Pure. What the machine finds (presence, label, score) is not a state: a scan changes a state only
where the table names the machine, and every change says why.
"""

from __future__ import annotations

import unicodedata
from typing import Literal, get_args

import msgspec

from core.errors import BadInput

CaseState = Literal[
    "open",
    "in_review",
    "confirmed",
    "dismissed",
    "notice_prepared",
    "approved",
    "sent",
    "removed",
    "refused",
    "no_answer",
    "returned",
]
CASE_STATES: tuple[CaseState, ...] = get_args(CaseState)
Actor = Literal["person", "machine"]

MACHINE = "promowatch"
"""Who decided, where it was the machine."""

AWAITING: tuple[CaseState, ...] = ("sent", "refused", "no_answer")
"""A notice was sent and the surface is not known to be gone: overdue after the deadline."""

FOLLOWED: tuple[CaseState, ...] = (*AWAITING, "removed")
"""Looked at again by the plan of the target: what is gone must stay gone."""

UPHELD: tuple[CaseState, ...] = (
    "confirmed",
    "notice_prepared",
    "approved",
    "sent",
    "removed",
    "refused",
    "no_answer",
    "returned",
)
"""A person confirmed the finding: what resembles such a case is told."""

SETTLED: tuple[CaseState, ...] = ("dismissed", "removed")
"""Nobody has anything to do, until a scan sees something (see `REOPENS`)."""


class Transition(msgspec.Struct, frozen=True):
    """One legal step, and who may take it."""

    before: CaseState
    after: CaseState
    actors: tuple[Actor, ...] = ("person",)


TRANSITIONS: tuple[Transition, ...] = (
    Transition("open", "in_review"),
    Transition("in_review", "confirmed"),
    Transition("in_review", "dismissed"),
    Transition("confirmed", "notice_prepared"),
    Transition("notice_prepared", "approved"),
    Transition("approved", "sent"),
    Transition("sent", "removed", ("person", "machine")),
    Transition("sent", "refused"),
    Transition("sent", "no_answer"),
    # a surface may go late, and another notice may be due
    Transition("refused", "removed", ("person", "machine")),
    Transition("no_answer", "removed", ("person", "machine")),
    Transition("refused", "notice_prepared"),
    Transition("no_answer", "notice_prepared"),
    Transition("removed", "returned", ("person", "machine")),
    Transition("returned", "in_review"),
    Transition("dismissed", "open", ("person", "machine")),
)

REOPENS: dict[CaseState, CaseState] = {"dismissed": "open", "removed": "returned"}
"""Where a scan may lead a settled case; whether it does, `core.substance` and the sighting say."""

_LEGAL = {(one.before, one.after): one for one in TRANSITIONS}


def next_states(before: CaseState, actor: Actor = "person") -> tuple[CaseState, ...]:
    """Where `actor` may lead a case that is `before`."""
    return tuple(t.after for t in TRANSITIONS if t.before == before and actor in t.actors)


def check_transition(before: CaseState, after: CaseState, actor: Actor = "person") -> None:
    """Raise BadInput, naming what is possible, unless `actor` may lead a case there."""
    found = _LEGAL.get((before, after))
    if found is not None and actor in found.actors:
        return
    possible = ", ".join(next_states(before, actor)) or "nothing"
    raise BadInput(
        f"the case is {before}: it cannot become {after}",
        hint=f"from {before} it can become: {possible}",
    )


def check_second_person(preparer: str, approver: str) -> None:
    """Raise BadInput where the one who approves a notice is the one who prepared it."""
    if _name(preparer) == _name(approver):
        raise BadInput(
            f"the target asks for a second person: {approver} prepared this notice",
            hint="somebody else approves it with `promowatch case approve`",
        )


def _name(person: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", person).casefold().split())
