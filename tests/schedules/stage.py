"""Real scheduler processes on a data folder, for the tests that kill them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from schedules import still_runs
from storage import RunRecord, Store

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
        for run in self.store.schedule.runs(limit=100):
            if still_runs(run.pid, run.process_started):  # a scan outlives its scheduler
                os.kill(run.pid, signal.SIGKILL)
        self.store.close()
