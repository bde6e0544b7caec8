"""A scan as a process on a leash: it ends when its worker does."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

_LEASH = str(Path(__file__).with_name("leash.py"))


class LeashedProcess:
    """A command that goes on only as long as `sign_of_life` is called."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid

    @classmethod
    async def start(
        cls,
        command: Sequence[str],
        *,
        silent_seconds: float,
        grace_seconds: float,
        environment: Mapping[str, str] | None = None,
    ) -> Self:
        """Start `command` with this `environment` beside the program's own.

        After `silent_seconds` without a sign of life it is asked to end, and killed
        `grace_seconds` later. It gets no signals of this program's terminal.
        """
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", _LEASH, str(silent_seconds), str(grace_seconds)),
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, **(environment or {})},
        )
        return cls(process)

    def sign_of_life(self) -> None:
        """The command may go on."""
        self._say(b".")

    def ask_to_end(self) -> None:
        """The command should end, and keep what it has."""
        self._say(b"q")

    def let_go(self) -> None:
        """The command has to end: it is asked, and soon killed."""
        if self._process.stdin is not None:
            self._process.stdin.close()

    async def wait(self) -> int:
        """Its exit status; above 128 for a signal."""
        return await self._process.wait()

    def _say(self, word: bytes) -> None:
        if self._process.stdin is not None and self._process.returncode is None:
            with contextlib.suppress(ConnectionError):
                self._process.stdin.write(word)
