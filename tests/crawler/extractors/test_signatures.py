"""Bodies that are no pages."""

from __future__ import annotations

import gzip

import pytest

from core import GapKind
from crawler.extractors.signatures import binary_kind
from tests.crawler.extractors import drawn
from tests.crawler.extractors.captured import read

BINARY = {
    "package": b"PK\x03\x04" + bytes(100),
    "PNG": drawn.encoded(drawn.code()),
    "JPEG": drawn.encoded(drawn.code(), "JPEG"),
    "GIF": drawn.encoded(drawn.code(), "GIF"),
    "WebP": drawn.encoded(drawn.code(), "WEBP"),
    "program": b"\x7fELF\x02\x01\x01" + bytes(100),
    "gzip": gzip.compress(b"<html>page</html>" * 10),
    "film": b"\x00\x00\x00\x18ftypmp42" + bytes(100),
    "control characters": bytes(range(32)) * 20 + b"<html>",
    "NUL bytes": bytes(500),
    "noise": bytes((n * 7919 + n // 3) % 256 for n in range(2_000)),
}
PAGES = {
    "page": b"<html><p>x</p></html>",
    "text": b"hello",
    "one character": b"x",
    "UTF-16": "<p>注册有礼</p>".encode("utf-16-le"),
    "a few NULs": b"<html><p>a\0b</p></html>" + b" text" * 20,
    "GBK": "<p>注册有礼，邀请好友</p>".encode("gbk"),
    "begins like a package": b"PKU news",
    "tabs and breaks": b"\t\n\r\x0c<p>x</p>" * 20,
}


@pytest.mark.parametrize("body", BINARY.values(), ids=BINARY)
def test_binary_bodies_are_gaps(body: bytes) -> None:
    extraction = read(body)
    (gap,) = extraction.gaps
    assert gap.kind == GapKind.NOT_A_PAGE
    assert gap.reason.startswith("the body is ")
    assert extraction.document.degraded == (gap.reason,)
    assert extraction.document.blocks == ()


@pytest.mark.parametrize("body", PAGES.values(), ids=PAGES)
def test_pages_are_pages(body: bytes) -> None:
    assert binary_kind(body) == ""
    assert read(body).gaps == ()


@pytest.mark.parametrize("body", [b"", b" \r\n\t "])
def test_an_empty_body_is_a_gap(body: bytes) -> None:
    extraction = read(body)
    assert [gap.kind for gap in extraction.gaps] == [GapKind.EMPTY_BODY]
    assert extraction.document.degraded
    assert not extraction.is_shell
