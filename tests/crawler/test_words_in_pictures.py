"""Pages whose promotion stands in a picture alone, scanned by the real command."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.gap import GapKind
from storage import Store
from tests.crawler.banners import RECIPE, banner_png
from tests.crawler.extractors.drawn import data_uri
from tests.scanning import Scanned, kept, scan, write_target
from tests.site.loopback import LoopbackServer, Request, head

_PAGE = "<meta charset=utf-8><title>{0}</title><body><h1>{0}</h1>{1}<p>本页完。</p></body>"
_LINKS = "".join(f'<p><a href="/{name}">{name}</a></p>' for name in ("offer", "recipe", "icons"))
PAGES = {
    "/": _PAGE.format("目录", _LINKS),
    "/offer": _PAGE.format(
        "最新活动", '<p>活动详情见下图</p><img src="/offer.png"><p>版权所有</p>'
    ),
    "/recipe": _PAGE.format("家常菜", '<p>今天的菜谱</p><img src="/recipe.png">'),
    "/icons": _PAGE.format("图标", '<p>这里只有图标</p><img src="/icon.png">'),
}
PAGES["/two"] = _PAGE.format(
    "两张图", f'<img src="{data_uri(banner_png(RECIPE[::-1]))}"><p>详情</p><img src="/offer.png">'
)
PICTURES = {
    "/offer.png": banner_png,
    "/recipe.png": lambda: banner_png(RECIPE),
    "/icon.png": lambda: banner_png(("币",), (40, 40)),
}

_WITHOUT_EXTRA = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("rapidocr", "onnxruntime"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
"""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    async def answer(request: Request, writer: asyncio.StreamWriter) -> bool:
        page, picture = PAGES.get(request.path), PICTURES.get(request.path)
        body = page.encode() if page is not None else picture() if picture is not None else b""
        kind = "text/html; charset=utf-8" if page is not None else "image/png"
        writer.write(head(200 if body else 404, [("Content-Type", kind)], length=len(body)))
        writer.write(body)
        return True

    with LoopbackServer(answer) as server:
        yield server.url


def _scan(site: str, folder: Path, **limits: float) -> Scanned:
    target = write_target(folder / "pages.yaml", seeds=[site], limits=limits, rendering="never")
    return scan(target, folder / "data")


def test_an_offer_that_stands_only_in_a_banner_is_a_violation(site: str, tmp_path: Path) -> None:
    scanned = _scan(site, tmp_path)
    assert scanned.status == 0, scanned.err
    assert [(line["label"], line["url"]) for line in scanned.lines] == [
        ("violation", f"{site}offer")
    ]
    assert scanned.gaps == ()
    document, verdict = kept(tmp_path / "data")
    kinds = [block.kind for block in document.blocks]
    first = kinds.index("ocr")
    assert kinds[first : first + 3] == ["ocr"] * 3
    assert document.blocks[first - 1].text == "活动详情见下图"
    assert document.blocks[first + 3].text == "版权所有"
    assert document.blocks[first].locator.path == f"{site}offer.png"
    assert document.blocks[first].locator.box is not None
    assert verdict.label == "violation"
    assert {document.blocks[block].kind for block in verdict.blocks} == {"ocr"}

    with sqlite3.connect(tmp_path / "data" / "picture-words.sqlite3") as memo:
        assert memo.execute("select count(*) from words").fetchone() == (2,)
    again = _scan(site, tmp_path)
    assert [line["event"] for line in again.lines] == ["still_up"]


def test_without_the_extra_the_scan_runs_and_says_so_once(
    site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(_WITHOUT_EXTRA, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    scanned = _scan(site, tmp_path)
    assert (scanned.status, scanned.lines) == (0, ())
    (gap,) = scanned.gaps
    assert gap.kind is GapKind.WORDS_NOT_READ
    assert gap.reason == (
        "words in 2 pictures not read: the extra `ocr` is not installed; "
        "install the extra: pip install -e '.[ocr]' in the project's folder"
    )
    assert not (tmp_path / "data" / "picture-words.sqlite3").exists()


def test_the_budget_is_a_limit_of_the_target(site: str, tmp_path: Path) -> None:
    scanned = _scan(site, tmp_path, words_seconds=0.001)
    assert scanned.status == 0
    (gap,) = scanned.gaps
    assert gap.kind is GapKind.WORDS_NOT_READ
    assert gap.reason == "words in 1 picture not read: limits.words_seconds (0.001) reached"
    assert scanned.summary is not None
    off = _scan(site, tmp_path, words_seconds=0)
    assert (off.status, off.gaps) == (0, ())


def test_a_picture_left_out_does_not_make_a_candidate_gone(site: str, tmp_path: Path) -> None:
    first = _scan(f"{site}two", tmp_path)
    assert [line["event"] for line in first.lines] == ["new"]
    (tmp_path / "data" / "picture-words.sqlite3").unlink()
    second = _scan(f"{site}two", tmp_path, words_seconds=0.001)
    assert second.gap_kinds("pictures") == {"words_not_read"}
    now = datetime.now(UTC)
    with Store.open(tmp_path / "data") as store:
        events = store.day(now - timedelta(days=1), now + timedelta(days=1)).events
    assert [event.kind for event in events] == ["new"]
