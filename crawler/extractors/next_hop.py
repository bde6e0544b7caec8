"""Where a page sends its reader by itself: meta refresh, or a script that does nothing else."""

from __future__ import annotations

import re

from crawler.extractors.html_page import LITTLE_TEXT, HtmlPage
from crawler.extractors.links import resolve
from crawler.extractors.literals import Literal, literals

_TRIVIAL_SCRIPT_CHARS = 4_000
_LONGEST_DELAY_MS = 5_000
_TIMER = re.compile(r",\s*(\d{1,7})\s*\)")
_RUNS = re.compile(r"\b(?:setTimeout|eval)\s*\(\s*['\"`]?\Z")
_WAITS_FOR_READER = re.compile(r"onclick|['\"]click|['\"]submit|touchstart|onsubmit|confirm\s*\(")
_NAMED_FUNCTION = re.compile(
    r"function\s+[\w$]+\s*\([^)]*\)\s*$|\b(?!onload\b|onpageshow\b)[\w$]+\s*=\s*(?:function|\([^)]*\)\s*=>)"
)


def next_hop(page: HtmlPage, *, rendered: bool) -> str:
    """Where the page leads by itself within 5 seconds, or the empty string.

    The scripts of a `rendered` page have run, so where it stands now is where they lead.
    """
    if page.refresh:
        return page.refresh if page.refresh != page.url else ""
    if rendered:
        return ""
    if page.visible_chars >= LITTLE_TEXT or sum(map(len, page.scripts)) > _TRIVIAL_SCRIPT_CHARS:
        return ""
    for script in page.scripts:
        target = _script_target(script)
        resolved = resolve(target, page.joiner) if target else None
        if resolved is not None and resolved[0] == "link" and resolved[1] != page.url:
            return resolved[1]
    return ""


def _script_target(script: str, *, inside: bool = False) -> str:
    """What the script assigns to the location without waiting for the reader."""
    for literal in literals(script):
        if not literal.sends:
            inner = _code_in(script, literal) if not inside else ""
            if inner:
                return inner
            continue
        before = script[: literal.start]
        call = before.rstrip()[-60:]
        if "location" not in call:
            continue
        if _WAITS_FOR_READER.search(before) or _inside_named_function(before):
            continue
        delay = _TIMER.search(script, literal.start)
        if "setTimeout" in before and delay and int(delay[1]) > _LONGEST_DELAY_MS:
            continue
        return literal.text
    return ""


def _code_in(script: str, literal: Literal) -> str:
    """The target in a string that a timer or `eval` runs: `setTimeout("location='...'", 9)`."""
    if "location" not in literal.text or not _RUNS.search(script[: literal.start]):
        return ""
    delay = _TIMER.search(script, literal.start + len(literal.text))
    if delay and int(delay[1]) > _LONGEST_DELAY_MS:
        return ""
    return _script_target(literal.text, inside=True)


def _inside_named_function(before: str) -> bool:
    """Whether a function that somebody else has to call is still open at the end of `before`."""
    openings: list[int] = []
    for match in re.finditer(r"[{}]", before):
        if match[0] == "{":
            openings.append(match.start())
        elif openings:
            openings.pop()
    return any(_NAMED_FUNCTION.search(before[max(at - 120, 0) : at].rstrip()) for at in openings)
