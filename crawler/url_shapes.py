"""What many addresses of one site have in common, and what two spellings of one address have."""

from __future__ import annotations

import re
from collections import Counter

_SCHEME_END = "://"
_ESCAPE = r"%[0-9A-Fa-f]{2}"
_MASKED = re.compile(rf"{_ESCAPE}|(?=[A-Za-z]*\d)[0-9A-Za-z]{{16,}}|\d+")
_SESSION_IN_PATH = re.compile(r";[^/?#]*|/\([A-Z]\([0-9a-z]{8,}\)\)(?=/|\Z)", re.IGNORECASE)
"""`;jsessionid=...` (Java servlets) and `/(S(...))/` (ASP.NET without cookies)."""

_SESSION_NAME = re.compile(
    r"(?:j|php|asp|cf)?_?sess(?:ion)?_?id\w*|aspsession\w*|cftoken|cfid|oscsid|zenid|sid|s_id|session",
    re.IGNORECASE,
)
_SESSION_VALUE = re.compile(r"(?=\D*\d)[0-9A-Za-z_-]{16,}")
"""A short `sid` is a shop, a section or a story; a session has to be hard to guess."""


def shape_of(url: str) -> str:
    """Host and path of `url` with numbers as `#` and long random tokens as `*`; a query is `?`.

    `https://a.example/day/2031-05/x?y=1` has the shape `a.example/day/#-#/x?`.
    """
    place, query, _ = url.partition(_SCHEME_END)[2].partition("?")
    return _MASKED.sub(_mask, place) + query


def section_of(shape: str) -> str:
    """Host and first folder of a shape; a page at the top belongs to the host alone."""
    host, _, path = shape.partition("/")
    folder, slash, _ = path.partition("/")
    return f"{host}/{folder}" if slash else host


def spelling_of(url: str) -> str:
    """`url` without session ids and with its parameters in order: equal for what is one page.

    Comes back as it is for the most addresses, which have neither query nor `;` nor `(`.
    """
    place, mark, query = url.partition("?")
    if ";" in place or "/(" in place:
        place = _SESSION_IN_PATH.sub("", place)
    if not mark:
        return place
    pairs = sorted(pair for pair in query.split("&") if pair and not _is_session(pair))
    return f"{place}?{'&'.join(pairs)}" if pairs else place


def most_repeated_segment(url: str, bound: int) -> str:
    """A segment that stands more than `bound` times in the path of `url`; "" for none."""
    path = url.partition(_SCHEME_END)[2].partition("?")[0]
    segments = path.split("/")[1:]
    if len(segments) - len(set(segments)) < bound:
        return ""
    segment, times = Counter(filter(None, segments)).most_common(1)[0] if any(segments) else ("", 0)
    return segment if times > bound else ""


def _mask(match: re.Match[str]) -> str:
    found = match[0]
    if found[0] == "%":
        return found
    return "#" if found.isdigit() else "*"


def _is_session(pair: str) -> bool:
    name, _, value = pair.partition("=")
    return _SESSION_NAME.fullmatch(name) is not None and _SESSION_VALUE.fullmatch(value) is not None
