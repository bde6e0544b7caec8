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
    "/路径/文件?键=值#片段", "路径", "https://例子.测试/路径",
    "https://a.example/%E4%BD%A0?a=%2F",
    "/%2e%2e/x", "a%2fb", "mailto:a@b.example", "javascript:void(0)", "okx://main", "tel:1",
    "data:,x",
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


CANONICAL = {
    "https://a.example": "https://a.example/",
    "HTTPS://WWW.A.Example:443/X": "https://www.a.example/X",
    "http://a.example:80/": "http://a.example/",
    "http://a.example:8080/": "http://a.example:8080/",
    "http://a.example:443/": "http://a.example:443/",
    "https://user:secret@a.example./x": "https://a.example/x",
    " https://a.example/x \n": "https://a.example/x",
    "https://a.example/x#top": "https://a.example/x",
    "https://a.example/#/join?ref=1": "https://a.example/#/join?ref=1",
    "https://a.example/#!/x": "https://a.example/#!/x",
    "https://a.example/#ref=1": "https://a.example/#ref=1",
    "https://a.example/#:~:text=x": "https://a.example/",
    "https://a.example/?utm_source=x&ref=1&UTM_Medium=y": "https://a.example/?ref=1",
    "https://a.example/?spm=a.b&gclid=1": "https://a.example/",
    "https://a.example/?a=1&&b=": "https://a.example/?a=1&b=",
    "https://a.example/?a=b c&d=%e4%bd%a0": "https://a.example/?a=b%20c&d=%E4%BD%A0",
    "https://a.example/你": "https://a.example/%E4%BD%A0",
    "https://a.example/%e4%bd%a0%7E%41": "https://a.example/%E4%BD%A0~A",
    "https://a.example/a%2fb": "https://a.example/a%2Fb",
    "https://a.example/a%3fb%23": "https://a.example/a%3Fb%23",
    "https://a.example/100%": "https://a.example/100%25",
    "https://a.example/%ff%zz": "https://a.example/%FF%25zz",
    "https://a.example/a/./b/../c": "https://a.example/a/c",
    "https://a.example/a/%2e%2E/c": "https://a.example/c",
    "https://a.example/../..": "https://a.example/",
    "https://a.example/a/.": "https://a.example/a/",
    "https://a.example//a//b": "https://a.example//a//b",
    "https:\\\\a.example\\x?y=\\": "https://a.example/x?y=%5C",
    "https://商店.example/": "https://xn--czrs0t.example/",
    "https://ａ.example。/x": "https://a.example/x",
    "https://a%2Eexample/": "https://a.example/",
    "https://a%2Fb.example/": "https://a%2fb.example/",
    "https://[2001:DB8::1]:443/": "https://[2001:db8::1]/",
    "okx://Main?x=1": "okx://Main?x=1",
    "mailto:A@b.example": "mailto:A@b.example",
    "http:///x": "http:///x",
    "http://[x": "http://[x",
    "http://a.example:99999/": "http://a.example:99999/",
    "/relative": "/relative",
    "": "",
}


@pytest.mark.parametrize("url, expected", CANONICAL.items())
def test_canonical_forms(url: str, expected: str) -> None:
    assert canonical_url(url) == expected


DISTINCT = [
    ("https://a.example/a%2Fb", "https://a.example/a/b"),
    ("https://a.example/a%3Fb", "https://a.example/a?b"),
    ("https://a.example/a", "https://a.example/a/"),
    ("https://a.example/a", "https://a.example/A"),
    ("https://a.example/a", "http://a.example/a"),
    ("https://a.example/", "https://www.a.example/"),
    ("https://a.example/", "https://a.example:8443/"),
    ("https://a.example/?a=1", "https://a.example/?a=2"),
    ("https://a.example/?a=1%262", "https://a.example/?a=1&2"),
    ("https://a.example/?a=1+2", "https://a.example/?a=1%2B2"),
    ("https://a.example/?a=1&b=2", "https://a.example/?a=1&c=2"),
    ("https://a.example/#/a", "https://a.example/#/b"),
    ("https://a.example/%25zz", "https://a.example/zz"),
    ("https://a.example//x", "https://a.example/x"),
    ("https://a.example/?ref=1", "https://a.example/?invite=1"),
]


