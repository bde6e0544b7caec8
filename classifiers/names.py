"""Forbidden words in the names of companies and apps."""

from __future__ import annotations

from classifiers.normalise import fold_word
from classifiers.ruleset import Ruleset
from core import Document

NAME_FIELDS = frozenset(("name", "owner", "company", "business_scope", "developer"))
MAX_NAME = 500
"""Characters of a name that are looked at."""


def forbidden_name(document: Document, ruleset: Ruleset) -> tuple[int, str] | None:
    """(block index, word) of the first forbidden word in a name of a listing entry, or None.

    The words are those of every instrument of the catalogue; which one applies is decided by date.
    """
    if document.entry is None:
        return None
    words = forbidden_words(ruleset)
    for number, text in name_texts(document):
        folded = fold_word(text)
        for word in words:
            if fold_word(word) in folded:
                return number, word
    return None


def forbidden_words(ruleset: Ruleset) -> list[str]:
    """The forbidden words of all instruments."""
    return [
        word
        for instrument in ruleset.catalogue.legal.instruments
        for item in instrument.items
        if item.scope == "names"
        for word in item.words
    ]


def name_texts(document: Document) -> list[tuple[int, str]]:
    """(block index, beginning of the text) of every name of a listing entry; -1 where a name is
    that of the entry itself."""
    entry = document.entry
    fields = [
        (number, block.text[:MAX_NAME])
        for number, block in enumerate(document.blocks)
        if block.locator.path.rpartition(".")[2] in NAME_FIELDS
    ]
    if entry is None:
        return fields
    return [*fields, (-1, entry.name[:MAX_NAME]), (-1, entry.owner[:MAX_NAME])]
