"""The table of a case's life: complete, without dead ends it should not have, and enforced."""

from __future__ import annotations

from itertools import pairwise, product

import pytest

from core import BadInput
from core.casework import (
    CASE_STATES,
    REOPENS,
    SETTLED,
    TRANSITIONS,
    CaseState,
    check_second_person,
    check_transition,
    next_states,
)

LEGAL = {(one.before, one.after) for one in TRANSITIONS}


def test_the_life_of_the_issue_is_in_the_table() -> None:
    life: list[CaseState] = [
        "open", "in_review", "confirmed", "notice_prepared", "approved", "sent", "removed",
        "returned",
    ]  # fmt: skip
    for before, after in pairwise(life):
        check_transition(before, after)
    for after in ("removed", "refused", "no_answer"):
        check_transition("sent", after)
    check_transition("in_review", "dismissed")


@pytest.mark.parametrize(
    ("before", "after"), [pair for pair in product(CASE_STATES, repeat=2) if pair not in LEGAL]
)
def test_whatever_is_not_in_the_table_is_refused(before: CaseState, after: CaseState) -> None:
    for actor in ("person", "machine"):
        with pytest.raises(BadInput, match=f"the case is {before}: it cannot become {after}"):
            check_transition(before, after, actor)  # type: ignore[arg-type]


def test_each_state_is_reached_and_none_is_a_dead_end() -> None:
    reached = {"open"}
    while more := {a for b, a in LEGAL if b in reached} - reached:
        reached |= more
    assert reached == set(CASE_STATES)
    assert all(next_states(state) for state in CASE_STATES)


def test_a_machine_confirms_dismisses_approves_and_sends_nothing() -> None:
    by_machine = {one.after for one in TRANSITIONS if "machine" in one.actors}
    assert by_machine == {"removed", "returned", "open"}
    assert set(REOPENS) == set(SETTLED)
    for before, after in REOPENS.items():
        check_transition(before, after, "machine")


def test_a_refusal_names_what_is_possible() -> None:
    with pytest.raises(BadInput, match="from in_review it can become: confirmed, dismissed"):
        check_transition("in_review", "sent")
    with pytest.raises(BadInput, match="from open it can become: nothing"):
        check_transition("open", "in_review", "machine")


@pytest.mark.parametrize("approver", ["Wang Li", " wang  li", "ＷＡＮＧ LI"])
def test_the_same_person_under_another_spelling_is_no_second_one(approver: str) -> None:
    with pytest.raises(BadInput, match="asks for a second person"):
        check_second_person("Wang Li", approver)
    check_second_person("Wang Li", "Zhao Min")
