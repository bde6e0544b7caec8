"""Pages that misbehave in the browser cost themselves alone: one scan draws them all."""

from collections.abc import Iterator

import msgspec
import pytest

from tests.scanning import Scanned, scan, write_target
from tests.site.hostile_pages import HOST, PAGES, HostilePages, path_of

CALM_PAGES = 10
GAPS = {
    "loop": {"timeout"},
    "late loop": {"timeout"},
    "objects": {"render_failed", "timeout"},
    "elements": {"render_failed", "timeout"},
    "dialogs": {"timeout"},
    "late dialogs": {"timeout"},
    "navigation": {"budget_reached", "timeout"},
    "late navigation": {"budget_reached", "render_failed", "timeout"},
    "frames": {"budget_reached", "timeout"},
    "requests": {"budget_reached"},
    "blob": {"render_failed"},
    "blank": {"render_failed"},
    "ftp": {"render_failed", "timeout"},
}
"""Of each comes one of these kinds, whichever bound a busy machine comes to first."""

EITHER = {"windows", "memory"}
"""Closed for what it did or drawn in time, and a reader's machine decides which."""

DRAWN = sorted(set(PAGES) - set(GAPS) - EITHER)
OTHERS = {
    "/stream": {"timeout", "render_failed"},
    "/flood": {"render_failed", "timeout"},
    "/attachment": {"not_a_page", "render_failed"},
    "/to?file:///etc/passwd": {"render_failed"},
    "/to?chrome://version": {"render_failed"},
    "/to?data:text/html,x": {"render_failed"},
    "/to?ftp://127.0.0.1/": {"render_failed", "timeout"},
    "/to?view-source:http://127.0.0.3/calm": {"render_failed", "timeout"},
}
"""Answers that only a browser would follow, and what comes of them."""


class _Visit(msgspec.Struct, frozen=True):
    scanned: Scanned
    base: str
    looked_at: frozenset[str]

    def kinds(self, path: str) -> set[str]:
        return {gap.kind.value for gap in self.scanned.gaps if gap.subject == self.base + path}


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Visit]:
    folder = tmp_path_factory.mktemp("hostile")
    with HostilePages() as site:
        base = site.url.rstrip("/")
        calm = [f"{base}/calm?{number}" for number in range(CALM_PAGES)]
        target = write_target(
            folder / "hostile.yaml",
            seeds=[
                *(base + path_of(name) for name in PAGES),
                *(base + path for path in OTHERS),
                *calm,
            ],
            scope={"depth": 0},
            rendering="always",
            pictures=False,
            politeness={
                "autothrottle": False,
                "concurrent_requests_per_host": 2,
                "obey_robots": False,
                "reason": "a local site of the tests",
            },
            limits={"render_seconds": 7, "max_response_bytes": 4 * 2**20, "max_page_requests": 200},
            network={"allow": [HOST]},
        )
        scanned = scan(target, folder / "data", timeout_seconds=400)
        yield _Visit(scanned, base, frozenset(site.asked))


@pytest.mark.timeout(500)
def test_the_scan_ends_normally(visit: _Visit) -> None:
    assert visit.scanned.summary is not None
    assert visit.scanned.summary.state == "finished"
    assert "Traceback" not in visit.scanned.err


def test_pages_that_behave_are_drawn_whatever_the_others_do(visit: _Visit) -> None:
    for number in range(CALM_PAGES):
        assert visit.kinds(f"/calm?{number}") == set()


@pytest.mark.parametrize("name", GAPS)
def test_a_page_that_never_rests_is_a_gap(visit: _Visit, name: str) -> None:
    kinds = visit.kinds(path_of(name))
    assert len(kinds) == 1, [(gap.subject, gap.reason) for gap in visit.scanned.gaps]
    assert kinds <= GAPS[name]


@pytest.mark.parametrize("name", DRAWN)
def test_what_the_browser_refuses_leaves_the_page_itself(visit: _Visit, name: str) -> None:
    assert visit.kinds(path_of(name)) == set()


@pytest.mark.parametrize("path", OTHERS)
def test_what_is_no_page_is_a_gap(visit: _Visit, path: str) -> None:
    kinds = visit.kinds(path)
    assert kinds
    assert kinds <= OTHERS[path], [(gap.subject, gap.reason) for gap in visit.scanned.gaps]
