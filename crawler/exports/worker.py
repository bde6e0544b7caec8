"""The worker processes that judge rows: `python -m crawler.exports.worker IN,OUT...`.

One process takes a Setup on standard input, loads what rows are judged by, forks a worker for each
pair of file descriptors, so that what was loaded is in memory once, and says that it is ready. A
worker takes Chunks from the first of them and answers on the second until its input ends: none
outlives the scan. The first process ends when all of them have, or the first one with an error.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import traceback
from typing import BinaryIO

import msgspec

from core.errors import PromowatchError, StorageError
from crawler.exports.judge import Judge
from crawler.exports.protocol import Chunk, Judgement, Ready, Setup
from crawler.framing import framed, next_frame

Pair = tuple[int, int]


def main() -> int:
    """Status 1 when it could not begin; that of a worker that failed, 128 and the number of the
    signal where one ended it; 0 otherwise."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the scan, which ends its workers
    pairs = [_pair(named) for named in sys.argv[1:]]
    target = sys.stdout.buffer
    sys.stdout = sys.stderr  # nothing a library prints may get between the messages
    packed = next_frame(sys.stdin.buffer)
    if packed is None:
        return 1
    try:
        judge = Judge(msgspec.msgpack.decode(packed, type=Setup))
    except PromowatchError as error:
        _send(target, Ready(str(error)))
        return 1
    del packed
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)  # rows form no cycles; what was loaded stays
    workers = []
    for pair in pairs:
        workers.append(os.fork())
        if not workers[-1]:
            os._exit(_worked(judge, pair, pairs))
    for pair in pairs:
        _close(pair)
    _send(target, Ready(workers=tuple(workers)))
    return _first_failure(len(pairs))


def _pair(named: str) -> Pair:
    source, target = map(int, named.split(","))
    return source, target


def _worked(judge: Judge, own: Pair, pairs: list[Pair]) -> int:
    """The whole life of a worker; its exit status."""
    try:
        for pair in pairs:
            if pair is not own:  # else it would keep the others' pipes open
                _close(pair)
        chunks = msgspec.msgpack.Decoder(Chunk)
        with os.fdopen(own[0], "rb") as source, os.fdopen(own[1], "wb") as target:
            while (packed := next_frame(source)) is not None:
                _send(target, _judged(judge, chunks.decode(packed)))
    except BaseException:  # noqa: BLE001  (a fork must not go on as what it was forked from)
        traceback.print_exc()
        return 1
    return 0


def _judged(judge: Judge, chunk: Chunk) -> Judgement:
    try:
        return judge.judge(chunk)
    except StorageError as error:
        return Judgement(failure=str(error))


def _first_failure(count: int) -> int:
    """Wait for the workers, but for no other one once one of them failed."""
    for _ in range(count):
        status = os.waitstatus_to_exitcode(os.wait()[1])
        if status:
            return status if status > 0 else 128 - status
    return 0


def _close(pair: Pair) -> None:
    for one in pair:
        os.close(one)


def _send(target: BinaryIO, message: msgspec.Struct) -> None:
    target.write(framed(message))
    target.flush()


if __name__ == "__main__":
    ended = main()
    sys.stderr.flush()
    os._exit(ended)  # where the interpreter ends in order, zxing-cpp tells of leaks of its own
