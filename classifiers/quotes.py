"""Offers that are only shown: quoted in a list of warning signs, a filter, a scene in a story, or
kept as specimens in the tests and data of software."""

from __future__ import annotations

import re

from classifiers.matcher import Hit
from classifiers.passages import Passages, Spotted, Unit

FEWEST = 2
"""Kinds of promotional words inside quotation marks from which a unit quotes offers."""

_QUOTE = re.compile(
    r"“[^”\n]{2,160}”|\"[^\"\n]{2,160}\"|「[^」\n]{2,160}」|『[^』\n]{2,160}』|`[^`\n]{2,160}`"
    r"|‘[^’\n]{2,160}’|(?<![A-Za-z0-9])'[^'\n]{2,160}'(?![A-Za-z0-9])"
)

_SPECIMEN = re.compile(
    r"(?<![A-Za-z])(?:assert[A-Z (]|def test_|@?pytest|unittest|expect\(|describe\(['\"]|it\(['\"]"
    r"|mock[A-Z_(]|fixtures?\b)"
    r"|['\"](?:label|is_?spam|spam|category|intent|severity|expected)['\"]\s*[:=]"
    r"|\b(?i:bad|spam|block|black|deny|stop|sensitive|forbidden|banned)[A-Za-z_]*\s*=\s*[\[({r]"
)
_SPECIMEN_HINTS = (
    "assert", "test", "describe(", "it(", "mock", "fixture", "label", "spam", "category", "intent",
    "severity", "bad", "block", "black", "deny", "stop", "sensitive", "forbidden", "banned",
    "expect",
)  # fmt: skip
"""Of which every match holds one: much faster to look for than the pattern."""


def mark_specimen(passages: Passages) -> None:
    """Note where the page turns out to be a test, a filter or labelled data of software."""
    text = passages.page.text
    lower = text.lower()
    found = any(hint in lower for hint in _SPECIMEN_HINTS) and _SPECIMEN.search(text)
    if found:
        use = passages.ruleset.specimen_use
        passages.spot(passages.page.unit_at(found.start()), Hit(*found.span(), (use,), "", ""), use)
        passages.forget_masks()


def mark_quoted(passages: Passages) -> None:
    """Note the units most of whose promotional words stand inside quotation marks."""
    page, ruleset = passages.page, passages.ruleset
    promotional, use = ruleset.promotional, ruleset.quoted_use
    for index in passages.lit:
        unit = passages.units.get(index)
        if unit is None or (unit.bits & promotional).bit_count() < FEWEST:
            continue
        start, end = page.unit_span(index)
        spans = [match.span() for match in _QUOTE.finditer(page.text, start, end)]
        inside, outside = _kinds(unit, promotional, spans)
        if inside >= FEWEST and inside > outside:
            passages.spot(index, Hit(*spans[0], (use,), "", ""), use)
    passages.forget_masks()


def _kinds(unit: Unit, wanted: int, spans: list[tuple[int, int]]) -> tuple[int, int]:
    """How many kinds of `wanted` words of `unit` stand inside `spans`, how many only outside."""
    within = without = 0
    for bit, found in unit.found.items():
        if bit & wanted & unit.bits:
            hits = [spotted.hit for spotted in found if isinstance(spotted, Spotted)]
            quoted = any(a <= h.start and h.end <= b for h in hits for a, b in spans)
            within += quoted
            without += not quoted
    return within, without
