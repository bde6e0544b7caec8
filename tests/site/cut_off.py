"""A site for scans that are cut off: it can kill its visitor at any of its requests.

Three hosts. The first has sections and articles, of which some promote, and whatever makes a scan
keep something in mind: redirects, pages that are gone or broken, pictures that several pages show,
the same page under several addresses. The second has the same promotion in the footer of each page,
one page leading to the next; the third a calendar without end.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections import Counter
from collections.abc import Callable
from html import escape

from tests.site.loopback import LoopbackServer, Request, Responder, head
from tests.site.pictures import qr_png

ARTICLES, FOOTERS, CALENDAR = HOSTS = ("127.0.0.1", "127.0.0.2", "127.0.0.3")
SECTIONS = 4
A_SECTION = 7
FOOTER_PAGES = 9
PROMOTING = (3, 11, 12, 20, 27)
WITH_CODE = 16

_OFFER = "欧易注册链接，填写邀请码 DEMO7788 手续费返佣百分之二十，新人开户买卖比特币"
_FOOTER = "本站合作伙伴币安：注册填写邀请码 DEMO88005，交易比特币手续费永久返佣"
_THINGS = tuple("面黄竹木石雨茶棉毛纸风水砖瓦")
_DEEDS = tuple("洗晾切装搬修磨编收摆称裁涂晒")


class Killer:
    """A `Responder` that answers as another does, and can kill its visitor on the way.

    `asked` counts what was asked for since `begin`, by host, path and query.
    """

    def __init__(self, respond: Responder) -> None:
        self.asked: Counter[str] = Counter()
        self._answer = respond
        self._strike: Callable[[], None] | None = None
        self._at = 0
        self._seconds = 0.0

    @property
    def requests(self) -> int:
        """How many requests there were since `begin`."""
        return sum(self.asked.values())

    def begin(self) -> None:
        """Forget what was asked so far, and whom to kill."""
        self.asked.clear()
        self._strike = None

    def kill(
        self, victim: int, request: int, seconds: float = 0.0, how: int = signal.SIGKILL
    ) -> None:
        """Send `how` to the process `victim`, so many seconds after the request of that number."""
        self.at(request, lambda: _send(victim, how), seconds)

    def at(self, request: int, strike: Callable[[], None], seconds: float = 0.0) -> None:
        """Call `strike`, so many seconds after the request of that number."""
        self._strike, self._at, self._seconds = strike, request, seconds

    async def respond(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        """A `Responder`."""
        host = request.headers["host"].partition(":")[0]
        self.asked[f"{host}{request.path}?{request.query}".rstrip("?")] += 1
        if self._strike is not None and self.requests == self._at:
            asyncio.get_running_loop().call_later(self._seconds, self._strike)
        return await self._answer(request, writer)


def _send(victim: int, how: int) -> None:
    with contextlib.suppress(ProcessLookupError):  # it had come to its end
        os.kill(victim, how)


class CutOffSite(Killer):
    """The site, as a context manager."""

    def __init__(self) -> None:
        super().__init__(_respond)
        self._server = LoopbackServer(self.respond, hosts=HOSTS)

    def __enter__(self) -> CutOffSite:
        self._server.__enter__()
        return self

    def __exit__(self, *about: object) -> None:
        self._server.__exit__(None, None, None)

    @property
    def seeds(self) -> list[str]:
        """Where a scan begins, one address on each host."""
        on = self._server.url_on
        return [on(ARTICLES), f"{on(FOOTERS)}f/1", f"{on(CALENDAR)}calendar?month=1"]

    @property
    def port(self) -> str:
        """The port as addresses have it."""
        return f":{self._server.port}"


async def _respond(request: Request, writer: asyncio.StreamWriter) -> bool:
    status, headers, body = _answer(request.headers["host"].partition(":")[0], request)
    writer.write(head(status, headers, length=len(body)) + body)
    return True


Answer = tuple[int, list[tuple[str, str]], bytes]


def _answer(host: str, request: Request) -> Answer:
    if request.path == "/robots.txt":
        return 404, [], b""
    if host == FOOTERS:
        return _footer_page(int(request.path.rpartition("/")[2]))
    if host == CALENDAR:
        month = int(request.query.rpartition("=")[2])
        link = f"<a href='/calendar?month={month + 1}'>下个月</a>"
        return _page(f"第 {month} 个月", f"<p>本月没有活动安排，欢迎下次再来看。</p>{link}")
    folder, _, name = request.path.strip("/").partition("/")
    fixed = _FIXED.get(folder)
    if fixed is not None:
        return fixed()
    if folder == "s":
        return _section(int(name))
    return _article(int(name))


def _page(title: str, body: str) -> Answer:
    text = f"<!DOCTYPE html><meta charset=utf-8><title>{escape(title)}</title>{body}"
    return 200, [("Content-Type", "text/html; charset=utf-8")], text.encode()


def _home() -> Answer:
    places = [*(f"/s/{number}" for number in range(1, SECTIONS + 1))]
    places += ["/gone", "/broken", "/old", "/partner", "/a/1?b=2&a=1", "/a/1?a=1&b=2&sid=77"]
    links = "".join(f"<p><a href='{escape(place)}'>去看看这里</a></p>" for place in places)
    return _page("首页", f"<p>手艺人的笔记，每天写一点。</p>{links}")


def _section(number: int) -> Answer:
    first = (number - 1) * A_SECTION
    inside = range(first + 1, first + A_SECTION + 1)
    links = "".join(f"<p><a href='/a/{one}'>{_words(one)}</a></p>" for one in inside)
    return _page(f"栏目{_words(number)}", links)


def _article(number: int) -> Answer:
    text = f"<p>{_words(number)}，{_words(number + 40)}，{_words(number * 3)}。</p>"
    if number in PROMOTING:
        text += f"<p>{_OFFER} <a href='https://www.okx.com/join/DEMO{number}'>点击注册</a></p>"
    if number == WITH_CODE:
        text += "<p>扫码进群 <img src='/code.png' alt=二维码></p>"
    if number % 5 == 0:
        text += "<p><img src='/torn.png' width=300 height=300 alt=图></p>"
    return _page(f"笔记{_words(number)}", text + "<p><a href='/'>回首页</a></p>")


def _footer_page(number: int) -> Answer:
    following = f"<p><a href='/f/{number + 1}'>下一页</a></p>" if number < FOOTER_PAGES else ""
    return _page(
        f"日记{_words(number)}",
        f"<p>{_words(number + 7)}，{_words(number * 5)}。</p>{following}<footer>{_FOOTER}</footer>",
    )


def _words(number: int) -> str:
    """A text of its own for each number up to 195."""
    thing, deed = _THINGS[number % 14], _DEEDS[number // 14 % 14]
    return f"先把{thing}器{deed}好，再去看{_THINGS[(number * 5 + 3) % 14]}匠{deed}他的{thing}货"


def _image(body: bytes) -> Answer:
    return 200, [("Content-Type", "image/png")], body


_FIXED: dict[str, Callable[[], Answer]] = {
    "": _home,
    "gone": lambda: (404, [], b"gone"),
    "broken": lambda: (500, [], b"broken"),
    "old": lambda: (302, [("Location", "/a/2")], b""),
    "partner": lambda: (302, [("Location", "https://www.okx.com/join/DEMO9")], b""),
    "code.png": lambda: _image(qr_png("https://www.okx.com/join/DEMO5")),
    "torn.png": lambda: _image(b"\x89PNG\r\n\x1a\n" + bytes(300)),
}
