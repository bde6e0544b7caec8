"""Which pages need a browser, and which only send their reader on."""

from __future__ import annotations

import pytest

from core import Capture
from crawler.extractors import extract
from tests.crawler.extractors.captured import capture, read

HOST = "https://shop.example.com"
TEXT = "<p>" + "本店新到山货，欢迎选购，当天发货。" * 20 + "</p>"

SHELLS = {
    "mount point": '<div id="app"></div><script src="/app.js"></script>',
    "framework root": '<div id="__next"><p>载入中</p></div><script src="/a.js" defer></script>',
    "asks for scripts": "<noscript>请启用 JavaScript</noscript><p>等</p><script src=/a></script>",
    "nothing but a script": "<html><body><script src=/a.js></script>",
    "written by a script": "<p>短</p><script>document.write(atob(x))</script>",
    "packed script": "<p>短</p><script>eval(function(p,a,c,k,e,d){return p}('x'))</script>",
    "goes to a computed address": "<p>短</p><script>location.href = decode(key)</script>",
    "filled by a script": "<p>短</p><script>el.innerHTML = render(data)</script>",
}  # fmt: skip
NOT_SHELLS = {
    "short page without scripts": "<h1>营业时间</h1><p>九点到五点</p>",
    "mount point without scripts": '<div id="app">短</div>',
    "text and a mount point": f'<div id="app">{TEXT}</div><script src="/app.js"></script>',
    "text and scripts": f"{TEXT}<script>document.write('x')</script>",
    "short page that counts its visitors": "<p>本店已搬迁至新址，旧址停止营业，敬请留意。</p>"
    "<script>var visits = 1;</script>",
    "short page with a visitor counter": (
        "<p>营业时间：九点到五点</p><script>var s=document.createElement('script');"
        "s.src='https://count.example/c.js';document.head.appendChild(s);</script>"
    ),
    "data alone": '<p>短</p><script type="application/ld+json">{"name":"document.write"}</script>',
}


@pytest.mark.parametrize("html", SHELLS.values(), ids=SHELLS)
def test_shells(html: str) -> None:
    assert read(html).is_shell


@pytest.mark.parametrize("html", NOT_SHELLS.values(), ids=NOT_SHELLS)
def test_pages_that_say_what_they_have_to_say(html: str) -> None:
    assert not read(html).is_shell


def test_a_rendered_page_is_no_shell() -> None:
    static = capture(SHELLS["mount point"])
    rendered = Capture(
        requested_url=static.requested_url,
        final_url=static.final_url,
        body=static.body,
        taken_at=static.taken_at,
        rendered=True,
    )
    assert not extract(rendered).is_shell


HOPS = {
    "refresh": ('<meta http-equiv="refresh" content="0;url=/next">', "/next"),
    "refresh in time": ('<meta http-equiv="refresh" content="5; url=/next">' + TEXT, "/next"),
    "refresh too late": ('<meta http-equiv="refresh" content="6; url=/next">', ""),
    "refresh of itself": ('<meta http-equiv="refresh" content="1; url=">', ""),
    "refresh to itself": ('<meta http-equiv="refresh" content="1; url=/dir/page.html">', ""),
    "refresh for readers without scripts": (
        '<noscript><meta http-equiv="refresh" content="0;url=/next"></noscript>',
        "",
    ),
    "refresh of an inner page": (
        "<iframe srcdoc=\"<meta http-equiv=refresh content='0;url=/next'>\"></iframe>",
        "",
    ),
    "refresh to an application": ('<meta http-equiv="refresh" content="0;url=okx://x">', ""),
    "location": ("<script>location.href='/next'</script>", "/next"),
    "location by name": ("<script>var u='/ne'+'xt';window.location=u;</script>", "/next"),
    "replace": ('<script>window.location.replace("/next")</script>', "/next"),
    "at once, in a function": (
        "<script>(function(){ if(1){ top.location.href='/next' } })()</script>",
        "/next",
    ),
    "when loaded": ("<script>window.onload=function(){location='/next'}</script>", "/next"),
    "after two seconds": (
        "<script>setTimeout(function(){location.href='/next'}, 2000)</script>",
        "/next",
    ),
    "after a minute": ("<script>setTimeout(()=>{location.href='/next'}, 60000)</script>", ""),
    "on a click": (
        "<script>b.addEventListener('click',function(){location.href='/next'})</script>",
        "",
    ),
    "in a function for others": ("<script>function go(){location.href='/next'}</script>", ""),
    "in a handler": ("<button onclick=\"location.href='/next'\">x</button>", ""),
    "on a page with text": (f"{TEXT}<script>location.href='/next'</script>", ""),
    "in a long script": (f"<script>{'var a=1;' * 1000}location.href='/next'</script>", ""),
    "another window": ("<script>window.open('/next')</script>", ""),
    "source of a picture": ("<script>img.src='/next'</script>", ""),
    "nowhere": ("<script>location.href='javascript:void(0)'</script>", ""),
}


@pytest.mark.parametrize("html, path", HOPS.values(), ids=HOPS)
def test_next_hop(html: str, path: str) -> None:
    assert read(html).next_hop == (HOST + path if path else "")


def test_a_rendered_page_has_been_where_its_scripts_lead() -> None:
    static = capture("<script>location.href='/next'</script>")
    rendered = Capture(
        requested_url=static.requested_url,
        final_url=static.final_url,
        body=static.body,
        taken_at=static.taken_at,
        rendered=True,
    )
    assert extract(rendered).next_hop == ""
