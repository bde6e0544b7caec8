"""Whatever the bytes, a reader answers with entries and gaps, or with BadInput."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import BadInput
from core.gap import Gap
from core.listing_source import HtmlListing, JsonListing
from core.target import ExportListing
from crawler.sources import (
    EntryFields,
    check_export,
    listing_document,
    read_export,
    read_html_listing,
    read_json_listing,
    read_saved_page,
    read_warc,
    sniff,
)

PIECES = st.one_of(
    st.sampled_from([b"app_id,name,pages\n", b'1,"A', b'""', b'"', b",", b";", b"\n", b"\r"]),
    st.sampled_from([b"[", b"]", b"{", b"}", b'{"name": "A"}', b'{"data": {"list": [', b"\\ud800"]),
    st.sampled_from([b'"pages": [', b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", "天气".encode()]),
    st.sampled_from([b"\xc4\xe3\xba\xc3", b"\x1f\x8b", b"WARC/1.0\r\n", b"Content-Length: 60\r\n"]),
    st.sampled_from([b"WARC-Type: response\r\n", b"WARC-Type: revisit\r\n", b"\r\n", b"5\r\n"]),
    st.sampled_from([b"WARC-Target-URI: https://a.example/\r\n", b"HTTP/1.1 200 OK\r\n"]),
    st.sampled_from([b"Content-Type: text/html\r\n", b"Content-Encoding: gzip\r\n"]),
    st.sampled_from([b"Location: http://[\r\n", b"Transfer-Encoding: chunked\r\n", b"<html>"]),
    st.sampled_from([b"<li>", b"<a href='http://['>", b"<base href='//['>", b"<!--"]),
)
BYTES = st.one_of(
    st.binary(max_size=400), st.lists(PIECES | st.binary(max_size=6), max_size=60).map(b"".join)
)
FEW = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
MANY = settings(FEW, max_examples=3_000)

HTML = HtmlListing(entries="li", fields={"name": "a", "icon": "@src"}, next_page="a", follow="a")
JSON = JsonListing(items="data.list || @", fields={"name": "name", "pages": "pages"}, next_page="n")

FILE_READERS: dict[str, Callable[[Path], object]] = {
    "csv": lambda path: consumed(read_export(path, ExportListing(format="csv"))),
    "jsonl": lambda path: consumed(read_export(path, ExportListing(format="jsonl"))),
    "check": lambda path: list(check_export(path)),
    "warc": lambda path: list(read_warc(path)),
    "saved": read_saved_page,
    "sniff": sniff,
}
BODY_READERS: dict[str, Callable[[bytes, str], object]] = {
    "html": lambda body, url: consumed(
        read_html_listing(body.decode("utf-8", "surrogateescape"), url, HTML).entries
    ),
    "json": lambda body, url: consumed(read_json_listing(body, url, JSON).entries),
    "counted": lambda body, url: read_json_listing(
        body, url, JsonListing(items="@", fields={"name": "@"}, page_parameter="p")
    ),
}


def consumed(items: Iterable[EntryFields | Gap]) -> None:
    for item in items:
        if isinstance(item, EntryFields):
            document = listing_document(item, "app_listing", "p", "https://a.example/")
            assert all(block.text.encode() for block in document.blocks)


def read_file(name: str, folder: Path, data: bytes) -> None:
    for packed in (data, gzip.compress(data), gzip.compress(data)[: len(data) // 2 + 5]):
        path = folder / "file"
        path.write_bytes(packed)
        try:
            FILE_READERS[name](path)
        except BadInput as error:
            assert "\n" not in str(error)


URLS = st.sampled_from(["https://a.example/?p=1", "http://[", "", "saved-page:x", "//", "p=?p="])


@pytest.mark.parametrize("name", FILE_READERS)
@FEW
@given(data=BYTES)
def test_file_readers_never_fail(name: str, tmp_path: Path, data: bytes) -> None:
    read_file(name, tmp_path, data)


@pytest.mark.parametrize("name", BODY_READERS)
@FEW
@given(data=BYTES, url=URLS)
def test_body_readers_never_fail(name: str, data: bytes, url: str) -> None:
    BODY_READERS[name](data, url)


@pytest.mark.long
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("name", FILE_READERS)
@MANY
@given(data=BYTES)
def test_file_readers_never_fail_for_long(name: str, tmp_path: Path, data: bytes) -> None:
    read_file(name, tmp_path, data)


@pytest.mark.long
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("name", BODY_READERS)
@MANY
@given(data=BYTES, url=URLS)
def test_body_readers_never_fail_for_long(name: str, data: bytes, url: str) -> None:
    BODY_READERS[name](data, url)
