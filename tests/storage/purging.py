"""A store with something of every age and state, for the tests of purges; run as a program, it
purges and kills itself where it is told to."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from storage import Step, Store, decide, purge
from tests.storage.samples import at, look
from tests.storage.samples_evidence import keep

LATER = at(24 * 400)
STEP = Step(by="Wang Li", why="yearly", at=LATER)


def fill(store: Store) -> None:
    """A confirmed, a dismissed and an undecided case that are up, one that is gone, clear pages."""
    first = store.begin_scan("one", "One", started_at=at())
    cases = [keep(store, path) for path in ("/confirmed", "/dismissed", "/gone", "/up")]
    store.record(first, [*cases, look("/clear", "clear"), look("/other", "clear")])
    store.finish_scan(first, state="finished", finished_at=at(1))
    second = store.begin_scan("one", "One", started_at=at(24))
    store.record(second, [look("/gone", 404, hours=24), look("/clear", "clear", hours=24)])
    store.finish_scan(second, state="finished", finished_at=at(25))
    newest = store.begin_scan("one", "One", started_at=at(48))
    store.record(newest, [look("/clear", "clear", hours=48)])
    store.finish_scan(newest, state="finished", finished_at=at(49))
    for path in ("/confirmed", "/dismissed"):
        for state in ("in_review", path[1:]):
            step = Step(by="Wang Li", why="looked at it", at=at(50))
            decide(store, f"https://pages.test{path}", state, step)  # type: ignore[arg-type]
    make_old(store.folder)


def make_old(folder: Path) -> None:
    """Give every evidence file the time at which it was seen: no scan is about to store it."""
    for path in (folder / "evidence").rglob("*.*"):
        os.utime(path, (at().timestamp(), at().timestamp()))


def kill_at(name: str, count: int) -> None:
    """Have this process killed when the function called `name` is entered for the `count`th time,
    just before it does anything."""
    left = [count]

    def called(frame: FrameType, event: str, _argument: Any) -> None:
        if event == "call" and frame.f_code.co_name == name:
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(called)


if __name__ == "__main__":
    with Store.open(Path(sys.argv[1])) as opened:
        kill_at(sys.argv[2], int(sys.argv[3]))
        purge(opened, {}, STEP)
