"""Where an answer sends its reader next, and where it does not."""

import msgspec
import pytest

from core.link_chain import LinkHop
from crawler.extractors import next_link_hop
from tests.crawler.extractors.captured import URL, capture

PARAMETERS = frozenset({"url", "target"})
NEXT = "https://shop.example/join"
LONG = "这是一篇关于园艺的文章，讲的是怎样在阳台上种番茄。" * 40
WARNING = "<p>您即将离开本站，前往第三方网站。</p>"


def hop(body: str, url: str = URL) -> LinkHop | None:
    return next_link_hop(capture(body, url=url), PARAMETERS)


def answered(status: int, **headers: str) -> LinkHop | None:
    answer = msgspec.structs.replace(capture(""), status=status, headers=tuple(headers.items()))
    return next_link_hop(answer, PARAMETERS)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_http_redirects(status: int) -> None:
    assert answered(status, location=NEXT) == LinkHop(NEXT, "http")


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("/other", "https://shop.example.com/other"),
        ("//shop.example/join", NEXT),
        ("okx://join?code=1", "okx://join?code=1"),
        ("  https://shop.example/join ", NEXT),
        ("/加入".encode().decode("latin-1"), "https://shop.example.com/加入"),
    ],
)
def test_a_location_is_read_as_browsers_read_it(location: str, url: str) -> None:
    assert answered(302, location=location) == LinkHop(url, "http")


@pytest.mark.parametrize("location", ["", "javascript:alert(1)", "data:text/html,x", "http://["])
def test_a_location_that_leads_nowhere_is_the_end(location: str) -> None:
    assert answered(302, location=location) is None


def test_a_refresh_header() -> None:
    assert answered(200, refresh=f"0; URL='{NEXT}'") == LinkHop(NEXT, "meta_refresh")


@pytest.mark.parametrize(
    "script",
    [
        f"location.href = '{NEXT}'",
        f'window["location"]["href"] = "{NEXT}"',
        f"location['href']='{NEXT}'",
        f"window['location'] = '{NEXT}'",
        f"top.location.replace('{NEXT}')",
        f"setTimeout(function () {{ location.assign('{NEXT}') }}, 300)",
        f"setTimeout(\"location.href='{NEXT}'\", 300)",
        f"eval('self.location=\"{NEXT}\"')",
        "var to = 'https://shop.example'; document.location = to + '/join';",
    ],
)
def test_scripts_that_do_nothing_else(script: str) -> None:
    assert hop(f"<p>请稍候</p><script>{script}</script>") == LinkHop(NEXT, "script")


@pytest.mark.parametrize(
    "script",
    [
        f"setTimeout(\"location.href='{NEXT}'\", 60000)",
        f"button.onclick = function () {{ location.href = '{NEXT}' }}",
        f"var text = \"location.href='{NEXT}'\"",
    ],
)
def test_scripts_that_wait_send_nobody_on(script: str) -> None:
    assert hop(f"<p>请稍候</p><script>{script}</script>") is None


def test_meta_refresh() -> None:
    page = f'<meta http-equiv="refresh" content="1;url={NEXT}"><p>跳转</p>'
    assert hop(page) == LinkHop(NEXT, "meta_refresh")


@pytest.mark.parametrize("body", ["<p>正在跳转</p>", WARNING])
def test_a_parameter_of_a_page_that_says_little(body: str) -> None:
    url = "https://jump.example/?url=https%253A%252F%252Fshop.example%252Fjoin"
    assert hop(body, url) == LinkHop(NEXT, "nested")


def test_a_parameter_of_a_page_that_says_something_is_none() -> None:
    assert hop(f"<p>{LONG}</p>", "https://jump.example/?url=https%3A%2F%2Fshop.example%2F") is None


@pytest.mark.parametrize(
    "body",
    [
        f'{WARNING}<a href="{NEXT}">继续访问</a>',
        f'{WARNING}<a href="/help">帮助</a><a href="{NEXT}">继续</a><a href="{NEXT}">{NEXT}</a>',
        f'<h1>You are leaving our site</h1><a href="{NEXT}">Continue</a>',
        f'{WARNING}<form action="{NEXT}"><button>继续访问</button></form>',
    ],
)
def test_a_click_through_page(body: str) -> None:
    assert hop(body) == LinkHop(NEXT, "click_through")


@pytest.mark.parametrize(
    "body",
    [
        f'<p>欢迎</p><a href="{NEXT}">我们的商店</a>',
        f'{WARNING}<a href="{NEXT}">一</a><a href="https://b.example/">二</a>',
        f'{WARNING}<p>{LONG}</p><a href="{NEXT}">继续访问</a>',
        f'{WARNING}<a href="/back">返回</a>',
        "",
    ],
)
def test_other_pages_are_the_end(body: str) -> None:
    assert hop(body) is None
