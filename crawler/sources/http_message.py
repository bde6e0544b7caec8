"""An HTTP response as an archive keeps it: status, headers and a body to be decoded in bounds."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator

import brotli  # type: ignore[import-untyped]
import msgspec

from core.errors import Unreadable

MAX_HEAD_BYTES = 256 * 1024

_STATUS_LINE = re.compile(rb"^HTTP/\d(?:\.\d)?[ \t]+(\d{3})")
_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]{0,1000})?\r?\n")
_PIECE = 4 * 1024
"""Bytes decoded in one step; deflate grows at most 1,032 times."""


class HttpMessage(msgspec.Struct, frozen=True):
    """`headers` in order, names in lower case; `body` still coded as it was sent."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """First value of header `name` (lower case), or ""."""
        return next((value for key, value in self.headers if key == name), "")


class TooMuch(Unreadable):
    """A coded body grows beyond the bound."""


def parse_response(data: bytes) -> HttpMessage | None:
    """The response in `data` (status line, headers, blank line, body), or None if it is none."""
    status = _STATUS_LINE.match(data)
    if status is None:
        return None
    end = re.compile(rb"\r?\n\r?\n").search(data, 0, MAX_HEAD_BYTES)
    head = data[: end.start()] if end else data[:MAX_HEAD_BYTES]
    body = data[end.end() :] if end else b""
    return HttpMessage(int(status[1]), tuple(parse_headers(head.partition(b"\n")[2])), body)


def parse_headers(head: bytes) -> Iterator[tuple[str, str]]:
    """(name in lower case, value) of each header line; continued lines are joined."""
    unfolded = re.sub(rb"\r?\n[ \t]+", b" ", head)
    for line in unfolded.split(b"\n"):
        name, colon, value = line.partition(b":")
        if colon and name.strip():
            yield _text(name).strip().lower(), _text(value).strip()


def decoded_body(message: HttpMessage, max_bytes: int) -> bytes:
    """The body without transfer and content coding, at most `max_bytes`.

    Many archivers store the decoded body under the headers of the coded one, so a coding whose
    marks are missing counts as undone already. Raises TooMuch beyond `max_bytes`, Unreadable
    where the coding is unknown here or damaged from its first byte; of a body that is damaged
    further on, what can be decoded is kept.
    """
    body = message.body
    if "chunked" in message.header("transfer-encoding").lower():
        body = _unchunked(body)
    codings = [c.strip() for c in message.header("content-encoding").lower().split(",")]
    for coding in reversed([c for c in codings if c and c != "identity"][:3]):
        decode = _DECODERS.get(coding)
        if decode is None:
            raise Unreadable(f"content coding `{coding[:30]}` is not read")
        body = decode(body, max_bytes)
    if len(body) > max_bytes:
        raise TooMuch(f"the body is larger than {max_bytes} bytes")
    return body


def _unchunked(body: bytes) -> bytes:
    """`body` without chunk sizes; as it is when it does not begin with one."""
    parts: list[bytes] = []
    position = 0
    while size := _CHUNK_SIZE.match(body, position):
        length = int(size[1], 16)
        if length == 0:
            return b"".join(parts)
        parts.append(body[size.end() : size.end() + length])
        position = size.end() + length
        if body.startswith(b"\r\n", position):
            position += 2
        elif body.startswith(b"\n", position):
            position += 1
    return b"".join(parts) if parts else body


def _gunzip(body: bytes, max_bytes: int) -> bytes:
    if not body.startswith(b"\x1f\x8b"):
        return body
    return _joined(_inflated(body, 16 + zlib.MAX_WBITS), max_bytes)


def _undeflate(body: bytes, max_bytes: int) -> bytes:
    """Deflate with its zlib head, as the standard says, or without, as some servers send it."""
    for window in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
        decoded = _joined(_inflated(body, window), max_bytes, damaged=b"")
        if decoded:
            return decoded
    return body


def _unbrotli(body: bytes, max_bytes: int) -> bytes:
    if body.lstrip()[:1] == b"<":
        return body
    return _joined(_unbrotlied(body), max_bytes)


def _inflated(body: bytes, window: int) -> Iterator[bytes]:
    decoder = zlib.decompressobj(window)
    for start in range(0, len(body), _PIECE):
        yield decoder.decompress(body[start : start + _PIECE])


def _unbrotlied(body: bytes) -> Iterator[bytes]:
    decoder = brotli.Decompressor()
    for start in range(0, len(body), _PIECE):
        yield decoder.process(body[start : start + _PIECE], output_buffer_limit=16 * _PIECE)
        while not decoder.can_accept_more_data():
            yield decoder.process(b"", output_buffer_limit=16 * _PIECE)


def _joined(pieces: Iterator[bytes], max_bytes: int, damaged: bytes | None = None) -> bytes:
    """`pieces` up to the first damage; `damaged` (or Unreadable) if there is none before it."""
    parts: list[bytes] = []
    size = 0
    try:
        for piece in pieces:
            parts.append(piece)
            size += len(piece)
            if size > max_bytes:
                raise TooMuch(f"the body decompresses to more than {max_bytes} bytes")
    except (zlib.error, brotli.error) as error:
        if not size and damaged is None:
            raise Unreadable("the compressed body is damaged") from error
    return b"".join(parts) or damaged or b""


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _undeflate,
    "br": _unbrotli,
}


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")
