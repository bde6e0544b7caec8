"""How the crawl and its worker processes talk: every message is 4 bytes of length (big endian),
then that many bytes of MessagePack."""

from __future__ import annotations

import os
import struct
from asyncio.subprocess import Process
from pathlib import Path
from typing import BinaryIO

import msgspec

MAX_REPLY_BYTES = 4 * 1024 * 1024
"""Far above any answer; a worker taken over by a hostile picture may send more."""

_ROOT = Path(__file__).resolve().parents[1]
_LENGTH = struct.Struct(">I")


def worker_environment() -> dict[str, str]:
    """The environment in which a worker runs this very code, wherever the crawl was started."""
    path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path}


def framed(message: msgspec.Struct) -> bytes:
    """`message` as bytes for the pipe."""
    packed = msgspec.msgpack.encode(message)
    return _LENGTH.pack(len(packed)) + packed


def next_frame(source: BinaryIO) -> bytes | None:
    """The next message from `source`, still packed; None when it has ended."""
    head = source.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    body = source.read(length)
    return body if len(body) == length else None


async def exchanged(
    process: Process, asked: bytes = b"", most_bytes: int = MAX_REPLY_BYTES
) -> bytes:
    """The packed answer of `process`, after it was told `asked`.

    Raises EOFError or OSError when it ends, ValueError when its answer has more than `most_bytes`.
    """
    if process.stdin is None or process.stdout is None:
        raise EOFError("the worker was started without pipes")
    if asked:
        process.stdin.write(asked)
        await process.stdin.drain()
    (length,) = _LENGTH.unpack(await process.stdout.readexactly(_LENGTH.size))
    if length > most_bytes:
        raise ValueError(f"a reply of {length} bytes")
    return await process.stdout.readexactly(length)
