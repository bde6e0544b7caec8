"""A listing that is cut off between two of its pages goes on there, whatever way it is listed."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crawler.test_listing_troubles import ALL, WAYS, Way
from tests.promowatch.resuming import Outcome, done_identities, outcome, resume_to_the_end, run_scan
from tests.scanning import write_target
from tests.site.cut_off import Killer
from tests.site.loopback import LoopbackServer
from tests.site.stores import TOKEN, Stores, Trouble

TROUBLES = (Trouble.NONE, Trouble.ERROR, Trouble.REPEAT, Trouble.EMPTY, Trouble.SHAPE)
"""Those that are the same each time they are met."""
IN_SHORT = ("html_link", "json_cursor", "sitemap")


def _every_way() -> list[object]:
    return [
        name if name in IN_SHORT else pytest.param(name, marks=pytest.mark.long)
        for name in sorted(WAYS)
    ]


class Listing:
    """A listing of one kind, served, and the target that reads it."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.way: Way = WAYS[kind]
        self.kind = kind
        self.killer = Killer(Stores().respond)
        self.server = LoopbackServer(self.killer.respond)
        base = f"{self.server.url}stores/{kind}"
        self.target = write_target(
            folder / "listing.yaml",
            surface="app_listing",
            seeds=[f"{base}/{one}/{self.way.start}" for one in TROUBLES],
            source=self.way.source,
            rendering="never",
            politeness={
                "autothrottle": False,
                "delay_seconds": 0.1,
                "concurrent_requests_per_host": 2,
                "reason": "slow enough to be cut off in the middle",
            },
        )


@pytest.fixture(params=_every_way())
def listing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Listing]:
    made = Listing(request.param, tmp_path)
    with made.server:
        yield made


def test_a_listing_goes_on_at_its_page(listing: Listing, tmp_path: Path) -> None:
    expected, requests = _undisturbed(listing, tmp_path / "whole")
    data = tmp_path / "cut"
    listing.killer.begin()
    killed = run_scan(
        listing.target,
        data=data,
        meanwhile=lambda running: listing.killer.kill(running.pid, requests * 3 // 4),
        STORE_KEY=TOKEN,
    )
    assert killed.returncode == -signal.SIGKILL
    done = done_identities(data)
    assert done, "nothing was done before"
    listing.killer.begin()
    resume_to_the_end(data, STORE_KEY=TOKEN)
    assert expected.differs(outcome(data)) == {}
    assert listing.killer.requests <= requests - len(done) + 1  # robots.txt once more


def _undisturbed(listing: Listing, data: Path) -> tuple[Outcome, int]:
    listing.killer.begin()
    done = run_scan(listing.target, data=data, STORE_KEY=TOKEN)
    assert done.returncode in (0, 3), done.stderr
    left = outcome(data)
    found = sum("/none/app/" in row[0] for row in left.rows["visits"].elements())
    assert found == ALL
    return left, listing.killer.requests
