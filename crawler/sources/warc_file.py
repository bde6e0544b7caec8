"""WARC archives (ISO 28500) of a crawl: pages as captures, pictures for their QR codes.

The records are framed here and not by warcio: its reader holds header lines of any length, ends
at the first damaged record and writes to standard error. warcio writes the archives that the
tests read.
"""

from __future__ import annotations

import io
import re
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from core.capture import Capture, Picture
from core.errors import Unreadable
from core.gap import Gap, GapKind
from core.target import Limits
from core.text import one_line
from core.urls import scheme_of
from crawler.extractors import is_pdf
from crawler.sources.byte_stream import open_bytes
from crawler.sources.entries import absolute, joiner_for
from crawler.sources.http_message import (
    MAX_HEAD_BYTES,
    HttpMessage,
    TooMuch,
    decoded_body,
    parse_headers,
    parse_response,
)

REMEMBERED_BYTES = 64 * 1024 * 1024
"""Bodies kept by payload digest, newest first, for `revisit` records that point back to them."""

_VERSION = re.compile(rb"WARC/[01]\.\d+\s*$")
_MAX_LINE = 64 * 1024
_MAX_URL = 8_000
_READ_TYPES = ("response", "resource", "revisit")
_PAGE_TYPES = (
    "text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml", "application/pdf"
)  # fmt: skip
_UNKNOWN_TYPES = ("", "text/plain", "application/octet-stream", "application/xml", "text/xml")
_UNREAD = re.compile(
    r"application/(?:msword|zip|x-zip|vnd\.(?:ms-|openxmlformats|android)|rtf|epub)"
)
_LOOKS_LIKE_PAGE = re.compile(
    rb"^\s*(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)


class _Record(msgspec.Struct, frozen=True):
    """One record: its headers and block; `cut` when the block was longer than the bound."""

    headers: dict[str, str]
    block: bytes
    cut: bool = False

    @property
    def url(self) -> str:
        return self.headers.get("warc-target-uri", "").strip().strip("<>").replace(" ", "%20")


def read_warc(path: Path, *, limits: Limits | None = None) -> Iterator[Capture | Picture | Gap]:
    """The pages and pictures of an archive, plain or gzipped, in its order.

    `response`, `resource` and `revisit` records of http(s) addresses are read, of any status:
    a redirect is a capture with `leads_to`, an error page a capture with its status. A `revisit`
    gives the body again if its original stands in the same archive. Styles, scripts, fonts,
    media and data are parts of pages and left out; documents of other kinds (office,
    packages), bodies over `limits.max_response_bytes` or with damaged coding are gaps. After a
    damaged record reading goes on at the next one; an archive that ends early gives a gap, and
    what stands in front of it is kept. Raises BadInput, when the first item is asked for, if
    the file cannot be opened.
    """
    reader = _Reader(path, limits or Limits())
    with closing(open_bytes(path)) as stream:
        for item in _records(stream, str(path), reader.max_block):
            if isinstance(item, Gap):
                yield item
            elif len(item.url) <= _MAX_URL and scheme_of(item.url) in ("http", "https"):
                yield from reader.read(item)


class _Reader:
    """Turns records into captures; remembers bodies that later records point back to."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._limits = limits
        self._file_time = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        self._bodies: OrderedDict[str, tuple[str, bytes]] = OrderedDict()
        self._held = 0
        self.max_block = limits.max_response_bytes + MAX_HEAD_BYTES

    def read(self, record: _Record) -> Iterator[Capture | Picture | Gap]:
        message = self._message(record)
        if message is None:
            yield Gap(GapKind.UNDECODABLE, record.url, "the record holds no HTTP response")
            return
        if message.header("location") and 300 <= message.status < 400:
            yield self._capture(record, message, b"")
            return
        kind = message.header("content-type").partition(";")[0].strip().lower()
        wanted = kind in _PAGE_TYPES or kind in _UNKNOWN_TYPES or kind.startswith("image/")
        if _UNREAD.match(kind):
            yield Gap(GapKind.NOT_A_PAGE, record.url, f"`{one_line(kind, 80)}` is not read")
        elif not wanted:
            return
        elif record.cut:
            yield self._too_large(record, "the record is")
        else:
            yield from self._read_body(record, message, kind)

    def _read_body(
        self, record: _Record, message: HttpMessage, kind: str
    ) -> Iterator[Capture | Picture | Gap]:
        try:
            body = decoded_body(message, self._limits.max_response_bytes)
        except TooMuch:
            yield self._too_large(record, "its body grows")
            return
        except Unreadable as error:
            yield Gap(GapKind.UNDECODABLE, record.url, str(error))
            return
        if record.headers.get("warc-type") == "revisit":
            kind, body = self._recalled(record, kind, body)
        else:
            self._remember(record, kind, body)
        is_page = (
            kind in _PAGE_TYPES or is_pdf(body) or _LOOKS_LIKE_PAGE.match(body[:4_096]) is not None
        )
        if kind.startswith("image/") and body:
            yield Picture(record.url, body)
        elif is_page and body.strip():
            yield self._capture(record, message, body)
        elif is_page or record.headers.get("warc-type") == "revisit":
            yield Gap(GapKind.EMPTY_BODY, record.url, _why_empty(record))

    def _message(self, record: _Record) -> HttpMessage | None:
        if record.headers.get("warc-type") == "resource":
            kind = record.headers.get("content-type", "")
            return HttpMessage(200, (("content-type", kind),), record.block)
        message = parse_response(record.block)
        if message is None and record.headers.get("warc-type") == "revisit":
            return HttpMessage(200, (), b"")
        return message

    def _capture(self, record: _Record, message: HttpMessage, body: bytes) -> Capture:
        location = message.header("location") if 300 <= message.status < 400 else ""
        leads_to = absolute(joiner_for(record.url), location) if location else ""
        return Capture(
            requested_url=record.url,
            final_url=record.url,
            body=body,
            taken_at=_when(record.headers.get("warc-date", "")) or self._file_time,
            status=message.status,
            headers=message.headers,
            leads_to=leads_to[:_MAX_URL],
            profile="archive",
        )

    def _too_large(self, record: _Record, what: str) -> Gap:
        reason = f"{what} larger than {self._limits.max_response_bytes} bytes"
        return Gap(GapKind.TOO_LARGE, record.url, reason)

    def _remember(self, record: _Record, kind: str, body: bytes) -> None:
        digest = record.headers.get("warc-payload-digest", "")
        if not digest or digest in self._bodies or len(body) > REMEMBERED_BYTES // 4:
            return
        self._bodies[digest] = (kind, body)
        self._held += len(body)
        while self._held > REMEMBERED_BYTES:
            _, (_, oldest) = self._bodies.popitem(last=False)
            self._held -= len(oldest)

    def _recalled(self, record: _Record, kind: str, body: bytes) -> tuple[str, bytes]:
        known = self._bodies.get(record.headers.get("warc-payload-digest", ""))
        return known or (kind, body)


def _why_empty(record: _Record) -> str:
    if record.headers.get("warc-type") == "revisit":
        return "a revisit record; its content stands in another archive"
    return "the page is empty"


def _records(stream: io.BufferedReader, name: str, max_block: int) -> Iterator[_Record | Gap]:
    """The records of interest; a gap where the framing is lost, and one where the file ends."""
    lost = False
    url = ""
    try:
        while line := stream.readline(_MAX_LINE):
            if not line.strip():
                continue
            if not _VERSION.match(line):
                if not lost:
                    yield Gap(GapKind.UNDECODABLE, name, _lost(url))
                lost = True
                continue
            lost = False
            headers = _record_headers(stream)
            url = one_line(headers.get("warc-target-uri", ""), 200)
            length = headers.get("content-length", "")
            if not (length.isascii() and length.isdigit() and len(length) < 16):
                yield Gap(GapKind.UNDECODABLE, url or name, "a record without a valid length")
                continue
            wanted = headers.get("warc-type") in _READ_TYPES
            block, missing = _block(stream, int(length), max_block if wanted else 0)
            if missing:
                yield _ended(url or name)
                return
            if wanted:
                yield _Record(headers, block, cut=int(length) > max_block)
    except Unreadable as error:
        yield Gap(GapKind.INTERRUPTED, url or name, f"{error}; the records before it were read")


def _lost(url: str) -> str:
    behind = f" behind the record of {url}" if url else ""
    return f"damaged{behind}; reading goes on at the next record"


def _ended(subject: str) -> Gap:
    reason = "the archive ends inside this record; the records before it were read"
    return Gap(GapKind.INTERRUPTED, subject, reason)


def _record_headers(stream: io.BufferedReader) -> dict[str, str]:
    """Header lines up to the blank one, at most MAX_HEAD_BYTES; the first of a name counts."""
    head: list[bytes] = []
    size = 0
    while (line := stream.readline(_MAX_LINE)).strip() and size < MAX_HEAD_BYTES:
        head.append(line)
        size += len(line)
    headers: dict[str, str] = {}
    for name, value in parse_headers(b"".join(head)):
        headers.setdefault(name, value)
    headers["warc-type"] = headers.get("warc-type", "").lower()
    return headers


def _block(stream: io.BufferedReader, length: int, max_block: int) -> tuple[bytes, int]:
    """(at most `max_block` bytes of a block of `length`, number of bytes the file lacks)."""
    block = stream.read(min(length, max_block))
    left = length - len(block)
    while left and (skipped := len(stream.read(min(left, 1024 * 1024)))):
        left -= skipped
    return block, left


def _when(date: str) -> datetime | None:
    try:
        when = datetime.fromisoformat(date.strip())
    except ValueError:
        return None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
