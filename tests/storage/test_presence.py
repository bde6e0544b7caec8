"""The rules of presence, over any order of looks."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from storage.presence import Standing, after_absence, after_hit
from tests.storage.samples import MORNING

LOOKS = st.lists(
    st.tuples(st.sampled_from(["hit", "absence", "next scan"]), st.integers(0, 50)), max_size=30
)


@given(LOOKS)
def test_no_order_of_looks_breaks_the_rules(looks: list[tuple[str, int]]) -> None:
    standing: Standing | None = None
    for what, hours in looks:
        moment = MORNING + timedelta(hours=hours)
        before = standing
        if what == "hit":
            standing = after_hit(standing, moment)
            assert standing.first_seen <= moment <= standing.last_seen
            assert standing.event is not None or standing.presence == "gone"
            assert before is None or before.event is None or standing.event != "gone"
        elif standing is None:
            continue
        elif what == "absence":
            standing = after_absence(standing, moment)
            assert before is not None
            assert standing.event in (before.event, "gone")
        else:
            standing = msgspec.structs.replace(standing, event=None)
        assert (standing.presence == "gone") == (standing.gone_at is not None)
        assert standing.event not in ("new", "still_up", "returned") or standing.presence == "up"
        assert standing.event != "gone" or standing.presence == "gone"


@given(LOOKS)
def test_every_return_follows_a_going(looks: list[tuple[str, int]]) -> None:
    standing: Standing | None = None
    told: list[str] = []
    for what, hours in [*looks, ("next scan", 0)]:
        moment = MORNING + timedelta(hours=hours)
        if what == "hit":
            standing = after_hit(standing, moment)
        elif standing is not None and what == "absence":
            standing = after_absence(standing, moment)
        elif standing is not None:
            told += [standing.event] if standing.event else []
            standing = msgspec.structs.replace(standing, event=None)
    turns = [kind for kind in told if kind != "still_up"]
    expected = ["new" if not n else "gone" if n % 2 else "returned" for n in range(len(turns))]
    assert turns == expected
