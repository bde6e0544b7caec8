"""A large listing in parts: pages from one number to another, and the parts as jobs of workers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from core.errors import BadInput
from promowatch.page_range import shards
from tests.promowatch.test_worker import ended, states, stored
from tests.scanning import scan, write_target
from tests.site.loopback import LoopbackServer, Request, head
from tests.workers import Team

PAGES = 8


class Market(LoopbackServer):
    """A listing of `PAGES` numbered pages with two entries each, one of them a promotion."""

    def __init__(self) -> None:
        super().__init__(self._answer, hosts=("127.0.3.1",))
        self.asked: list[int] = []

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        number = int(parse_qs(request.query).get("page", ["1"])[0])
        body = "<title>市场</title><p>小程序市场</p>"
        if request.path == "/list":
            self.asked.append(number)
            body += "".join(_entry(number, good) for good in (0, 1) if number <= PAGES)
        data = body.encode()
        kind = [("Content-Type", "text/html; charset=utf-8")]
        writer.write(head(200 if request.path == "/list" else 404, kind, length=len(data)) + data)
        return True

    def target(self) -> dict[str, object]:
        """The listing."""
        return {
            "id": "market",
            "title": "Market",
            "surface": "mini_program",
            "platform": "market",
            "seeds": [f"{self.url}list"],
            "source": {
                "kind": "html",
                "entries": "li",
                "fields": {"app_id": "@data-id", "name": "b", "intro": "p"},
                "page_parameter": "page",
            },
            "rendering": "never",
            "politeness": {"autothrottle": False, "reason": "a local site of the tests"},
            "network": {"allow": ["127.0.3.1"]},
        }


def _entry(page: int, good: int) -> str:
    text = "做饭的菜谱" if good else f"欧易注册，填写邀请码 DEMO8{page:03} 手续费返佣 20%，合约带单"
    return (
        f'<ul><li data-id="wx{page:014}{good:02}"><b>程序 {page} {good}</b><p>{text}</p></li></ul>'
    )


@pytest.mark.parametrize(
    ("pages", "read"),
    [("1-3", [1, 2, 3]), ("4-5", [4, 5]), ("7-", [7, 8, 9]), ("3-3", [3])],
)
def test_only_the_pages_of_the_range_are_read(tmp_path: Path, pages: str, read: list[int]) -> None:
    with Market() as market:
        named = write_target(tmp_path / "market.yaml", **market.target())
        scanned = scan(named, tmp_path / "data", "--pages", pages)
    assert scanned.status == 0, scanned.err
    assert market.asked == read
    assert len(scanned.candidates) == len([page for page in read if page <= PAGES])
    assert scanned.gaps == ()


def test_workers_share_out_the_parts_of_a_listing(tmp_path: Path, postgresql_url: str) -> None:
    with Market() as market:
        team = Team(tmp_path, postgresql_url, [market.target()])
        added = team.command("queue", "add", "market", "--pages", "1-6", "--shard", "3")
        assert added.stdout == "market pages 1-3: job 1\nmarket pages 4-: job 2\n"
        workers = [team.worker(name, "--until-empty") for name in ("one", "two")]
        for worker in workers:
            ended(worker)
        events, scans = stored(team)
    assert states(team) == ["succeeded", "succeeded"]
    assert sorted(market.asked) == list(range(1, PAGES + 2)), "each page once, to the end"
    assert len(scans) == 2
    assert len({event.candidate.key for event in events}) == len(events) == PAGES


def test_parts_cover_all_and_the_last_is_open() -> None:
    assert shards("1-10", 4) == ("1-4", "5-8", "9-")
    assert shards("11-12", 5) == ("11-",)


@pytest.mark.parametrize("pages", ["0-3", "5", "9-3", "a-b", "1-2-3", "-4"])
def test_what_is_no_range_is_told(pages: str) -> None:
    with pytest.raises(BadInput, match="no range; write 1-250, or 251- to the end"):
        shards(pages, 5)


def test_pages_need_a_listing_with_numbers(tmp_path: Path) -> None:
    scanned = scan("https://pages.test/", tmp_path / "data", "--pages", "1-3")
    assert scanned.status == 2
    assert "needs a source with `page_template` or `page_parameter`" in scanned.err
