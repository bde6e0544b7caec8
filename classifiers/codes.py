"""Invitation codes and account names written in text, without a link.

Read from the raw passage right behind a word that announces them (`邀请码：12345678`, `微信
abc123`), because case and digits matter. Digits in disguise (9⓿二肆) are undone first.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from classifiers.normalise import fold

_REACH = 40
_CODE = re.compile(
    r"^(?:[\s:：=是为即「『【“\"'`*_（(|>\[\]~-]|处|这?一?栏"
    r"|里|请|务必|填写?|写|输入|使用|成|就|is ){0,12}"
    r"(?P<code>[A-Za-z0-9][A-Za-z0-9_-]{2,39})(?P<end>[`\"'”」】*)]?)"
)
_DIGITS = re.compile(
    r"^(?:是|为|即|填|：|:)?(?P<code>[0-9零〇一二三四五六七八九壹贰叁肆伍陆柒捌玖两]{4,14})"
)
_CHINESE_DIGITS = str.maketrans(
    "零〇一二三四五六七八九壹贰叁肆伍陆柒捌玖两", "001234567891234567892"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_QUOTED = re.compile(r"[`「『【“\"'*]")
_HANDLE = re.compile(
    r"(?<![A-Za-z0-9._@/])@(?P<name>[A-Za-z][A-Za-z0-9_]{3,31})(?![A-Za-z0-9_.]*\.[a-z]{2,})"
)
_ACCOUNT = re.compile(
    r"^[\s:：=是号为➕+＋「【“\"'`*（(|-]{0,6}(?P<name>[A-Za-z][A-Za-z0-9_-]{4,19}|[1-9][0-9]{5,11})(?![A-Za-z0-9])"
)
_ORDINARY = frozenset(
    ("com", "www", "http", "https", "html", "link", "links", "here", "below", "above",
     "code", "codes", "program", "programs", "page", "discount", "bonus", "name",
     "number", "wechat", "telegram", "group", "channel", "login", "support", "with",
     "this", "that", "your", "from", "binance", "bybit", "bitget", "kucoin", "coinbase",
     "mexc", "okx", "huobi", "referral", "invite", "promo")
)  # fmt: skip


class Found(NamedTuple):
    """A code or account at raw [`start`, `end`), and its plain form."""

    start: int
    end: int
    plain: str

    def moved(self, offset: int) -> Found:
        """The same, counted from `offset` characters further ahead."""
        return Found(self.start + offset, self.end + offset, self.plain)


def code_after(raw: str, place: int) -> Found | None:
    """The invitation code that stands right behind position `place` of `raw`, if any."""
    tail = raw[place : place + _REACH]
    match = _CODE.match(_plain(tail))
    if match and _is_code(match["code"], tail[: match.start("code")], bool(match["end"])):
        start = place + match.start("code")
        return Found(start, start + len(match["code"]), match["code"])
    folded = fold(tail)
    digits = _DIGITS.match(folded.text)
    if digits and not _YEAR.fullmatch(digits["code"]):
        first, last = folded.raw_span(digits.start("code"), digits.end("code"))
        return Found(place + first, place + last, digits["code"].translate(_CHINESE_DIGITS))
    return None


def _plain(text: str) -> str:
    """`text` with styled letters and digits (ＫＸ⑦❽) as plain ones, character by character."""
    return text if text.isascii() else "".join(map(_plain_char, text))


@lru_cache(maxsize=5_000)
def _plain_char(char: str) -> str:
    plain = unicodedata.normalize("NFKC", char)
    if len(plain) == 1 and plain.isascii() and plain.isalnum():
        return plain
    digit = fold(char).text
    return digit if len(digit) == 1 and digit.isascii() and digit.isdigit() else char


def code_before(raw: str, place: int) -> Found | None:
    """A code in front of the word: `12345678 邀请码`, `use BONUS77 as referral code`."""
    head = raw[max(0, place - 24) : place]
    match = re.search(
        r"(?<![A-Za-z0-9_-])([A-Za-z0-9_-]{4,16})[\s`”\"'*_]*(?:as (?:the|your|my) )?$", head
    )
    if match and any(c.isdigit() for c in match[1]) and match[1].upper() == match[1]:
        start = max(0, place - 24) + match.start(1)
        return Found(start, start + len(match[1]), match[1])
    return None


def handles(raw: str) -> list[Found]:
    """Account names written with an @."""
    return [Found(m.start(), m.end(), m["name"]) for m in _HANDLE.finditer(raw)]


def account_after(raw: str, place: int) -> Found | None:
    """An account name or number right behind a word such as 微信."""
    match = _ACCOUNT.match(raw[place : place + 32])
    if match is None or match["name"].lower() in _ORDINARY:
        return None
    if (
        match["name"].isalpha()
        and match["name"].islower()
        and " " in raw[place : place + match.start("name")]
    ):
        return None
    return Found(place + match.start("name"), place + match.end("name"), match["name"])


def _is_code(code: str, before: str, quoted: bool) -> bool:
    if code.lower() in _ORDINARY and not code.isupper():
        return False
    if any(c.isdigit() for c in code):
        return len(code) >= 4 and not _YEAR.fullmatch(code)
    if quoted and _QUOTED.search(before):
        return len(code) >= 3
    announced = ":" in before or "：" in before
    if code.isupper():
        return len(code) >= 4 or announced
    return announced and len(code) >= 4 and not code.islower()
