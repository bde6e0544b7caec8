from __future__ import annotations

import io
from typing import Any

import msgspec
import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from core import Capture, Exchange, Picture
from core.capture import HOP_BODY_BYTES
from storage import warc_of
from tests.storage.samples import at
from tests.storage.samples_evidence import PAGE, capture


def records(capture: Capture, *more: Any) -> list[tuple[Any, bytes]]:
    stream = io.BytesIO(warc_of(capture, *more))
    return [(record, record.content_stream().read()) for record in ArchiveIterator(stream)]


def of_kind(found: list[tuple[Any, bytes]], kind: str, url: str) -> tuple[Any, bytes]:
    (one,) = [
        (record, body)
        for record, body in found
        if record.rec_type == kind and record.rec_headers.get_header("WARC-Target-URI") == url
    ]
    return one


def test_the_answer_is_kept_with_its_exact_body_and_headers() -> None:
    record, body = of_kind(records(capture()), "response", "https://pages.test/offer")

    assert body == PAGE
    assert record.http_headers.get_statuscode() == "200"
    assert record.rec_headers.get_header("WARC-Date") == "2026-03-02T08:00:00.000000Z"
    assert record.rec_headers.get_header("WARC-IP-Address") == "203.0.113.7"
    headers = record.http_headers.headers
    assert ("content-type", "text/html; charset=utf-8") in headers
    assert [value for name, value in headers if name == "set-cookie"] == [
        "a=1; Path=/",
        "b=\xff\xe9; Path=/",
    ]


def test_bytes_of_headers_are_those_that_came() -> None:
    raw = b""
    for record in ArchiveIterator(io.BytesIO(warc_of(capture())), no_record_parse=True):
        if record.rec_headers.get_header("WARC-Target-URI") == "https://pages.test/offer":
            raw += record.raw_stream.read()
    assert b"set-cookie: b=\xff\xe9; Path=/\r\n" in raw


def test_headers_that_are_untrue_of_the_decoded_body_are_kept_under_another_name() -> None:
    record, _ = of_kind(records(capture()), "response", "https://pages.test/offer")
    get = record.http_headers.get_header

    assert get("content-length") == str(len(PAGE))
    assert get("x-archive-orig-content-length") == "31"
    assert get("x-archive-orig-transfer-encoding") == "chunked"
    assert get("transfer-encoding") is None


def test_the_request_belongs_to_its_answer() -> None:
    found = records(capture())
    response, _ = of_kind(found, "response", "https://pages.test/offer")
    request, body = of_kind(found, "request", "https://pages.test/offer")

    assert body == b""
    assert request.http_headers.protocol == "GET"
    assert request.http_headers.statusline == "/offer HTTP/1.1"
    assert request.http_headers.headers == [
        ("host", "pages.test"),
        ("user-agent", "Promowatch"),
        ("accept-language", "zh"),
    ]
    assert request.rec_headers.get_header("WARC-Concurrent-To") == response.rec_headers.get_header(
        "WARC-Record-ID"
    )


def test_a_redirect_is_a_record_of_its_own_and_unknown_hops_are_named() -> None:
    found = records(capture())
    hop, body = of_kind(found, "response", "https://pages.test/short")
    (told,) = [body for record, body in found if record.rec_type == "metadata"]

    assert (hop.http_headers.get_statuscode(), body) == ("302", b"moved")
    assert hop.http_headers.get_header("location") == "/offer"
    assert b"hop: 302 http https://pages.test/short\r\n" in told
    assert b"hop: - script https://pages.test/between\r\n" in told
    assert b"clientProfile: promowatch\r\n" in told
    assert [record.rec_type for record, _ in found] == [
        "warcinfo",
        "response",
        "request",
        "response",
        "request",
        "metadata",
    ]


@pytest.mark.parametrize("rendered", [True, False])
def test_what_came_over_no_wire_is_a_resource(rendered: bool) -> None:
    seen = msgspec.structs.replace(capture(), rendered=rendered, request_headers=())
    found = records(seen)
    record, body = of_kind(found, "resource", "https://pages.test/offer")

    assert body == PAGE
    assert record.rec_headers.get_header("Content-Type") == "text/html; charset=utf-8"
    (told,) = [body for record, body in found if record.rec_type == "metadata"]
    assert b"status: 200\r\n" in told
    assert b"header-set-cookie: a=1; Path=/\r\n" in told


