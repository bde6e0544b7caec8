"""Contexts are used for a bounded number of pages, and closed once their last page is."""

import re
from pathlib import Path

from crawler.browser_contexts import PAGES_PER_CONTEXT, ContextTurns
from tests.scanning import scan, write_target
from tests.site.hostile_pages import HOST, HostilePages


def test_a_context_is_closed_after_its_last_page() -> None:
    turns = ContextTurns()
    first = [turns.take() for _ in range(PAGES_PER_CONTEXT)]
    assert len(set(first)) == 1
    second = turns.take()
    assert second != first[0]
    assert [turns.give_back(name) for name in first] == [False] * (PAGES_PER_CONTEXT - 1) + [True]
    assert not turns.give_back(second)


def test_a_retired_context_takes_no_further_page() -> None:
    turns = ContextTurns()
    first = turns.take()
    turns.retire()
    assert turns.take() != first
    assert turns.give_back(first)


def test_a_scan_of_many_pages_uses_several_contexts_and_tabs_again(tmp_path: Path) -> None:
    pages = PAGES_PER_CONTEXT + 10
    with HostilePages() as site:
        target = write_target(
            tmp_path / "many.yaml",
            seeds=[f"{site.url}calm?{number}" for number in range(pages)],
            scope={"depth": 0},
            rendering="always",
            pictures=False,
            network={"allow": [HOST]},
        )
        scanned = scan(target, tmp_path / "data")
    assert scanned.gaps == ()
    log = (tmp_path / "data" / "crawl.log").read_text()
    assert "'playwright/context_count': 2," in log
    opened = re.search(r"'playwright/page_count': (\d+),", log)
    assert opened is not None
    assert 2 <= int(opened[1]) <= pages / 2
