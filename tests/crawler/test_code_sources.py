"""A code in each place where a page can have one, read by the real command in a real browser."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import numpy
import pytest
from PIL import Image

from core.document import Document, PayloadType, Reference
from core.gap import GapKind
from tests.crawler.extractors import drawn
from tests.crawler.extractors.drawn_pdf import Sheet, pdf
from tests.crawler.extractors.drawn_round import mini_program_code
from tests.scanning import Scanned, kept, run_promowatch, scan, write_target
from tests.site.loopback import LoopbackServer, Request, head

JOIN = "https://www.okx.com/join/"


def _code(source: str) -> Image.Image:
    return drawn.code(JOIN + source, scale=4)


def _png(source: str) -> bytes:
    return drawn.encoded(_code(source))


def _film(source: str, form: str) -> bytes:
    """An animation whose third frame has the code."""
    blank = Image.new("L", _code(source).size, 255)
    frames = [blank.point(lambda _: 200), _code(source)]
    return drawn.encoded(blank, form, save_all=True, append_images=frames, duration=60_000)


def _modules(source: str) -> list[str]:
    """Rows of a code, `1` for ink, one character a module."""
    pixels = numpy.array(drawn.code(JOIN + source, scale=1))
    return ["".join("1" if pixel < 128 else "0" for pixel in row) for row in pixels]


def _table(source: str) -> str:
    """A code of table cells, which is no picture at all."""
    rows = "".join(
        "<tr>" + "".join(f'<td class="c{module}"></td>' for module in row) + "</tr>"
        for row in _modules(source)
    )
    return f'<table cellspacing="0" class="code">{rows}</table>'


FILES = {
    "img.png": lambda: _png("IMG"),
    "srcset.png": lambda: _png("SRCSET"),
    "lazy.png": lambda: _png("LAZY"),
    "picture.webp": lambda: drawn.encoded(_code("PICTURE"), "WEBP"),
    "linked.svg": lambda: drawn.svg(JOIN + "LINKEDSVG").encode(),
    "rule.png": lambda: _png("RULE"),
    "style.png": lambda: _png("STYLE"),
    "poster.jpg": lambda: drawn.encoded(_code("POSTER"), "JPEG"),
    "cover.jpg": lambda: drawn.encoded(_code("COVER"), "JPEG"),
    "still.png": lambda: _png("STILL"),
    "share.png": lambda: _png("SHARE"),
    "film.gif": lambda: _film("GIF", "GIF"),
    "film.webp": lambda: _film("WEBP", "WEBP"),
    "flyer.pdf": lambda: pdf([Sheet(("Flyer",)), Sheet(("Page two",), _code("PDF"))]),
    "mini.png": lambda: drawn.encoded(mini_program_code(280)),
}
KINDS = {"svg": "image/svg+xml", "pdf": "application/pdf"}

SOURCES = {
    "IMG": "/img.png",
    "SRCSET": "/srcset.png",
    "LAZY": "/lazy.png",
    "PICTURE": "/picture.webp",
    "DATA": "body/div[1]/img[5]",
    "INLINESVG": "body/div[1]/svg[1]",
    "LINKEDSVG": "/linked.svg",
    "RULE": "/rule.png",
    "STYLE": "/style.png",
    "POSTER": "/poster.jpg",
    "COVER": "/cover.jpg",
    "STILL": "/still.png",
    "SHARE": "/share.png",
    "GIF": "/film.gif",
    "WEBP": "/film.webp",
    "PDF": "/flyer.pdf#page=2",
    "CANVAS": "screenshot",
    "TABLE": "screenshot",
}
"""Which source gives which code: the locator's path, behind the host where it is a file."""


def _page() -> str:
    still = json.dumps({"@type": "VideoObject", "thumbnailUrl": "/still.png"})
    return f"""<!DOCTYPE html><meta charset="utf-8"><title>扫码领取</title>
    <meta property="og:image" content="/share.png">
    <script type="application/ld+json">{still}</script>
    <style>.rule, .style {{ width: 200px; height: 200px; background: url(/rule.png) no-repeat }}
    div > * {{ margin: 24px; vertical-align: top }}
    .code td {{ width: 4px; height: 4px; padding: 0 }}
    .code tr {{ line-height: 0 }} .c1 {{ background: #000 }}</style>
    <body><p>注册送 USDT，扫码加入欧易，返佣 40%</p><div>
    <img src="/img.png"><img src="/wait.png" srcset="/wait.png 1x, /srcset.png 2x">
    <img src="/wait.png" data-src="/lazy.png">
    <picture><source srcset="/picture.webp" media="(min-width: 90000px)"><img src="/wait.png">
    </picture><img src="/linked.svg" width="200"><img src="{drawn.data_uri(_png("DATA"))}">
    {drawn.svg(JOIN + "INLINESVG").partition("?>")[2]}
    <span class="rule" style="display: inline-block"></span>
    <span class="style" style="display: inline-block; background: url('/style.png')"></span>
    <video poster="/poster.jpg"></video><video data-poster="/cover.jpg"></video>
    <img src="/film.gif"><img src="/film.webp"><img src="/mini.png">
    <a href="/flyer.pdf">活动详情</a>
    <canvas id="drawn" width="240" height="240"></canvas>{_table("TABLE")}</div>
    <script>
    const pen = document.getElementById("drawn").getContext("2d");
    {json.dumps(_modules("CANVAS"))}.forEach((row, y) => [...row].forEach((module, x) => {{
      if (module === "1") pen.fillRect(x * 5 + 10, y * 5 + 10, 5, 5);
    }}));
    </script></body>"""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    bodies = {f"/{name}": make() for name, make in FILES.items()}
    bodies["/wait.png"] = drawn.encoded(Image.new("L", (200, 200), 240))
    bodies["/"] = _page().encode()
    bodies["/file.pdf"] = pdf([Sheet(("注册欧易享返佣 40%，邀请码 DEMO1",), _code("FILE"))])

    async def answer(request: Request, writer: asyncio.StreamWriter) -> bool:
        body = bodies.get(request.path, b"")
        ending = request.path.rpartition(".")[2]
        kind = "text/html" if request.path == "/" else KINDS.get(ending, f"image/{ending}")
        writer.write(head(200 if body else 404, [("Content-Type", kind)], length=len(body)))
        writer.write(body)
        return True

    with LoopbackServer(answer) as server:
        yield server.url


