"""Where opaque links lead: real detours on loopback, and what a scan makes of each."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import msgspec
import pytest

from storage import LinkDestinationRecord, Store
from tests.scanning import ROOT, Scanned, run_promowatch, scan, write_target
from tests.site.detours import (
    EXCHANGE,
    METADATA,
    NETWORK,
    OTHER,
    PAGES,
    PRIVATE,
    SHORT,
    DetourSite,
    catalogue,
)

LIMITS = {"link_seconds": 4}
REACHED = {
    "/six": (EXCHANGE, "/join/DEMO66"),
    "/header": (EXCHANGE, "/join/DEMO11"),
    "/click": (EXCHANGE, "/join/DEMO33"),
    "/timer": (EXCHANGE, "/join/DEMO44"),
    "/file": (OTHER, "/setup.apk"),
    "/quiet": (OTHER, "/garden"),
    "/dead": (SHORT, "/dead"),
}
UNRESOLVED = {
    "/loop": "redirect_loop",
    "/cookie": "redirect_loop",
    "/grow": "budget_reached",
    "/late": "timeout",
    "/private": "address_refused",
    "/metadata": "address_refused",
    "/broken": "http_status",
    "/forbidden/short": "robots_disallowed",
    "/to-forbidden": "robots_disallowed",
}


class _Visit(msgspec.Struct, frozen=True):
    site: DetourSite
    scanned: Scanned
    destinations: dict[str, LinkDestinationRecord]
    nested: str


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return catalogue(ROOT / "catalogue", tmp_path_factory.mktemp("catalogue") / "copy")


@pytest.fixture(scope="module")
def visit(lists: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Visit]:
    folder = tmp_path_factory.mktemp("detours")
    with DetourSite() as site:
        inside = quote(quote(site.on(SHORT, "/plain?n=1"), safe=""), safe="")
        nested = site.on(PAGES, f"/go.php?target={inside}")
        short = [site.on(SHORT, path) for path in (*REACHED, *UNRESOLVED, "/app", "/plain")]
        more = [nested, site.on(EXCHANGE, "/welcome")]
        target = write_target(
            folder / "detours.yaml",
            seeds=[
                *map(site.page, (*short, *more)),
                site.page(site.on(SHORT, "/plain") + "#again"),
                site.quiet_page(site.on(OTHER, "/plain")),
                site.code_page(site.on(OTHER, "/plain?code")),
            ],
            scope={"depth": 0},
            rendering="never",
            limits=LIMITS,
            network={"allow": [NETWORK]},
        )
        scanned = scan(target, folder / "data", "--catalogue", str(lists))
        with Store.open(folder / "data") as store:
            kept = {one.link: one for one in store.link_destinations("detours")}
        yield _Visit(site, scanned, kept, nested)


@pytest.mark.parametrize("path", REACHED)
def test_a_chain_is_followed_to_its_end(visit: _Visit, path: str) -> None:
    link = visit.site.on(SHORT, path)
    assert visit.destinations[link].destination == visit.site.on(*REACHED[path])
    assert visit.scanned.gap_kinds(link) == set()


@pytest.mark.parametrize("path", UNRESOLVED)
def test_a_chain_whose_end_is_not_reached_is_a_gap_with_its_reason(
    visit: _Visit, path: str
) -> None:
    link = visit.site.on(SHORT, path)
    gaps = [gap for gap in visit.scanned.gaps if gap.subject == link]
    assert [gap.kind.value for gap in gaps] == [UNRESOLVED[path]]
    assert gaps[0].reason.isprintable()
    assert link not in visit.destinations


def test_six_hops_of_mixed_kinds_are_kept_in_order(visit: _Visit) -> None:
    hops = visit.destinations[visit.site.on(SHORT, "/six")].hops
    assert [step for _, step in hops] == [
        "http", "meta_refresh", "script", "nested", "click_through", "http",
    ]  # fmt: skip
    assert hops[-1][0] == visit.site.on(EXCHANGE, "/join/DEMO66")


def test_an_address_inside_an_address_is_read_without_asking_for_the_outer_one(
    visit: _Visit,
) -> None:
    hops = visit.destinations[visit.nested].hops
    assert [step for _, step in hops] == ["nested", "http"]
    assert visit.site.requests_to(PAGES, "/go.php") == 0


def test_a_deep_link_is_the_end(visit: _Visit) -> None:
    assert visit.destinations[visit.site.on(SHORT, "/app")].destination == "okx://join?code=DEMO22"


def test_a_code_is_followed_wherever_it_points(visit: _Visit) -> None:
    link = visit.site.on(OTHER, "/plain?code")
    assert visit.destinations[link].destination == visit.site.on(EXCHANGE, "/join/DEMO77")


def test_no_exchange_and_no_file_is_ever_asked(visit: _Visit) -> None:
    assert visit.site.requests_to(EXCHANGE) == 0
    assert visit.site.requests_to(OTHER, "/setup.apk") == 0


def test_an_ordinary_link_out_of_scope_is_not_followed(visit: _Visit) -> None:
    assert visit.site.on(OTHER, "/plain") not in visit.destinations
    assert ("/plain", OTHER) not in {(path, host) for host, path, _ in visit.site.asked}


def test_nothing_a_robots_file_forbids_was_asked(visit: _Visit) -> None:
    assert visit.site.requests_to(SHORT, "/forbidden") == 0
    assert visit.site.requests_to(OTHER, "/forbidden") == 0


def test_cookies_are_never_sent(visit: _Visit) -> None:
    assert {cookie for _, _, cookie in visit.site.asked} == {""}


def test_a_link_on_several_pages_is_asked_once(visit: _Visit) -> None:
    exact = [path for host, path, _ in visit.site.asked if host == SHORT and path == "/plain"]
    assert len(exact) == 1


@pytest.mark.parametrize(("max_link_hops", "found"), [(8, True), (0, False)])
def test_what_lies_behind_the_link_decides_the_verdict(
    lists: Path, tmp_path: Path, max_link_hops: int, found: bool
) -> None:
    with DetourSite() as site:
        page = site.on(PAGES, "/neutral")
        target = write_target(
            tmp_path / "neutral.yaml",
            seeds=[page],
            scope={"depth": 0},
            limits={"max_link_hops": max_link_hops},
            network={"allow": [NETWORK]},
        )
        scanned = scan(target, tmp_path / "data", "--catalogue", str(lists))
        asked = site.requests_to(SHORT)
    assert bool(scanned.candidates) is found
    assert bool(asked) is found


def test_where_a_link_leads_now_is_told_when_it_led_elsewhere(lists: Path, tmp_path: Path) -> None:
    with DetourSite() as site:
        page, link = site.page(site.on(SHORT, "/moving")), site.on(SHORT, "/moving")
        target = write_target(
            tmp_path / "moving.yaml",
            seeds=[page],
            scope={"depth": 0},
            network={"allow": [NETWORK]},
        )
        changes = []
        for destination in ("/first?token=a1", "/first?token=b2", "/second"):
            site.moved = site.on(OTHER, destination)
            scanned = scan(target, tmp_path / "data", "--catalogue", str(lists))
            (line,) = scanned.lines
            changes.append(line["destination_changes"])
        first, second = site.on(OTHER, "/first?token=b2"), site.on(OTHER, "/second")
    assert changes == [[], [], [{"link": link, "before": first, "after": second}]]
    shown = run_promowatch("report", "--data", str(tmp_path / "data"), "--out", str(tmp_path))
    assert shown.returncode == 0
    (report,) = tmp_path.glob("**/*.html")
    assert "/second" in report.read_text(encoding="utf-8")


def test_an_address_written_in_a_listing_is_resolved(lists: Path, tmp_path: Path) -> None:
    with DetourSite() as site:
        intro = f"新用户注册开户有礼，请打开 {site.on(SHORT, '/venue')} 领取"
        row = {"app_id": "wx0000000000000001", "name": "园艺手册", "intro": intro}
        export = tmp_path / "export.jsonl"
        export.write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
        target = write_target(
            tmp_path / "listing.yaml",
            surface="mini_program",
            platform="sample",
            seeds=[export.name],
            source={"kind": "export", "format": "jsonl"},
            network={"allow": [NETWORK]},
        )
        listed = scan(target, tmp_path / "data", "--catalogue", str(lists))
        asked = site.requests_to(SHORT, "/venue")
        scan(str(export), tmp_path / "offline", "--catalogue", str(lists))
        asked_for_a_file = site.requests_to(SHORT, "/venue") - asked
    assert [row["label"] for row in listed.lines] == ["violation"]
    assert (asked, asked_for_a_file) == (1, 0)


@pytest.mark.parametrize("rendering", ["auto", "always"])
def test_rendered_pages_have_their_links_resolved(
    lists: Path, tmp_path: Path, rendering: str
) -> None:
    with DetourSite() as site:
        target = write_target(
            tmp_path / "rendered.yaml",
            seeds=[site.on(PAGES, "/neutral")],
            scope={"depth": 0},
            rendering=rendering,
            network={"allow": [NETWORK]},
        )
        scanned = scan(target, tmp_path / "data", "--catalogue", str(lists))
    assert len(scanned.candidates) == 1


def test_no_more_links_are_resolved_than_the_target_allows(lists: Path, tmp_path: Path) -> None:
    with DetourSite() as site:
        links = [site.on(SHORT, f"/quiet?{number}") for number in range(5)]
        target = write_target(
            tmp_path / "many.yaml",
            seeds=[site.page(link) for link in links],
            scope={"depth": 0},
            limits={"max_links_resolved": 2},
            network={"allow": [NETWORK]},
        )
        scanned = scan(target, tmp_path / "data", "--catalogue", str(lists))
        asked = site.requests_to(SHORT, "/quiet")
    assert asked == 2
    (gap,) = scanned.gaps
    assert (gap.kind, gap.subject) == ("budget_reached", "many")
    assert gap.reason.startswith("3 links not resolved: limits.max_links_resolved (2)")


def test_reasons_name_the_place_that_was_refused(visit: _Visit) -> None:
    reasons = {gap.subject: gap.reason for gap in visit.scanned.gaps}
    assert PRIVATE in reasons[visit.site.on(SHORT, "/private")]
    assert METADATA in reasons[visit.site.on(SHORT, "/metadata")]
