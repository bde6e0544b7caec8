"""Stores: one catalogue of apps shown in every way a platform shows one, with the usual troubles.

`/stores/<kind>/<trouble>/...`: 15 entries on 5 pages, of which `app-02` and `app-13` promote. A
kind is a way of listing, a trouble what goes wrong; both are named in `KINDS` and `Trouble`.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from html import escape
from typing import NamedTuple
from urllib.parse import parse_qs

from tests.site.loopback import Request, head

PAGES = 5
PER_PAGE = 3
TOKEN = "own-test-token-7f3a"
PROMOTIONS = ("app-02", "app-13")

_OFFER = "币安新人福利：注册填写邀请码 DEMO88005，手续费永久返佣四成，点此开户买卖比特币"
_PLAIN = (
    "记录每天的浇水和施肥，提醒换盆",
    "查公交到站时间，支持收藏线路",
    "给孩子讲睡前故事，每晚一篇",
    "整理家里的收据，按月汇总",
    "附近球场的空闲时段和预约",
)


class Trouble(StrEnum):
    """What goes wrong with a listing."""

    NONE = "none"
    SHAPE = "shape"  # other element and key names than the target knows
    EMPTY = "empty"  # the first page has no entries
    REPEAT = "repeat"  # every page after the second is the second once more, under a new address
    ERROR = "error"  # page 3 answers 500
    STUMBLE = "stumble"  # page 3 answers 500 the first time
    LIMIT = "limit"  # page 2 answers 429 the first time and asks to wait a second
    CUT = "cut"  # from page 3 on the connection is closed without an answer


class Reply(NamedTuple):
    """One answer; `status` 0 closes the connection."""

    body: bytes
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


class Stores:
    """Answers for `/stores/`; `asked` holds (when, path and query) of each request.

    `healed`: from then on nothing goes wrong for good (`error`, `cut`).
    """

    def __init__(self) -> None:
        self.asked: list[tuple[float, str]] = []
        self.healed = False
        self._times: Counter[str] = Counter()

    async def respond(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        """A `Responder` for a site that has nothing but stores."""
        reply = self.answer(request) or Reply(b"", status=404)
        if not reply.status:
            return False
        headers = [("Content-Type", reply.content_type), *reply.headers]
        writer.write(head(reply.status, headers, length=len(reply.body)) + reply.body)
        return True

    def answer(self, request: Request) -> Reply | None:
        """What `/stores/...` answers; None for other paths."""
        parts = request.path.split("/")
        if len(parts) < 5 or parts[1] != "stores" or parts[2] not in {*KINDS, *SCRIPTED}:
            return None
        kind, trouble, rest = parts[2], Trouble(parts[3]), "/".join(parts[4:])
        self.asked.append((time.monotonic(), f"{request.path}?{request.query}"))
        if kind in SCRIPTED and not rest:
            return _scripted(kind)
        if rest.startswith("app/"):
            return _own_page(rest.removeprefix("app/").removesuffix(".html"))
        query = {name: values[0] for name, values in parse_qs(request.query).items()}
        return self._page(KINDS[kind], kind, trouble, rest, query, request)

    def _page(
        self,
        show: Show,
        kind: str,
        trouble: Trouble,
        rest: str,
        query: dict[str, str],
        request: Request,
    ) -> Reply:
        if kind == "json_post":
            posted = json.loads(request.body or b"{}")
            if posted.get("key") != TOKEN or request.headers.get("x-token") != f"t {TOKEN}":
                return Reply(b'{"error": "who are you?"}', status=403)
            query = {"page": str(posted["query"]["page"])}
        number = _number(kind, rest, query)
        failed = self._trouble(trouble, f"{kind}/{trouble}", number)
        if failed is not None:
            return failed
        goes_on = trouble is Trouble.REPEAT or number < PAGES
        shown = min(number, 2) if trouble is Trouble.REPEAT else number
        entries = [] if trouble is Trouble.EMPTY else _entries(trouble, shown)
        following = number + 1 if goes_on and trouble is not Trouble.EMPTY else 0
        base = f"/stores/{kind}/{trouble}/"
        reply = show(Page(base, number, entries, following))
        if trouble is Trouble.SHAPE:
            reply = _moved(reply, kind)
        body = reply.body.replace(b"HOST", f"http://{request.headers['host']}".encode())
        return reply._replace(body=gzip.compress(body) if rest.endswith(".gz") else body)

    def _trouble(self, trouble: Trouble, listing: str, number: int) -> Reply | None:
        key = f"{listing} {number}"
        self._times[key] += 1
        once = self._times[key] == 1
        if trouble is Trouble.ERROR and number == 3 and not self.healed:
            return Reply(b"broken", status=500)
        if trouble is Trouble.STUMBLE and number == 3 and once:
            return Reply(b"broken", status=500)
        if trouble is Trouble.LIMIT and number == 2 and once:
            return Reply(b"slower", status=429, headers=(("Retry-After", "1"),))
        if trouble is Trouble.CUT and number >= 3 and not self.healed:
            return Reply(b"", status=0)
        return None


class Page(NamedTuple):
    """One page of a listing; `following` is the number of the next, 0 at the end."""

    base: str
    number: int
    entries: list[dict[str, str]]
    following: int


Show = Callable[[Page], Reply]


def _number(kind: str, rest: str, query: dict[str, str]) -> int:
    """Which page is asked for, by the kind's own way of saying it."""
    if kind == "json_offset":
        return int(query.get("offset", "0")) // PER_PAGE + 1
    if kind == "json_cursor":
        return int(query.get("cursor", "c1").removeprefix("c"))
    if rest.startswith(("list_", "shard_")):
        return int(rest.partition("_")[2].partition(".")[0])
    if kind == "sitemap":
        return 0
    return int(query.get("page", "1"))


