"""Forbidden words in the names of companies and apps."""

from __future__ import annotations

from classifiers.normalise import fold_word
from classifiers.ruleset import Ruleset
from core import Document

NAME_FIELDS = frozenset(("name", "owner", "company", "business_scope", "developer"))


def forbidden_name(document: Document, ruleset: Ruleset) -> tuple[int, str] | None:
    """(block index, word) of the first forbidden word in a name of a listing entry, or None.

    The words are those of every instrument of the catalogue; which one applies is decided by date.
    """
    if document.entry is None:
        return None
    words = [
        word
        for instrument in ruleset.catalogue.legal.instruments
        for item in instrument.items
        if item.scope == "names"
        for word in item.words
    ]
    fields = [
        (number, block.text)
        for number, block in enumerate(document.blocks)
        if block.locator.path.rpartition(".")[2] in NAME_FIELDS
    ]
    for number, text in [*fields, (-1, document.entry.name), (-1, document.entry.owner)]:
        folded = fold_word(text[:500])
        for word in words:
            if fold_word(word) in folded:
                return number, word
    return None
