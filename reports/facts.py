"""Facts of a finding as words, for every renderer alike."""

from __future__ import annotations

from core import LegalBasis
from core.text import one_line
from reports.report import Finding
from reports.words import Language, say


def basis_text(basis: LegalBasis, lang: Language) -> str:
    """An instrument as it is cited: 《title》(number) and, where confirmed, the item."""
    number = f"（{basis.number}）" if basis.number else ""
    text = f"《{one_line(basis.title)}》{one_line(number)}"
    return text if basis.item is None else f"{text} {say('item', lang, item=basis.item)}"


def basis_texts(finding: Finding, lang: Language) -> list[str]:
    """All instruments in force on the day of the judgement."""
    return [basis_text(basis, lang) for basis in finding.legal_basis]


def answer(finding: Finding, lang: Language) -> str:
    """What the surface last said on the day: the finding, or that nothing is there; the status."""
    seen = say(f"label.{finding.seen}", lang)
    if finding.http_status is None:
        return seen
    return f"{seen} · {say('http_status', lang, status=finding.http_status)}"
