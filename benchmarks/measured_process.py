"""Running a program to its end and saying what it cost."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple


class Measured(NamedTuple):
    """What one run cost. Times in seconds; `ended` is on the monotonic clock of the system."""

    status: int
    started: float
    ended: float
    cpu_seconds: float
    peak_bytes: int

    @property
    def wall_seconds(self) -> float:
        return self.ended - self.started


def run_measured(arguments: list[str], *, folder: Path, output: Path, errors: Path) -> Measured:
    """Run `arguments` in `folder`. CPU and peak memory are the kernel's (wait4), children included.

    The caller should be small: on Linux a program begins with the peak of whoever started it.
    """
    with output.open("wb") as out, errors.open("wb") as err:
        started = time.monotonic()
        process = subprocess.Popen(arguments, cwd=folder, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        ended = time.monotonic()
    process.returncode = os.waitstatus_to_exitcode(status)
    unit = 1 if sys.platform == "darwin" else 1024  # getrusage(2): kilobytes, on macOS bytes
    return Measured(
        process.returncode,
        started,
        ended,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss * unit,
    )
