"""`promowatch lint`: is the whole catalogue right?"""

from __future__ import annotations

from datetime import UTC, datetime

from classifiers import load_ruleset
from core.target import load_targets
from crawler.sources import check_source
from promowatch import options
from schedules import plan


def lint(catalogue: options.Catalogue = options.DEFAULT_CATALOGUE) -> None:
    """Check every file of the catalogue; the first wrong line is named as file:line.

    Example: promowatch lint --catalogue my-catalogue
    """
    ruleset = load_ruleset(catalogue)
    found = load_targets(catalogue / "targets")
    for target in found.values():
        if target.source is not None:
            check_source(target.source)
    plan(found.values(), options.zone(options.DEFAULT_ZONE), datetime.now(UTC))
    print(f"catalogue {ruleset.version[:12]} is in order; {len(found)} targets")
