"""Bytes to text, whatever the label says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extractors import decode_text
from tests.crawler.extractors.captured import read

SIMPLIFIED = "本店新到一批木耳和香菇，价格公道，欢迎选购。下单时填写邀请码可以减免运费，当天发货。"
TRADITIONAL = "本店新到一批木耳和香菇，價格公道，歡迎選購。下單時填寫邀請碼可以減免運費，當天發貨。"
FRENCH = "Le café du marché est fermé à midi, revenez après le déjeuner: garçon, ça va être prêt."

LABELS = [
    "",
    "utf-8",
    "gb2312",
    "gbk",
    "big5",
    "iso-8859-1",
    "windows-1252",
    "us-ascii",
    "none-such",
]
CHINESE = [
    (SIMPLIFIED, "utf-8"),
    (SIMPLIFIED, "gbk"),
    (SIMPLIFIED + "㐀𠀀", "gb18030"),
    (TRADITIONAL, "utf-8"),
    (TRADITIONAL, "gbk"),
    (TRADITIONAL, "big5"),
    (TRADITIONAL + "嘅咗", "big5hkscs"),
    (SIMPLIFIED, "utf-16"),
]


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize(("text", "encoding"), CHINESE)
def test_chinese_is_readable_under_any_label(text: str, encoding: str, label: str) -> None:
    page = f"<html><head><title>{text}</title></head><body><p class='a'>{text}</p></body></html>"
    header = f"text/html; charset={label}" if label else ""
    decoded, _, lossy = decode_text(page.encode(encoding), header)
    assert decoded == page
    assert not lossy


@pytest.mark.parametrize("label", ["gb2312", "big5", "utf-8", "iso-8859-1"])
def test_labels_in_the_markup_count_like_those_in_the_header(label: str) -> None:
    for text, encoding in CHINESE:
        for meta in (
            f'<meta charset="{label}">',
            f'<meta http-equiv="Content-Type" content="text/html;charset={label}">',
        ):
            body = f"<head>{meta}<title>{text}</title>".encode(encoding)
            assert read(body, "").document.title == text


def test_chinese_after_a_long_ascii_head_is_found() -> None:
    page = f"<script>{'var a=1;' * 20_000}</script><p>{SIMPLIFIED}</p>"
    assert decode_text(page.encode("gbk"))[0] == page


SHORT = {("邀请码", "gbk"), ("注册", "gbk"), ("歡迎註冊", "big5"), ("交易所开户", "gbk")}


@pytest.mark.parametrize(("text", "encoding"), sorted(SHORT))
def test_few_characters_without_a_label(text: str, encoding: str) -> None:
    assert decode_text(f"<p>{text}</p>".encode(encoding))[0] == f"<p>{text}</p>"


OTHERS = [
    (FRENCH, "latin-1", "iso-8859-1"),
    (FRENCH, "latin-1", ""),
    (FRENCH, "cp1252", "utf-8"),
    ("Größe: 5 m², Preis 7 € für Schüler", "cp1252", "windows-1252"),
    ("Сегодня в городе откроется новая библиотека, вход свободный", "cp1251", "windows-1251"),
    ("こんにちは、今日は良い天気ですね。図書館が開きます", "shift_jis", "shift_jis"),
    ("こんにちは、今日は良い天気ですね。図書館が開きます", "euc_jp", "euc-jp"),
    ("오늘 새 도서관이 문을 엽니다. 누구나 들어올 수 있습니다", "euc-kr", "euc-kr"),
]


@pytest.mark.parametrize(("text", "encoding", "label"), OTHERS)
def test_other_languages_as_labelled(text: str, encoding: str, label: str) -> None:
    assert decode_text(text.encode(encoding), f"text/html; charset={label}")[0] == text


FORMS = {
    "empty": (b"", "", "utf-8", False),
    "plain": (b"abc", "abc", "utf-8", False),
    "UTF-8 mark": (b"\xef\xbb\xbfabc", "abc", "utf-8", False),
    "UTF-16 LE mark": (b"\xff\xfea\0b\0", "ab", "utf-16-le", False),
    "UTF-16 BE mark": (b"\xfe\xff\0a\0b", "ab", "utf-16-be", False),
    "UTF-16 without mark": ("<p>注册</p>".encode("utf-16-le"), "<p>注册</p>", "utf-16-le", False),
    "UTF-16 BE without mark": (
        "<p>注册</p>".encode("utf-16-be"),
        "<p>注册</p>",
        "utf-16-be",
        False,
    ),
    "UTF-32": ("ab注".encode("utf-32"), "ab注", "utf-32-le", False),
    "NUL bytes": (b"a\0b\0\0c def ghi jkl mno pqr", "abc def ghi jkl mno pqr", "utf-8", False),
    "broken UTF-8": (
        "注册\ufffd".encode()[:-1] + "邀请码".encode(),
        "注册\ufffd邀请码",
        "utf-8",
        True,
    ),
    "cut UTF-8": ("注册邀请".encode()[:-1], "注册邀\ufffd", "utf-8", True),
}


@pytest.mark.parametrize(("body", "text", "encoding", "lossy"), FORMS.values(), ids=FORMS)
def test_forms(body: bytes, text: str, encoding: str, lossy: bool) -> None:
    assert decode_text(body) == (text, encoding, lossy)


def test_lost_characters_degrade_the_document() -> None:
    document = read("注册邀请好友".encode()[:-1]).document
    assert document.degraded == ("some characters could not be read as utf-8",)
    assert document.encoding == "utf-8"


@given(st.binary(max_size=300), st.sampled_from(LABELS))
def test_any_bytes_become_text(body: bytes, label: str) -> None:
    text, encoding, _ = decode_text(body, f"text/html; charset={label}")
    assert "\0" not in text
    text.encode("utf-8")
    assert "".encode(encoding) is not None


@given(st.text(st.characters(codec="gb18030"), max_size=80), st.sampled_from(["gb2312", "utf-8"]))
def test_utf8_is_utf8_whatever_is_declared(text: str, label: str) -> None:
    body = f"<p>{text}".encode()
    expected = body.decode().replace("\0", "")
    decoded = decode_text(body, f"text/html; charset={label}")
    assert decoded[0] == expected or decoded[1].startswith("utf-16")
