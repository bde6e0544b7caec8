"""The shipped catalogue, compiled once for all tests of the classifier."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifiers import Ruleset, load_ruleset

CATALOGUE = Path(__file__).parents[2] / "catalogue"


@pytest.fixture(scope="session")
def ruleset() -> Ruleset:
    return load_ruleset(CATALOGUE)
