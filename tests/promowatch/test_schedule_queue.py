"""Schedulers and workers as processes: what is due goes through the queue."""

from __future__ import annotations

import signal
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage import Store
from tests.site.watched import WatchedSite, WatchedSites
from tests.workers import Team

LONG = 90.0


def hears(process: subprocess.Popen[str], *words: str) -> None:
    """Wait for a line with all the words."""
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if all(word in line for word in words):
            return
    raise AssertionError(f"it ended without a word of {words}: {''.join(said)}")


def stopped(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=LONG)
    assert process.returncode == 0, said


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_due_scan_is_done_by_a_worker_though_its_scheduler_dies(
    tmp_path: Path, postgresql_url: str, how: signal.Signals
) -> None:
    site = WatchedSite("127.0.2.4", pages=4)
    (target,) = site.targets()
    with WatchedSites([site]):
        team = Team(tmp_path, postgresql_url, [{**target, "schedule": "0 3 29 2 *"}])
        assert team.command("schedule", "run-now", str(target["id"])).returncode == 0
        first = team.scheduler("desk-one")
        hears(first, "is job 1 of the queue")
        first.send_signal(how)
        first.communicate(timeout=LONG)

        worker = team.worker("one")
        second = team.scheduler("desk-two")
        hears(second, "is job 1 of the queue")
        hears(second, "due at", "done")
        stopped(second)
        stopped(worker)

    (job,) = team.jobs()
    assert (job["state"], job["exit_status"]) == ("succeeded", 0)
    with Store.open(tmp_path / "look", url=postgresql_url) as store:
        (run,) = store.schedule.runs(job_id=f"scan:{target['id']}")
        day = store.day(datetime(2026, 1, 1, tzinfo=UTC), datetime.now(UTC))
    assert (run.state, run.attempts, run.exit_status) == ("done", 1, 0)
    assert [one.scan_id for one in day.scans] == [run.scan_id], "doubled 0"
    assert len(day.events) == site.pages, "lost 0"


def test_without_postgresql_it_says_what_to_set(tmp_path: Path) -> None:
    target = {
        "id": "shop",
        "title": "Shop",
        "surface": "marketing_page",
        "seeds": ["http://127.0.2.4/"],
        "schedule": "0 3 29 2 *",
    }
    team = Team(tmp_path, "", [target])
    done = team.command("schedule", "run", "--dispatch", "queue")
    assert done.returncode == 2, done.stderr
    assert "a queue of scans needs PostgreSQL" in done.stderr
    assert "PROMOWATCH_DATABASE_URL" in done.stderr