def test_pictures_and_the_screenshot_are_resources() -> None:
    pictures = [
        Picture("https://pages.test/code.png", b"PNG", "image/png", "body/img[1]"),
        Picture("", b"GIF", "image/gif", "body/img[2]"),
    ]
    found = records(msgspec.structs.replace(capture(), screenshot=b"shot"), pictures)
    picture, body = of_kind(found, "resource", "https://pages.test/code.png")
    assert (picture.rec_headers.get_header("Content-Type"), body) == ("image/png", b"PNG")
    shot, body = of_kind(found, "resource", "urn:fullPage:https://pages.test/offer")
    assert (shot.rec_headers.get_header("Content-Type"), body) == ("image/png", b"shot")
    assert not any(body == b"GIF" for _, body in found)  # it stands in the page itself


def test_answers_behind_links_are_records_of_their_own_once_each() -> None:
    way = Exchange(
        url="https://short.test/a",
        status=302,
        taken_at=at(2),
        request_headers=(("user-agent", "Promowatch"),),
        headers=(("location", "https://way.test/"), ("content-length", "70000")),
        body=b"x" * HOP_BODY_BYTES,
        server_address="203.0.113.9",
    )
    onward = msgspec.structs.replace(way, url="https://on.test/", status=200, body=b"on")
    seen = msgspec.structs.replace(capture(), onward=(onward,))
    found = records(seen, [], [way, way])
    record, body = of_kind(found, "response", way.url)
    headers = record.rec_headers
    assert (record.http_headers.get_statuscode(), len(body)) == ("302", HOP_BODY_BYTES)
    assert headers.get_header("WARC-Date") == "2026-03-02T10:00:00.000000Z"
    assert headers.get_header("WARC-IP-Address") == "203.0.113.9"
    assert headers.get_header("WARC-Truncated") == "length"
    assert record.http_headers.get_header("x-archive-orig-content-length") == "70000"
    request, _ = of_kind(found, "request", way.url)
    assert request.rec_headers.get_header("WARC-Concurrent-To") == headers.get_header(
        "WARC-Record-ID"
    )
    assert of_kind(found, "response", "https://on.test/")[1] == b"on"


def test_the_same_capture_gives_the_same_file() -> None:
    assert warc_of(capture()) == warc_of(capture())
    assert warc_of(capture()) != warc_of(capture(hours=1))


@pytest.mark.parametrize(
    ("url", "uri"),
    [
        ("https://pages.test/a b\r\nWARC-Type: x", "https://pages.test/a%20b%0D%0AWARC-Type:%20x"),
        ("saved-page:页.html#0123", "saved-page:%E9%A1%B5.html#0123"),
        ("exports/我的 list.jsonl", "urn:x-promowatch:%E6%88%91%E7%9A%84%20list.jsonl"),
        ("https://pages.test/\ud800", "https://pages.test/?"),
    ],
)
@pytest.mark.parametrize("asked", [(), (("accept", "*/*"),)])
def test_no_address_breaks_the_file(url: str, uri: str, asked: tuple[Any, ...]) -> None:
    seen = Capture(
        requested_url=url,
        final_url=url,
        body=b"x",
        taken_at=at(),
        headers=(("x-odd", "a\r\n\r\nHTTP/1.1 200"),),
        request_headers=asked,
    )
    found = records(seen)
    kind = "response" if asked else "resource"
    bodies = [body for record, body in found if record.rec_type == kind]
    if uri.startswith("https"):
        assert bodies == [b"x"]
    assert {record.rec_headers.get_header("WARC-Target-URI") for record, _ in found} == {None, uri}


def test_warcios_own_checker_finds_nothing(tmp_path: Any, capsys: Any) -> None:
    path = tmp_path / "capture.warc.gz"
    path.write_bytes(warc_of(capture()))
    checker = Checker(type("Arguments", (), {"inputs": [str(path)], "verbose": True})())
    checker.process_all()

    assert checker.exit_value == 0
    assert "digest pass" in capsys.readouterr().out
