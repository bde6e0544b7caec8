"""The crawl's end of the process that reads packages: started when needed, replaced when it hangs
or dies."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from asyncio.subprocess import PIPE, Process

import msgspec

from core.capture import Capture
from core.gap import Gap, GapKind
from core.target import Limits
from crawler.extractors import Extraction
from crawler.extractors.packages import PackageName, PackageWords, unread_package
from crawler.framing import exchanged, framed, worker_environment
from crawler.package_process import PackageTask

MOST_ANSWER_BYTES = 256 * 1024 * 1024
"""Far above any answer: 64 MB of pictures and some megabytes of text."""


class PackageReader:
    """Reads one package at a time in a process of its own. To be used from one event loop."""

    def __init__(self, limits: Limits, words: PackageWords) -> None:
        self._limits = limits
        self._words = words
        self._process: Process | None = None
        self._turn = asyncio.Lock()

    async def read(self, capture: Capture, known: PackageName) -> Extraction:
        """All that a package says; a reader that hangs or dies is a gap."""
        task = PackageTask(capture.final_url, capture.body, known, self._words)
        async with self._turn:
            try:
                async with asyncio.timeout(self._limits.package_seconds):
                    return await self._asked(task)
            except TimeoutError:
                await self._end()
                reason = (
                    f"not read within limits.package_seconds ({self._limits.package_seconds:g})"
                )
                gap = Gap(GapKind.TIMEOUT, known.name, reason)
            except (OSError, EOFError, ValueError, msgspec.MsgspecError) as error:
                await self._end()
                reason = f"the reader of packages ended ({type(error).__name__})"
                gap = Gap(GapKind.READER_FAILED, known.name, reason)
            except BaseException:
                await self._end()  # an answer that nobody waits for would be taken for the next
                raise
        return unread_package(capture, known, gap)

    async def _asked(self, task: PackageTask) -> Extraction:
        process = self._process
        if process is None or process.returncode is not None:
            process = self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "crawler.package_process",
                stdin=PIPE,
                stdout=PIPE,
                env=worker_environment(),
            )
        answer = await exchanged(process, framed(task), MOST_ANSWER_BYTES)
        return msgspec.msgpack.decode(answer, type=Extraction)

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def close(self) -> None:
        """End the process."""
        await self._end()
