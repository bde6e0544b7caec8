"""A site that tells its visitors apart, and pages that merely change: `with CloakingSite() ...`.

Each path is a behaviour. `asked` has path and headers of every request, `scripts` what the page
`/mirror` read from the browser.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote

from tests.site.loopback import LoopbackServer, Request, head

HOST = "127.0.0.1"
ELSEWHERE = "127.0.0.2"

PITCH = (
    "<p>欧易新用户从本页注册，邀请码 DEMO2201，交易手续费返佣 20%，"
    '<a href="https://www.okx.com/join/DEMO2201">立即注册</a></p>'
)
HARMLESS = "<p>镇上的图书馆周六上午开放，新到的书放在进门左手边的架子上，欢迎带孩子来看。</p>"
OTHER_HARMLESS = "<p>河边的步道本周维修，散步的居民请走东岸，施工到周五傍晚结束。</p>"
CHECK = "<p>系统检测到异常，请完成安全验证后继续访问。</p>"

_TOP = (
    "<!DOCTYPE html><meta charset=utf-8><title>临禾镇</title>"
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
)
_BY_WIDTH = """<div id="app"></div><script>
var wide = window.innerWidth > 700;
document.getElementById("app").innerHTML = wide ? %s : %s;
</script>"""
_BY_SCRIPT_AGENT = """<div id="app"></div><script>
var inside = /MicroMessenger/.test(navigator.userAgent) && /^Linux/.test(navigator.platform);
document.getElementById("app").innerHTML = inside ? %s : %s;
</script>"""
_LEAVES = """<div id="app">%s</div><script>
if (window.innerWidth < 700) { location.href = "%s"; }
</script>"""
_MIRROR = """<div id="app"></div><script>
(async function () {
  var hints = navigator.userAgentData;
  var high = await hints.getHighEntropyValues(["platformVersion", "model"]);
  var seen = {
    userAgent: navigator.userAgent, platform: navigator.platform, languages: navigator.languages,
    touch: navigator.maxTouchPoints > 0, width: window.innerWidth, scale: window.devicePixelRatio,
    mobile: hints.mobile, system: hints.platform, model: high.model,
    brands: hints.brands.map(function (one) { return [one.brand, one.version]; }),
    referrer: document.referrer, stored: localStorage.getItem("seen") || "",
  };
  localStorage.setItem("seen", "yes");
  document.cookie = "seen=yes";
  await fetch("/report?is=" + encodeURIComponent(JSON.stringify(seen)));
  document.getElementById("app").innerHTML = %s;
})();
</script>"""

Page = Callable[["CloakingSite", Request], tuple[int, str, str]]
"""Status, body and Location of an answer."""


class CloakingSite(LoopbackServer):
    """The site; `seed` is that of what changes at random."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__(self._answer, hosts=(HOST, ELSEWHERE))
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.scripts: list[dict[str, object]] = []
        self.random = random.Random(seed)
        self.visits: Counter[str] = Counter()
        self.refusing: set[str] = set()
        """Paths that refuse everybody but the product under its own name."""

    def requests_to(self, path: str) -> list[dict[str, str]]:
        """Headers of every request for `path`, in order."""
        return [headers for asked, headers in self.asked if asked == path]

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        self.asked.append((request.path, request.headers))
        page = PAGES.get("/" + request.path.split("/")[1], _nothing)
        status, body, location = page(self, request)
        if request.path in self.refusing and not _is_own(request):
            status, body, location = 403, "<p>no</p>", ""
        text = f"{_TOP}{body}"
        if request.path == "/robots.txt":
            status, text = 200, "User-agent: Promowatch\nDisallow: /forbidden\n"
        data = text.encode()
        headers = [("Content-Type", "text/html; charset=utf-8")]
        if location:
            headers.append(("Location", location))
        writer.write(head(status, headers, length=len(data)) + data)
        return True


def _agent(request: Request) -> str:
    return request.headers.get("user-agent", "")


def _in_wechat(request: Request) -> bool:
    return "MicroMessenger" in _agent(request)


def _is_own(request: Request) -> bool:
    return "Promowatch" in _agent(request)


def _shows(body: str) -> Page:
    return lambda site, request: (200, body, "")


def _if(test: Callable[[Request], bool], then: str, otherwise: str) -> Page:
    return lambda site, request: (200, then if test(request) else otherwise, "")


