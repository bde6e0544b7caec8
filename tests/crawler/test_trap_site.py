"""One scan of a site full of crawler traps: the traps are cut, the honest section is read whole."""

from collections.abc import Iterator

import msgspec
import pytest

from tests.scanning import Scanned, scan, write_target
from tests.site.traps import ARTICLES, HONEST, TRAPS, TrapSite

STALE = 20
SUBJECTS = {
    "calendar": "/calendar/#",
    "session": "/session?",
    "hidden session": "/visit/*",
    "permutations": "/sorted?",
    "facets": "/shop?",
    "deeper": "/deeper",
    "duplicates": "/shop-#",
}


class _Visit(msgspec.Struct, frozen=True):
    scanned: Scanned
    counts: dict[str, int]
    articles: int


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Visit]:
    folder = tmp_path_factory.mktemp("traps")
    with TrapSite() as site:
        target = write_target(
            folder / "traps.yaml",
            seeds=[site.url],
            scope={"depth": 1000, "max_pages": 2_000},
            rendering="never",
            limits={"max_stale_pages": STALE},
        )
        scanned = scan(target, folder / "data")
        counts = {name: site.count(_beginning(start)) for name, start in TRAPS.items()}
        yield _Visit(scanned, counts, site.count(HONEST))


def _beginning(start: str) -> str:
    return start.partition("?")[0].rstrip("0123456789")


def test_an_honest_section_is_read_whole(visit: _Visit) -> None:
    assert visit.articles == ARTICLES
    assert visit.scanned.summary is not None
    assert visit.scanned.summary.state == "finished"


@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_costs_few_pages(visit: _Visit, trap: str) -> None:
    most = 5 * STALE if trap in ("calendar", "facets") else 2 * STALE
    assert 1 <= visit.counts[trap] <= most


@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_is_one_gap_that_names_its_shape(visit: _Visit, trap: str) -> None:
    gaps = [gap for gap in visit.scanned.gaps if gap.subject.endswith(SUBJECTS[trap])]
    assert len(gaps) == 1, [(gap.subject, gap.reason) for gap in visit.scanned.gaps]
    assert gaps[0].kind == "budget_reached"
    assert "links not followed" in gaps[0].reason


def test_nothing_else_is_a_gap(visit: _Visit) -> None:
    assert len(visit.scanned.gaps) == len(TRAPS)
