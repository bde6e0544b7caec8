"""Whether two addresses lead to the same place, told apart from what changes with every visit."""

from __future__ import annotations

import re
from urllib.parse import unquote, unquote_plus, urlsplit

from core.urls import canonical_url

_MEANT = re.compile(
    r"(?:.*[_-])?(?:ref|refer|referer|referral|invite|inviter|invitation|invited|code|rcode|icode|aff|"
    r"affiliate|affiliation|agent|channel|partner|promo|promotion|coupon|pid|uid|vip|clac|mid|from|"
    r"source|utm|to|url|target|redirect|link|goto|return|group|room|start|startapp|q)"
    r"(?:[_-]?(?:id|code|type|to|url|uri|by|name|key))?"
)
"""Names (small letters) of parameters that say who is paid or where it goes on: referral codes and
their kin (`referral_parameters` of catalogue/exchanges.yaml), channels, nested targets."""

_PASSING = re.compile(
    r"_?(?:t|ts|tm|time|timestamp|timetamp|stamp|date|now|_|r|rnd|rand|random|nonce|salt|seed|cb|bust|"
    r"cachebuster|v|ver|sid|ssid|session|sess|session[_-]?id|s?token|access[_-]?token|csrf|ticket|"
    r"sign|signature|sig|hash|hmac|auth|auth[_-]?key|expires?|exp|expiry|state|trace|trace[_-]?id|"
    r"request[_-]?id|req[_-]?id|rid|log[_-]?id|visit(?:or)?[_-]?id|uuid|guid|"
    r"click|click[_-]?id|clickid|clk|clid|cid|[a-z]{1,12}clid|subid|transaction[_-]?id|tid|"
    r"device[_-]?id|did|fp|fingerprint)"
)
"""Names of parameters that servers make up anew for every visit: times, nonces, sessions,
signatures, click identifiers."""

_RANDOM = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|[0-9a-f]{24,}"
    r"|1[4-9]\d{8}(?:\d{3})?"
    r"|eyJ[\w-]{8,}\.[\w-]+\.[\w-]*"
    r"|(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])(?=(?:\D*\d){3})[\w+/=-]{24,}",
    re.ASCII,
)
"""Values that nobody hands out as a code: UUIDs, digests, Unix times (2014 to 2033), JSON web
tokens, long mixed strings."""

_SESSION_IN_PATH = re.compile(r";(?:jsessionid|sid|phpsessid)=[^/;]*", re.IGNORECASE)


def same_destination(one: str, other: str) -> bool:
    """Whether `one` and `other` are the same place: host, path and the parameters that mean
    something. The scheme (http or https), a slash at the end, the order of parameters, and those
    that are made up for every visit do not count; referral codes and other short values do."""
    return one == other or _place(one) == _place(other)


def _place(url: str) -> tuple[str, ...]:
    canonical = canonical_url(url)
    try:
        parts = urlsplit(canonical)
    except ValueError:
        return (canonical,)
    if parts.scheme not in ("http", "https"):
        route, _, query = canonical.partition("?")
        return (route, *_meant(query))
    path = _SESSION_IN_PATH.sub("", parts.path).rstrip("/")
    route, _, routed = parts.fragment.partition("?")
    return (parts.netloc, path, *_meant(parts.query), "#" + route, *_meant(routed))


def _meant(query: str) -> list[str]:
    """The parameters of `query` that are not made up for every visit, in order of their names."""
    return sorted(unquote(pair) for pair in query.split("&") if pair and not _passes(pair))


def _passes(pair: str) -> bool:
    name, _, value = pair.partition("=")
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", unquote(name)).lower()
    if _MEANT.fullmatch(name):
        return False
    return bool(_PASSING.fullmatch(name) or _RANDOM.fullmatch(unquote_plus(value)))
