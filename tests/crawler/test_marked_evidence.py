"""Real scans in a real browser: the pictures kept, and what is boxed in the copies."""

from __future__ import annotations

import asyncio
import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PIL import Image
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from reports import write_case_file
from storage import Case, EvidenceKind, Manifest, Store, read_manifest, verify_evidence
from tests.scanning import scan, write_target
from tests.site.loopback import LoopbackServer, Request, head
from tests.site.pictures import qr_png

HTML = "text/html; charset=utf-8"
INK = (200, 16, 46)
MARGIN = 66
RED, GREEN = (255, 0, 0), (0, 160, 0)
OFFER = """<!DOCTYPE html><title>开户福利</title><body style="margin:0">
<div style="background:rgb{colour};height:40px"></div>
<p>今天的园艺专栏介绍春天的花。</p>
<p>欧易新用户专享：从这里<a href="https://www.okx.com/join/{code}">注册开户</a>，返佣 20%。</p>
<p><img src="/code.png?{code}" width="200" height="200" alt="扫码注册"></p>
<div style="height:1500px"></div>"""
PAGES = {
    "/red": OFFER.format(colour=RED, code="DEMO1111"),
    "/green": OFFER.format(colour=GREEN, code="DEMO2222"),
    "/leads": '<title>请稍候</title><meta http-equiv="refresh" content="0;url=/on"><p>返佣</p>',
    "/on": '<script>location.href = "/way";</script>',
}


async def answer(request: Request, writer: asyncio.StreamWriter) -> bool:
    body, media_type, extra = PAGES.get(request.path, "").encode(), HTML, []
    if request.path == "/code.png":
        body, media_type = qr_png(f"https://www.okx.com/join/{request.query}"), "image/png"
    if request.path == "/way":
        extra = [("Location", "https://www.okx.com/join/DEMO3333")]
    headers = [("Content-Type", media_type), *extra]
    writer.write(head(302 if extra else 200, headers, length=len(body)) + body)
    return True


class Kept(msgspec.Struct, frozen=True):
    """A data folder after two scans: rendered (`red`, `green`) and not (`plain`, `leads`)."""

    store: Store
    cases: dict[str, Case]

    def manifest(self, name: str) -> Manifest:
        (file,) = [f for f in self.cases[name].sightings[0].evidence if f.kind == "manifest"]
        return read_manifest(self.store.evidence, file.sha256)

    def bytes_of(self, name: str, kind: EvidenceKind) -> bytes:
        (file,) = [one for one in self.manifest(name).files if one.kind == kind]
        return self.store.evidence.read(file.sha256, kind)

    def marked(self, name: str, address: str) -> tuple[Image.Image, tuple[int, ...]]:
        (copy,) = [one for one in self.manifest(name).marked if address in one.address]
        body = self.store.evidence.read(copy.sha256, "marked")
        return Image.open(io.BytesIO(body)).convert("RGB"), copy.numbers


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    folder = tmp_path_factory.mktemp("marked")
    with LoopbackServer(answer) as site:
        root = site.url.rstrip("/")
        for name, paths in (("always", ("/red", "/green")), ("never", ("/red?plain", "/leads"))):
            target = write_target(
                folder / f"{name}.yaml",
                seeds=[root + path for path in paths],
                rendering=name,
                scope={"depth": 0},
            )
            assert scan(target, folder / "data").status == 0
    with Store.open(folder / "data") as store:
        named = {"red": "/red", "green": "/green", "plain": "/red?plain", "leads": "/leads"}
        yield Kept(store, {name: store.case(root + path) for name, path in named.items()})


@pytest.mark.parametrize(("name", "colour"), [("red", RED), ("green", GREEN)])
def test_each_rendered_page_has_its_own_full_page_png(
    kept: Kept, name: str, colour: tuple[int, int, int]
) -> None:
    with Image.open(io.BytesIO(kept.bytes_of(name, "full_page"))) as picture:
        assert picture.format == "PNG"
        assert picture.width == 1_280
        assert 1_700 < picture.height < 2_500
        assert picture.convert("RGB").getpixel((640, 20)) == colour


def test_pitch_link_and_code_are_boxed_on_the_page_and_other_text_is_not(kept: Kept) -> None:
    copy, numbers = kept.marked("red", "screenshot")
    reasons = kept.cases["red"].sightings[0].verdict.reasons()
    with Image.open(io.BytesIO(kept.bytes_of("red", "full_page"))) as picture:
        size = picture.size
    inked = [y for y in range(MARGIN, copy.height - MARGIN) if _has_ink(copy, y)]
    assert copy.size == (size[0] + 2 * MARGIN, size[1] + 2 * MARGIN)
    assert set(numbers) <= set(range(1, len(reasons) + 1))
    assert not any(_has_ink(copy, y) for y in range(MARGIN, MARGIN + 70))
    assert MARGIN + 70 < inked[0] < MARGIN + 130
    assert MARGIN + 300 < inked[-1] < MARGIN + 360


