from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from schedules import Dispatcher
from storage import Store
from tests.schedules import child

SHANGHAI = ZoneInfo("Asia/Shanghai")


def dispatcher(folder: Path, *, now: datetime | None = None) -> Dispatcher:
    os.mkfifo(folder / "started")
    return Dispatcher(
        folder / "data",
        folder / "reports",
        SHANGHAI,
        program=(sys.executable, child.__file__, str(folder)),
        now=lambda: now or datetime.now(UTC),
    )


def calls(folder: Path) -> list[list[str]]:
    return [json.loads(line) for line in (folder / "calls").read_text().splitlines()]


async def started(folder: Path) -> None:
    """Wait until the child says that it runs."""
    await asyncio.to_thread((folder / "started").read_text)


def test_a_scan_is_a_process_with_the_teams_settings(tmp_path: Path) -> None:
    status = asyncio.run(dispatcher(tmp_path).scan("shop"))

    assert status == 0
    (call,) = calls(tmp_path)
    assert call[:2] == ["scan", "shop"]
    assert call[2:4] == ["--data", str(tmp_path / "data")]
    assert call[4:] == ["--lang", "zh", "--time-zone", "Asia/Shanghai"]


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 3, 2, 16, 10, tzinfo=UTC), "2026-03-02"),
        (datetime(2026, 3, 2, 15, 59, tzinfo=UTC), "2026-03-01"),
    ],
)
def test_the_report_is_of_the_teams_day_that_ended_last(
    tmp_path: Path, now: datetime, day: str
) -> None:
    asyncio.run(dispatcher(tmp_path, now=now).report())
    assert calls(tmp_path)[0][:3] == ["report", "--date", day]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (1, "scan exit-1 failed (exit status 1)"),
        (2, "scan exit-2 was refused as bad input (exit status 2)"),
        (3, "scan exit-3 had more gaps than its target allows (exit status 3)"),
        (9, "scan exit-9 died (exit status 9)"),
    ],
)
def test_a_bad_end_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, status: int, said: str
) -> None:
    with caplog.at_level(logging.WARNING, "promowatch.schedules"):
        assert asyncio.run(dispatcher(tmp_path).scan(f"exit-{status}")) == status
    assert caplog.messages == [said]


def test_stopping_asks_first(tmp_path: Path) -> None:
    async def run() -> int:
        work = dispatcher(tmp_path)
        scan = asyncio.create_task(work.scan("until-told"))
        await started(tmp_path)
        await work.stop()
        return await scan

    assert asyncio.run(run()) == 130


def test_stopping_does_not_wait_for_ever(tmp_path: Path) -> None:
    async def run() -> int:
        work = dispatcher(tmp_path)
        scan = asyncio.create_task(work.scan("stubborn"))
        await started(tmp_path)
        await work.stop(patience_seconds=0.05)
        return await scan

    assert asyncio.run(run()) == -9


def test_nothing_starts_once_stopping(tmp_path: Path) -> None:
    async def run() -> int:
        work = dispatcher(tmp_path)
        await work.stop()
        return await work.scan("shop")

    assert asyncio.run(run()) == 130
    assert not (tmp_path / "calls").exists()


def test_the_real_program_takes_what_is_sent_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    Store.open(tmp_path / "data").close()
    work = Dispatcher(tmp_path / "data", tmp_path / "reports", SHANGHAI)

    assert asyncio.run(work.report()) == 0
    assert len(list((tmp_path / "reports").iterdir())) == 3
    assert asyncio.run(work.scan("no-such-target")) == 2
