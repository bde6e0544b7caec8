"""`promowatch lint`: is the whole catalogue right?"""

from __future__ import annotations

from datetime import UTC, datetime

from classifiers import check_catalogue, load_with_shadow, shadow_entries
from core.errors import CatalogueError
from core.profile import load_profiles, profiles_named
from core.strict_yaml import load_yaml
from core.target import load_targets
from core.text import one_line
from crawler.extractors.packages import PackageWords
from crawler.sources import check_source
from promowatch import options
from schedules import plan

_SHOWN = 20


def lint(catalogue: options.Catalogue = options.DEFAULT_CATALOGUE) -> None:
    """Check every file of the catalogue; the first wrong line is named as file:line.

    Example: promowatch lint --catalogue my-catalogue
    """
    ruleset, shadow = load_with_shadow(catalogue)
    wrong = check_catalogue(ruleset) + (check_catalogue(shadow) if shadow else [])
    if wrong:
        raise CatalogueError("\n".join(wrong[:_SHOWN]))
    if (catalogue / "packages.yaml").exists():
        load_yaml(catalogue / "packages.yaml", PackageWords)
    found = load_targets(catalogue / "targets")
    stores = load_targets(catalogue / "stores")
    for target in (*found.values(), *stores.values()):
        if target.source is not None:
            check_source(target.source)
        profiles_named(target.profiles, catalogue)
    load_profiles(catalogue)
    plan(found.values(), options.zone(options.DEFAULT_ZONE), datetime.now(UTC))
    print(f"catalogue {ruleset.version[:12]} is in order; {len(found)} targets")
    if shadow:
        names = shadow_entries(shadow.catalogue)
        print(f"{len(names)} shadow entries, which decide nothing until `shadow` is taken away:")
        for name in names:
            print(f"  {one_line(name)}")