def _entries(trouble: str, number: int) -> list[dict[str, str]]:
    if not 1 <= number <= PAGES:
        return []
    first = (number - 1) * PER_PAGE
    return [_app(trouble, one) for one in range(first + 1, first + PER_PAGE + 1)]


def _app(trouble: str, number: int) -> dict[str, str]:
    name = f"app-{number:02}"
    promotes = name in PROMOTIONS
    return {
        "id": f"{trouble}.{name}",
        "name": "返佣助手" if promotes else f"小帮手{number:02}",
        "intro": _OFFER if promotes else _PLAIN[number % len(_PLAIN)],
        "owner": f"临河软件{number:02}工作室",
    }


def _own_page(app_id: str) -> Reply:
    trouble, _, name = app_id.partition(".")
    app = _app(trouble, int(name.removeprefix("app-")))
    data = {"@type": "SoftwareApplication", "name": app["name"], "identifier": app["id"]}
    data |= {"description": app["intro"], "author": {"name": app["owner"]}}
    return _html(
        f'<script type="application/ld+json">{json.dumps(data)}</script>'
        f'<h1 class="name">{app["name"]}</h1><p class="intro">{app["intro"]}</p>'
        f'<p class="owner">{app["owner"]}</p><p class="id">{app["id"]}</p>',
        app["name"],
    )


def _html(body: str, title: str = "应用广场") -> Reply:
    text = f'<!DOCTYPE html><meta charset="utf-8"><title>{escape(title)}</title>{body}'
    return Reply(text.encode())


def _html_list(page: Page) -> Reply:
    """A list; a link to the next page beside it, whose address is new each time."""
    rows = "".join(
        f'<li class="app" data-id="{app["id"]}"><a href="app/{app["id"]}.html">{app["name"]}</a>'
        f'<p class="intro">{app["intro"]}</p><i>{app["owner"]}</i></li>'
        for app in page.entries
    )
    link = f'<a class="next" href="?page={page.following}">下一页</a>' if page.following else ""
    return _html(f"<ul>{rows}</ul>{link}<p>第 {page.number} 页</p>")


def _json_list(page: Page) -> Reply:
    rows = [{**app, "url": f"{page.base}app/{app['id']}.html"} for app in page.entries]
    data = {
        "data": {"list": rows, "page": page.number},
        "next": f"{page.base}?page={page.following}" if page.following else None,
        "cursor": f"c{page.following}" if page.following else "",
    }
    return Reply(json.dumps(data, ensure_ascii=False).encode(), "application/json")


