"""Worker processes on all cores: chunks go in, judgements come out in the same order."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from types import TracebackType
from typing import BinaryIO, NamedTuple, Self, TypeVar, cast

import msgspec

from core.errors import PromowatchError
from crawler.exports.protocol import Chunk, Judgement, Ready, Setup
from crawler.framing import framed, next_frame, worker_environment

Answer = TypeVar("Answer")

_WAITING = 2
"""Chunks that wait for each worker: it never idles, and memory stays small."""


MOST_WORKERS = 8
"""Each takes some 40 MB of its own; a few more, and reading the file is what holds a scan up."""

_END_SECONDS = 5.0
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""NumPy starts threads of its own otherwise, and a process with threads is not to be forked."""


def workers_here() -> int:
    """How many workers keep the cores busy that this process may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(MOST_WORKERS, cores or 1)


class _Pipes(NamedTuple):
    """To one worker and from it."""

    asking: BinaryIO
    answering: BinaryIO


class JudgePool:
    """`count` workers. A context manager; at its end the workers are gone, whatever they did."""

    def __init__(self, setup: Setup, count: int) -> None:
        self._setup = framed(setup)
        self._count = count
        self._beginning = threading.Lock()
        self._workers: tuple[int, ...] = ()
        self._refused: PromowatchError | None = None
        self._pipes: list[_Pipes] = []
        self._free: SimpleQueue[_Pipes] = SimpleQueue()
        self._own = threading.local()
        self._threads = ThreadPoolExecutor(count, "judge", initializer=self._take_a_worker)
        self._first = self._started()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._kill()
        self._threads.shutdown(cancel_futures=True)
        for pipes in self._pipes:
            for end in pipes:
                with contextlib.suppress(OSError):  # a worker that was killed does not take it
                    end.close()
        try:
            self._first.communicate(timeout=_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._kill()
            self._first.communicate()

    def _kill(self) -> None:
        """All of them; the workers first, for their numbers are theirs as long as the first process
        has not seen them end."""
        for worker in self._workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
        self._first.kill()

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

    def _started(self) -> subprocess.Popen[bytes]:
        """The process that becomes the workers; it is told what they judge by with the first chunk,
        and loads its modules until then."""
        theirs: list[tuple[int, int]] = []
        for _ in range(self._count):
            (asked, asking), (answering, answered) = os.pipe(), os.pipe()
            theirs.append((asked, answered))
            pipes = _Pipes(os.fdopen(asking, "wb"), os.fdopen(answering, "rb"))
            self._pipes.append(pipes)
            self._free.put(pipes)
        started = subprocess.Popen(
            [sys.executable, "-m", "crawler.exports.worker", *(f"{a},{b}" for a, b in theirs)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**worker_environment(), **_ONE_THREAD},
            pass_fds=[end for pair in theirs for end in pair],
        )
        for pair in theirs:
            for end in pair:
                os.close(end)
        return started

    def _take_a_worker(self) -> None:
        """In each thread: its own worker."""
        self._own.pipes = self._free.get()

    def _judge(self, chunk: Chunk) -> Judgement:
        with self._beginning:
            if self._refused:
                raise self._refused
            if self._setup:
                self._begin()
        pipes: _Pipes = self._own.pipes
        packed = _asked(pipes.asking, framed(chunk), pipes.answering)
        if packed is None:
            raise self._ended()
        return msgspec.msgpack.decode(packed, type=Judgement)

    def _begin(self) -> None:
        """Tell what is judged by. With the fingerprints of a large export it is the largest thing
        here, so it is not kept."""
        asking = cast("BinaryIO", self._first.stdin)
        packed = _asked(asking, self._setup, cast("BinaryIO", self._first.stdout))
        if packed is None:
            self._refused = self._ended()
            raise self._refused
        ready = msgspec.msgpack.decode(packed, type=Ready)
        if ready.error:
            self._refused = PromowatchError(ready.error)
            raise self._refused
        self._workers = ready.workers
        self._setup = b""

    def _ended(self) -> PromowatchError:
        """What to say of a worker that does not answer any more."""
        status = self._first.wait()
        if status > 128:
            status = 128 - status
        return PromowatchError(
            f"a process that judges entries ended by itself (status {status})",
            hint="run the same command again: it goes on where it was",
        )


def _asked(asking: BinaryIO, message: bytes, answering: BinaryIO) -> bytes | None:
    """The packed answer; None where there is nobody any more."""
    try:
        asking.write(message)
        asking.flush()
        return next_frame(answering)
    except OSError:
        return None
