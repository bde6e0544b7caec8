"""Which mini-program a link opens, by platform, and which links only the platform can read."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from core.mini_program import (
    MiniProgramLink,
    addresses_in,
    mini_program_link,
    original_ids,
)

INNER = "https://okx.example/join/DEMO1"
ONCE = quote(INNER, safe="")
TWICE = quote(ONCE, safe="")
THRICE = quote(TWICE, safe="")
WX = "wx0123456789abcdef"
ALI = "2021001234567890"
ALI_SCHEME = f"alipays://platformapi/startapp?appId={ALI}&page=" + quote(
    f"pages/web?url={ONCE}", safe=""
)


@pytest.mark.parametrize(
    ("url", "address", "nested"),
    [
        (
            f"weixin://dl/business/?appid={WX}&path=pages/a&query=id%3D5&env_version=release",
            f"mini-program:wechat/{WX}/pages/a?id=5",
            (),
        ),
        (
            f"weixin://dl/business/?appid={WX}&path=pages/web&query=url%3D{TWICE}",
            f"mini-program:wechat/{WX}/pages/web?url={INNER}",
            (INNER,),
        ),
        (
            f"weixin://dl/business/?appid={WX}&path=pages/web&query=u%3D{THRICE}",
            f"mini-program:wechat/{WX}/pages/web?u={INNER}",
            (INNER,),
        ),
        (ALI_SCHEME, f"mini-program:alipay/{ALI}/pages/web?url={INNER}", (INNER,)),
        (
            f"https://ds.alipay.com/?scheme={quote(ALI_SCHEME, safe='')}",
            f"mini-program:alipay/{ALI}/pages/web?url={INNER}",
            (INNER,),
        ),
        (
            f"https://render.alipay.com/p/s/i/?scheme={quote(quote(ALI_SCHEME, safe=''), safe='')}",
            f"mini-program:alipay/{ALI}/pages/web?url={INNER}",
            (INNER,),
        ),
        (
            "alipays://platformapi/startapp?appId=20000042&publicId=2019000000000001",
            "mini-program:alipay-life-account/2019000000000001",
            (),
        ),
        (
            f"snssdk1128://microapp?app_id=tt0123456789abcdef&start_page=pages%2Fi%3Furl%3D{TWICE}",
            f"mini-program:douyin/tt0123456789abcdef/pages/i?url={INNER}",
            (INNER,),
        ),
        (
            "snssdk1128://openplatform/share?micro_app_info="
            + quote('{"appId":"tt0123456789abcdef","appTitle":"账本","appUrl":"pages/i"}'),
            "mini-program:douyin/tt0123456789abcdef/pages/i",
            (),
        ),
        (
            f"baiduboxapp://swan/AbCdEfGhIjKlMnOpQrSt/pages/i?u={ONCE}&_baiduboxapp=%7B%7D",
            f"mini-program:baidu/AbCdEfGhIjKlMnOpQrSt/pages/i?u={INNER}",
            (INNER,),
        ),
        (
            "kwai://miniapp?appId=ks7000001&path=%2Fpages%2Fi",
            "mini-program:kuaishou/ks7000001/pages/i",
            (),
        ),
        ("https://m.q.qq.com/a/p/1108000001?s=x", "mini-program:qq/1108000001", ()),
    ],
)
def test_a_readable_link_tells_app_page_and_what_is_inside(
    url: str, address: str, nested: tuple[str, ...]
) -> None:
    link = mini_program_link(url)
    assert link is not None
    assert not link.opaque
    assert link.address == address
    assert link.nested == nested


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("weixin://dl/business/?t=AbC12", MiniProgramLink("wechat", opaque=True)),
        ("https://wxaurl.cn/AbCdEf12345", MiniProgramLink("wechat", opaque=True)),
        ("https://wxmpurl.cn/AbCdEf12345", MiniProgramLink("wechat", opaque=True)),
        ("https://ur.alipay.com/AbC12", MiniProgramLink("alipay", opaque=True)),
        (
            "#小程序://河边账本/AbCdEfGhIjKlMno",
            MiniProgramLink("wechat", name="河边账本", opaque=True),
        ),
    ],
)
def test_a_ticket_needs_the_platform(url: str, expected: MiniProgramLink) -> None:
    assert mini_program_link(url) == expected
    assert expected.address == ""


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/",
        "weixin://dl/business/",
        "weixin://dl/scan",
        "https://wxaurl.cn/",
        "alipays://platformapi/startapp?page=x",
        "snssdk1128://user/profile/1",
        "https://ds.alipay.com/?scheme=https%3A%2F%2Fexample.com",
        "https://[bad/weixin://dl/business",
        "baiduboxapp://swan/",
        "snssdk1128://openplatform/share?micro_app_info=%7B",
        "alipays://platformapi/startapp?appId=" + "1" * 500,
    ],
)
def test_other_links_open_none(url: str) -> None:
    assert mini_program_link(url) is None


def test_a_wrapper_around_itself_ends() -> None:
    url = "alipays://x"
    for _ in range(30):
        url = f"https://ds.alipay.com/?scheme={quote(url, safe='')}"
    assert mini_program_link(url) is None


def test_addresses_are_decoded_at_most_three_times() -> None:
    assert addresses_in(THRICE) == (INNER,)
    assert addresses_in(quote(THRICE, safe="")) == ()


def test_accounts_are_read_from_names_of_saved_codes() -> None:
    names = (
        "https://p.example/gh_0123456789ab_430.jpg gh_0123456789ab.png gh_short xgh_0123456789ab"
    )
    assert original_ids(names) == ("gh_0123456789ab",)
