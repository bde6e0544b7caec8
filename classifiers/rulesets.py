"""Rule sets by name: the live one, the shadow's, or with a proposal carried out."""

from __future__ import annotations

from pathlib import Path

import msgspec

from classifiers.catalogue import load_catalogue
from classifiers.proposals import Proposal, changed
from classifiers.ruleset import Ruleset
from classifiers.shadow import live, with_shadow


class RulesetName(msgspec.Struct, frozen=True):
    """Which rules: those of the folder `catalogue`, `shadow` entries left out or switched on, and
    with `proposal` carried out where there is one. Small, so that processes can be told it."""

    catalogue: str
    shadow: bool = False
    proposal: Proposal | None = None


def ruleset_named(name: RulesetName) -> Ruleset:
    """Load and compile the rule set called `name`. Raises CatalogueError, BadInput."""
    catalogue = load_catalogue(Path(name.catalogue))
    chosen = with_shadow(catalogue) if name.shadow else live(catalogue)
    return Ruleset(changed(chosen, name.proposal) if name.proposal else chosen)
