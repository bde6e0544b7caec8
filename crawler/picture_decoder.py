"""The crawl's side of the picture process: tasks go out, answers come back, a process that hangs or
dies is replaced, and one that keeps failing is done without."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from concurrent.futures import ThreadPoolExecutor

import msgspec

from core.errors import Unreadable
from core.target import Limits
from crawler.extractors import PictureTooLarge, decode_picture
from crawler.framing import exchanged, framed, worker_environment
from crawler.picture_process import PdfAnswer, PdfTask, PictureAnswer, PictureTask

MOST_FAILURES = 3
"""Failures in a row after which the rest of the scan is read in a thread, by zxing-cpp alone."""


class PictureDecoder:
    """Reads pictures one after the other; never raises for a picture."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._failures = 0
        self._pdf_failures = 0
        self._threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pictures")

    async def read(
        self, body: bytes, media_type: str, *, thorough: bool, max_bytes: int = 0
    ) -> PictureAnswer:
        """What both readers say of the picture; `failure` is set where zxing-cpp read it alone.

        `max_bytes` takes the place of `limits.max_picture_bytes` where it is larger.
        """
        limits = self._limits
        if max_bytes > limits.max_picture_bytes:
            limits = msgspec.structs.replace(limits, max_picture_bytes=max_bytes)
        given_up = self._failures >= MOST_FAILURES
        if given_up or len(body) > limits.max_picture_bytes:
            return await self._alone(body, media_type, limits, _GIVEN_UP if given_up else "")
        task = PictureTask(body, media_type, limits, thorough)
        async with self._turn:
            try:
                packed = await asyncio.wait_for(self._asked(task), self._limits.picture_seconds)
                answer = msgspec.msgpack.decode(packed, type=PictureAnswer)
            except TimeoutError:
                failure = f"the picture reader gave no answer in {self._limits.picture_seconds:g} s"
            except (OSError, EOFError, ValueError, msgspec.MsgspecError) as error:
                failure = f"the picture reader ended ({type(error).__name__})"
            except BaseException:
                await self._end()  # an answer that nobody waits for would be taken for the next
                raise
            else:
                if not answer.refused:
                    self._failures = 0
                return answer
            self._failures += 1
            await self._end()
        return await self._alone(body, media_type, limits, failure)

    async def read_pdf(self, body: bytes) -> PdfAnswer:
        """What the PDF `body` says; `refused` where that cannot be told. There is no reading it
        without the process."""
        if self._pdf_failures >= MOST_FAILURES:
            return PdfAnswer(refused=_PDF_GIVEN_UP)
        task = PdfTask(body, self._limits)
        async with self._turn:
            try:
                packed = await asyncio.wait_for(self._asked(task), self._limits.pdf_seconds)
                answer = msgspec.msgpack.decode(packed, type=PdfAnswer)
            except TimeoutError:
                refused = f"the PDF was not read within {self._limits.pdf_seconds:g} s"
            except (OSError, EOFError, ValueError, msgspec.MsgspecError) as error:
                refused = f"the process that reads PDFs ended ({type(error).__name__})"
            except BaseException:
                await self._end()
                raise
            else:
                self._pdf_failures = 0
                return answer
            self._pdf_failures += 1
            await self._end()
        return PdfAnswer(refused=refused)

    async def _asked(self, task: PictureTask | PdfTask) -> bytes:
        process = self._process
        if process is None or process.returncode is not None:
            process = self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "crawler.picture_process",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env=worker_environment(),
            )
        return await exchanged(process, framed(task))

    async def _alone(
        self, body: bytes, media_type: str, limits: Limits, failure: str
    ) -> PictureAnswer:
        loop = asyncio.get_running_loop()
        try:
            payloads = await loop.run_in_executor(
                self._threads, decode_picture, body, limits, media_type
            )
        except PictureTooLarge as error:
            return PictureAnswer(refused="too_large", reason=str(error))
        except Unreadable as error:
            return PictureAnswer(refused="unreadable", reason=str(error))
        return PictureAnswer(payloads, failure=failure)

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def close(self) -> None:
        """End process and thread."""
        await self._end()
        self._threads.shutdown(wait=False, cancel_futures=True)


_GIVEN_UP = "the second QR reader failed again and again and is not asked any more in this scan"
_PDF_GIVEN_UP = "PDFs broke their reader again and again and are not read any more in this scan"
