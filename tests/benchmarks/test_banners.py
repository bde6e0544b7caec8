"""The banners of the OCR benchmark: the same for the same seed, and read as its table says."""

from __future__ import annotations

import pytest

from benchmarks.banners import KINDS, drawn_set
from benchmarks.ocr import bare, distance, read
from core.target import Limits
from crawler.extractors import read_lines


def test_a_seed_draws_the_same_banners_again() -> None:
    first, again = list(drawn_set(3, 2)), list(drawn_set(3, 2))
    assert first == again
    assert [banner.kind for banner in first] == [kind for kind in KINDS for _ in range(2)]
    assert len({banner.body for banner in first}) == len(first)


def test_no_line_is_lost_or_read_twice_where_parts_of_a_long_poster_meet() -> None:
    long = [banner for banner in drawn_set(7, 6) if banner.kind.startswith("long")]
    assert [len(read_lines(banner.body, Limits())) for banner in long] == [17] * 6


def test_a_clean_banner_is_read_right() -> None:
    result = read(next(drawn_set(7, 1)))
    assert result.right > 0.95
    assert result.seconds > 0


@pytest.mark.parametrize(
    ("left", "right", "steps"),
    [("", "", 0), ("abc", "abc", 0), ("abc", "", 3), ("返佣", "返傭", 1), ("kitten", "sitting", 3)],
)
def test_distance(left: str, right: str, steps: int) -> None:
    assert distance(left, right) == distance(right, left) == steps


def test_what_does_not_count() -> None:
    assert bare("１００ USDT：返佣 ％") == "100USDT:返佣%"
