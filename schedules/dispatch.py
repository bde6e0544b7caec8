"""Starting work: each scan and report is a process of its own, so that none can harm another."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

_log = logging.getLogger("promowatch.schedules")
_STOP_SECONDS = 60.0
_MEANINGS = {
    1: "failed",
    2: "was refused as bad input",
    3: "had more gaps than its target allows",
    130: "was stopped",
}
THIS_PROGRAM = (sys.executable, "-m", "promowatch")


def _now() -> datetime:
    return datetime.now(UTC)


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
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._shared = ["--data", str(data_folder), "--lang", lang, "--time-zone", tz.key]
        self._catalogue = ["--catalogue", str(catalogue)] if catalogue else []
        self._report_folder = report_folder
        self._tz = tz
        self._program = tuple(program)
        self._now = now
        self._running: set[asyncio.subprocess.Process] = set()
        self._stopping = False

    async def scan(self, target_id: str) -> int:
        """Scan one target; the exit status. What was found is in the storage."""
        return await self._run("scan", target_id, *self._shared, *self._catalogue)

    async def report(self) -> int:
        """Write the report of the day that ended last, in the team's zone; the exit status."""
        day = self._now().astimezone(self._tz).date() - timedelta(days=1)
        out = ["--date", day.isoformat(), "--out", str(self._report_folder)]
        return await self._run("report", *out, *self._shared, *self._catalogue)

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

    async def _run(self, command: str, *arguments: str) -> int:
        name = f"{command} {arguments[0]}" if command == "scan" else command
        if self._stopping:
            _log.warning("%s was not started: stopping", name)
            return 130
        child = await asyncio.create_subprocess_exec(
            *self._program,
            command,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        self._running.add(child)
        _log.info("%s started as process %d", name, child.pid)
        try:
            status = await child.wait()
        finally:
            self._running.discard(child)
        if status:
            _log.warning("%s %s (exit status %d)", name, _MEANINGS.get(status, "died"), status)
        else:
            _log.info("%s done", name)
        return status


def _tell(child: asyncio.subprocess.Process, number: signal.Signals) -> None:
    if child.returncode is None:
        child.send_signal(number)
