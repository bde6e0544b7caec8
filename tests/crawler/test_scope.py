import pytest

from core.errors import BadInput
from core.target import Network, Scope, Target
from crawler.scope import ScopeGate, looks_like_page


def _gate(
    seed: str = "https://shop.example.com.cn/start", allow: tuple[str, ...] = (), **scope: object
) -> ScopeGate:
    return ScopeGate(
        Target(
            id="t",
            title="t",
            surface="marketing_page",
            seeds=(seed,),
            scope=Scope(**scope),  # type: ignore[arg-type]
            network=Network(allow=allow),
        )
    )


@pytest.mark.parametrize(
    ("url", "admitted"),
    [
        ("https://shop.example.com.cn/a", True),
        ("http://other.example.com.cn/", True),
        ("https://SHOP.example.com.cn:8443/", True),
        ("https://example.com.cn.evil.test/", False),
        ("https://evil.com.cn/", False),
        ("https://user@evil.test@example.net/", False),
        ("ftp://shop.example.com.cn/", False),
        ("javascript:alert(1)", False),
        ("okx://join", False),
        ("https://", False),
        ("", False),
    ],
)
def test_a_crawl_stays_on_the_registrable_domain(url: str, admitted: bool) -> None:
    assert _gate().admits(url) is admitted


def test_private_suffixes_are_borders() -> None:
    gate = _gate("https://one.github.io/")
    assert gate.admits("https://one.github.io/x")
    assert not gate.admits("https://two.github.io/x")


def test_stay_on_host_and_anywhere() -> None:
    assert not _gate(stay_on="host").admits("https://other.example.com.cn/")
    assert _gate(stay_on="anywhere").admits("https://quite.another.test/")


def test_include_and_exclude_patterns() -> None:
    gate = _gate(include=("/news/",), exclude=(r"\?print=",))
    assert gate.admits("https://shop.example.com.cn/news/1")
    assert not gate.admits("https://shop.example.com.cn/about")
    assert not gate.admits("https://shop.example.com.cn/news/1?print=1")


def test_a_bad_pattern_names_target_and_field() -> None:
    with pytest.raises(BadInput, match=r"target `t`: scope\.exclude: bad pattern"):
        _gate(exclude=("(",))


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://a.test/x", True),
        ("https://a.test/x.html?y=z.png", True),
        ("https://a.test/logo.PNG", False),
        ("https://a.test/app.apk?x=1", False),
        ("https://a.test/v1.2", True),
    ],
)
def test_pictures_and_archives_are_not_followed_as_pages(url: str, page: bool) -> None:
    assert looks_like_page(url) is page
