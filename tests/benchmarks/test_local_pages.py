"""The benchmark's pages are what its figures claim: size, links, reachability, same bytes."""

import re

import pytest

from benchmarks.local_pages import (
    EXTERNAL_LINKS,
    INTERNAL_LINKS,
    MAX_BYTES,
    MIN_BYTES,
    LocalPage,
    make_page,
    path_of,
    planted_numbers,
)

COUNT, SEED = 100, 5
LINK = re.compile(r'<a [^>]*href="([^"]+)"')


@pytest.fixture(scope="module")
def pages() -> list[LocalPage]:
    planted = planted_numbers(COUNT, SEED)
    return [make_page(n, COUNT, SEED, planted=n in planted) for n in range(COUNT)]


def links(page: LocalPage) -> list[str]:
    return LINK.findall(page.body.decode())


def test_pages_have_the_size_and_links_they_should(pages: list[LocalPage]) -> None:
    for page in pages:
        assert MIN_BYTES <= len(page.body) <= MAX_BYTES
        internal = [link for link in links(page) if link.startswith("/")]
        outside = [link for link in links(page) if ".example/item/" in link]
        assert (len(internal), len(outside)) == (INTERNAL_LINKS, EXTERNAL_LINKS)


def test_every_page_is_reachable_from_the_home_page(pages: list[LocalPage]) -> None:
    by_path = {page.path: page for page in pages}
    seen, waiting = {path_of(0)}, [path_of(0)]
    while waiting:
        for link in links(by_path[waiting.pop()]):
            if link in by_path and link not in seen:
                seen.add(link)
                waiting.append(link)
    assert seen == set(by_path)


def test_the_same_seed_gives_the_same_bytes(pages: list[LocalPage]) -> None:
    again = make_page(7, COUNT, SEED, planted=pages[7].planted)
    assert again == pages[7]
    assert make_page(7, COUNT, SEED + 1, planted=pages[7].planted).body != again.body


def test_one_page_in_thirty_is_planted_and_the_home_page_is_not(pages: list[LocalPage]) -> None:
    planted = planted_numbers(COUNT, SEED)
    assert len(planted) == round(COUNT * 0.03)
    assert 0 not in planted
    for page in pages:
        assert (b"DEMO1" in page.body) == page.planted
