"""Every way of listing meets every trouble: two scans of a kind's seeds by the real command, the
second after what was broken for good has been mended."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from core.gap import GapKind
from storage import GapRecord
from tests.scanning import Scanned, scan, write_target
from tests.site.loopback import LoopbackServer
from tests.site.stores import KINDS, PAGES, PER_PAGE, PROMOTIONS, TOKEN, Stores, Trouble

ALL = PAGES * PER_PAGE

_CSS = {"app_id": "@data-id", "name": "a", "intro": "p.intro", "owner": "i", "url": "a@href"}
_XPATH = {
    "app_id": "./@data-id",
    "name": "./a",
    "intro": "./p[@class='intro']",
    "owner": ".//i/text()",
    "url": "./a/@href",
}
_KEYS = {"app_id": "id", "name": "name", "intro": "intro", "owner": "owner", "url": "url"}
_HTML = {"kind": "html", "entries": "li.app", "fields": _CSS}
_JSON = {"kind": "json_api", "items": "data.list", "fields": _KEYS}


class Way(NamedTuple):
    """A kind of listing: its source, what a seed adds to its base, and whether the address of a
    page is known without the page before it."""

    source: dict[str, Any]
    start: str
    numbered: bool


WAYS = {
    "html_link": Way({**_HTML, "next_page": "a.next"}, "", False),
    "html_number": Way({**_HTML, "page_parameter": "page"}, "?sort=new&page=1", True),
    "html_template": Way({**_HTML, "page_template": "list_{page}.html"}, "list_1.html", True),
    "html_xpath": Way(
        {
            "kind": "html",
            "language": "xpath",
            "entries": "//li[@class='app']",
            "fields": _XPATH,
            "next_page": "//a[@class='next']",
        },
        "",
        False,
    ),
    "json_next": Way({**_JSON, "next_page": "next"}, "?page=1", False),
    "json_page": Way({**_JSON, "page_parameter": "page"}, "?page=1", True),
    "json_offset": Way({**_JSON, "offset_parameter": "offset", "page_size": PER_PAGE}, "", True),
    "json_cursor": Way({**_JSON, "cursor": "cursor", "cursor_parameter": "cursor"}, "", False),
    "json_post": Way(
        {
            **_JSON,
            "body": {"query": {"page": 1}, "key": "${STORE_KEY}"},
            "headers": {"X-Token": "t ${STORE_KEY}"},
            "page_parameter": "query.page",
        },
        "",
        True,
    ),
    "sitemap": Way(
        {
            "kind": "sitemap",
            "page_fields": {"app_id": "p.id", "name": "h1", "intro": "p.intro", "owner": "p.owner"},
        },
        "sitemap.xml",
        True,
    ),
    "feed": Way({"kind": "feed", "fields": {"owner": "author"}}, "", False),
}


class Told(NamedTuple):
    """Two scans of one kind."""

    kind: str
    labels: tuple[dict[str, str], dict[str, str]]
    scans: tuple[Scanned, Scanned]
    stores: Stores
    data: Path

    def seen(self, trouble: Trouble, scan_number: int = 0) -> int:
        """How many entries of the listing a scan looked at."""
        return sum(f"/{trouble}/app/" in place for place in self.labels[scan_number])

    def gaps(self, trouble: Trouble) -> list[GapRecord]:
        return [gap for gap in self.scans[0].gaps if f"/{trouble}/" in gap.subject]


def _labels(data: Path) -> dict[str, str]:
    with closing(sqlite3.connect(data / "promowatch.sqlite3")) as database:
        rows = database.execute(
            "select url, seen from visits where scan_id = (select max(scan_id) from visits)"
        )
        return dict(rows.fetchall())


@pytest.fixture(scope="module", params=sorted(WAYS))
def told(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Told]:
    kind: str = request.param
    way = WAYS[kind]
    folder = tmp_path_factory.mktemp(kind)
    stores = Stores()
    with LoopbackServer(stores.respond) as server:
        target = write_target(
            folder / f"{kind.replace('_', '-')}.yaml",
            surface="app_listing",
            seeds=[f"{server.url}stores/{kind}/{one}/{way.start}" for one in Trouble],
            source=way.source,
            rendering="never",
        )
        scans, labels = [], []
        for stores.healed in (False, True):
            scans.append(scan(target, folder / "data", STORE_KEY=TOKEN))
            labels.append(_labels(folder / "data"))
    yield Told(kind, (labels[0], labels[1]), (scans[0], scans[1]), stores, folder / "data")


def test_all_pages_are_read_and_the_promotions_found(told: Told) -> None:
    assert told.seen(Trouble.NONE) == ALL, told.scans[0].err
    assert told.gaps(Trouble.NONE) == []
    found = {c.app_id for c in told.scans[0].candidates if c.app_id.startswith("none.")}
    assert found == {f"none.{name}" for name in PROMOTIONS}


def test_another_shape_is_an_alarm_and_nothing_is_called_clear(told: Told) -> None:
    assert GapKind.SHAPE_CHANGED in {gap.kind for gap in told.gaps(Trouble.SHAPE)}
    clear = [url for url, seen in told.labels[0].items() if "/shape/" in url and seen == "clear"]
    assert clear == []


def test_an_empty_first_page_is_a_gap(told: Told) -> None:
    kinds = {gap.kind for gap in told.gaps(Trouble.EMPTY)}
    assert kinds and kinds <= {GapKind.SHAPE_CHANGED, GapKind.EMPTY_BODY}
    assert told.seen(Trouble.EMPTY) == 0


def test_a_page_that_repeats_for_ever_ends_with_one_gap(told: Told) -> None:
    (gap,) = told.gaps(Trouble.REPEAT)
    assert gap.kind is GapKind.SHAPE_CHANGED
    assert "stopped there" in gap.reason
    assert told.seen(Trouble.REPEAT) == 2 * PER_PAGE


def test_a_broken_page_is_a_gap_and_what_can_be_had_behind_it_is(told: Told) -> None:
    kinds = [gap.kind for gap in told.gaps(Trouble.ERROR)]
    if WAYS[told.kind].numbered:
        assert kinds == [GapKind.HTTP_STATUS]
        assert told.seen(Trouble.ERROR) == ALL - PER_PAGE
    else:
        assert sorted(kinds) == [GapKind.HTTP_STATUS, GapKind.INTERRUPTED]
        assert told.seen(Trouble.ERROR) == 2 * PER_PAGE


def test_a_page_that_fails_once_is_asked_for_again(told: Told) -> None:
    assert told.seen(Trouble.STUMBLE) == ALL
    assert told.gaps(Trouble.STUMBLE) == []


def test_the_wait_that_a_429_asks_for_is_kept(told: Told) -> None:
    assert told.seen(Trouble.LIMIT) == ALL
    assert told.gaps(Trouble.LIMIT) == []
    moments = [at for at, _ in told.stores.asked]
    longest = max(later - sooner for sooner, later in pairwise(moments))
    assert longest >= 0.9  # nobody was asked for anything in that second


@pytest.mark.parametrize("trouble", [Trouble.CUT, Trouble.ERROR])
def test_the_next_scan_finds_what_a_broken_one_did_not(told: Told, trouble: Trouble) -> None:
    assert told.seen(trouble) < ALL
    assert told.seen(trouble, 1) == ALL


def test_no_secret_is_written_anywhere(told: Told) -> None:
    secret = TOKEN.encode()
    for path in told.data.rglob("*"):
        assert not path.is_file() or secret not in path.read_bytes(), path


def test_each_kind_is_tried() -> None:
    assert WAYS.keys() == KINDS.keys()
