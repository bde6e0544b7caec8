"""What the crawl and its worker process say to each other: MessagePack behind a length.

Every message is 4 bytes of length (big endian), then that many bytes. The worker speaks first: a
Reply without lines once its reader is there, or with the reason why it cannot be.
"""

from __future__ import annotations

import struct

import msgspec

from core.target import Limits
from crawler.extractors import TextLine

LENGTH = struct.Struct(">I")
MAX_REPLY_BYTES = 4 * 1024 * 1024
"""200 lines of 300 characters are far below; a worker taken over by a picture may send more."""


class Asked(msgspec.Struct, frozen=True):
    """One picture to be read."""

    body: bytes
    media_type: str
    limits: Limits


class Reply(msgspec.Struct, frozen=True, omit_defaults=True):
    """The lines of a picture, or why it could not be read."""

    lines: tuple[TextLine, ...] = ()
    error: str = ""


def framed(message: Asked | Reply) -> bytes:
    """`message` as bytes for the pipe."""
    packed = msgspec.msgpack.encode(message)
    return LENGTH.pack(len(packed)) + packed
