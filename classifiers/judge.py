"""The judgement of one document: signals, passages, the worst passage, the verdict.

A page is as bad as its worst passage, so promotion inside a warning or a news article is found and
the article around it does not hide it. Pure: no clock, no network, no state between documents.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from classifiers.bare_links import blank_links
from classifiers.gather import find_passages, page_of
from classifiers.names import forbidden_name
from classifiers.normalise import fold
from classifiers.passages import Passages
from classifiers.ruleset import Ruleset
from classifiers.scoring import is_short, judge_passages
from classifiers.verdict import verdict_of
from core import Document, Verdict
from core.verdict import ProfileViews


def classify(
    document: Document,
    ruleset: Ruleset,
    on: date,
    *,
    boilerplate: Collection[int] = (),
    views: ProfileViews | None = None,
) -> Verdict:
    """Judge `document` by `ruleset` and the law of day `on`.

    `boilerplate`: indices of blocks that were judged on other pages of the site already
    (`SiteBlocks.repeated`). `views`: what other client profiles saw. Deterministic;
    never raises on any text. `undetermined` when nothing could be read, or an
    entry lacks what its listing always has.
    """
    empty = not document.references and not any(block.text.strip() for block in document.blocks)
    if empty and document.degraded:
        return Verdict(
            label="undetermined", score=0.0, on=on, ruleset_version=ruleset.version, degraded=True
        )
    name = forbidden_name(document, ruleset)
    passages = find_passages(document, ruleset, decided=name is not None, boilerplate=boilerplate)
    if passages is None:
        nothing = Passages(page_of(document, boilerplate), ruleset)
        if is_short(nothing.page, document):
            nothing.hold(fold(blank_links(nothing.page.text)))
        return verdict_of(document, ruleset, on, [], nothing, name, views)
    found = judge_passages(passages, document)
    return verdict_of(document, ruleset, on, found, passages, name, views)
