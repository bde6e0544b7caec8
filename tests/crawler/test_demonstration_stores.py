"""The demonstration site's store targets as the catalogue has them, the browser's among them."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest

from core.target import load_targets
from tests.scanning import ROOT, scan
from tests.site import DemonstrationSite
from tests.site.stores import PAGES, PER_PAGE, PROMOTIONS

TARGETS = load_targets(ROOT / "catalogue" / "targets")
ALL = PAGES * PER_PAGE
FOUND = {f"none.{name}" for name in PROMOTIONS}


@pytest.mark.parametrize(
    ("name", "entries", "found"),
    [
        ("numbered", ALL, FOUND),
        ("xpath", ALL, FOUND),
        ("cursor", ALL, FOUND),
        ("sitemap", ALL, FOUND),
        ("feed", ALL, FOUND),
        ("store-page", 1, {"none.app-02"}),
        ("scroll", ALL, FOUND),
        ("button", ALL, FOUND),
    ],
)
def test_a_store_is_read_to_its_end(
    tmp_path: Path, name: str, entries: int, found: set[str]
) -> None:
    target = TARGETS[f"demonstration-{name}"]
    with DemonstrationSite() as site:
        port = urlsplit(site.url).netloc
        seeds = [urlsplit(seed)._replace(netloc=port).geturl() for seed in target.seeds]
        path = tmp_path / "target.yaml"
        path.write_bytes(
            msgspec.json.encode({"targets": [{**msgspec.to_builtins(target), "seeds": seeds}]})
        )
        scanned = scan(str(path), tmp_path / "data")
    assert scanned.gaps == ()
    assert scanned.summary is not None
    assert scanned.summary.looks == entries
    assert {candidate.app_id for candidate in scanned.candidates} == found


def test_a_list_that_still_grows_at_the_last_scroll_is_a_gap(tmp_path: Path) -> None:
    target = TARGETS["demonstration-button"]
    with DemonstrationSite() as site:
        port = urlsplit(site.url).netloc
        seeds = [urlsplit(seed)._replace(netloc=port).geturl() for seed in target.seeds]
        plain = msgspec.to_builtins(target)
        plain["source"]["scrolls"] = 2
        path = tmp_path / "target.yaml"
        path.write_bytes(msgspec.json.encode({"targets": [{**plain, "seeds": seeds}]}))
        scanned = scan(str(path), tmp_path / "data")
    (gap,) = scanned.gaps
    assert "source.scrolls" in gap.reason
    assert scanned.summary is not None
    assert scanned.summary.looks == 3 * PER_PAGE