def _refuses(test: Callable[[Request], bool], status: int, otherwise: str) -> Page:
    def page(site: CloakingSite, request: Request) -> tuple[int, str, str]:
        return (status, "<p>no</p>", "") if test(request) else (200, otherwise, "")

    return page


def _nothing(site: CloakingSite, request: Request) -> tuple[int, str, str]:
    return 404, "<p>没有这一页。</p>", ""


def _leaves_on_phones(site: CloakingSite, request: Request) -> tuple[int, str, str]:
    if "Mobile" in _agent(request):
        return 302, "", "https://www.okx.com/join/DEMO2203"
    return 200, HARMLESS, ""


def _moves_phones(site: CloakingSite, request: Request) -> tuple[int, str, str]:
    if "Mobile" in _agent(request):
        return 302, "", "/m/offer"
    return 200, HARMLESS, ""


def _by_chance(site: CloakingSite, request: Request) -> tuple[int, str, str]:
    return 200, HARMLESS + site.random.choice([PITCH, OTHER_HARMLESS]), ""


def _in_turn(site: CloakingSite, request: Request) -> tuple[int, str, str]:
    """`/turn/N`: one visit in N sees the pitch."""
    every = int(request.path.split("/")[2])
    site.visits[request.path] += 1
    shown = PITCH if site.visits[request.path] % every == 0 else OTHER_HARMLESS
    return 200, HARMLESS + shown, ""


def _clock(site: CloakingSite, request: Request) -> str:
    now = datetime.now(UTC).isoformat()
    token = f"{site.random.getrandbits(64):x}"
    return (
        f"<p>现在是 {now}，您是第 {site.random.randrange(10**6)} 位访客，编号 {token}。</p>"
        f'<a href="/track/{token}?t={token}">继续</a>'
    )


def _ticks(body: str) -> Page:
    return lambda site, request: (200, body + _clock(site, request), "")


def _ticks_and_hides(site: CloakingSite, request: Request) -> tuple[int, str, str]:
    return 200, (PITCH if _in_wechat(request) else HARMLESS) + _clock(site, request), ""


def _tokens_in_offer(site: CloakingSite, request: Request) -> tuple[int, str, str]:
    code = f"DEMO{site.random.randrange(1000, 9999)}"
    return 200, PITCH.replace("DEMO2201", code), ""


def _report(site: CloakingSite, request: Request) -> tuple[int, str, str]:
    site.scripts.append(json.loads(unquote(parse_qs(request.query)["is"][0])))
    return 200, "", ""


def _is_referred(request: Request) -> bool:
    return "baidu.com" in request.headers.get("referer", "")


PAGES: dict[str, Page] = {
    "/same": _shows(HARMLESS),
    "/shown": _shows(PITCH),
    "/layout": _if(lambda r: "Mobile" in _agent(r), HARMLESS + OTHER_HARMLESS, HARMLESS),
    "/agent": _if(_in_wechat, PITCH, HARMLESS),
    "/phone": _if(lambda r: "Mobile" in _agent(r), HARMLESS + PITCH, HARMLESS),
    "/referred": _if(_is_referred, PITCH, HARMLESS),
    "/not-for-us": _if(_is_own, HARMLESS, PITCH),
    "/hop": lambda site, request: (302, "", "/referred/again"),
    "/leaves": _leaves_on_phones,
    "/moves": _moves_phones,
    "/m": _shows(PITCH),
    "/blocked": _refuses(_in_wechat, 403, HARMLESS),
    "/blocked-offer": _refuses(_in_wechat, 403, PITCH),
    "/blocks-us": _refuses(_is_own, 403, PITCH),
    "/absent-for-us": _refuses(_is_own, 404, PITCH),
    "/absent": _nothing,
    "/check": _if(_in_wechat, CHECK, HARMLESS),
    "/banner": _by_chance,
    "/turn": _in_turn,
    "/clock": _ticks(HARMLESS),
    "/clock-offer": _ticks(PITCH),
    "/tokens": _tokens_in_offer,
    "/clock-agent": _ticks_and_hides,
    "/forbidden": _if(_is_own, HARMLESS, PITCH),
    "/width": _shows(_BY_WIDTH % (json.dumps(HARMLESS), json.dumps(PITCH))),
    "/script-agent": _shows(_BY_SCRIPT_AGENT % (json.dumps(PITCH), json.dumps(HARMLESS))),
    "/script-leaves": _shows(_LEAVES % (HARMLESS, "https://www.okx.com/join/DEMO2204")),
    "/mirror": _shows(_MIRROR % json.dumps(HARMLESS)),
    "/report": _report,
}
