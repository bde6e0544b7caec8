"""How long `extract` takes for one page, beside parsel's title + text + links on the same page.

    python benchmarks/extract.py [--pages 200] [--rounds 5]

Prints CPU milliseconds per page of both sides in one run (the best round of each, as other programs
share the machine), their ratio, and peak memory. Both sides must find the same links.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin

from parsel import Selector

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.local_pages import make_page
from core import Capture
from crawler.extractors import extract

URL = "http://127.0.0.1:8000/page/1.html"


def captures(count: int) -> list[Capture]:
    """The pages of the crawl benchmark as captures."""
    now = datetime(2026, 11, 1, tzinfo=UTC)
    header = (("content-type", "text/html; charset=utf-8"),)
    made = (make_page(number, count, 7, planted=False) for number in range(count))
    return [
        Capture(requested_url=URL, final_url=URL, body=page.body, taken_at=now, headers=header)
        for page in made
    ]


def with_parsel(capture: Capture) -> list[str]:
    """What a spider written the usual way takes from a page: title, text, links."""
    selector = Selector(text=capture.body.decode("utf-8"))
    selector.css("title::text").get()
    " ".join(selector.xpath("//body//text()[not(parent::script)]").getall())
    return [urljoin(URL, href) for href in selector.css("a::attr(href)").getall()]


def with_extractors(capture: Capture) -> list[str]:
    """What the extractors find, as links."""
    references = extract(capture).document.references
    return [reference.url for reference in references if reference.kind == "link"]


def milliseconds(work: Callable[[Capture], list[str]], pages: list[Capture], rounds: int) -> float:
    """CPU milliseconds per page in the best of `rounds`."""
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        for page in pages:
            work(page)
        best = min(best, time.process_time() - start)
    return best * 1_000 / len(pages)


def main() -> int:
    """Prints the figures; exit status 1 when the two sides found different links."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    pages = captures(arguments.pages)
    size = sum(len(page.body) for page in pages) / len(pages) / 1_000
    links = [with_extractors(page) for page in pages]
    same = links == [with_parsel(page) for page in pages]
    ours = milliseconds(with_extractors, pages, arguments.rounds)
    theirs = milliseconds(with_parsel, pages, arguments.rounds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
    print(f"{len(pages)} pages of {size:.0f} KB with {len(links[0])} links")
    print(f"extract  {ours:6.2f} ms CPU a page")
    print(f"parsel   {theirs:6.2f} ms CPU a page   ratio {theirs / ours:.2f}")
    print(f"peak     {peak:6.0f} MB   links agree: {same}")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
