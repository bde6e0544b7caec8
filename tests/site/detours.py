"""A site whose links lead on detours, for tests of resolving: `with DetourSite() as site:`.

Four loopback hosts on one port: `PAGES` holds the pages that are scanned, `SHORT` is a short-link
service, `OTHER` a host on the way, `EXCHANGE` stands for a listed exchange and must never be asked.
`catalogue` makes a copy of the catalogue that knows them so.
"""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from tests.site.loopback import LoopbackServer, Request, head
from tests.site.pictures import qr_data_uri

PAGES, SHORT, OTHER, EXCHANGE = "127.0.0.4", "127.0.0.5", "127.0.0.6", "127.0.0.7"
NETWORK = "127.0.0.4/30"
PRIVATE = "http://192.168.77.77/admin"
METADATA = "http://0xa9fea9fe/latest/meta-data/"
HTML = "text/html; charset=utf-8"
PITCH = "欧易新用户专享：从这里注册开户，手续费永久八折，还送 USDT 盲盒。"
_CLICK_THROUGH = """<title>安全提示</title><p>您即将离开本站，前往第三方网站，请注意账号安全。</p>
<a href="/help">帮助</a> <a class="button" href="{url}">继续访问</a>"""
_ENOUGH = "<p>" + "这里是一个普通的页面，讲的是园艺与天气。" * 20 + "</p>"