def test_a_code_is_boxed_in_its_own_picture_with_the_same_numbers(kept: Kept) -> None:
    for name in ("red", "plain"):
        copy, numbers = kept.marked(name, "/code.png")
        cited = kept.cases[name].sightings[0].verdict
        by_code = {
            number
            for number, reason in enumerate(cited.reasons(), 1)
            if "qr" in reason.rule or "DEMO1111" in reason.quote
        }
        assert set(numbers) & by_code
        assert any(_has_ink(copy, y) for y in range(copy.height))
    assert {one.address for one in kept.manifest("plain").marked} == {
        kept.manifest("plain").final_url.replace("/red?plain", "/code.png?DEMO1111")
    }


def test_manifest_ledger_and_files_agree(kept: Kept) -> None:
    found = verify_evidence(kept.store.ledger, kept.store.evidence, kept.store.recorded_manifests())
    assert (found.broken, found.remarks) == (None, ())
    for name in kept.cases:
        manifest = kept.manifest(name)
        hashes = {file.sha256 for file in manifest.files}
        assert {copy.sha256 for copy in manifest.marked} | {
            one.of for one in manifest.marked
        } <= hashes


def test_the_case_file_shows_the_copies_and_holds_the_originals(kept: Kept, tmp_path: Path) -> None:
    write_case_file(kept.store, kept.cases["red"].candidate.key, tmp_path / "case.zip", "en")
    with zipfile.ZipFile(tmp_path / "case.zip") as archive:
        index = archive.read("index.html").decode()
        names = {name for name in archive.namelist() if name.endswith((".png", ".bin"))}
        by_hash = {hashlib.sha256(archive.read(name)).hexdigest(): name for name in names}
    manifest = kept.manifest("red")
    assert len(manifest.marked) == 2
    for copy in manifest.marked:
        assert f'<img src="{by_hash[copy.sha256]}"' in index
        assert by_hash[copy.of] in index
        assert ", ".join(map(str, copy.numbers)) in index
    assert "<ol>" in index


def records(body: bytes) -> dict[str, tuple[str, bytes]]:
    return {
        str(record.rec_headers.get_header("WARC-Target-URI")): (
            record.rec_type,
            record.content_stream().read(),
        )
        for record in ArchiveIterator(io.BytesIO(body))
        if record.rec_type in ("response", "resource")
    }


def test_the_archive_holds_page_picture_and_screenshot(kept: Kept) -> None:
    url = kept.manifest("red").final_url
    found = records(kept.bytes_of("red", "warc"))
    assert found[url] == ("resource", kept.bytes_of("red", "response"))
    assert found[f"urn:fullPage:{url}"] == ("resource", kept.bytes_of("red", "full_page"))
    picture = found[url.replace("/red", "/code.png?DEMO1111")]
    assert picture == ("resource", kept.bytes_of("red", "picture"))


def test_the_archive_holds_what_the_page_passes_its_visitor_on_to(kept: Kept) -> None:
    root = kept.manifest("leads").final_url.removesuffix("/leads")
    found = records(kept.bytes_of("leads", "warc"))
    assert found[root + "/on"] == ("response", PAGES["/on"].encode())
    assert found[root + "/way"] == ("response", b"")


@pytest.mark.parametrize("name", ["red", "plain", "leads"])
def test_players_can_index_the_archive(kept: Kept, name: str, tmp_path: Path) -> None:
    """What pywb's cdxj indexer and warcio's recompress ask: a gzip member a record, each readable
    alone, digests that hold, addresses and dates they know."""
    path = tmp_path / "capture.warc.gz"
    path.write_bytes(kept.bytes_of(name, "warc"))
    checker = Checker(type("Arguments", (), {"inputs": [str(path)], "verbose": False})())
    checker.process_all()
    assert checker.exit_value == 0
    members = list(_members(path.read_bytes()))
    assert len(members) == sum(1 for _ in ArchiveIterator(io.BytesIO(path.read_bytes())))
    for member in members:
        (record,) = [(one.rec_type, one.rec_headers) for one in ArchiveIterator(io.BytesIO(member))]
        kind, headers = record
        assert kind == "warcinfo" or headers.get_header("WARC-Target-URI").startswith(
            ("http://", "urn:fullPage:http://")
        )
        assert headers.get_header("WARC-Block-Digest").startswith("sha1:")


def _members(body: bytes) -> Iterator[bytes]:
    while body:
        reader = zlib.decompressobj(wbits=31)
        reader.decompress(body)
        assert reader.eof
        yield body[: len(body) - len(reader.unused_data)]
        body = reader.unused_data


def _has_ink(picture: Image.Image, y: int) -> bool:
    row = picture.crop((0, y, picture.width, y + 1))
    return any(colour == INK for _, colour in row.getcolors(picture.width) or ())
