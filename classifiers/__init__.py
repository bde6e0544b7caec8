"""The judge: `classify(document, ruleset, on) -> Verdict`. Pure: no network, no clock, no state."""

from classifiers.catalogue import load_catalogue
from classifiers.judge import classify
from classifiers.ruleset import Ruleset, load_ruleset
from classifiers.schema import Catalogue
from classifiers.text_document import document_from_text

__all__ = [
    "Catalogue",
    "Ruleset",
    "classify",
    "document_from_text",
    "load_catalogue",
    "load_ruleset",
]
