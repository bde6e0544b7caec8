"""The crawl's end of the worker process: started when needed, replaced when it hangs or dies."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process

import msgspec

from core.errors import PromowatchError, Unreadable
from core.target import Limits
from crawler.extractors import TextLine, WordsUnavailable
from crawler.framing import exchanged, framed, worker_environment
from crawler.words.protocol import Asked, Reply

PICTURE_SECONDS = 15.0
"""A banner takes 0.1 to 0.5 s, a long poster in eight tiles 3 s (benchmarks/ocr.py)."""
START_SECONDS = 60.0


class WorkerBroke(PromowatchError):
    """The worker hung (`hung`) or died over a picture; the next picture gets a new worker."""

    def __init__(self, message: str, *, hung: bool = False) -> None:
        super().__init__(message)
        self.hung = hung


class WorkerProcess:
    """Reads one picture at a time in a process of its own. To be used from one event loop."""

    def __init__(
        self,
        limits: Limits,
        *,
        picture_seconds: float = PICTURE_SECONDS,
        start_seconds: float = START_SECONDS,
    ) -> None:
        self._limits = limits
        self._picture_seconds = picture_seconds
        self._start_seconds = start_seconds
        self._process: Process | None = None

    @property
    def pid(self) -> int | None:
        """Process id of the worker that is running, if any."""
        return self._process.pid if self._process is not None else None

    async def start(self) -> None:
        """Have a worker that is ready to read. Raises WordsUnavailable when there can be none."""
        if self._process is not None and self._process.returncode is None:
            return
        await self.close()
        try:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "crawler.words.worker",
                stdin=PIPE, stdout=PIPE, stderr=DEVNULL,
                env=worker_environment(),
                start_new_session=True,  # Ctrl-C is for the crawl, which then ends the worker
            )  # fmt: skip
        except OSError as error:
            raise WordsUnavailable(f"the reader of words could not be started: {error}") from error
        try:
            reply = await self._reply(self._process, self._start_seconds)
        except WorkerBroke as error:
            raise WordsUnavailable(f"the reader of words did not start: {error.message}") from error
        if reply.error:
            await self.close()
            raise WordsUnavailable(reply.error)

    async def read(self, body: bytes, media_type: str = "") -> tuple[TextLine, ...]:
        """Lines of text in the picture `body`.

        Raises core.Unreadable when it cannot be decoded, WorkerBroke when the worker hung or died
        over it, WordsUnavailable when no worker can be started.
        """
        await self.start()
        assert self._process is not None  # noqa: S101  (started above)
        asked = framed(Asked(body, media_type, self._limits))
        reply = await self._reply(self._process, self._picture_seconds, asked)
        if reply.error:
            raise Unreadable(reply.error)
        return reply.lines

    async def close(self) -> None:
        """End the worker, whatever it is doing."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        await process.wait()
        if process.stdin is not None:
            process.stdin.close()

    async def _reply(self, process: Process, seconds: float, asked: bytes = b"") -> Reply:
        try:
            async with asyncio.timeout(seconds):
                return await _exchange(process, asked)
        except TimeoutError as error:
            await self.close()
            raise WorkerBroke(f"no answer within {seconds:g} s", hung=True) from error
        except (OSError, EOFError, ValueError, msgspec.MsgspecError) as error:
            await self.close()
            raise WorkerBroke(f"the worker died ({type(error).__name__})") from error
        except asyncio.CancelledError:
            await self.close()  # half an answer may be in the pipe
            raise


async def _exchange(process: Process, asked: bytes) -> Reply:
    return msgspec.msgpack.decode(await exchanged(process, asked), type=Reply)
