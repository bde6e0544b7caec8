"""Links: who they lead to, and who they only seem to lead to."""

from __future__ import annotations

import base64

import pytest

from classifiers import Ruleset

TARGET = "https://www.okx.com/join/5566778"
ENCODED = base64.b64encode(TARGET.encode()).decode()
URL_SAFE = base64.urlsafe_b64encode(b"https://www.bybit.com/invite?ref=AB12CD").decode().rstrip("=")


def read(url: str, ruleset: Ruleset) -> set[tuple[str, str]]:
    return {(found.signal, found.entry) for found in ruleset.links.read(url)}


@pytest.mark.parametrize(
    ("url", "signal", "entry"),
    [
        ("https://www.okx.com/join/1234567", "exchange_referral", "okx"),
        ("https://www.okx.com/zh-hans/join/1234567", "exchange_referral", "okx"),
        ("HTTPS://WWW.OKX.COM/JOIN/1234567", "exchange_referral", "okx"),
        ("//www.okx.com/join/1234567", "exchange_referral", "okx"),
        ("okx.com/join/1234567", "exchange_referral", "okx"),
        (
            "https://accounts.binance.com/zh-CN/register?ref=AB12CD34",
            "exchange_referral",
            "binance",
        ),
        ("https://www.binance.com/zh-CN/join?ref==AB12CD", "exchange_referral", "binance"),
        ("https://app.gmx.io/#/trade/?ref=someone", "exchange_referral", "gmx"),
        ("https://huobi.br.com/zh-cn/", "exchange_mirror_link", "htx"),
        ("https://m.htx.co.si/zh-cn/", "exchange_mirror_link", "htx"),
        ("https://www.binance.com/en/support", "exchange_link", "binance"),
        ("https://www.binance.com/en/register", "exchange_signup_link", "binance"),
        ("okx://wallet/dapp/url?dappUrl=x", "exchange_deep_link", "okx"),
        ("https://apps.apple.com/us/app/okx/id1327268470", "exchange_app_link", "okx"),
        (
            "https://play.google.com/store/apps/details?id=com.binance.dev",
            "exchange_app_link",
            "binance",
        ),
        (
            "https://unknown.example/invite/zh-cn/1f?invite_code=abcd1234",
            "referral_shape",
            "htx_invite",
        ),
        ("https://unknown.example/join/12345678", "named_referral_shape", "okx_join"),
        ("https://www.cnouyigw.example/zh", "mirror_host", "ouyi+cnou"),
        ("https://t.cn/abcde", "short_link", "short_links_chinese"),
        ("https://vlink.cc/abcde", "promoter_link", "promoter_links"),
        ("https://linktr.ee/someone", "link_page", "link_pages"),
        ("https://t.me/+AbCdEfGhIjKlMn", "group_link", "telegram_invite"),
        ("https://cdn.example.com/okx.apk?v=2", "package_link", "package_file"),
        ("https://rebateto.me/invite_links", "rebate_link", "rebate_portals"),
        (
            "https://pancakeswap.finance/swap?outputCurrency=0x" + "12" * 20,
            "dex_swap_link",
            "pancakeswap",
        ),
    ],
)
def test_recognised(url: str, signal: str, entry: str, ruleset: Ruleset) -> None:
    assert (signal, entry) in read(url, ruleset)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.seagate.com/share/abcdef12",
        "https://br.com/",
        "https://co.si/",
        "https://notokx.com/join-us",
        "https://www.gateweb.com.tw/",
        "https://mail.gmx.net/",
        "https://meet.example.com/room",
        "https://www.binancemagazine-review.example/story",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "http://[broken",
        "",
        "https://bnbstatic.com/picture.png",
    ],
)
def test_not_taken_for_an_exchange(url: str, ruleset: Ruleset) -> None:
    signals = {signal for signal, _ in read(url, ruleset)}
    assert not {s for s in signals if s.startswith("exchange_") or s == "referral_shape"}


@pytest.mark.parametrize(
    "url",
    [
        "/302.html?target=" + TARGET,
        "https://link.example/?target=https%3A%2F%2Fwww.okx.com%2Fjoin%2F5566778",
        "https://link.example/?url=https%253A%252F%252Fwww.okx.com%252Fjoin%252F5566778",
        f"https://link.example/go?return_to={ENCODED}",
        f"https://link.example/go?to={URL_SAFE}",
        "https://api.qrserver.com/v1/create-qr-code/?data=" + TARGET,
        "https://a.example/?u=https%3A%2F%2Fb.example%2F%3Fu%3D"
        + "https%253A%252F%252Fokx.com%252Fjoin%252F5566778",
    ],
)
def test_targets_inside_parameters_are_read(url: str, ruleset: Ruleset) -> None:
    signals = {signal for signal, _ in read(url, ruleset)}
    assert {"nested_target", "exchange_referral"} <= signals


def test_nesting_is_bounded(ruleset: Ruleset) -> None:
    from urllib.parse import quote

    url = TARGET
    for _ in range(12):
        url = "https://a.example/?u=" + quote(url, safe="")
    assert len(url) > 100
    ruleset.links.read(url)
