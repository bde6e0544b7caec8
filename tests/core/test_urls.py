"""URLs: joining, canonical forms, hosts and registrable domains."""

from __future__ import annotations

from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.urls import (
    LinkJoiner,
    ascii_host,
    canonical_url,
    registrable_domain,
    scheme_of,
    split_host,
    without_fragment,
)

BASES = [
    "https://shop.example.com/",
    "https://shop.example.com",
    "http://shop.example.com:8080/a/b/page.html",
    "https://shop.example.com/a/b/page.html?x=1#top",
    "https://shop.example.com/a/./b/../page",
    "https://shop.example.com/a//b/page",
    "https://shop.example.com/a;v=1/b;w=2/page;z=3",
    "https://user@shop.example.com/dir/",
    "https://[2001:db8::1]:8443/x/y",
    "https://商店.example/目录/页",
    "HTTPS://Shop.Example.com/A/",
    "file:///srv/pages/one.html",
    "about:blank",
    "shop.example.com/no/scheme",
    "",
]
LINKS = [
    "", "/", "//", "///", "?", "#", ".", "..", "./", "../", "../../x", "../../../../x",
    "a", "a/", "a/b", "a/b/", "a//b", "a/./b", "a/../b", "a/.b", ".a", "a.", "a..b", "a/b.html",
    "/a", "/a/", "/a/b.html", "/a//b", "/a/./b", "/a/../b", "/.well-known/x", "/a/.b/c", "/a;p",
    "/a;", "/a;?x", "a;p", "a;", "a?x", "a?x=1&y=2", "a?", "a#", "a?#", "a?x#", "a#f", "a?x#f",
    "/a?x=/../b", "/a?x=//b", "/a#/../b", "a?x=http://b.example/", "a:b", "a/b:c", "1:2", "x?a:b",
    "?x=1", "?x=1#f", "#f", "#/route?x=1", "//cdn.example.com/x", "//cdn.example.com", "//c/?#",
    "http://a.example", "http://a.example/", "http://a.example?x", "http://a.example#f",
    "http://a.example/?", "http://a.example/#", "http://a.example/;", "http://a.example/x;y=1?z",
    "http://a.example/a/../b", "http://a.example/a/./b", "http://a.example//a//b", "http:/a",
    "http:a", "http:", "https:", "http://", "http:///x", "HTTP://A.example/X", "https://A.Example/",
    "https://a.example:443/", "https://a.example:/x", "https://a.example:99999/", "http://a b/c",
    "https://u:p@a.example/x", "https://a.example/x y", "/x y", "x\ty", "/x\ny", " /x ", "\t/x",
    "/路径/文件?键=值#片段", "路径", "https://例子.测试/路径", "https://a.example/%E4%BD%A0?a=%2F",
    "/%2e%2e/x", "a%2fb", "mailto:a@b.example", "javascript:void(0)", "okx://main", "tel:1", "data:,x",
    "/a\\b", "\\\\a.example\\b", "/\u3000x", "/x\u00a0", "\x00/x", "/x\x00", "/~u/!$&'()*+,=:@-._",
    "http://a.example/x|y", "http://a.example/[x]", "http://[::1]/x", "http://a.example:80x/",
]  # fmt: skip


@pytest.mark.parametrize("base", BASES)
def test_join_equals_urljoin_on_hard_cases(base: str) -> None:
    joiner = LinkJoiner(base)
    for link in LINKS:
        assert _outcome(joiner.join, link) == _outcome(lambda one: urljoin(base, _bare(one)), link)


@given(
    st.sampled_from(BASES),
    st.text("ab/.:;?#%&=@\\ \t\n\x00[]-_~é中httpsHTTP", max_size=24)
    | st.from_regex(r"https?://[a-z.]{1,8}[a-z/.;?#%=:]{0,12}", fullmatch=True),
)
def test_join_equals_urljoin_on_any_text(base: str, link: str) -> None:
    joiner = LinkJoiner(base)
    assert _outcome(joiner.join, link) == _outcome(lambda one: urljoin(base, _bare(one)), link)


def _bare(link: str) -> str:
    return link.strip("".join(map(chr, range(33))))


def _outcome(join: object, link: str) -> str:
    try:
        return join(link)  # type: ignore[operator, no-any-return]
    except ValueError:
        return "ValueError"
