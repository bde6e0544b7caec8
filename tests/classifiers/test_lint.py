"""Every cue, shape and rule of the catalogue shows its hit and not its miss."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifiers import Ruleset, load_ruleset
from classifiers.lint import CatalogueExample, check_catalogue, examples, shows

CATALOGUE = Path(__file__).parents[2] / "catalogue"
EXAMPLES = list(examples(load_ruleset(CATALOGUE)))


@pytest.mark.parametrize(
    "example", EXAMPLES, ids=[f"{e.kind}-{e.name}-{e.expected}" for e in EXAMPLES]
)
def test_catalogue_example(example: CatalogueExample, ruleset: Ruleset) -> None:
    assert shows(example, ruleset) == example.expected


def test_a_catalogue_without_faults_gives_no_lines(ruleset: Ruleset) -> None:
    assert check_catalogue(ruleset) == []
