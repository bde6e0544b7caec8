"""Starting work: each run is a process of its own, so that none can harm another."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from schedules.rechecks import case_of
from schedules.timetable import REPORT_JOB, target_of
from storage import RunRecord, Store, resumable_scans

_log = logging.getLogger("promowatch.schedules")
_STOP_SECONDS = 60.0
_MEANINGS = {
    1: "failed",
    2: "was refused as bad input",
    3: "had more gaps than its target allows",
    130: "was stopped",
}
MayGo = Callable[[int | None], bool]
"""Called, in a thread, before anything is done of a run, with the number of the process of this
machine that will do it (None: the queue); False: nothing may be done."""
THIS_PROGRAM = (sys.executable, "-m", "promowatch")
_WAITING = ("sh", "-c", 'read -r go && exec "$@" </dev/null', "promowatch")
"""The process is there and can be written down before it does anything: it becomes the program
when it is told to, and ends when whoever should tell it has died."""


def command_of(
    run: RunRecord, tz: ZoneInfo, can_go_on: Callable[[int], bool] = lambda _: False
) -> tuple[str, ...]:
    """What a run does, as arguments of `promowatch`: the one place where that is chosen.

    A report is of the day, in the team's zone, that had ended when it was due. A run that was cut
    goes on with the scan that it had begun where it `can_go_on`; otherwise it is scanned anew.
    """
    if run.job_id == REPORT_JOB:
        day = run.due_at.astimezone(tz).date() - timedelta(days=1)
        return ("report", "--date", day.isoformat())
    case = case_of(run.job_id)
    if case is not None:
        return ("recheck", case)
    if run.attempts > 1 and run.scan_id is not None and can_go_on(run.scan_id):
        return ("scan", "--resume", str(run.scan_id))
    return ("scan", target_of(run.job_id) or run.job_id)


class RunDispatcher(Protocol):
    """How due runs are done: as processes of this machine, or over the queue."""

    async def run(self, run: RunRecord, may_go: MayGo) -> int | None:
        """Do a run; its exit status, None where nothing is known of its end."""

    def takes_up(self, run: RunRecord) -> bool:
        """Whether a running run that another scheduler began can be waited for."""

    async def stop(self) -> None:
        """End what ends with its scheduler, and wait for nothing more."""


class Dispatcher:
    """Runs `promowatch` commands on one data folder and waits for them.

    `catalogue` is passed on where it is not the one that ships. Children get no terminal signals
    of their own: `stop` tells them, once, and they keep what they have found.
    """

    def __init__(
        self,
        data_folder: Path,
        report_folder: Path,
        tz: ZoneInfo,
        *,
        lang: str = "zh",
        catalogue: Path | None = None,
        program: Sequence[str] = THIS_PROGRAM,
    ) -> None:
        self._shared = ["--data", str(data_folder), "--lang", lang, "--time-zone", tz.key]
        self._catalogue = ["--catalogue", str(catalogue)] if catalogue else []
        self._data_folder = data_folder
        self._report_folder = report_folder
        self._tz = tz
        self._program = tuple(program)
        self._running: set[asyncio.subprocess.Process] = set()
        self._stopping = False

    async def run(self, run: RunRecord, may_go: MayGo) -> int | None:
        """Do a run; its exit status, negative for a signal, None where it may not go.

        What was found is in the storage.
        """
        if self._stopping:
            _log.warning("%s was not started: stopping", run.job_id)
            return 130
        arguments = await asyncio.to_thread(self._arguments, run)
        child = await asyncio.create_subprocess_exec(
            *_WAITING,
            *self._program,
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        self._running.add(child)
        try:
            if not await self._let_go(child, may_go):
                return None
            _log.info("%s started as process %d", run.job_id, child.pid)
            status = await child.wait()
        finally:
            self._running.discard(child)
        if status:
            meaning = _MEANINGS.get(status, "died")
            _log.warning("%s %s (exit status %d)", run.job_id, meaning, status)
        else:
            _log.info("%s done", run.job_id)
        return status

    def takes_up(self, run: RunRecord) -> bool:
        """Never: a process of another scheduler says its end to nobody else."""
        del run
        return False

    async def stop(self, *, patience_seconds: float = _STOP_SECONDS) -> None:
        """End what is running: asked to first, killed when it has not ended in time."""
        self._stopping = True
        running = tuple(self._running)
        for child in running:
            _tell(child, signal.SIGINT)
        try:
            async with asyncio.timeout(patience_seconds):
                await asyncio.gather(*(child.wait() for child in running))
        except TimeoutError:
            for child in running:
                _tell(child, signal.SIGKILL)
            await asyncio.gather(*(child.wait() for child in running))

    def _arguments(self, run: RunRecord) -> list[str]:
        command = command_of(run, self._tz, self._can_go_on)
        if command[0] == "report":
            command = (*command, "--out", str(self._report_folder))
        return [*command, *self._shared, *self._catalogue]

    def _can_go_on(self, scan_id: int) -> bool:
        with Store.open(self._data_folder) as store:
            return any(cut.scan_id == scan_id for cut in resumable_scans(store))

    async def _let_go(self, child: asyncio.subprocess.Process, may_go: MayGo) -> bool:
        """Tell the process to go on, or end it."""
        allowed = False
        try:
            allowed = await asyncio.to_thread(may_go, child.pid)
        finally:
            if child.stdin is not None:
                if allowed:
                    child.stdin.write(b"go\n")
                child.stdin.close()
            if not allowed:
                await child.wait()
        return allowed


def _tell(child: asyncio.subprocess.Process, number: signal.Signals) -> None:
    if child.returncode is None:
        child.send_signal(number)
