"""The judge: `classify(document, ruleset, on) -> Verdict`. Pure: no network, no clock, no state.

Measuring and fitting: `load_corpus`, `evaluate`, `fit`, `write_points`. Showing: `explain`.
Checking the catalogue: `check_catalogue`.
"""

from classifiers.boilerplate import SiteBlocks, mark
from classifiers.calibrate import Points, fit, write_points
from classifiers.catalogue import judged_by, load_catalogue
from classifiers.corpus import Example, load_corpus
from classifiers.evaluate import EvaluationReport, evaluate
from classifiers.explain import Explanation, explain
from classifiers.judge import classify
from classifiers.lint import check_catalogue
from classifiers.metrics import Metrics
from classifiers.proposals import Proposal, is_guarded
from classifiers.quiet import quiet_entries
from classifiers.ruleset import Ruleset, load_ruleset, load_with_shadow
from classifiers.rulesets import RulesetName, ruleset_named
from classifiers.schema import Catalogue
from classifiers.shadow import shadow_entries
from classifiers.shadow_change import shadow_change
from classifiers.text_document import document_from_text

__all__ = [
    "Catalogue",
    "EvaluationReport",
    "Example",
    "Explanation",
    "Metrics",
    "Points",
    "Proposal",
    "Ruleset",
    "RulesetName",
    "SiteBlocks",
    "check_catalogue",
    "classify",
    "document_from_text",
    "evaluate",
    "explain",
    "fit",
    "is_guarded",
    "judged_by",
    "load_catalogue",
    "load_corpus",
    "load_ruleset",
    "load_with_shadow",
    "mark",
    "quiet_entries",
    "ruleset_named",
    "shadow_change",
    "shadow_entries",
    "write_points",
]
