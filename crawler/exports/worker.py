"""The worker process that judges rows: `python -m crawler.exports.worker`.

It takes a Setup and then Chunks on standard input and answers on standard output. Ends when its
input ends, so it does not outlive the scan.
"""

from __future__ import annotations

import gc
import signal
import sys
from typing import BinaryIO

import msgspec

from core.errors import PromowatchError, StorageError
from crawler.exports.judge import Judge
from crawler.exports.protocol import Chunk, Judgement, Ready, Setup
from crawler.framing import framed, next_frame


def main() -> int:
    """Answers until the input ends; status 1 when it could not begin."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the scan, which ends its workers
    source, target = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # nothing a library prints may get between the messages
    packed = next_frame(source)
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
    _send(target, Ready())
    chunks = msgspec.msgpack.Decoder(Chunk)
    while (packed := next_frame(source)) is not None:
        _send(target, _judged(judge, chunks.decode(packed)))
    return 0


def _judged(judge: Judge, chunk: Chunk) -> Judgement:
    try:
        return judge.judge(chunk)
    except StorageError as error:
        return Judgement(failure=str(error))


def _send(target: BinaryIO, message: msgspec.Struct) -> None:
    target.write(framed(message))
    target.flush()


if __name__ == "__main__":
    sys.exit(main())
