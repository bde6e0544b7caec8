"""Trying out every example in the catalogue: each cue, shape and rule ships a text that must show
it and one that must not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from classifiers.gather import find_passages
from classifiers.normalise import fold
from classifiers.passages import Passages
from classifiers.ruleset import Ruleset
from classifiers.scoring import readings
from classifiers.text_document import document_from_text
from core import Document, ListingEntry


class CatalogueExample(NamedTuple):
    """One example: does `text` show `name` (a cue, shape or rule of `kind`), and should it?"""

    kind: str
    name: str
    text: str
    expected: bool


def examples(ruleset: Ruleset) -> Iterator[CatalogueExample]:
    """Every example of the catalogue."""
    catalogue = ruleset.catalogue
    for cue in catalogue.cues:
        if cue.shadow and not cue.words:  # switched off in this rule set
            continue
        yield CatalogueExample("cue", cue.id, cue.hit, True)
        yield CatalogueExample("cue", cue.id, cue.miss, False)
    for shape in catalogue.text_shapes:
        yield CatalogueExample("shape", shape.id, shape.hit, True)
        yield CatalogueExample("shape", shape.id, shape.miss, False)
    for rule in catalogue.rules:
        for text in rule.hit:
            yield CatalogueExample("rule", rule.id, text, True)
        for text in rule.miss:
            yield CatalogueExample("rule", rule.id, text, False)


def shows(example: CatalogueExample, ruleset: Ruleset) -> bool:
    """Whether the example's text shows what it is an example of."""
    if example.kind == "shape":
        return _shape_matches(example, ruleset)
    document = _document(example, ruleset)
    passages = find_passages(document, ruleset, decided=True)
    if passages is None:
        return False
    if example.kind == "cue":
        return bool(passages.page_mask() & ruleset.bit[example.name])
    return example.name in _fired(passages, document)


def _shape_matches(example: CatalogueExample, ruleset: Ruleset) -> bool:
    for compiled in ruleset.shapes:
        if compiled.shape.id == example.name:
            text = example.text if compiled.shape.raw else fold(example.text).text
            return compiled.pattern.search(text) is not None
    return False


def _document(example: CatalogueExample, ruleset: Ruleset) -> Document:
    document = document_from_text(example.text)
    entries = {rule.id for rule in ruleset.catalogue.rules if rule.entry}
    if example.name not in entries:
        return document
    entry = ListingEntry(platform="lint", app_id="lint", name="")
    return Document(
        surface="mini_program",
        url="",
        blocks=document.blocks,
        references=document.references,
        entry=entry,
    )


def _fired(passages: Passages, document: Document) -> set[str]:
    found = {
        fired.compiled.rule.id
        for _, reading in readings(passages, document)
        for fired in reading.speaks_for
    }
    page = passages.page_mask()
    for unit, there in passages.units.items():
        for compiled in passages.ruleset.rules_against:
            seen = {"passage": passages.mask(unit), "block": there.bits, "page": page}
            if compiled.met_by(seen[compiled.rule.scope]):
                found.add(compiled.rule.id)
    return found


def check_catalogue(ruleset: Ruleset) -> list[str]:
    """One line for every example that does not do what it should; empty when all is well."""
    return [
        f"{example.kind} `{example.name}` {'misses' if example.expected else 'fires on'} its "
        f"{'hit' if example.expected else 'miss'} example: {example.text}"
        for example in examples(ruleset)
        if shows(example, ruleset) != example.expected
    ]
