"""A site of crawler traps and one honest section: `with TrapSite() as site:`.

Each trap links to ever new addresses of itself and says nothing new; `/article/1` to
`/article/ARTICLES` all say something of their own, and stand on the start page.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from urllib.parse import parse_qs

from tests.site.loopback import LoopbackServer, Request
from tests.site.odd_answers import HTML, send

ARTICLES = 600
HONEST = "/article/"
_MONTHS = ("一月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月")
_FACETS = ("red", "blue", "green", "small", "large", "cheap")


def _links(*paths: str) -> str:
    return "".join(f'<a href="{path}">下一页</a> ' for path in paths)


def _calendar(path: str, query: str) -> str:
    month = int(path.rpartition("/")[2])
    shown = f"{_MONTHS[month % len(_MONTHS)]}，第 {month // len(_MONTHS)} 年，没有活动"
    return shown + _links(*(f"/calendar/{month + step}" for step in range(1, 6)))


def _session(path: str, query: str) -> str:
    number = int(parse_qs(query).get("PHPSESSID", ["0"])[0], 16)
    following = (f"/session?PHPSESSID={number * 3 + step:032x}" for step in range(1, 4))
    return "购物车是空的" + _links(*following)


def _hidden_session(path: str, query: str) -> str:
    """A session id whose name nobody knows, in the path."""
    number = int(path.rpartition("/")[2], 16)
    following = (f"/visit/a{number % 16**16 * 3 + step:023x}" for step in range(1, 4))
    return "欢迎光临" + _links(*following)


def _permutations(path: str, query: str) -> str:
    pairs = query.split("&")
    turned = ("&".join(pairs[at:] + pairs[:at]) for at in range(1, len(pairs)))
    return "排序" + _links(*(f"/sorted?{one}" for one in turned))


def _facets(path: str, query: str) -> str:
    chosen = [pair for pair in query.split("&") if pair]
    more = (f"/shop?{'&'.join([*chosen, f'{one}={len(chosen)}'])}" for one in _FACETS)
    return "货架上没有符合条件的商品" + _links(*more)


def _deeper(path: str, query: str) -> str:
    return "目录" + _links("deeper/", "other/")


def _duplicates(path: str, query: str) -> str:
    number = int(path.rpartition("-")[2])
    return "本店新开张，欢迎惠顾" + _links(*(f"/shop-{number * 4 + step}" for step in range(1, 5)))


def _article(path: str, query: str) -> str:
    number = int(path.rpartition("/")[2])
    return "".join(chr(0x4E00 + 97 * int(digit)) for digit in f"{number:04}")


def _start(path: str, query: str) -> str:
    return _links(*TRAPS.values()) + _links(*(f"{HONEST}{n}" for n in range(1, ARTICLES + 1)))


TRAPS = {
    "calendar": "/calendar/1",
    "session": "/session?PHPSESSID=00000000000000000000000000000001",
    "hidden session": "/visit/a00000000000000000000001",
    "permutations": "/sorted?a=1&b=2&c=3&d=4",
    "facets": "/shop?",
    "deeper": "/deeper/",
    "duplicates": "/shop-1",
}
"""Where each trap begins."""

_PAGES: dict[str, Callable[[str, str], str]] = {
    "/calendar/": _calendar,
    "/session": _session,
    "/visit/": _hidden_session,
    "/sorted": _permutations,
    "/shop-": _duplicates,
    "/shop": _facets,
    "/deeper/": _deeper,
    HONEST: _article,
    "/": _start,
}


class TrapSite(LoopbackServer):
    """The site on 127.0.0.1; `asked` holds path and query of every page request."""

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.asked: list[str] = []

    def count(self, beginning: str) -> int:
        """How many requests began with `beginning`."""
        return sum(path.startswith(beginning) for path in self.asked)

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        if request.path == "/robots.txt":
            return send(writer, 404, (HTML,), b"")
        self.asked.append(f"{request.path}?{request.query}".rstrip("?"))
        page = next(page for start, page in _PAGES.items() if request.path.startswith(start))
        text = f"<!DOCTYPE html><title>站点</title><p>{page(request.path, request.query)}</p>"
        return send(writer, 200, (HTML,), text.encode())
