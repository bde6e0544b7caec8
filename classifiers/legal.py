"""Which instrument and item apply on a day. Everything but the dates stands in the catalogue."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from classifiers.schema import LegalFile
from core import LegalBasis
from core.verdict import Asset


def legal_basis(
    legal: LegalFile, on: date, assets: Collection[Asset], *, name_word: str = ""
) -> tuple[LegalBasis, ...]:
    """The items in force on `on` that cover one of `assets`, and the one on names when
    `name_word` is forbidden then."""
    found: list[LegalBasis] = []
    for instrument in legal.instruments:
        if not instrument.in_force(on):
            continue
        for item in instrument.items:
            covered = (
                name_word in item.words
                if item.scope == "names"
                else bool(set(assets) & set(item.assets))
            )
            if covered:
                found.append(
                    LegalBasis(instrument.id, instrument.title.zh, instrument.number, item.number)
                )
    return tuple(found)


def needs_a_person(legal: LegalFile, assets: Collection[Asset], *, lured: bool) -> bool:
    """Whether an exception may cover the finding: words about an excepted asset, with no lure
    beside them, are looked at by a person and never called a violation by themselves."""
    excepted = {e.asset for instrument in legal.instruments for e in instrument.exceptions}
    touched = set(assets) & excepted
    return bool(touched) and (not lured or touched == set(assets))
