"""The queue before the worker: who is read next, from memory or anew, and what was left out."""

from __future__ import annotations

import asyncio
import hashlib
import heapq
from collections import Counter, OrderedDict
from collections.abc import Callable
from itertools import count as numbers_from_0
from pathlib import Path
from typing import NamedTuple

import msgspec

from core.errors import Unreadable
from core.gap import Gap, GapKind
from core.target import Limits
from core.text import one_line
from crawler.extractors import (
    HOW_TO_INSTALL,
    TextLine,
    WordsUnavailable,
    is_installed,
    picture_size,
    reader_version,
)
from crawler.frontier import Earlier, count, remember
from crawler.words.memo import WordMemo
from crawler.words.suspicion import Clues, suspicion
from crawler.words.worker_process import WorkerBroke, WorkerProcess

_REMEMBERED = 5_000
_SHARES = ((6, 1.0), (3, 0.8), (1, 0.4))
"""Least suspicion, and how much of the budget may be spent before such a picture is left out: pages
arrive one by one, so part of the budget waits for what may still come."""
_WAITING_BYTES = 64 * 1024 * 1024
_TOO_MANY = "too many pictures waited at once"
_NOT_INSTALLED = f"the extra `ocr` is not installed; {HOW_TO_INSTALL}"


class Words(msgspec.Struct, frozen=True):
    """What a picture says. `missed` says why it was not read although it should have been, and
    makes the page's verdict degraded; `gap` is there for the one who asked first. `left_out` is the
    reason under which it is counted at the end of the scan."""

    lines: tuple[TextLine, ...] = ()
    missed: str = ""
    gap: Gap | None = None
    left_out: str = ""


class _Job(NamedTuple):
    """A picture that waits; the smallest is read next."""

    order: tuple[int, int]
    body: bytes
    media_type: str
    subject: str
    sha256: str
    done: asyncio.Future[Words]


