"""A capture as a WARC file: what was asked and answered, hop by hop, readable by any WARC player.

The format is WARC 1.1 (https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/),
each record a gzip member of its own. The same capture always gives the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import re
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from core import Capture, Exchange, Picture
from core.capture import HOP_BODY_BYTES, exchange_of, exchange_of_hop
from core.text import one_line
from storage.records import storable
from storage.software import SOFTWARE

Pairs = tuple[tuple[str, str], ...]

_KEPT_IN_URLS = ":/?#[]@!$&'()*+,;=%~"
_UNTRUE = frozenset({"content-encoding", "content-length", "transfer-encoding"})
_ORIGINAL = "x-archive-orig-"
SCREENSHOT_URN = "urn:fullPage:"
_LINE_BREAK = re.compile(r"[\r\n]+")


def warc_of(
    capture: Capture, pictures: Iterable[Picture] = (), behind_links: Iterable[Exchange] = ()
) -> bytes:
    """The WARC file of `capture`, with `pictures` the page shows and what was answered
    `behind_links` of it.

    What was fetched over HTTP is a `response` with its `request`, and so is each redirect hop of
    which the answer is known. A page rendered in a browser, a saved page and a row of an export
    are a `resource`: their bytes came over no wire as they stand. A `metadata` record tells what
    HTTP has no place for: address asked for, hops, client profile. Bodies are kept decoded; the
    headers that said how they were coded, and for how many bytes, are kept under the names that
    pywb uses (`x-archive-orig-content-encoding`), so that players do not decode twice. Pictures and
    the screenshot (`urn:fullPage:ADDRESS`, the name browsertrix gives it) are `resource` records.
    """
    out = io.BytesIO()
    writer = _Writer(out, capture)
    writer.info()
    for hop in capture.hops:
        if hop.headers:
            writer.exchange(exchange_of_hop(hop, capture.taken_at))
    if capture.request_headers:
        writer.exchange(msgspec.structs.replace(exchange_of(capture), body=capture.body))
    else:
        media_type = capture.header("content-type") or "text/html"
        writer.resource(capture.final_url, capture.body, media_type)
    for one in _each_once((*capture.onward, *behind_links)):
        writer.exchange(one)
    for picture in pictures:
        if picture.url:
            media_type = picture.media_type or "application/octet-stream"
            writer.resource(picture.url, picture.body, media_type)
    if capture.screenshot:
        writer.resource(SCREENSHOT_URN + capture.final_url, capture.screenshot, "image/png")
    writer.metadata()
    return out.getvalue()


def _each_once(exchanges: Iterable[Exchange]) -> list[Exchange]:
    """One of each address: links of a page may lead over the same one."""
    return list({one.url: one for one in exchanges}.values())


class _Writer:
    def __init__(self, out: io.BytesIO, capture: Capture) -> None:
        self._capture = capture
        self._date = _warc_date(capture.taken_at)
        self._warc = WARCWriter(out, gzip=True, warc_version="1.1")
        self._seed = hashlib.sha256(f"{self._date} {capture.final_url}".encode("utf-8", "replace"))
        self._seed.update(capture.body)
        self._written = 0

    def info(self) -> None:
        fields = {"software": SOFTWARE, "format": "WARC File Format 1.1"}
        self._write("warcinfo", "", _fields(fields.items()), {})

    def exchange(self, one: Exchange) -> None:
        dated = {"WARC-Date": _warc_date(one.taken_at)}
        extra = {"WARC-IP-Address": one.server_address} if one.server_address else {}
        if one.url != self._capture.final_url and len(one.body) >= HOP_BODY_BYTES:
            extra["WARC-Truncated"] = "length"
        head = _ExactHeaders(_status_line(one.status), _true_headers(one.headers, len(one.body)))
        response = self._write("response", one.url, one.body, {**dated, **extra}, head)
        request = _ExactHeaders(_request_line(one.url), _with_host(one.request_headers, one.url))
        concurrent = {**dated, "WARC-Concurrent-To": response}
        self._write("request", one.url, b"", concurrent, request)

    def resource(self, url: str, body: bytes, media_type: str) -> None:
        self._write("resource", url, body, {"Content-Type": one_line(storable(media_type))})

    def metadata(self) -> None:
        capture = self._capture
        fields = [
            ("requestedUrl", capture.requested_url),
            *(("hop", f"{hop.status or '-'} {hop.kind} {hop.url}") for hop in capture.hops),
            ("finalUrl", capture.final_url),
            ("leadsTo", capture.leads_to),
            ("clientProfile", capture.profile),
            ("rendered", "yes" if capture.rendered else "no"),
            ("status", str(capture.status)),
            *((f"header-{name}", value) for name, value in capture.headers),
        ]
        self._write("metadata", capture.final_url, _fields(fields), {})

    def _write(
        self,
        kind: str,
        url: str,
        body: bytes,
        extra: dict[str, str],
        http_headers: _ExactHeaders | None = None,
    ) -> str:
        record_id = self._next_id()
        fields = {"WARC-Record-ID": record_id, "WARC-Date": self._date, **extra}
        record = self._warc.create_warc_record(
            _warc_uri(url),
            kind,
            payload=io.BytesIO(body),
            length=len(body),
            warc_headers_dict=fields,
            http_headers=http_headers,
        )
        self._warc.write_record(record)
        return record_id

    def _next_id(self) -> str:
        self._seed.update(self._written.to_bytes(4))
        self._written += 1
        return f"<urn:uuid:{uuid.UUID(bytes=self._seed.digest()[:16], version=5)}>"


class _ExactHeaders(StatusAndHeaders):  # type: ignore[misc]
    """HTTP headers written byte for byte; warcio's own percent-encode what is not ASCII."""

    def __init__(self, first_line: str, headers: Iterable[tuple[str, str]]) -> None:
        super().__init__(first_line, list(headers))
        self._first_line = first_line

    def compute_headers_buffer(self, header_filter: Any = None) -> None:  # noqa: ARG002
        lines = [self._first_line, *(f"{name}: {value}" for name, value in self.headers)]
        unbroken = (_LINE_BREAK.sub(" ", line) for line in lines)
        self.headers_buff = "\r\n".join([*unbroken, "", ""]).encode("latin-1", "replace")


