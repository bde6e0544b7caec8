"""Which links hide where they lead, by the shipped catalogue."""

from pathlib import Path

import pytest

from core.link_hosts import LinkHosts

CATALOGUE = Path(__file__).parents[2] / "catalogue"


@pytest.fixture(scope="module")
def hosts() -> LinkHosts:
    return LinkHosts.load(CATALOGUE)


@pytest.mark.parametrize(
    "url",
    [
        "https://t.cn/A6abcd",
        "HTTPS://T.CN/A6abcd",
        "http://m.bit.ly/3abcd",
        "https://vlink.cc/house",
        "https://shop.app.link/x",
        "https://link.zhihu.com/?target=https%3A%2F%2Ft.cn%2FA6abcd",
        "https://www.baidu.com/link?url=k3Jd9-sL2",
        "https://farm.example/go.php?target=https%253A%252F%252Fbit.ly%252F3abcd",
    ],
)
def test_these_hide_where_they_lead(hosts: LinkHosts, url: str) -> None:
    assert hosts.hiding([url]) == [url]


@pytest.mark.parametrize(
    "url",
    [
        "https://www.okx.com/join/DEMO12",
        "https://news.example/article?id=7",
        "https://cnt.cn/A6abcd",
        "https://link.zhihu.com/?target=https%3A%2F%2Fnews.example%2F1",
        "https://www.baidu.com/s?wd=link",
        "https://farm.example/go.php?target=https%3A%2F%2Fnews.example%2F",
        "okx://join",
        "mailto:one@t.cn",
        "//t.cn",
        "http://",
        "",
    ],
)
def test_these_do_not(hosts: LinkHosts, url: str) -> None:
    assert hosts.hiding([url]) == []


def test_what_the_catalogue_knows_needs_no_asking(hosts: LinkHosts) -> None:
    assert hosts.is_listed("https://accounts.binance.com/register?ref=DEMO")
    assert hosts.is_listed("https://t.me/sample_signal_room")
    assert not hosts.is_listed("https://landing.example/okx.com")


def test_a_redirectors_target_is_read_from_its_address(hosts: LinkHosts) -> None:
    url = "https://link.juejin.cn/?target=https%3A%2F%2Ft.cn%2FA6abcd"
    assert hosts.redirector_target(url) == "https://t.cn/A6abcd"
    assert hosts.redirector_target("https://news.example/?target=https%3A%2F%2Ft.cn%2F1") == ""
