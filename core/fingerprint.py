"""What a promotion keeps when it moves to another address: codes, handles, QR payloads, wording.

Pure. A *strong* mark names the promoter or the very thing that was made (an invite code, an
account, a QR payload, a poster, a text); a weak one (address, registrable domain) only the place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

import msgspec

from core import simhash
from core.document import Document
from core.urls import canonical_url, registrable_domain, split_host
from core.verdict import Signal, Verdict

MarkKind = Literal["code", "handle", "qr", "picture", "poster", "text", "domain", "url"]
"""`picture` is a file, `poster` what it shows."""
STRONG_KINDS: tuple[MarkKind, ...] = ("code", "handle", "qr", "picture", "poster", "text")
PROMOTER_KINDS: tuple[MarkKind, ...] = ("code", "handle", "qr")
"""Marks that name who promotes: they are counted together as promoters."""

TEXT_DISTANCE = 3
"""Bits of 64 in which near-duplicate pages differ at most (Manku et al., WWW 2007)."""

PICTURE_BITS = 256
PICTURE_DISTANCE = 31
"""Bits of 256 in which copies of a picture differ at most (the bound of PDQ, Facebook 2019)."""

NEAR: Mapping[MarkKind, int] = {"text": TEXT_DISTANCE, "poster": PICTURE_DISTANCE}
"""The kinds whose values are hashes in hex, and the bits in which two that are alike may differ."""

SHORTEST_TEXT = 60
"""Letters a text needs for its hash to say anything: short ones are alike by chance."""

_SHORTEST_CODE = 5
_VALUE_LIMIT = 500
_CODE = re.compile(r"[A-Za-z0-9_-]{5,40}")
_CODE_PARAMETER = re.compile(
    r"(?i)^(?:ref|r|aff|affiliate|agent|channel|code|id|ic|clc|vipcode|promo|partner)$"
    r"|ref(?:erral|errer|er|id|_id|code)|invit|aff_?id|promo_?code|rcode|share_?code|utm_referrer"
)
_CODE_PATH = re.compile(
    r"(?i)/(?:join|invite|ref|referral|r|register|signup|a|i|land)/([^/?#]+)/?$"
)
_ACCOUNT_HOSTS = frozenset(("t.me", "telegram.me", "telegram.dog", "x.com", "twitter.com"))


class Mark(msgspec.Struct, frozen=True, order=True):
    """One fingerprint of a sighting. `value` compares equal where the mark is the same."""

    kind: MarkKind
    value: str


def verdict_marks(verdict: Verdict) -> frozenset[Mark]:
    """The codes, handles and QR payloads among the signals of `verdict`."""
    return frozenset(mark for signal in verdict.signals for mark in _signal_marks(signal))


def place_marks(url: str) -> frozenset[Mark]:
    """Canonical address and registrable domain of a surface."""
    host = split_host(url)
    marks = {Mark("url", canonical_url(url)[:_VALUE_LIMIT])}
    if host:
        marks.add(Mark("domain", registrable_domain(host)[:_VALUE_LIMIT]))
    return frozenset(marks)


def text_mark(document: Document) -> frozenset[Mark]:
    """The similarity hash of what a reader sees; none where that is too short to tell."""
    shown = (b.text for b in document.blocks if b.kind in ("visible", "title", "listing_field"))
    text = "\n".join(shown)
    if len(simhash.stable_text(text[:2_000])) < SHORTEST_TEXT:
        return frozenset()
    return frozenset((Mark("text", f"{simhash.simhash(text):016x}"),))


def alike(one: Mark, other: Mark) -> bool:
    """Whether two marks are the same, or as near to each other as copies are (`NEAR`)."""
    if one.kind != other.kind:
        return False
    most = NEAR.get(one.kind)
    if most is None:
        return one.value == other.value
    return simhash.distance(int(one.value, 16), int(other.value, 16)) <= most


def referral_code(url: str) -> str:
    """The invite code that a referral link carries, or ""."""
    try:
        parts = urlsplit(url)
        route = parts.fragment.partition("?")[2] or parts.fragment
        pairs = [*parse_qsl(parts.query), *parse_qsl(route)]
    except ValueError:
        return ""
    for name, value in pairs:
        if _CODE_PARAMETER.search(name) and _is_code(value):
            return value
    found = _CODE_PATH.search(parts.path)
    return found[1] if found and _is_code(found[1]) else ""


def _signal_marks(signal: Signal) -> Iterable[Mark]:
    value = signal.normalised.strip()
    if signal.family == "qr":
        yield Mark("qr", canonical_url(value)[:_VALUE_LIMIT])
    if signal.kind == "code" and len(value) >= _SHORTEST_CODE:
        yield Mark("code", value.upper())
    elif signal.kind == "referral":
        code = referral_code(value)
        if code:
            yield Mark("code", code.upper())
    elif signal.kind in ("handle", "contact"):
        yield Mark("handle", value.lstrip("@").casefold()[:_VALUE_LIMIT])
    elif signal.kind == "messaging":
        account = _account(value)
        if account:
            yield Mark("handle", account[:_VALUE_LIMIT])


def _account(url: str) -> str:
    """The account or group a messaging link leads to: `signal_room`, `chat.whatsapp.com/Ab12`."""
    host = split_host(url)
    path = url.partition("://")[2].partition("/")[2].partition("?")[0].strip("/")
    if not host or not path:
        return ""
    if host in _ACCOUNT_HOSTS and "/" not in path and not path.startswith("+"):
        return path.casefold()
    return f"{host}/{path}"


def _is_code(value: str) -> bool:
    """Plain words (`signup`, `promotions`) are no codes: a digit or capitals make one."""
    if not _CODE.fullmatch(value):
        return False
    return any(char.isdigit() for char in value) or value.isupper()
