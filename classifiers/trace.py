"""The steps that turned what was written into what was matched, for people to read."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from classifiers.fold_table import EXPANDS, INVISIBLE, SEPARATOR, fold_table

STEPS = (
    "invisible", "separators", "compatibility", "marks", "case", "look_alike", "simplified",
)  # fmt: skip
"""Steps of the normaliser in the order they are applied; disguises follow (weights.yaml)."""


@lru_cache(maxsize=20_000)
def transform_trace(raw: str, word: str, disguise: str) -> tuple[str, ...]:
    """Steps from `raw`, as it stands in the text, to the catalogue's `word`."""
    if raw == word:
        return ()
    found = {step for char in raw for step in _steps(char)}
    if disguise != "separators" and " " in word:
        found.discard("separators")
    ordered = tuple(step for step in STEPS if step in found)
    return ordered if not disguise or disguise in ordered else (*ordered, disguise)


def _steps(char: str) -> tuple[str, ...]:
    if char.isascii() and not char.isspace():
        if char.isalpha():
            return ("case",) if char.isupper() else ()
        return () if char.isdigit() or char in "+$@%" else ("separators",)
    table = fold_table()
    kind = int(table.kind[ord(char)]) & ~EXPANDS
    if kind == INVISIBLE:
        return ("invisible",)
    if kind == SEPARATOR:
        return ("separators",)
    folded = chr(int(table.fold[ord(char)]))
    if folded == char:
        return ()
    steps: list[str] = []
    compatible = unicodedata.normalize("NFKC", char)
    if compatible != char:
        steps.append("compatibility")
    bare = unicodedata.normalize("NFD", compatible)[0]
    if bare != compatible and len(unicodedata.normalize("NFD", compatible)) > 1:
        steps.append("marks")
        compatible = bare
    if compatible.casefold() != compatible:
        steps.append("case")
    if compatible.casefold()[:1] != folded:
        steps.append("simplified" if "\u2e80" <= folded <= "\U0003ffff" else "look_alike")
    return tuple(steps)
