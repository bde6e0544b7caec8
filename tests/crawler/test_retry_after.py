"""Retry-After: numbers, dates, and a wait that is too long (short ones: the store tests)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.gap import GapKind
from crawler.retry_after import seconds_of
from tests.scanning import scan, write_target
from tests.site.loopback import LoopbackServer, Request, head

NOW = datetime(2026, 11, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (b"7", 7.0),
        (b" 0 ", 0.0),
        (b"Sun, 01 Nov 2026 12:01:00 GMT", 60.0),
        (b"Sun, 01 Nov 2026 11:00:00 GMT", 0.0),
        (b"soon", None),
        (b"", None),
        (None, None),
        (b"-5", None),
    ],
)
def test_seconds_or_a_date_are_read(value: bytes | None, seconds: float | None) -> None:
    assert seconds_of(value, NOW) == seconds


def test_a_wait_that_is_too_long_is_a_gap_and_the_host_is_left_alone(tmp_path: Path) -> None:
    asked: list[str] = []

    async def answer(request: Request, writer: asyncio.StreamWriter) -> bool:
        if request.path != "/robots.txt":
            asked.append(request.path)
        writer.write(head(429, [("Retry-After", "86400")], length=0))
        return True

    with LoopbackServer(answer) as server:
        target = write_target(tmp_path / "busy.yaml", seeds=[f"{server.url}{n}" for n in range(20)])
        scanned = scan(target, tmp_path / "data")
    assert len(scanned.gaps) == 20
    assert {gap.kind for gap in scanned.gaps} == {GapKind.HTTP_STATUS}
    assert "86400 s" in scanned.gaps[0].reason or "8639" in scanned.gaps[0].reason
    assert len(asked) < 20
