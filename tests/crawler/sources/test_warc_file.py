"""WARC archives, written by warcio as others write them, and damaged in every way."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from core.capture import Capture, Picture
from core.gap import Gap, GapKind
from core.target import Limits
from crawler.sources import read_warc

PAGE = "<!doctype html><title>页</title><p>天气很好</p>".encode()
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40
HTML = "text/html; charset=utf-8"
Item = Capture | Picture | Gap


class InMemoryWriter(WARCWriter):  # type: ignore[misc]
    """warcio leaves its temporary files open."""

    @staticmethod
    def _create_temp_file() -> io.BytesIO:
        return io.BytesIO()


class Archive:
    """Writes records with warcio."""

    def __init__(self, zipped: bool = True) -> None:
        self.file = io.BytesIO()
        self._writer = InMemoryWriter(self.file, gzip=zipped)
        info = self._writer.create_warcinfo_record("x.warc.gz", {"software": "a test"})
        self._writer.write_record(info)

    def response(
        self,
        url: str,
        body: bytes = PAGE,
        kind: str = HTML,
        status: str = "200 OK",
        kind_of_record: str = "response",
        **headers: str,
    ) -> Archive:
        lines = [("Content-Type", kind)] if kind else []
        lines += [(name.replace("_", "-"), value) for name, value in headers.items()]
        http = StatusAndHeaders(status, lines, protocol="HTTP/1.1")
        record = self._writer.create_warc_record(
            url,
            kind_of_record,
            payload=io.BytesIO(body),
            http_headers=http if kind_of_record == "response" else None,
            warc_content_type=kind if kind_of_record == "resource" else "",
            warc_headers_dict={"WARC-Date": "2026-03-04T05:06:07Z"},
        )
        self._writer.write_record(record)
        return self

    def revisit(self, url: str, digest: str) -> Archive:
        record = self._writer.create_revisit_record(
            url,
            digest,
            "https://a.example/",
            "2026-01-01T00:00:00Z",
            http_headers=StatusAndHeaders("200 OK", [("Content-Type", HTML)], protocol="HTTP/1.1"),
        )
        self._writer.write_record(record)
        return self

    def bytes(self) -> bytes:
        return self.file.getvalue()


def read(path: Path, data: bytes, **limits: int) -> list[Item]:
    path.write_bytes(data)
    return list(read_warc(path, limits=Limits(**limits) if limits else None))


def urls(items: list[Item]) -> list[str]:
    return [item.final_url for item in items if isinstance(item, Capture)]


def gaps(items: list[Item]) -> list[tuple[GapKind, str]]:
    return [(item.kind, item.subject) for item in items if isinstance(item, Gap)]


PAGES = [f"https://a.example/{n}" for n in range(5)]


def five_pages(zipped: bool) -> bytes:
    archive = Archive(zipped)
    for url in PAGES:
        archive.response(url, PAGE + url.encode())
    return archive.bytes()


PACKINGS: dict[str, Callable[[], bytes]] = {
    "gzip by record": lambda: five_pages(True),
    "plain": lambda: five_pages(False),
    "gzip of the whole": lambda: gzip.compress(five_pages(False)),
}


@pytest.mark.parametrize("packed", PACKINGS.values(), ids=PACKINGS.keys())
def test_pages_come_out_as_they_went_in(tmp_path: Path, packed: Callable[[], bytes]) -> None:
    items = read(tmp_path / "x.warc.gz", packed())
    assert urls(items) == PAGES
    first = items[0]
    assert isinstance(first, Capture)
    assert first == Capture(
        requested_url=PAGES[0],
        final_url=PAGES[0],
        body=PAGE + PAGES[0].encode(),
        taken_at=datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC),
        status=200,
        headers=(("content-type", HTML),),
        profile="archive",
    )


def test_the_same_bodies_as_warcio_reads(tmp_path: Path) -> None:
    archive = Archive()
    bodies = {"gzip": gzip.compress(PAGE), "": PAGE}
    for name, body in bodies.items():
        archive.response(f"https://a.example/{name}", body, Content_Encoding=name)
    theirs = [
        record.content_stream().read()
        for record in ArchiveIterator(io.BytesIO(archive.bytes()))
        if record.rec_type == "response"
    ]
    ours = [
        item.body for item in read(tmp_path / "x", archive.bytes()) if isinstance(item, Capture)
    ]
    assert ours == theirs == [PAGE, PAGE]


@pytest.mark.parametrize(
    ("body", "kind", "expected"),
    [
        (PAGE, HTML, Capture),
        (PAGE, "application/xhtml+xml", Capture),
        (PAGE, "", Capture),
        (PAGE, "text/plain", Capture),
        (b"<!-- x -->\n<html>", "application/octet-stream", Capture),
        (b"<p>no frame", HTML, Capture),
        (b"%PDF-1.7", "application/pdf", Capture),
        (b"%PDF-1.7", "application/octet-stream", Capture),
        (PNG, "image/png", Picture),
        (b"<svg/>", "image/svg+xml", Picture),
        (b"words", "text/plain", None),
        (b"body {}", "text/css", None),
        (b"x()", "application/javascript", None),
        (b"{}", "application/json", None),
        (b"\x00", "video/mp4", None),
        (b"PK", "application/vnd.android.package-archive", GapKind.NOT_A_PAGE),
        (b"", HTML, GapKind.EMPTY_BODY),
        (b"\x1f\x8bdamaged", HTML + "\r\nContent-Encoding: gzip", GapKind.UNDECODABLE),
    ],
)
def test_records_by_what_they_hold(
    tmp_path: Path, body: bytes, kind: str, expected: type | GapKind | None
) -> None:
    name, _, coding = kind.partition("\r\nContent-Encoding: ")
    more = {"Content_Encoding": coding} if coding else {}
    archive = Archive().response("https://a.example/x", body, name, **more)
    items = read(tmp_path / "x", archive.bytes())
    if isinstance(expected, GapKind):
        assert gaps(items) == [(expected, "https://a.example/x")]
    else:
        assert [type(item) for item in items] == ([expected] if expected else [])


def test_redirects_errors_and_other_records(tmp_path: Path) -> None:
    archive = (
        Archive()
        .response("https://a.example/old", b"", status="302 Found", Location="/new?x=1")
        .response("https://a.example/404", status="404 Not Found")
        .response("https://a.example/saved", PAGE, "text/html", kind_of_record="resource")
        .response("dns:a.example", b"1.2.3.4", "text/dns", kind_of_record="resource")
        .response("https://a.example/meta", b"x", "text/html", kind_of_record="metadata")
    )
    items = read(tmp_path / "x", archive.bytes())
    captures = [item for item in items if isinstance(item, Capture)]
    assert [(c.final_url, c.status, c.leads_to) for c in captures] == [
        ("https://a.example/old", 302, "https://a.example/new?x=1"),
        ("https://a.example/404", 404, ""),
        ("https://a.example/saved", 200, ""),
    ]
    assert len(items) == 3


def test_a_revisit_gives_the_body_of_its_original(tmp_path: Path) -> None:
    first = Archive().response("https://a.example/").bytes()
    digest = next(
        record.rec_headers.get_header("WARC-Payload-Digest")
        for record in ArchiveIterator(io.BytesIO(first))
        if record.rec_type == "response"
    )
    archive = Archive().response("https://a.example/").revisit("https://b.example/", digest)
    items = read(tmp_path / "x", archive.revisit("https://c.example/", "sha1:GONE").bytes())
    assert urls(items) == ["https://a.example/", "https://b.example/"]
    assert all(item.body == PAGE for item in items if isinstance(item, Capture))
    assert gaps(items) == [(GapKind.EMPTY_BODY, "https://c.example/")]


@pytest.mark.parametrize(
    ("damage", "kept", "kinds"),
    [
        (lambda d: d[: d.index(b"/4", 900) + 200], 4, [GapKind.INTERRUPTED]),
        (lambda d: d[:-70], 4, [GapKind.INTERRUPTED]),
        (
            lambda d: d.replace(b"Content-Length: 1", b"Content-Length: x", 1),
            5,
            [GapKind.UNDECODABLE] * 2,
        ),
        (lambda d: d.replace(b"WARC/1.0", b"GARB/1.0", 2), 4, [GapKind.UNDECODABLE]),
        (lambda d: b"\x00" * 100_000 + b"\n" + d, 5, [GapKind.UNDECODABLE]),
        (lambda d: d.replace(b"WARC-Date: 2026", b"WARC-Date: when", 1), 5, []),
        (lambda d: d.replace(b"\r\n", b"\n"), 2, [GapKind.INTERRUPTED, GapKind.UNDECODABLE]),
        (lambda d: d + b"trailing words", 5, [GapKind.UNDECODABLE]),
        (lambda d: d.replace(b"HTTP/1.1 200", b"GTTP/1.1 200", 1), 4, [GapKind.UNDECODABLE]),
        (lambda d: d + b"WARC/1.0\r\n" + b"X: y\r\n" * 200_000, 5, [GapKind.UNDECODABLE] * 2),
    ],
    ids=range(10),
)
def test_damage_costs_only_what_it_hits(
    tmp_path: Path, damage: Callable[[bytes], bytes], kept: int, kinds: list[GapKind]
) -> None:
    items = read(tmp_path / "x.warc", damage(five_pages(False)))
    assert len(urls(items)) >= kept
    assert {kind for kind, _ in gaps(items)} == set(kinds)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_gzipped_archive_that_ends_early_keeps_what_came_before(
    tmp_path: Path, share: float
) -> None:
    data = five_pages(True)
    items = read(tmp_path / "x.warc.gz", data[: int(len(data) * share)])
    assert urls(items) == PAGES[: len(urls(items))]
    assert len(urls(items)) >= int(5 * share) - 1
    assert [kind for kind, _ in gaps(items)] == [GapKind.INTERRUPTED]


@pytest.mark.parametrize(
    ("body", "coding"),
    [(PAGE * 1_000, ""), (gzip.compress(b"0" * 10**8), "gzip"), (b"0" * 10**6, "")],
)
def test_large_bodies_are_gaps(tmp_path: Path, body: bytes, coding: str) -> None:
    archive = Archive().response("https://a.example/big", body, Content_Encoding=coding)
    items = read(tmp_path / "x", archive.response(PAGES[1]).bytes(), max_response_bytes=20_000)
    assert gaps(items) == [(GapKind.TOO_LARGE, "https://a.example/big")]
    assert urls(items) == PAGES[1:2]
