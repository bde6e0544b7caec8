"""A process of its own that appends to a ledger: `appending.py FOLDER NAME ENTRIES [die]`.

With `die` it is killed by itself in the middle of its last write, as a crash would.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from storage import Ledger, LedgerNote, ledger
from tests.storage.samples import at


def notes(name: str, count: int) -> list[LedgerNote]:
    return [
        LedgerNote(kind="decision", subject=f"{name}-{n}", at=at(), sha256=f"{n:064x}")
        for n in range(count)
    ]


def die_in_the_middle() -> None:
    """The next write puts half of its bytes into the file; then the process is gone."""
    inner = ledger._write_whole

    def torn(file: object, data: bytes) -> None:
        inner(file, data[: len(data) - 40])  # type: ignore[arg-type]
        os.kill(os.getpid(), signal.SIGKILL)

    ledger._write_whole = torn


def main(folder: str, name: str, count: str, *how: str) -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    if how == ("die",):
        die_in_the_middle()
        Ledger(Path(folder)).append(notes(name, int(count)))
    for note in notes(name, int(count)):
        Ledger(Path(folder)).append([note])


if __name__ == "__main__":
    main(*sys.argv[1:])
