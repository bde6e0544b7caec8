"""What a promotion keeps when it moves."""

from __future__ import annotations

import pytest

from core import Block, Document, Locator, Signal, Verdict
from core.fingerprint import Mark, alike, place_marks, referral_code, text_mark, verdict_marks
from core.verdict import SignalKind
from tests.storage.samples import at

OFFER = (
    "用我的邀请码 AB77CD21 注册交易所账户，手续费终身返佣 30%，首次充值另送盲盒，"
    "进群还有老师每天带单喊单，名额有限先到先得。"
)


def verdict(*signals: tuple[SignalKind, str, str]) -> Verdict:
    return Verdict(
        label="violation",
        score=0.9,
        on=at().date(),
        ruleset_version="v",
        signals=tuple(
            Signal(kind=kind, family=family, entry=family, raw=value, normalised=value)
            for kind, family, value in signals
        ),
    )


def page(text: str) -> Document:
    return Document(
        surface="marketing_page", url="", blocks=(Block("visible", text, Locator("p")),)
    )


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://www.okx.com/join/71402938", "71402938"),
        ("https://www.okx.com/zh-hans/join/AB77CD21/", "AB77CD21"),
        ("https://accounts.binance.com/register?ref=SAMPLE88", "SAMPLE88"),
        ("https://x.test/#/register?inviteCode=k4k4k4", "k4k4k4"),
        ("https://www.bybit.com/invite?ref=QWERTY", "QWERTY"),
        ("https://www.okx.com/join/promotions", ""),
        ("https://x.test/register?ref=homepage", ""),
        ("https://x.test/register?ref=12", ""),
        ("https://x.test/news/71402938", ""),
        ("http://[broken", ""),
    ],
)
def test_the_code_of_a_referral_link(url: str, code: str) -> None:
    assert referral_code(url) == code


SIGNALS: list[tuple[tuple[SignalKind, str, str], set[Mark]]] = [
    (("code", "code", "Ab77cd21"), {Mark("code", "AB77CD21")}),
    (("code", "code", "8888"), set()),
    (
        ("referral", "exchange_referral", "https://okx.com/join/ab77cd21"),
        {Mark("code", "AB77CD21")},
    ),
    (("handle", "handle", "Signal_Room"), {Mark("handle", "signal_room")}),
    (("contact", "handle", "coin_helper88"), {Mark("handle", "coin_helper88")}),
    (
        ("messaging", "channel_link", "https://t.me/Signal_Room?x=1"),
        {Mark("handle", "signal_room")},
    ),
    (("messaging", "channel_link", "https://t.me/+AbCd12"), {Mark("handle", "t.me/+AbCd12")}),
    (("messaging", "channel_link", "https://t.me/"), set()),
    (("referral", "qr", "HTTPS://Pay.test:443/x"), {Mark("qr", "https://pay.test/x")}),
    (("term", "reward", "返佣"), set()),
    (("exchange_link", "any_link", "https://a.test/?ref=AB77CD21"), set()),
]


@pytest.mark.parametrize(("signal", "marks"), SIGNALS)
def test_the_marks_of_a_signal(signal: tuple[SignalKind, str, str], marks: set[Mark]) -> None:
    assert verdict_marks(verdict(signal)) == marks


def test_the_marks_of_a_place() -> None:
    assert place_marks("https://A.Shop.example.com/x?utm_source=1") == {
        Mark("url", "https://a.shop.example.com/x"),
        Mark("domain", "example.com"),
    }
    assert place_marks("miniprogram:12") == {Mark("url", "miniprogram:12")}


def test_texts_are_alike_when_codes_and_numbers_differ_and_else_are_not() -> None:
    (one,) = text_mark(page(OFFER * 3))
    (again,) = text_mark(page(OFFER.replace("AB77CD21", "zz19xy").replace("30", "45") * 3))
    (other,) = text_mark(
        page("我们整理了近期各地警方通报的典型案例，提醒读者不要轻信陌生人的投资建议。" * 4)
    )
    assert alike(one, again)
    assert not alike(one, other)
    assert not alike(one, Mark("code", one.value))


def test_a_text_too_short_to_tell_has_no_mark() -> None:
    assert text_mark(page("点击下载")) == frozenset()
