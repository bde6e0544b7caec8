"""Scans that see pages in a browser, as other visitors, and follow links: killed and taken up."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

from tests.crawler.test_rendering import site as site  # noqa: PLC0414  (a fixture)
from tests.promowatch.resuming import done_identities, outcome, resume_to_the_end, run_scan
from tests.promowatch.test_resume_files import killed_after
from tests.scanning import ROOT, write_target
from tests.site.cloaking import CloakingSite
from tests.site.detours import EXCHANGE, NETWORK, OTHER, SHORT, DetourSite, catalogue

SLOW = {
    "autothrottle": False,
    "concurrent_requests_per_host": 2,
    "delay_seconds": 0.3,
    "reason": "slow enough to be cut off in the middle",
}


def cut_and_compared(folder: Path, *arguments: str, looks: int = 2, **fields: Any) -> None:
    """A scan that is killed after some looks ends as one that nobody disturbs."""
    target = write_target(folder / "visits.yaml", **{"politeness": SLOW, **fields})
    whole, data = folder / "whole", folder / "data"
    assert run_scan(target, *arguments, data=whole).returncode in (0, 3)
    killed = run_scan(target, *arguments, data=data, meanwhile=killed_after(looks, data))
    assert killed.returncode == -signal.SIGKILL
    assert done_identities(data)
    resume_to_the_end(data, *arguments)
    assert outcome(whole).differs(outcome(data)) == {}


def test_pages_that_a_browser_renders(site: str, tmp_path: Path) -> None:
    cut_and_compared(tmp_path, seeds=[site], rendering="always")


def test_pages_that_are_seen_as_other_visitors(tmp_path: Path) -> None:
    paths = (
        "agent",
        "same",
        "referred",
        "shown",
        "not-for-us",
        "absent",
        "absent-for-us",
        "layout",
    )
    with CloakingSite() as served:
        cut_and_compared(
            tmp_path,
            seeds=[served.url + path for path in paths],
            scope={"depth": 0},
            rendering="never",
            profiles=["desktop", "wechat", "search_referrer"],
            limits={"max_profile_pages": 6},
        )


def test_links_whose_end_is_looked_for(tmp_path: Path) -> None:
    lists = catalogue(ROOT / "catalogue", tmp_path / "catalogue")
    paths = ("/six", "/broken", "/header", "/loop", "/plain", "/forbidden/short", "/quiet", "/dead")
    with DetourSite() as served:
        short = [served.on(SHORT, path) for path in paths]
        # each with a text of its own: of pages alike, those that come first are the findings
        links = [*short, *short, served.on(EXCHANGE, "/welcome")]
        pages = [served.page(link, f"issue{number}") for number, link in enumerate(links)]
        pages.append(served.quiet_page(served.on(OTHER, "/plain")))
        cut_and_compared(
            tmp_path,
            "--catalogue",
            str(lists),
            looks=4,
            seeds=pages,
            scope={"depth": 0},
            rendering="never",
            network={"allow": [NETWORK]},
        )
