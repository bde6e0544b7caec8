"""Waiting for a database server that was restarted, so that a scan survives it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from storage.failures import ServerGone

T = TypeVar("T")
PATIENCE_SECONDS = 120.0
_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 5.0


def patiently(work: Callable[[], T], *, patience_seconds: float = PATIENCE_SECONDS) -> T:
    """What `work` gives, tried again while the database server does not answer.

    `work` is one transaction that may be done twice: an answer can be lost after its commit.
    Blocks, so a crawl calls it from a thread. Raises ServerGone (a StorageError) when the server
    stays away, and at once every other error.
    """
    deadline = time.monotonic() + patience_seconds
    pause = _FIRST_PAUSE
    while True:
        try:
            return work()
        except ServerGone:
            if time.monotonic() + pause > deadline:
                raise
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
