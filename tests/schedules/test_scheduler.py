"""Schedulers as real processes that die: one leads, nothing is lost, nothing runs twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import pytest

from storage import RunRecord, Store
from tests.schedules.service import QUICK
from tests.schedules.test_dispatch import calls

LEADS = "this scheduler starts what is due"
STANDS_BY = "standing by"


class Service:
    """A scheduler process; `said` is what it has said so far."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.said: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.schedules.service", str(folder)],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PROMOWATCH_DATABASE_URL": database_url, "PYTHONPATH": "."},
            stderr=subprocess.PIPE,
            text=True,
        )

    def hears(self, *words: str) -> str:
        """Wait for a line with one of the words."""
        for line in self._lines():
            self.said.append(line)
            if any(word in line for word in words):
                return line
        raise AssertionError(f"it ended without a word of {words}: {''.join(self.said)}")

    def _lines(self) -> IO[str]:
        assert self.process.stderr is not None
        return self.process.stderr

    def kill(self) -> None:
        """As the kernel does it when memory is short."""
        self.process.kill()
        self.close()

    def close(self) -> None:
        self.process.wait()
        self._lines().close()


class Stage:
    """A data folder and the schedulers that run on it."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        self._url = database_url
        self._services: list[Service] = []
        os.mkfifo(folder / "started")
        self.store = Store.open(folder / "data", url=database_url)

    def start(self) -> Service:
        self._services.append(Service(self.folder, self._url))
        return self._services[-1]

    def ask_for(self, name: str) -> None:
        now = datetime.now(UTC)
        self.store.schedule.add_note(f"scan:{name}", "run_now", who="test", reason="", at=now)

    def started(self) -> int:
        """Wait for a child that says that it runs; its number."""
        return int((self.folder / "started").read_text())

    def run_of(self, name: str) -> RunRecord:
        (run,) = self.store.schedule.runs(job_id=f"scan:{name}")
        return run

    def close(self) -> None:
        for service in self._services:
            if service.process.poll() is None:
                service.kill()
        self.store.close()


@pytest.fixture
def stage(tmp_path: Path, database_url: str) -> Iterator[Stage]:
    opened = Stage(tmp_path, database_url)
    yield opened
    opened.close()


def pair(stage: Stage) -> tuple[Service, Service]:
    """Two schedulers started at once: the one that leads and the one that stands by."""
    both = (stage.start(), stage.start())
    words = [one.hears(LEADS, STANDS_BY) for one in both]
    assert [LEADS in word for word in words].count(True) == 1
    return both if LEADS in words[0] else (both[1], both[0])


def test_of_two_started_at_once_one_dispatches_and_each_run_begins_once(stage: Stage) -> None:
    leader, second = pair(stage)
    for name in QUICK:
        stage.ask_for(name)
    for _ in QUICK:
        leader.hears(": done")
    leader.kill()
    second.hears(LEADS)
    assert sorted(call[1] for call in calls(stage.folder)) == sorted(QUICK)
    assert {stage.run_of(name).state for name in QUICK} == {"done"}


def test_a_scan_outlives_its_scheduler_and_the_next_one_sees_its_end(stage: Stage) -> None:
    leader, second = pair(stage)
    stage.ask_for("scan-until-told")
    scan = stage.started()
    leader.kill()
    second.hears(LEADS)
    os.kill(scan, signal.SIGUSR1)
    second.hears("scan:scan-until-told due at")
    run = stage.run_of("scan-until-told")
    assert (run.state, run.attempts, run.scan_id) == ("done", 1, 1)
    assert len(calls(stage.folder)) == 1


def test_a_run_cut_with_its_scheduler_is_taken_up_again_once(stage: Stage) -> None:
    leader, second = pair(stage)
    stage.ask_for("scan-until-told")
    scan = stage.started()
    leader.kill()
    os.kill(scan, signal.SIGKILL)
    again = stage.started()
    second.hears(LEADS)
    os.kill(again, signal.SIGUSR1)
    second.hears(": done")
    run = stage.run_of("scan-until-told")
    assert (run.state, run.attempts, run.scan_id) == ("done", 2, 2)
    assert [alarm.kind for alarm in stage.store.schedule.alarms()] == ["cut"]
    assert len(calls(stage.folder)) == 2


def test_a_run_is_noticed_as_cut_when_a_scheduler_starts_again(stage: Stage) -> None:
    only = stage.start()
    only.hears(LEADS)
    stage.ask_for("scan-until-told")
    scan = stage.started()
    only.kill()
    os.kill(scan, signal.SIGKILL)
    later = stage.start()
    again = stage.started()
    later.hears(LEADS)
    os.kill(again, signal.SIGUSR1)
    later.hears(": done")
    assert stage.run_of("scan-until-told").attempts == 2


def test_a_scan_that_is_killed_twice_has_failed(stage: Stage) -> None:
    service = stage.start()
    service.hears(LEADS)
    stage.ask_for("scan-until-told")
    for _ in range(2):
        os.kill(stage.started(), signal.SIGKILL)
    service.hears("failed (")
    run = stage.run_of("scan-until-told")
    assert (run.state, run.attempts, run.detail) == ("failed", 2, "cut 2 times")
    assert len(calls(stage.folder)) == 2


def test_a_scheduler_that_is_told_to_stop_ends_what_runs_and_gives_the_lock_back(
    stage: Stage,
) -> None:
    leader, second = pair(stage)
    stage.ask_for("until-told")
    stage.started()
    leader.process.terminate()
    leader.hears("scan:until-told due at")
    leader.close()
    assert leader.process.returncode == 0
    stage.started()  # the second takes it up again
    second.hears(LEADS)
    assert [call[1] for call in calls(stage.folder)] == ["until-told"] * 2
