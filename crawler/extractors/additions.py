"""Strings of a script that are only added up, directly or through variables, as one string."""

from __future__ import annotations

import re
from collections.abc import Iterator
from heapq import merge

import msgspec

LOOK_BACK = 80
"""How many characters of script before a string tell what is done with it."""

_GLUE = re.compile(
    r"[\s)]*(?:\+|\.concat\()\s*(?:(?:atob|decodeURIComponent|decodeURI|unescape)\s*\()?\s*\Z"
)
_ASSIGNED = re.compile(
    r"(?:\b(?:var|let|const)\s+|[,;{}()\n]\s*|\A\s*)([A-Za-z_$][\w$]{0,40})\s*(\+?=)\s*\Z"
)
_SENDS = re.compile(
    r"(?:(?:location|window|top|self|parent|document)(?:\.href|\[\s*['\"]href['\"]\s*\])?\s*="
    r"|\[\s*['\"]location['\"]\s*\](?:\.href|\[\s*['\"]href['\"]\s*\])?\s*="
    r"|location\.(?:replace|assign)\s*\(|\bopen\s*\(|\.(?:href|src|action)\s*="
    r"|(?:navigateTo|redirectTo|reLaunch)\s*\(\s*\{\s*url\s*:)\s*\Z"
)
_MAX_PARTS = 500
_MAX_NAMES = 50
_MAX_NAMED = 2_000
_MAX_VALUE = 2_000


class Token(msgspec.Struct, gc=False):
    """A string, or the variable `name` that may hold one, at [`start`, `end`) of the script."""

    start: int
    end: int
    text: str
    name: str = ""


def sends(script: str, start: int) -> bool:
    """Whether the page is sent to what begins at `start`, as in `location.href = `."""
    before = script[max(start - LOOK_BACK, 0) : start].rstrip()
    return before[-1:] in ("=", "(", ":") and _SENDS.search(before) is not None


def added_up(script: str, tokens: list[Token]) -> list[Token]:
    """`tokens` with the sums among them put together; `tokens` are in order of their place."""
    values: dict[str, str] = {}
    found: list[Token] = []
    group: list[Token] = []
    for token in _with_names(script, tokens):
        if group and len(group) < _MAX_PARTS and _continues(script, group[-1].end, token.start):
            group.append(token)
            continue
        _close(script, group, values, found)
        group = [token]
    _close(script, group, values, found)
    return found


def _continues(script: str, end: int, start: int) -> bool:
    return start - end <= LOOK_BACK and _GLUE.match(script, end, start) is not None


def _close(script: str, group: list[Token], values: dict[str, str], found: list[Token]) -> None:
    """Ends a sum: it is a string of the script, and the value of a variable it is assigned to."""
    if not group:
        return
    start = group[0].start
    text = "".join(values.get(one.name, "") if one.name else one.text for one in group)
    assigned = _assigned(script, start)
    if assigned and len(text) <= _MAX_VALUE:
        before = values.get(assigned[1], "") if assigned[2] == "+=" else ""
        values[assigned[1]] = text = (before + text)[:_MAX_VALUE]
    if len(group) > 1 or not group[0].name or sends(script, start):
        found.append(Token(start, group[-1].end, text))


def _assigned(script: str, start: int) -> re.Match[str] | None:
    if script[max(start - 20, 0) : start].rstrip()[-1:] != "=":
        return None
    return _ASSIGNED.search(script, max(start - LOOK_BACK, 0), start)


def _with_names(script: str, tokens: list[Token]) -> Iterator[Token]:
    """`tokens` and, in their places, the variables that are assigned one of them."""
    names: dict[str, None] = {}
    for token in tokens:
        assigned = _assigned(script, token.start)
        if assigned and len(names) < _MAX_NAMES:
            names[assigned[1]] = None
    if not names:
        return iter(tokens)
    return merge(tokens, _uses(script, tokens, names), key=lambda token: token.start)


def _uses(script: str, tokens: list[Token], names: dict[str, None]) -> list[Token]:
    """Where the variables `names` stand outside of strings and are not assigned to."""
    pattern = re.compile(rf"(?<![\w$.])(?:{'|'.join(map(re.escape, names))})(?![\w$]|\s*\+?=[^=])")
    uses: list[Token] = []
    at = 0
    for match in pattern.finditer(script):
        start, end = match.span()
        while at < len(tokens) and tokens[at].end <= start:
            at += 1
        if at < len(tokens) and tokens[at].start <= start:
            continue
        uses.append(Token(start, end, "", match[0]))
        if len(uses) >= _MAX_NAMED:
            break
    return uses
