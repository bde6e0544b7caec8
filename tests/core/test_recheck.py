"""When a surface is looked at again after a notice, and what an answer proves."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.recheck import (
    RETRIES,
    Answer,
    Attempt,
    RecheckOutcome,
    RecheckPlan,
    duration,
    is_overdue,
    next_look,
    outcome_of,
)
from tests.storage.samples import at

PLAN = RecheckPlan()
SENT = at()


def attempts(*taken: tuple[float, RecheckOutcome]) -> list[Attempt]:
    return [Attempt(at(hours), outcome) for hours, outcome in taken]


DUE: list[tuple[str, list[Attempt], datetime | None]] = [
    ("the first", [], at(1)),
    ("still there", attempts((1, "still_there")), at(24)),
    ("a look before it was due", attempts((0.5, "still_there")), at(1)),
    ("asleep over two moments", attempts((100, "still_there")), at(24 * 7)),
    ("could not tell", attempts((1, "not_seen")), at(2)),
    ("could not tell, then could", attempts((1, "not_seen"), (2, "still_there")), at(24)),
    ("just before the next moment", attempts((23.5, "not_seen")), at(24)),
    (
        "given up until the next moment",
        attempts(*((1 + n, "not_seen") for n in range(RETRIES + 1))),
        at(24),
    ),
    ("the end", attempts((24 * 30, "still_there")), None),
    ("the end could not tell", attempts((24 * 30, "not_seen")), at(24 * 30 + 1)),
]


@pytest.mark.parametrize(("name", "taken", "due"), DUE)
def test_what_is_due_next(name: str, taken: list[Attempt], due: datetime | None) -> None:
    assert next_look(PLAN, SENT, taken) == due, name


@given(st.lists(st.sampled_from(["still_there", "not_seen"]), max_size=60))
def test_a_plan_comes_to_its_end(outcomes: list[RecheckOutcome]) -> None:
    """Looks taken when due rise in time, and are not more than retries allow."""
    taken: list[Attempt] = []
    for outcome in outcomes:
        due = next_look(PLAN, SENT, taken)
        if due is None:
            break
        assert not taken or due > taken[-1].at
        taken.append(Attempt(due, outcome))
    assert len(taken) <= len(PLAN.after) * (RETRIES + 2)


def test_overdue_is_from_the_deadline_on() -> None:
    assert not is_overdue(PLAN, SENT, SENT + timedelta(days=7, seconds=-1))
    assert is_overdue(PLAN, SENT, SENT + timedelta(days=7))


@pytest.mark.parametrize("wrong", ["", "1", "1w", "0h", "-1d", "1.5h", "h"])
def test_a_time_span_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="is no time span: write 30m, 6h or 7d"):
        duration(wrong)


@pytest.mark.parametrize("steps", [["1d", "1h"], ["1h", "60m"]])
def test_a_plan_rises(steps: list[str]) -> None:
    with pytest.raises(msgspec.ValidationError, match="must rise"):
        msgspec.convert({"after": steps}, RecheckPlan)


ANSWERS: list[tuple[Answer, RecheckOutcome]] = [
    (Answer(status=404, label=None), "gone"),
    (Answer(status=410, label=None, same_place=False), "gone"),
    (Answer(status=200, label="clear"), "gone"),
    (Answer(status=200, label="clear", text="说明：今日页面" * 100 + "系统维护"), "gone"),
    (Answer(status=200, label="violation", degraded=True), "still_there"),
    (Answer(status=200, label="review"), "still_there"),
    (Answer(status=403, label=None), "not_seen"),
    (Answer(status=503, label="clear"), "not_seen"),
    (Answer(status=302, label="clear"), "not_seen"),
    (Answer(status=None, label=None), "not_seen"),
    (Answer(status=200, label="undetermined"), "not_seen"),
    (Answer(status=200, label="clear", degraded=True), "not_seen"),
    (Answer(status=200, label="clear", same_place=False), "not_seen"),
    (Answer(status=200, label="clear", asks_for_human=True), "not_seen"),
    (Answer(status=200, label="clear", text="503 Service Unavailable"), "not_seen"),
    (Answer(status=200, label="clear", text="系统繁忙，请稍后再试"), "not_seen"),
]


@pytest.mark.parametrize(("answer", "outcome"), ANSWERS)
def test_only_an_absence_that_is_proven_is_gone(answer: Answer, outcome: RecheckOutcome) -> None:
    assert outcome_of(answer)[0] == outcome
    assert outcome_of(answer)[1]