class DetourSite:
    """Context manager over the hosts; `moved` says where the link `/moving` leads."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []
        """Host without port, path with query, and Cookie header of every request, in order."""
        self._server = LoopbackServer(self._answer, hosts=(PAGES, SHORT, OTHER, EXCHANGE))
        self.moved = self.on(OTHER, "/first")

    def on(self, host: str, path: str) -> str:
        """Address of `path` on one of the hosts."""
        return self._server.url_on(host).rstrip("/") + path

    def page(self, link: str, issue: str = "") -> str:
        """Address of a page that holds a pitch and nothing but `link` (several divided by
        blanks). An `issue` makes its text another than that of the other pages."""
        return self.on(PAGES, f"/page?link={quote(link, safe='')}" + (issue and f"&issue={issue}"))

    def quiet_page(self, link: str) -> str:
        """Address of a page that holds `link` in a text about gardens."""
        return self.on(PAGES, f"/reading?link={quote(link, safe='')}")

    def code_page(self, payload: str) -> str:
        """Address of a page that shows `payload` as a QR code alone."""
        return self.on(PAGES, f"/code?payload={quote(payload, safe='')}")

    def requests_to(self, host: str, path: str = "") -> int:
        """How often anything on `host` beginning with `path` was asked for."""
        return sum(one[0] == host and one[1].startswith(path) for one in self.asked)

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.__exit__(kind, error, trace)

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        host = request.headers.get("host", "").partition(":")[0]
        target = f"{request.path}?{request.query}" if request.query else request.path
        self.asked.append((host, target, request.headers.get("cookie", "")))
        if request.path == "/slow":
            await asyncio.Event().wait()
        status, headers, text = self._content(host, request)
        body = text.encode()
        writer.write(head(status, [("Content-Type", HTML), *headers], length=len(body)) + body)
        return True

    def _content(self, host: str, request: Request) -> tuple[int, list[tuple[str, str]], str]:
        path, query = request.path, request.query
        location = self._locations(path, query)
        if path == "/robots.txt":
            return 200, [], "User-agent: *\nDisallow: /forbidden\n"
        if location:
            cookies = [("Set-Cookie", "seen=1")] if path == "/cookie" else []
            return 302, [("Location", location), *cookies], ""
        if path == "/header":
            return 200, [("Refresh", f"0; url={self.on(EXCHANGE, '/join/DEMO11')}")], ""
        if path in ("/dead", "/broken"):
            return (404 if path == "/dead" else 500), [], "nothing"
        return 200, [], self._pages(path, request) or _ENOUGH

    def _locations(self, path: str, query: str) -> str:
        """Where the redirects lead."""
        if path == "/grow":
            return f"/grow?{'x' * (len(query) + 1)}"
        return {
            "/six": self.on(OTHER, "/six2"),
            "/six6": self.on(EXCHANGE, "/join/DEMO66"),
            "/loop": self.on(SHORT, "/loop2"),
            "/loop2": self.on(SHORT, "/loop"),
            "/private": PRIVATE,
            "/metadata": METADATA,
            "/cookie": self.on(SHORT, "/cookie"),
            "/late": self.on(OTHER, "/slow"),
            "/moving": self.moved,
            "/app": "okx://join?code=DEMO22",
            "/file": self.on(OTHER, "/setup.apk"),
            "/to-forbidden": self.on(OTHER, "/forbidden/offer"),
            "/plain": self.on(EXCHANGE, "/join/DEMO77"),
            "/venue": "https://www.okx.com/join/DEMO8899",
            "/quiet": self.on(OTHER, "/garden"),
        }.get(path, "")

    def _pages(self, path: str, request: Request) -> str:
        twice = quote(quote(self.on(SHORT, "/six5"), safe=""), safe="")
        script = f"location['href'] = '{self.on(OTHER, '/jump?to=')}' + '{twice}';"
        if path == "/page":
            links = "".join(f'<a href="{link}">立即参加</a>' for link in _links(request))
            issue = _parameter(request, "issue")
            return f"<title>活动</title><p>{PITCH}{issue}{links}</p>"
        if path == "/reading":
            links = "".join(f'<a href="{link}">春天的花</a>' for link in _links(request))
            return f"<title>园艺</title><p>本期专栏介绍{links}的养护。</p>"
        if path == "/code":
            picture = qr_data_uri(_parameter(request, "payload"))
            return f'<title>扫码</title><p>{PITCH}扫码注册<img src="{picture}"></p>'
        return {
            "/neutral": "<title>通知</title><p>注册开户请点"
            f'<a href="{self.on(SHORT, "/venue")}">这里</a>，新用户有礼。</p>',
            "/six2": f'<meta http-equiv="refresh" content="0;url={self.on(SHORT, "/six3")}">',
            "/six3": f"<title>请稍候</title><script>{script}</script>",
            "/jump": "<p>正在跳转</p><script>go(query('to'))</script>",
            "/six5": _CLICK_THROUGH.format(url=self.on(OTHER, "/six6")),
            "/click": _CLICK_THROUGH.format(url=self.on(EXCHANGE, "/join/DEMO33")),
            "/timer": f"<script>setTimeout(\"location='{self.on(EXCHANGE, '/join/DEMO44')}'\", 50)"
            "</script>",
        }.get(path, "")


def _links(request: Request) -> list[str]:
    """The addresses in `link`, divided by blanks, as attribute values."""
    links = _parameter(request, "link").split()
    return [link.replace("&", "&amp;").replace('"', "&quot;") for link in links]


def _parameter(request: Request, name: str) -> str:
    from urllib.parse import parse_qs

    return parse_qs(request.query).get(name, [""])[0]


def catalogue(source: Path, folder: Path) -> Path:
    """A copy of the catalogue `source` in `folder` that lists the hosts of this site."""
    shutil.copytree(source, folder)
    _insert(
        folder / "redirectors.yaml",
        "\nhosts:\n",
        f"  - {{id: detour_short, kind: short_link, hosts: [{SHORT}], source: [project]}}\n",
    )
    _insert(
        folder / "exchanges.yaml",
        "\nentities:\n",
        "  - {id: detour_exchange, kind: exchange, names: [镜湖交易所], "
        f"domains: {{official: [{EXCHANGE}]}}, source: [project]}}\n",
    )
    return folder


def _insert(path: Path, after: str, text: str) -> None:
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace(after, after + text, 1), encoding="utf-8")