class WordReader:
    """Reads words in pictures for one scan: one at a time, the most suspicious of those that wait
    first, within `limits.words_seconds`. To be used from one event loop.

    `stopping` tells that the scan was told to end: what still waits is then left out.
    """

    def __init__(
        self,
        limits: Limits,
        memo: WordMemo,
        *,
        stopping: Callable[[], bool],
        worker: WorkerProcess | None = None,
    ) -> None:
        self._limits = limits
        self._memo = memo
        self._stopping = stopping
        self._worker = worker or WorkerProcess(limits)
        self._unavailable = "" if is_installed() else _NOT_INSTALLED
        self._seen: OrderedDict[str, asyncio.Future[Words]] = OrderedDict()
        self._waiting: list[_Job] = []
        self._numbers = numbers_from_0()
        self._draining: asyncio.Task[None] | None = None
        self._spent = 0.0
        self._closed = False
        self._left_out: Counter[str] = Counter()

    @property
    def waiting(self) -> int:
        """How many pictures wait for their turn."""
        return len(self._waiting)

    async def read(self, body: bytes, media_type: str, subject: str, clues: Clues) -> Words:
        """The words of a picture, unless it is an icon. Waits for its turn. Never raises."""
        if self._limits.words_seconds <= 0:
            return Words()
        size, sha256 = await asyncio.to_thread(self._looked_at, body)
        asks = suspicion(clues, size)
        if asks == 0:
            return Words()
        seen = self._seen.get(sha256)
        if seen is not None:
            return msgspec.structs.replace(await asyncio.shield(seen), gap=None)
        known = self._memo.get(sha256)
        if known is not None:
            return Words(known)
        done = self._remember(sha256)
        order = (-asks, next(self._numbers))
        heapq.heappush(self._waiting, _Job(order, body, media_type, subject, sha256, done))
        self._shed()
        if self._closed:
            self._end_waiting()
        elif self._draining is None or self._draining.done():
            self._draining = asyncio.create_task(self._drain())
        words = await asyncio.shield(done)
        if not (words.missed and self._stopping()):  # else the page is looked at anew
            if words.left_out:
                count("words_left_out", words.left_out)
            remember("words_seconds", self._spent)
        return msgspec.structs.replace(words, left_out="") if words.left_out else words

    def recall(self, earlier: Earlier) -> None:
        """Know again what was read and left out before the scan was cut off."""
        for why, times in earlier.of("words_left_out"):
            self._left_out[why] += times
        self._spent = max((spent for (spent,) in earlier.of("words_seconds")), default=self._spent)

    def closing_gaps(self) -> list[Gap]:
        """One gap for each reason for which words were not read, with the number of pictures."""
        gaps = [
            Gap(GapKind.WORDS_NOT_READ, "pictures", f"words in {pictures} not read: {why}")
            for why, number in self._left_out.items()
            if (pictures := "1 picture" if number == 1 else f"{number} pictures")
        ]
        if self._memo.trouble:
            gaps.append(Gap(GapKind.INTERNAL_ERROR, "pictures", self._memo.trouble))
        return gaps

    async def close(self) -> None:
        """End the worker; whoever still waits is told that the scan has ended."""
        self._closed = True
        if self._draining is not None and not self._draining.done():
            self._draining.cancel()
            await asyncio.wait([self._draining])
        self._end_waiting()
        await self._worker.close()
        self._memo.close()

    def _end_waiting(self) -> None:
        for job in self._waiting:
            job.done.set_result(_ENDED)
        self._waiting.clear()

    def _looked_at(self, body: bytes) -> tuple[tuple[int, int] | None, str]:
        return picture_size(body, self._limits), hashlib.sha256(body).hexdigest()

    def _remember(self, sha256: str) -> asyncio.Future[Words]:
        done: asyncio.Future[Words] = asyncio.get_running_loop().create_future()
        self._seen[sha256] = done
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return done

    def _shed(self) -> None:
        """Leave out the least suspicious of what waits, as long as that is too much to hold."""
        while sum(len(job.body) for job in self._waiting) > _WAITING_BYTES:
            least = max(self._waiting)
            self._waiting.remove(least)
            heapq.heapify(self._waiting)
            self._left_out[_TOO_MANY] += 1
            missed = f"words not read: {_TOO_MANY}"
            least.done.set_result(Words(missed=missed, left_out=_TOO_MANY))

    async def _drain(self) -> None:
        while self._waiting:
            job = heapq.heappop(self._waiting)
            words = _ENDED
            try:
                words = await self._words(job)
            except Exception as error:  # noqa: BLE001  (whoever waits must get an answer)
                words = _missed(GapKind.INTERNAL_ERROR, job, one_line(repr(error), 300))
            finally:
                job.done.set_result(words)

    async def _words(self, job: _Job) -> Words:
        why = self._reason_to_leave_out(-job.order[0])
        if why:
            self._left_out[why] += 1
            missed = "" if why == _NOT_INSTALLED else f"words not read: {why}"
            return Words(missed=missed, left_out=why)
        loop = asyncio.get_running_loop()
        begun = loop.time()
        try:
            lines = await self._worker.read(job.body, job.media_type)
        except WordsUnavailable as error:
            self._unavailable = str(error)
            return await self._words(job)
        except WorkerBroke as error:
            kind = GapKind.TIMEOUT if error.hung else GapKind.PICTURE_UNREADABLE
            return _missed(kind, job, f"words not read: {error}")
        except Unreadable as error:
            return _missed(GapKind.PICTURE_UNREADABLE, job, f"words not read: {error}")
        finally:
            self._spent += loop.time() - begun
        self._memo.put(job.sha256, lines)
        return Words(lines)

    def _reason_to_leave_out(self, asks: int) -> str:
        if self._unavailable:
            return self._unavailable
        if self._stopping():
            return "the scan was told to end"
        budget = self._limits.words_seconds
        share = next(share for least, share in _SHARES if asks >= least)
        if self._spent >= budget * share:
            return f"limits.words_seconds ({budget:g}) reached"
        return ""


_ENDED = Words(missed="words not read: the scan ended")


def _missed(kind: GapKind, job: _Job, reason: str) -> Words:
    return Words(missed=reason, gap=Gap(kind, job.subject, reason))


def word_reader(limits: Limits, data: Path | None, stopping: Callable[[], bool]) -> WordReader:
    """The reader of a scan, with what earlier scans into the folder `data` have read."""
    wanted = limits.words_seconds > 0 and is_installed()
    memo = WordMemo(data if wanted else None, reader_version())
    return WordReader(limits, memo, stopping=stopping)
