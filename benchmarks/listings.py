"""What an export costs to scan, as a user runs it: `python -m benchmarks.listings`.

For 10,000, 100,000 and 1,000,000 entries (`benchmarks/listing_export.py`) the whole command
`promowatch scan FILE` with a data folder of its own, then once more with the same file, as on the
next day. CPU and peak memory are those of all its processes together. Memory is sampled with psutil
five times a second: `MB` is what they take up (PSS, where the system tells it; pages that two of
them share count once), `RSS` the plain sum. Python keeps its compiled modules, as on a user's
machine, from a scan that is not counted. Every run must find all planted entries and no others;
status 1 when one does not.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import msgspec
import psutil
from sqlalchemy import text

from benchmarks.listing_export import planted_ids, write_export
from storage import Store
from storage.session import reading

ROOT = Path(__file__).parents[1]
SIZES = (10_000, 100_000, 1_000_000)
_SAMPLE_SECONDS = 0.2


class Run(NamedTuple):
    """One run of the command. `found` are the app ids of its candidates."""

    seconds: float
    cpu_seconds: float
    peak_bytes: tuple[int, int]
    labels: dict[str, int]
    found: set[str]


class _Peak(threading.Thread):
    """Watches the memory of a process and its children until it has ended."""

    def __init__(self, process_id: int) -> None:
        super().__init__(daemon=True)
        self._root = psutil.Process(process_id)
        self._ended = threading.Event()
        self.proportional = self.resident = 0

    def run(self) -> None:
        while not self._ended.wait(_SAMPLE_SECONDS):
            proportional, resident = self._now()
            self.proportional = max(self.proportional, proportional)
            self.resident = max(self.resident, resident)

    def _now(self) -> tuple[int, int]:
        proportional = resident = 0
        try:
            processes = [self._root, *self._root.children(recursive=True)]
        except psutil.Error:
            return 0, 0
        for process in processes:
            try:
                taken = process.memory_full_info()
            except psutil.Error:
                continue
            resident += taken.rss
            proportional += getattr(taken, "pss", taken.rss)
        return proportional, resident

    def end(self) -> tuple[int, int]:
        self._ended.set()
        self.join()
        return self.proportional, self.resident


def scanned(export: Path, data: Path) -> Run:
    """One `promowatch scan`, and what is stored afterwards."""
    command = [sys.executable, "-m", "promowatch", "scan", str(export), "--json"]
    environment = {
        **os.environ,
        "PROMOWATCH_DATABASE_URL": "",
        "PROMOWATCH_DATA": str(data),
        "PYTHONPYCACHEPREFIX": str(data.parent / "compiled"),
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryFile() as out:
        before = os.times()
        started = time.monotonic()
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, env=environment)
        peak = _Peak(process.pid)
        peak.start()
        status = process.wait()
        seconds = time.monotonic() - started
        after = os.times()
        if status != 0:
            raise SystemExit(f"the scan ended with status {status}")
        out.seek(0)
        found = {msgspec.json.decode(line)["app_id"] for line in out}
    cpu = sum(after[2:4]) - sum(before[2:4])
    return Run(seconds, cpu, peak.end(), _labels(data), found)


def _labels(data: Path) -> dict[str, int]:
    """The figures of the last scan."""
    with Store.open(data, url="") as store:
        with reading(store.database) as connection:
            last = connection.scalar(text("SELECT max(id) FROM scans"))
        return store.scan_summary(int(last or 0)).labels


def measure(count: int, folder: Path) -> tuple[Run, Run]:
    """The first scan of `count` entries and the second, both told as they end."""
    export, data = folder / f"{count}.jsonl", folder / f"data-{count}"
    write_export(export, count)
    runs = []
    for name in ("first", "again"):
        run = scanned(export, data)
        right = run.found == planted_ids(count)
        print(
            f"{count:>9,} {name}  {run.seconds:7.1f} s  {count / run.seconds:8,.0f} entries/s  "
            f"{1e3 * run.cpu_seconds / count:6.3f} ms CPU an entry  "
            f"{run.peak_bytes[0] / 1e6:4.0f} MB ({run.peak_bytes[1] / 1e6:.0f} RSS)  "
            f"{run.labels}  all planted and no others: {right}  load {os.getloadavg()[0]:.1f}",
            flush=True,
        )
        runs.append((run, right))
    export.unlink()
    if not all(right for _, right in runs):
        raise SystemExit(1)
    return runs[0][0], runs[1][0]


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.listings",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("sizes", type=int, nargs="*", default=SIZES)
    sizes = parser.parse_args().sizes
    with tempfile.TemporaryDirectory() as folder:
        write_export(Path(folder) / "uncounted.jsonl", 100)
        scanned(Path(folder) / "uncounted.jsonl", Path(folder) / "data-uncounted")
        runs = {count: measure(count, Path(folder)) for count in sizes}
    for less, more in pairwise(sizes):
        first, later = runs[less][0], runs[more][0]
        ratio = (more / later.seconds) / (less / first.seconds)
        cpu = (later.cpu_seconds / more) / (first.cpu_seconds / less)
        print(f"{more:,} against {less:,}: entries/s x {ratio:.2f}, CPU an entry x {cpu:.2f}")
    first, again = runs[sizes[-1]]
    print(
        f"{sizes[-1]:,} unchanged: {first.seconds / again.seconds:.1f} times faster, "
        f"{first.cpu_seconds / again.cpu_seconds:.1f} times less CPU"
    )


if __name__ == "__main__":
    main()
