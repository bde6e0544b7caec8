"""Runs a command and ends it when whoever started it gives no sign of life any more.

`python leash.py SILENT GRACE COMMAND...`: standard input is the leash. A `.` on it is a sign of
life, a `q` asks the command to end (SIGINT). At its end, and after SILENT seconds without a sign,
the command is asked to end, and GRACE seconds later its whole session is killed. So nothing goes on
fetching for a worker that was killed, hangs, or has lost the database, and whose job another worker
takes up. The exit status is the command's, 128 + N for signal N.

A program of its own, so that it starts in milliseconds: standard library only.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading


def main() -> int:
    """Run the command to its end."""
    silent, grace = float(sys.argv[1]), float(sys.argv[2])
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _outlive)  # a handler, unlike SIG_IGN, does not reach the command
    child = subprocess.Popen(
        sys.argv[3:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True
    )
    threading.Thread(target=_watch, args=(child, silent, grace), daemon=True).start()
    status = child.wait()
    return status if status >= 0 else 128 - status


def _outlive(_number: int, _frame: object) -> None:
    """Whoever stops a whole group of processes stops the command too, which then ends."""


def _watch(child: subprocess.Popen[bytes], silent: float, grace: float) -> None:
    while select.select([0], [], [], silent)[0]:
        said = os.read(0, 4_096)
        if not said:
            break
        if b"q" in said:
            child.send_signal(signal.SIGINT)
    child.send_signal(signal.SIGINT)
    try:
        child.wait(grace)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
