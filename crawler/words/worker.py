"""The worker process: reads pictures from standard input, writes lines to standard output.

    python -m crawler.words.worker

Ends when its input ends, so it does not outlive the crawl. It decodes hostile bytes in a large
native library, and therefore may not use the network and may not allocate without end.
"""

from __future__ import annotations

import resource
import sys
from typing import BinaryIO

import msgspec

from core.errors import Unreadable
from core.text import one_line
from crawler.extractors import WordsUnavailable, load_engine, read_lines
from crawler.framing import framed, next_frame
from crawler.words.protocol import Asked, Reply

_MEMORY_BYTES = 4 * 1024**3
"""Address space: 0.8 GB are taken once the models are loaded (0.3 GB of them resident), 1.1 GB
after a poster of 1,080 x 30,000 pixels."""
_NETWORK = frozenset({"socket.connect", "socket.getaddrinfo", "socket.bind", "socket.sendto"})


def main() -> int:
    """Answers until the input ends; status 1 when the reader or its models are missing."""
    sys.addaudithook(_refuse_network)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    source, target = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # nothing a library prints may get between the messages
    try:
        load_engine()
    except WordsUnavailable as error:
        _send(target, Reply(error=str(error)))
        return 1
    _send(target, Reply())
    while (asked := _next(source)) is not None:
        _send(target, _read(asked))
    return 0


def _refuse_network(event: str, _: tuple[object, ...]) -> None:
    if event in _NETWORK:
        raise PermissionError(f"the reader of words may not use the network ({event})")


def _next(source: BinaryIO) -> Asked | None:
    packed = next_frame(source)
    return None if packed is None else msgspec.msgpack.decode(packed, type=Asked)


def _read(asked: Asked) -> Reply:
    try:
        return Reply(lines=read_lines(asked.body, asked.limits, asked.media_type))
    except Unreadable as error:
        return Reply(error=str(error))
    except Exception as error:  # noqa: BLE001  (what a library raises on a picture is that one's)
        return Reply(error=one_line(f"the reader failed: {type(error).__name__}: {error}"))


def _send(target: BinaryIO, reply: Reply) -> None:
    target.write(framed(reply))
    target.flush()


if __name__ == "__main__":
    sys.exit(main())