@pytest.fixture(scope="module")
def scanned(site: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Scanned, Document]:
    folder = tmp_path_factory.mktemp("sources")
    scope = {"depth": 0}
    target = write_target(
        folder / "codes.yaml", seeds=[site], rendering="always", scope=scope,
        limits={"max_link_hops": 0, "words_seconds": 0},
    )  # fmt: skip
    done = scan(target, folder / "data")
    return done, kept(folder / "data")[0]


def _given(document: Document, source: str) -> list[Reference]:
    codes = (one for one in document.references if one.kind == "qr")
    return [one for one in codes if one.url == JOIN + source]


@pytest.mark.parametrize(("source", "path"), SOURCES.items(), ids=SOURCES)
def test_each_source_gives_its_code(
    scanned: tuple[Scanned, Document], site: str, source: str, path: str
) -> None:
    given = _given(scanned[1], source)
    assert [one.locator.path for one in given] == [
        site.rstrip("/") + path if path.startswith("/") else path
    ]
    assert given[0].payload is PayloadType.URL
    assert given[0].locator.box is not None
    assert min(given[0].locator.box[2:]) > 20


def test_a_code_that_only_its_platform_opens_is_recorded(
    scanned: tuple[Scanned, Document], site: str
) -> None:
    done, document = scanned
    (code,) = [one for one in document.references if one.payload is PayloadType.OPAQUE]
    assert (code.kind, code.locator.path) == ("qr", f"{site}mini.png")
    assert code.locator.box is not None
    assert [(gap.kind, gap.subject) for gap in done.gaps if "mini" in gap.subject] == [
        (GapKind.OPAQUE_CODE, f"{site}mini.png")
    ]
    assert done.status == 0, done.err


def test_a_page_that_asks_to_scan_what_a_script_draws_is_rendered(
    site: str, tmp_path: Path
) -> None:
    target = write_target(
        tmp_path / "codes.yaml", seeds=[site], rendering="auto", scope={"depth": 0},
        limits={"max_link_hops": 0, "words_seconds": 0},
    )  # fmt: skip
    scan(target, tmp_path / "data")
    document, _ = kept(tmp_path / "data")
    assert [one.locator.path for one in _given(document, "CANVAS")] == ["screenshot"]


def test_a_pdf_is_a_surface_by_its_address_and_as_a_file(site: str, tmp_path: Path) -> None:
    file = tmp_path / "flyer.pdf"
    file.write_bytes(pdf([Sheet(("注册欧易享返佣 40%，邀请码 DEMO1",), _code("FILE"))]))
    for name, seed in (("address", f"{site}file.pdf"), ("file", str(file))):
        done = scan(seed, tmp_path / name, "--depth", "0", "--allow-address", "127.0.0.1")
        assert [line["label"] for line in done.lines] == ["violation"], done.err
        document, verdict = kept(tmp_path / name)
        assert document.title == document.blocks[0].text == "注册欧易享返佣 40%，邀请码 DEMO1"
        (code,) = _given(document, "FILE")
        assert code.locator.path.endswith("#page=1")
        assert (code.block, document.url in code.locator.path) == (0, True)
        assert PayloadType.URL in {signal.payload for signal in verdict.signals}


def test_the_report_says_what_the_payload_of_a_code_is(site: str, tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "report"
    scan(f"{site}file.pdf", data, "--depth", "0", "--allow-address", "127.0.0.1")
    done = run_promowatch("report", "--data", str(data), "--out", str(out))
    assert done.returncode == 0, done.stderr
    for ending in ("html", "csv"):
        (written,) = out.rglob(f"*.{ending}")
        assert "QR: web address" in written.read_text(encoding="utf-8")
