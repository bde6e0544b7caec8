"""Which process is meant, and whether it still runs."""

from __future__ import annotations

import os
import subprocess
import sys

from schedules import host_name, new_holder, process_started, still_runs


def test_a_process_runs_until_it_has_ended_collected_or_not() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", "input(); print('done')"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as child:
        started = process_started(child.pid)
        assert still_runs(child.pid, started)
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(b"\n")
        child.stdin.close()
        child.stdout.read()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert not still_runs(child.pid, started)  # ended, not yet collected
    assert not still_runs(child.pid, started)


def test_another_process_under_the_same_number_is_not_meant() -> None:
    mine = process_started(os.getpid())
    assert still_runs(os.getpid(), mine)
    assert not still_runs(os.getpid(), f"1{mine}")
    assert not still_runs(os.getpid(), "")
    assert not still_runs(0, mine)


def test_names_stay_for_a_machine_and_differ_for_schedulers() -> None:
    assert host_name() == host_name()
    assert new_holder() != new_holder()
    assert new_holder().startswith(f"{host_name()}:{os.getpid()}:")
