"""Schedulers as real processes that die: one leads, nothing is lost, nothing runs twice."""

from __future__ import annotations

import os
import signal

from tests.schedules.service import QUICK
from tests.schedules.stage import LEADS, STANDS_BY, Service, Stage
from tests.schedules.test_dispatch import calls


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