@pytest.mark.parametrize(("one", "other"), DISTINCT)
def test_distinct_surfaces_stay_distinct(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


_ODD = st.text("ab/.:;?#%&=@\\ \t[]-_~é中。2eE\ud800\x00", max_size=20)


@given(
    st.builds(
        "{}{}".format, st.sampled_from(["http://", "https://a.example", "http:", "//", ""]), _ODD
    )
    | st.text(max_size=30)
    | st.builds(
        "https://{}.example/{}?{}#{}".format,
        st.text("abé中%2eE", max_size=6),
        st.text("/.%2eEFf中 ;", max_size=10),
        st.text("&=utm_a%26+", max_size=12),
        st.text("/?=!a%", max_size=6),
    )
)
def test_canonical_forms_are_their_own_and_nothing_raises(url: str) -> None:
    canonical = canonical_url(url)
    assert canonical_url(canonical) == canonical
    split_host(url)


HOSTS = {
    "https://www.a.example/x": "www.a.example",
    "https://www.a.example": "www.a.example",
    "https://WWW.A.Example.:8080/x": "www.a.example",
    "https://www.bank.example@evil.example/": "evil.example",
    "https://evil.example\\@www.bank.example/": "evil.example",
    "https://evil.example?@www.bank.example/": "evil.example",
    "https://商店.example/": "xn--czrs0t.example",
    "https://ａ。example/": "a.example",
    "https://a%2eexample/": "a.example",
    "//cdn.example.com/x": "cdn.example.com",
    "http://127.0.0.1:80/": "127.0.0.1",
    "http://[::1]/": "::1",
    "okx://main": "main",
    "/relative": "",
    "http://[x": "",
    "": "",
}


@pytest.mark.parametrize("url, host", HOSTS.items())
def test_hosts(url: str, host: str) -> None:
    assert split_host(url) == host


DOMAINS = {
    "www.a.example.com": "example.com",
    "a.b.com.cn": "b.com.cn",
    "huobi.br.com": "huobi.br.com",
    "demo.github.io": "demo.github.io",
    "x.demo.github.io": "demo.github.io",
    "127.0.0.1": "127.0.0.1",
    "::1": "::1",
    "localhost": "localhost",
    "com.cn": "com.cn",
    "": "",
}


@pytest.mark.parametrize("host, domain", DOMAINS.items())
def test_registrable_domains(host: str, domain: str) -> None:
    assert registrable_domain(host) == domain


def test_hosts_that_are_no_names_stay_as_they_are() -> None:
    assert ascii_host("中" * 100 + ".example") == "中" * 100 + ".example"
    assert ascii_host("a..b") == "a..b"


def test_a_base_that_is_no_url_joins_absolute_links_only() -> None:
    joiner = LinkJoiner("http://[x")
    assert joiner.join("https://a.example/x") == "https://a.example/x"
    with pytest.raises(ValueError, match="IPv6"):
        joiner.join("/x")


def test_hosts_of_any_length_are_answered() -> None:
    long = "a." * 5_000 + "example"
    assert split_host(f"https://{long.upper()}/") == long
    assert registrable_domain(long) == long


def test_schemes_and_fragments() -> None:
    assert [
        scheme_of(url) for url in ("HTTPS://x", "okx:x", "com.app.one://x", "//x", "a/b:c", "")
    ] == [
        "https",
        "okx",
        "com.app.one",
        "",
        "",
        "",
    ]
    assert without_fragment("https://a.example/x?y#z#w") == "https://a.example/x?y"
