from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from core import StorageError
from schedules import Dispatcher, command_of, process_started
from storage import RunRecord, Store
from tests.schedules import child

SHANGHAI = ZoneInfo("Asia/Shanghai")


def dispatcher(folder: Path) -> Dispatcher:
    os.mkfifo(folder / "started")
    return Dispatcher(
        folder / "data",
        folder / "reports",
        SHANGHAI,
        program=(sys.executable, child.__file__, str(folder)),
    )


def run_of(job_id: str, due_at: datetime = datetime(2026, 3, 2, tzinfo=UTC)) -> RunRecord:
    return RunRecord(run_id=1, job_id=job_id, due_at=due_at, start_at=due_at, state="running")


def go(_pid: int) -> bool:
    return True


def calls(folder: Path) -> list[list[str]]:
    found = folder / "calls"
    return [json.loads(line) for line in found.read_text().splitlines()] if found.exists() else []


async def started(folder: Path) -> None:
    """Wait until the child says that it runs."""
    await asyncio.to_thread((folder / "started").read_text)


def test_a_scan_is_a_process_with_the_teams_settings(tmp_path: Path) -> None:
    status = asyncio.run(dispatcher(tmp_path).run(run_of("scan:shop"), go))

    assert status == 0
    (call,) = calls(tmp_path)
    assert call[:2] == ["scan", "shop"]
    assert call[2:4] == ["--data", str(tmp_path / "data")]
    assert call[4:] == ["--lang", "zh", "--time-zone", "Asia/Shanghai"]


@pytest.mark.parametrize(
    ("due", "day"),
    [
        (datetime(2026, 3, 2, 16, 10, tzinfo=UTC), "2026-03-02"),
        (datetime(2026, 3, 2, 15, 59, tzinfo=UTC), "2026-03-01"),
    ],
)
def test_the_report_is_of_the_teams_day_that_had_ended_when_it_was_due(
    tmp_path: Path, due: datetime, day: str
) -> None:
    asyncio.run(dispatcher(tmp_path).run(run_of("report", due), go))
    assert calls(tmp_path)[0][:3] == ["report", "--date", day]


def test_a_recheck_names_its_case() -> None:
    assert command_of(run_of("recheck:118"), SHANGHAI) == ("recheck", "118")


def test_a_run_that_was_cut_goes_on_with_its_scan_where_that_can_be() -> None:
    cut = msgspec.structs.replace(run_of("scan:shop"), attempts=2, scan_id=7)
    assert command_of(cut, SHANGHAI, lambda scan: scan == 7) == ("scan", "--resume", "7")
    assert command_of(cut, SHANGHAI) == ("scan", "shop")
    first = msgspec.structs.replace(cut, attempts=1)
    assert command_of(first, SHANGHAI, lambda _: True) == ("scan", "shop")


def test_a_process_is_known_before_it_does_anything(tmp_path: Path) -> None:
    known: list[tuple[int, bool]] = []

    def note(pid: int) -> bool:
        known.append((pid, bool(process_started(pid)) and not calls(tmp_path)))
        return True

    assert asyncio.run(dispatcher(tmp_path).run(run_of("scan:exit-0"), note)) == 0
    assert [there for _, there in known] == [True]
    assert len(calls(tmp_path)) == 1


def test_what_may_not_go_does_nothing(tmp_path: Path) -> None:
    status = asyncio.run(dispatcher(tmp_path).run(run_of("scan:exit-0"), lambda _pid: False))
    assert status is None
    assert calls(tmp_path) == []


def test_a_process_whose_scheduler_dies_before_the_word_does_nothing(tmp_path: Path) -> None:
    def fails(_pid: int) -> bool:
        raise StorageError("the database is gone")

    with pytest.raises(StorageError):
        asyncio.run(dispatcher(tmp_path).run(run_of("scan:exit-0"), fails))
    assert calls(tmp_path) == []


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (1, "scan:exit-1 failed (exit status 1)"),
        (2, "scan:exit-2 was refused as bad input (exit status 2)"),
        (3, "scan:exit-3 had more gaps than its target allows (exit status 3)"),
        (9, "scan:exit-9 died (exit status 9)"),
    ],
)
def test_a_bad_end_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, status: int, said: str
) -> None:
    with caplog.at_level(logging.WARNING, "promowatch.schedules"):
        run = run_of(f"scan:exit-{status}")
        assert asyncio.run(dispatcher(tmp_path).run(run, go)) == status
    assert caplog.messages == [said]


@pytest.mark.parametrize(("what", "status"), [("until-told", 130), ("stubborn", -9)])
def test_stopping_asks_first_and_does_not_wait_for_ever(
    tmp_path: Path, what: str, status: int
) -> None:
    async def run() -> int | None:
        work = dispatcher(tmp_path)
        scan = asyncio.create_task(work.run(run_of(f"scan:{what}"), go))
        await started(tmp_path)
        await work.stop(patience_seconds=60 if status == 130 else 0.05)
        return await scan

    assert asyncio.run(run()) == status


def test_nothing_starts_once_stopping(tmp_path: Path) -> None:
    async def run() -> int | None:
        work = dispatcher(tmp_path)
        await work.stop()
        return await work.run(run_of("scan:shop"), go)

    assert asyncio.run(run()) == 130
    assert calls(tmp_path) == []


def test_the_real_program_takes_what_is_sent_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    Store.open(tmp_path / "data").close()
    work = Dispatcher(tmp_path / "data", tmp_path / "reports", SHANGHAI)

    assert asyncio.run(work.run(run_of("report"), go)) == 0
    assert len(list((tmp_path / "reports").iterdir())) == 3
    assert asyncio.run(work.run(run_of("scan:no-such-target"), go)) == 2
