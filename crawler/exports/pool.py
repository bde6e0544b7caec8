"""Worker processes on all cores: chunks go in, judgements come out in the same order."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import BinaryIO, Self, TypeVar, cast

import msgspec

from core.errors import PromowatchError
from crawler.exports.protocol import Chunk, Judgement, Ready, Setup
from crawler.framing import framed, next_frame, worker_environment

Answer = TypeVar("Answer", bound=msgspec.Struct)

_WAITING = 2
"""Chunks that wait for each worker: it never idles, and memory stays small."""


MOST_WORKERS = 8
"""Each takes 110 MB; a few more of them, and reading the file is what holds a scan up."""


def workers_here() -> int:
    """How many workers keep the cores busy that this process may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(MOST_WORKERS, cores or 1)


class JudgePool:
    """`count` workers. A context manager; at its end the workers are gone, whatever they did."""

    def __init__(self, setup: Setup, count: int) -> None:
        self._setup = framed(setup)
        self._count = self._expected = count
        self._counting = threading.Lock()
        self._workers: list[subprocess.Popen[bytes]] = []
        self._own = threading.local()
        self._threads = ThreadPoolExecutor(count, "judge", initializer=self._start)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for worker in self._workers:
            worker.kill()
        self._threads.shutdown(cancel_futures=True)
        for worker in self._workers:
            worker.communicate()

    def judged(self, chunks: Iterator[tuple[Chunk, Answer]]) -> Iterator[tuple[Judgement, Answer]]:
        """The judgement of each chunk with what came with it, in order.

        Raises PromowatchError when a worker cannot begin or ends on its way.
        """
        running: deque[tuple[Future[Judgement], Answer]] = deque()
        for chunk, beside in chunks:
            running.append((self._threads.submit(self._judge, chunk), beside))
            if len(running) > self._count * (1 + _WAITING):
                future, waiting = running.popleft()
                yield future.result(), waiting
        while running:
            future, waiting = running.popleft()
            yield future.result(), waiting

    def _start(self) -> None:
        """In each thread: its own worker. It is told what it judges by with the first chunk, so
        that all begin at once."""
        worker = subprocess.Popen(
            [sys.executable, "-m", "crawler.exports.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=worker_environment(),
        )
        self._workers.append(worker)
        self._own.worker = worker
        self._own.ready = False

    def _judge(self, chunk: Chunk) -> Judgement:
        if not self._own.ready:
            ready = self._asked(self._setup, Ready)
            if ready.error:
                raise PromowatchError(ready.error)
            self._own.ready = True
            self._release_setup()
        return self._asked(framed(chunk), Judgement)

    def _release_setup(self) -> None:
        """With the fingerprints of a large export it is the largest thing here."""
        with self._counting:
            self._expected -= 1
            if not self._expected:
                self._setup = b""

    def _asked(self, message: bytes, kind: type[Answer]) -> Answer:
        worker: subprocess.Popen[bytes] = self._own.worker
        if worker.stdin is None or worker.stdout is None:
            raise PromowatchError("a worker was started without pipes")
        try:
            worker.stdin.write(message)
            worker.stdin.flush()
            packed = next_frame(cast("BinaryIO", worker.stdout))
        except OSError:
            packed = None
        if packed is None:
            raise PromowatchError(
                f"a process that judges entries ended by itself (status {worker.wait()})",
                hint="run the same command again: it goes on where it was",
            )
        return msgspec.msgpack.decode(packed, type=kind)
