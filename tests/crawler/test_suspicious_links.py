"""Ordinary links out of blocks that read like a promotion: followed, within a budget."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from core import Block, Document, Locator, Reference
from core.target import Limits
from crawler.suspicious_links import SuspiciousLinks
from storage import Store
from tests.scanning import ROOT, Scanned, scan, write_target
from tests.site.detours import EXCHANGE, NETWORK, OTHER, SHORT, DetourSite, catalogue

PITCH = "注册开户送 USDT，邀请好友返佣"
AWAY = "https://agent.example/go"


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return catalogue(ROOT / "catalogue", tmp_path_factory.mktemp("catalogue") / "copy")


def scanned(site: DetourSite, lists: Path, folder: Path, *pages: str, **limits: Any) -> Scanned:
    target = write_target(
        folder / "suspicious.yaml",
        seeds=list(pages),
        scope={"depth": 0},
        rendering="never",
        limits={"link_seconds": 4, **limits},
        network={"allow": [NETWORK]},
    )
    return scan(target, folder / "data", "--catalogue", str(lists))


def chosen(*texts: tuple[str, str], limits: Limits | None = None) -> list[str]:
    """What is chosen of a page of example.com whose blocks have a text and a link each."""
    return SuspiciousLinks(limits or Limits()).of(page_with_links(*texts), lambda _: True)


def page_with_links(*texts: tuple[str, str]) -> Document:
    """A page of example.com whose blocks have a text and a link each."""
    return Document(
        surface="marketing_page",
        url="https://www.example.com/offer",
        blocks=tuple(Block("visible", text, Locator("p")) for text, _ in texts),
        references=tuple(
            Reference("link", url, Locator("a"), block=number)
            for number, (_, url) in enumerate(texts)
        ),
    )


@pytest.mark.parametrize(
    ("text", "url", "taken"),
    [
        (PITCH, AWAY, True),
        ("关注微信", AWAY, False),
        ("今天的园艺专栏", AWAY, False),
        (PITCH, "https://shop.example.com/join", False),
        (PITCH, "/join", False),
        (PITCH, "okx://join", False),
    ],
)
def test_links_that_leave_the_site_out_of_a_pitch_are_chosen(
    text: str, url: str, taken: bool
) -> None:
    assert chosen((text, url)) == ([url] if taken else [])


def test_the_most_suspicious_come_first_within_the_budget_of_a_page() -> None:
    mild = [(f"注册 邀请 {n}", f"{AWAY}{n}") for n in range(9)]
    found = chosen(*mild, (PITCH, AWAY), limits=Limits(suspicious_links_per_page=3))
    assert found == [AWAY, f"{AWAY}0", f"{AWAY}1"]


def test_what_was_left_out_is_one_gap() -> None:
    links = SuspiciousLinks(Limits(max_suspicious_links=2))
    document = Document(
        surface="marketing_page",
        url="https://pages.example/",
        blocks=(Block("visible", PITCH, Locator("p")),),
        references=tuple(
            Reference("link", f"https://agent.example/{n}", Locator("a"), block=0) for n in range(4)
        ),
    )
    assert len(links.of(document, lambda _: True)) == len(links.of(document, lambda _: True)) == 2
    gap = links.closing_gap("sample")
    assert gap is not None
    assert gap.reason.startswith("2 links of suspicious blocks not resolved (budget_reached 2)")


def test_an_agents_link_is_followed_to_the_exchange_and_its_answers_are_kept(
    lists: Path, tmp_path: Path
) -> None:
    with DetourSite() as site:
        link = site.on(OTHER, "/six2")
        page = site.page(link)
        done = scanned(site, lists, tmp_path, page)
        asked = site.requests_to(EXCHANGE)
        wanted = [
            (link, "200"),
            (site.on(SHORT, "/six3"), "200"),
            (site.on(SHORT, "/six5"), "200"),
            (site.on(OTHER, "/six6"), "302"),
        ]
    with Store.open(tmp_path / "data") as store:
        (kept,) = store.link_destinations("suspicious")
        (candidate,) = done.candidates
        (sighting,) = store.case(candidate.key).sightings
        (warc,) = [file for file in sighting.evidence if file.kind == "warc"]
        stream = io.BytesIO(store.evidence.read(warc.sha256, "warc"))
    answers = {
        record.rec_headers.get_header("WARC-Target-URI"): (
            record.http_headers.get_statuscode(),
            record.content_stream().read(),
        )
        for record in ArchiveIterator(stream)
        if record.rec_type == "response"
    }
    assert (kept.link, kept.destination) == (link, site.on(EXCHANGE, "/join/DEMO66"))
    assert next(step for _, step in kept.hops) == "meta_refresh"
    assert asked == 0
    assert len(answers) == 6  # the page itself and five on the way
    assert [(url, answers[url][0]) for url, _ in wanted] == wanted
    assert b"http-equiv" in answers[link][1]
    assert b"location['href']" in answers[site.on(SHORT, "/six3")][1]


def test_one_that_may_not_be_asked_is_counted_and_leaves_the_page_whole(
    lists: Path, tmp_path: Path
) -> None:
    with DetourSite() as site:
        page = site.page(site.on(OTHER, "/forbidden/offer"))
        done = scanned(site, lists, tmp_path, page)
        asked = site.requests_to(OTHER, "/forbidden")
    (gap,) = done.gaps
    assert asked == 0
    assert (gap.kind, gap.subject) == ("robots_disallowed", "suspicious")
    assert gap.reason.startswith("1 links of suspicious blocks not resolved (robots_disallowed 1)")
    with Store.open(tmp_path / "data") as store:
        for candidate in done.candidates:
            assert not store.case(candidate.key).sightings[0].verdict.degraded


def test_the_budget_of_short_links_is_another(lists: Path, tmp_path: Path) -> None:
    with DetourSite() as site:
        ordinary = " ".join(site.on(OTHER, f"/garden?n={n}") for n in range(4))
        short = site.on(SHORT, "/plain")
        scanned(
            site, lists, tmp_path, site.page(f"{ordinary} {short}"),
            max_links_resolved=1, suspicious_links_per_page=3,
        )  # fmt: skip
        asked = site.requests_to(OTHER, "/garden"), site.requests_to(SHORT, "/plain")
    assert asked == (3, 1)