def _sitemap(page: Page) -> Reply:
    """An index of five gzipped shards; where a page repeats, each names one more index."""
    if page.number == 0 and (page.entries or page.following):
        shards = [f"{page.base}shard_{n}.xml.gz" for n in range(1, PAGES + 1)]
        return _index(shards)
    if f"/{Trouble.REPEAT}/" in page.base and page.number > 2:
        return _index([f"{page.base}shard_{page.following}.xml.gz"])
    rows = "".join(
        f"<url><loc>HOST{page.base}app/{app['id']}.html</loc><lastmod>2026-11-0{number}</lastmod></url>"
        for number, app in enumerate(page.entries, 1)
    )
    return _xml(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>')


def _index(addresses: list[str]) -> Reply:
    rows = "".join(f"<sitemap><loc>HOST{one}</loc></sitemap>" for one in addresses)
    return _xml(f'<sitemapindex xmlns="urn:x">{rows}</sitemapindex>')


def _xml(text: str) -> Reply:
    return Reply(text.encode(), "application/xml")


def _feed(page: Page) -> Reply:
    rows = "".join(
        f"<item><title>{app['name']}</title><guid>{app['id']}</guid>"
        f"<description><![CDATA[<p>{app['intro']}</p>]]></description>"
        f"<link>{page.base}app/{app['id']}.html</link><author>{app['owner']}</author></item>"
        for app in page.entries
    )
    link = f'<a:link rel="next" href="?page={page.following}"/>' if page.following else ""
    return _xml(
        '<rss version="2.0" xmlns:a="http://www.w3.org/2005/Atom"><channel><title>新应用</title>'
        f"{link}{rows}</channel></rss>"
    )


def _moved(reply: Reply, kind: str) -> Reply:
    """`reply` after the platform has renamed what the target looks for."""
    body = reply.body
    for old, new in (
        (b'"name"', b'"title"'),
        (b"<li ", b"<article "),
        (b"<title>", b"<headline>"),
        (b"<loc>", b"<address>"),
        (b"sitemapindex", b"siteindex"),
    ):
        if old != b"<title>" or kind == "feed":
            body = body.replace(old, new)
    return reply._replace(body=body)


KINDS: dict[str, Show] = {
    "html_link": _html_list,
    "html_number": _html_list,
    "html_template": _html_list,
    "html_xpath": _html_list,
    "json_next": _json_list,
    "json_page": _json_list,
    "json_offset": _json_list,
    "json_cursor": _json_list,
    "json_post": _json_list,
    "sitemap": _sitemap,
    "feed": _feed,
}

SCRIPTED = ("scroll", "button")
"""Lists that a script fills from `json_page`, a page at a time: as one scrolls, or by a button."""

_SCRIPT = """
let page = 0;
async function more() {
  const answer = await fetch(`/stores/json_page/none/?page=${++page}`);
  for (const app of (await answer.json()).data.list) {
    const item = document.createElement('li');
    item.className = 'app';
    item.dataset.id = app.id;
    item.style.height = '600px';
    for (const [tag, key] of [['a', 'name'], ['p', 'intro'], ['i', 'owner']]) {
      const part = document.createElement(tag);
      part.className = key;
      part.textContent = app[key];
      if (tag === 'a') part.href = app.url;
      item.append(part);
    }
    document.querySelector('ul').append(item);
  }
  const button = document.querySelector('button');
  if (button && page >= 5) button.remove();
}
more();
"""
_SCROLLS = """
addEventListener('scroll', () => {
  if (page < 5 && innerHeight + scrollY >= document.documentElement.scrollHeight - 50) more();
});
"""


def _scripted(kind: str) -> Reply:
    button = '<button class="more" onclick="more()">更多</button>' if kind == "button" else ""
    script = _SCRIPT + (_SCROLLS if kind == "scroll" else "")
    return _html(f"<ul></ul>{button}<script>{script}</script>")
