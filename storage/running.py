"""Which scans are running: a lock that goes with the process, however that ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from core import BadInput
from storage.failures import file_error

_FOLDER = "running"


class RunningScan:
    """A lock on a scan of a data folder, held by the process that runs it."""

    def __init__(self, data_folder: Path, scan_id: int) -> None:
        """Take the lock. Raises BadInput where another process has it, StorageError."""
        self._path = data_folder / _FOLDER / f"scan-{scan_id}"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = _locked(self._path)
        except OSError as error:
            raise file_error("the lock of the scan", self._path, error) from error
        if file is None:
            raise BadInput(
                f"scan {scan_id} is still running", hint="wait for its end, or stop it with Ctrl-C"
            )
        self._file = file

    def release(self) -> None:
        """Give the lock back."""
        self._path.unlink(missing_ok=True)
        os.close(self._file)


def is_running(data_folder: Path, scan_id: int) -> bool:
    """Whether a process runs that scan now. Raises StorageError."""
    try:
        RunningScan(data_folder, scan_id).release()
    except BadInput:
        return True
    return False


def _locked(path: Path) -> int | None:
    """The file at `path`, locked; None where another process has it."""
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return None
        if path.exists() and os.path.samestat(os.fstat(file), path.stat()):
            return file
        os.close(file)  # whoever had it has just removed the file
