from __future__ import annotations

import pytest

from core.precision import precision


@pytest.mark.parametrize(
    ("confirmed", "dismissed", "low", "high"),
    [(0, 0, 0, 1), (10, 0, 0.7225, 1), (0, 10, 0, 0.2775), (5, 5, 0.2366, 0.7634)],
)
def test_the_interval_is_wilsons(confirmed: int, dismissed: int, low: float, high: float) -> None:
    found = precision(confirmed, dismissed)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-4)
    assert found.enough == (confirmed + dismissed >= 10)
