"""What a scheduler is told to look at again, on both databases."""

from __future__ import annotations

from datetime import datetime

import pytest

from core.recheck import RecheckPlan
from core.target import Target
from storage import RecheckRecord, Step, Store, decide, due_rechecks, followed, record_recheck
from tests.promowatch.test_recheck import TO_SENT
from tests.storage.samples import at, look
from tests.storage.test_work import scan

DAY = 24.0


def sent(store: Store, *numbers: int, hours: float) -> None:
    for number in numbers:
        for state in TO_SENT:
            decide(store, f"#{number}", state, Step(by="Wang Li", why="a test", at=at(hours)))


def due(store: Store, hours: float, targets: dict[str, Target] | None = None) -> list[int]:
    rows = due_rechecks(store, targets or {}, at(hours))
    return [row.candidate.candidate_id for row in rows]


def looked(store: Store, number: int, hours: float) -> None:
    recheck = RecheckRecord(
        candidate_id=number, scan_id=None, at=at(hours), outcome="still_there", why="a test"
    )
    record_recheck(store, recheck)


def test_a_look_is_due_by_the_plan_and_done_by_looking(store: Store) -> None:
    scan(store, look("/a"), look("/b"))
    sent(store, 1, hours=1)
    assert due(store, 1.9) == []
    assert due(store, 2) == [1]
    looked(store, 1, 2)
    assert due(store, 3) == []
    assert due(store, 1 + DAY) == [1]


def test_what_was_removed_is_due_until_its_plan_ends(store: Store) -> None:
    scan(store, look("/a"), look("/b"))
    sent(store, 1, 2, hours=1)
    decide(store, "#1", "removed", Step(by="Wang Li", why="they wrote so", at=at(2)))
    assert sorted(due(store, 1 + DAY)) == [1, 2]
    rows = {row.candidate.candidate_id: f for row, f in followed(store, {}, at(1 + 8 * DAY))}
    assert {number: f.overdue for number, f in rows.items()} == {1: False, 2: True}
    looked(store, 1, 1 + 30 * DAY)
    assert due(store, 1 + 40 * DAY) == [2]
    assert [row.candidate.candidate_id for row, _ in followed(store, {}, at(1 + 40 * DAY))] == [2]


@pytest.mark.parametrize(("steps", "hours"), [(("2d",), 1 + 2 * DAY), (("60d",), 1 + 60 * DAY)])
def test_the_plan_is_that_of_the_target(store: Store, steps: tuple[str, ...], hours: float) -> None:
    scan(store, look("/a"))
    sent(store, 1, hours=1)
    decide(store, "#1", "removed", Step(by="Wang Li", why="they wrote so", at=at(2)))
    target = Target(
        id=_target_id(store, at(2)),
        title="T",
        surface="marketing_page",
        seeds=("https://pages.test/",),
        recheck=RecheckPlan(after=steps),
    )
    assert due(store, hours - 0.1, {target.id: target}) == []
    assert due(store, hours, {target.id: target}) == [1]


def _target_id(store: Store, now: datetime) -> str:
    return followed(store, {}, now)[0][0].target_id
