"""Archived responses: heads of every spelling, bodies decoded within bounds."""

from __future__ import annotations

import gzip
import zlib

import brotli  # type: ignore[import-untyped]
import pytest

from core.errors import Unreadable
from crawler.sources.http_message import HttpMessage, TooMuch, decoded_body, parse_response

PLAIN = b"<p>hello</p>" * 50
RAW = zlib.compressobj(wbits=-15)
RAW_DEFLATE = RAW.compress(PLAIN) + RAW.flush()


def message(body: bytes, coding: str = "", transfer: str = "") -> HttpMessage:
    return HttpMessage(200, (("content-encoding", coding), ("transfer-encoding", transfer)), body)


def chunked(body: bytes, size: int = 100) -> bytes:
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x;ext=1\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@pytest.mark.parametrize(
    ("data", "status", "headers", "body"),
    [
        (
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX: a\r\n b\r\n\r\nbody",
            200,
            (("content-type", "text/html"), ("x", "a b")),
            b"body",
        ),
        (b"HTTP/1.0 404\nA: 1\n\nx", 404, (("a", "1"),), b"x"),
        (b"HTTP/2 204\r\n\r\n", 204, (), b""),
        (b"HTTP/1.1 200 OK\r\nA: 1", 200, (("a", "1"),), b""),
        (b"HTTP/1.1 200 OK\r\nno colon\r\n: x\r\n\r\n", 200, (), b""),
    ],
)
def test_a_response_is_taken_apart(
    data: bytes, status: int, headers: tuple[tuple[str, str], ...], body: bytes
) -> None:
    assert parse_response(data) == HttpMessage(status, headers, body)


@pytest.mark.parametrize("data", [b"", b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 OK\r\n\r\n"])
def test_what_is_no_response_is_none(data: bytes) -> None:
    assert parse_response(data) is None


@pytest.mark.parametrize(
    "coded",
    [
        message(PLAIN),
        message(PLAIN, "identity"),
        message(gzip.compress(PLAIN), "gzip"),
        message(gzip.compress(PLAIN), " GZIP "),
        message(PLAIN, "gzip"),
        message(zlib.compress(PLAIN), "deflate"),
        message(RAW_DEFLATE, "deflate"),
        message(PLAIN, "deflate"),
        message(brotli.compress(PLAIN), "br"),
        message(PLAIN, "br"),
        message(chunked(PLAIN), "", "chunked"),
        message(chunked(PLAIN).replace(b"\r\n", b"\n"), "", "chunked"),
        message(PLAIN, "", "chunked"),
        message(chunked(gzip.compress(PLAIN)), "gzip", "Chunked"),
        message(gzip.compress(brotli.compress(PLAIN)), "br, gzip"),
    ],
)
def test_codings_are_undone(coded: HttpMessage) -> None:
    assert decoded_body(coded, 10_000) == PLAIN


@pytest.mark.parametrize(
    "coded",
    [
        message(gzip.compress(PLAIN * 99)[:-30], "gzip"),
        message(chunked(PLAIN * 99)[:-250], "", "chunked"),
        message(brotli.compress(bytes(range(256)) * 99)[:-5], "br"),
    ],
)
def test_of_a_body_that_ends_early_the_beginning_is_kept(coded: HttpMessage) -> None:
    assert decoded_body(coded, 1_000_000)


@pytest.mark.parametrize(
    ("coded", "error"),
    [
        (message(PLAIN * 100), TooMuch),
        (message(gzip.compress(b"0" * 10**8), "gzip"), TooMuch),
        (message(zlib.compress(b"0" * 10**8), "deflate"), TooMuch),
        (message(brotli.compress(b"0" * 10**8), "br"), TooMuch),
        (message(gzip.compress(gzip.compress(b"0" * 10**8)), "gzip, gzip"), TooMuch),
        (message(b"\x1f\x8bgarbage", "gzip"), Unreadable),
        (message(b"\xff\xfe garbage", "br"), Unreadable),
        (message(PLAIN, "zstd"), Unreadable),
    ],
)
def test_bombs_and_unknown_codings_are_refused(coded: HttpMessage, error: type[Unreadable]) -> None:
    with pytest.raises(error):
        decoded_body(coded, 10_000)
