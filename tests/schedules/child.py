"""Stands in for `promowatch` where a test needs a child that does as it is told.

Called as `child.py FOLDER COMMAND ARGUMENT...`; writes its arguments to FOLDER/calls, one call a
line, as JSON, and tells the process that reads FOLDER/started (a named pipe) that it runs. What
it does then is its second argument: `exit-N` ends with status N; `until-told` waits for SIGINT;
`stubborn` ignores it; `scan-until-told` begins a scan in the storage and finishes it on SIGUSR1;
`quick-N` leaves a finished scan.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from storage import Store


def main() -> int:
    folder, command, *arguments = sys.argv[1:]
    what = arguments[0]
    if what == "stubborn":
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    with (Path(folder) / "calls").open("a") as calls:
        calls.write(json.dumps([command, *arguments]) + "\n")
    if what in ("until-told", "stubborn"):
        try:
            with (Path(folder) / "started").open("w") as started:
                started.write(f"{os.getpid()}\n")
            while True:  # `signal.pause` would sleep through a signal that comes just before it
                time.sleep(0.05)
        except KeyboardInterrupt:
            return 130
    data = Path(arguments[arguments.index("--data") + 1]) if "--data" in arguments else Path()
    if what.startswith("quick"):
        scan(data, what)
    if what == "scan-until-told":
        scan_until_told(Path(folder), data)
    return int(what.removeprefix("exit-")) if what.startswith("exit-") else 0


def scan(data: Path, name: str) -> None:
    with Store.open(data) as store:
        number = store.begin_scan(name, name, started_at=datetime.now(UTC))
        store.finish_scan(number, state="finished", finished_at=datetime.now(UTC))


def scan_until_told(folder: Path, data: Path) -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    with Store.open(data) as store:
        scan = store.begin_scan("scan-until-told", "Told", started_at=datetime.now(UTC))
        with (folder / "started").open("w") as started:
            started.write(f"{os.getpid()}\n")
        signal.sigwait([signal.SIGUSR1])
        store.finish_scan(scan, state="finished", finished_at=datetime.now(UTC))


if __name__ == "__main__":
    sys.exit(main())