def _true_headers(headers: Pairs, size: int) -> Iterator[tuple[str, str]]:
    """`headers`, but for those that would be untrue of the decoded body of `size` bytes."""
    for name, value in headers:
        true = name == "content-length" and value.strip() == str(size)
        yield (f"{_ORIGINAL}{name}" if name in _UNTRUE and not true else name), value
    if not any(n == "content-length" and v.strip() == str(size) for n, v in headers):
        yield "content-length", str(size)


def _warc_date(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _status_line(status: int) -> str:
    try:
        return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"HTTP/1.1 {status} "


def _request_line(url: str) -> str:
    parts = urlsplit(_warc_uri(url))
    query = f"?{parts.query}" if parts.query else ""
    return f"GET {parts.path or '/'}{query} HTTP/1.1"


def _with_host(asked: Pairs, url: str) -> Iterator[tuple[str, str]]:
    if not any(name == "host" for name, _ in asked):
        yield "host", urlsplit(url).netloc.rpartition("@")[2]
    yield from asked


def _fields(fields: Iterable[tuple[str, str]]) -> bytes:
    """`application/warc-fields`: one line a field, empty ones left out."""
    lines = (f"{name}: {one_line(storable(value), 8_000)}\r\n" for name, value in fields if value)
    return "".join(lines).encode()


def _warc_uri(url: str) -> str:
    """`url` as a URI without blanks and control characters; a bare file name becomes a URN."""
    if not url:
        return ""
    quoted = quote(url, safe=_KEPT_IN_URLS, errors="replace")
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", quoted):
        return quoted
    return f"urn:x-promowatch:{quote(url.rpartition('/')[2], safe='', errors='replace')}"
