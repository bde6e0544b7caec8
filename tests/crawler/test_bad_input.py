"""What a hostile or broken site does to a scan: a gap with its reason, nothing lost, no traceback.

One scan visits every endpoint of the misbehaving site; the table says what must come of each.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from core.gap import GapKind
from tests.scanning import Scanned, scan, write_target
from tests.site.endpoints import Endpoint
from tests.site.misbehaving import SECRET, MisbehavingSite

LIMITS = {"timeout_seconds": 4, "max_response_bytes": 8 * 2**20}
UNKNOWN_HOST = "http://no-such-host.invalid/"
NOBODY_LISTENS = "http://127.0.0.3:9/"
PRIVATE = "http://192.168.77.77/"
METADATA = "http://[::ffff:169.254.169.254]/latest/"

GAPS = {
    Endpoint.FORBIDDEN: GapKind.HTTP_STATUS,
    Endpoint.NOT_FOUND: GapKind.HTTP_STATUS,
    Endpoint.GONE: GapKind.HTTP_STATUS,
    Endpoint.SERVER_ERROR: GapKind.HTTP_STATUS,
    Endpoint.UNAVAILABLE: GapKind.HTTP_STATUS,
    Endpoint.NO_CONTENT: GapKind.EMPTY_BODY,
    Endpoint.SILENT: GapKind.TIMEOUT,
    Endpoint.DRIP: GapKind.TIMEOUT,
    Endpoint.REDIRECT_LOOP: GapKind.REDIRECT_LOOP,
    Endpoint.REDIRECT_ENDLESS: GapKind.REDIRECT_LOOP,
    Endpoint.REDIRECT_NOWHERE: GapKind.EMPTY_BODY,
    Endpoint.REDIRECT_METADATA: GapKind.ADDRESS_REFUSED,
    Endpoint.REDIRECT_PRIVATE: GapKind.ADDRESS_REFUSED,
    Endpoint.REDIRECT_IPV6: GapKind.ADDRESS_REFUSED,
    Endpoint.REDIRECT_MAPPED: GapKind.ADDRESS_REFUSED,
    Endpoint.REDIRECT_DECIMAL: GapKind.ADDRESS_REFUSED,
    Endpoint.REDIRECT_HEX: GapKind.ADDRESS_REFUSED,
    Endpoint.REDIRECT_OCTAL: GapKind.ADDRESS_REFUSED,
    Endpoint.REDIRECT_ZERO: GapKind.ADDRESS_REFUSED,
    Endpoint.HUGE: GapKind.TOO_LARGE,
    Endpoint.HUGE_CHUNKED: GapKind.TOO_LARGE,
    Endpoint.GZIP_BOMB: GapKind.DECOMPRESSION_BOMB,
    Endpoint.GZIP_NESTED: GapKind.DECOMPRESSION_BOMB,
    Endpoint.GZIP_BROKEN: GapKind.UNDECODABLE,
    Endpoint.HUGE_PICTURE: GapKind.PICTURE_TOO_LARGE,
    Endpoint.BROKEN_PICTURE: GapKind.PICTURE_UNREADABLE,
    Endpoint.BINARY_AS_HTML: GapKind.NOT_A_PAGE,
    Endpoint.EMPTY: GapKind.EMPTY_BODY,
    Endpoint.MANY_LINKS: GapKind.BUDGET_REACHED,
    Endpoint.UNCLOSED: GapKind.BUDGET_REACHED,
    Endpoint.RESET: GapKind.UNREACHABLE,
    Endpoint.TOO_LONG: GapKind.UNREACHABLE,
    Endpoint.BAD_STATUS_LINE: GapKind.UNREACHABLE,
    Endpoint.NO_HTTP: GapKind.UNREACHABLE,
    Endpoint.LONG_HEADER: GapKind.UNREACHABLE,
    UNKNOWN_HOST: GapKind.DNS_FAILURE,
    NOBODY_LISTENS: GapKind.UNREACHABLE,
    PRIVATE: GapKind.ADDRESS_REFUSED,
    METADATA: GapKind.ADDRESS_REFUSED,
}
READ_WITHOUT_GAP = (
    Endpoint.FINE,
    Endpoint.REDIRECT_FILE,
    Endpoint.REDIRECT_SCRIPT,
    Endpoint.REFRESH_LOOP,
    Endpoint.PICTURE_PAGE,
    Endpoint.NUL_BYTES,
    Endpoint.BROKEN_UTF8,
    Endpoint.UNKNOWN_CHARSET,
    Endpoint.ODD_LINKS,
    Endpoint.CONTROL_CHARACTERS,
    Endpoint.TOO_SHORT,
    Endpoint.HEADER_BOMB,
    Endpoint.COOKIES,
    Endpoint.NESTED,
    Endpoint.LONG_WORD,
)
LOCALHOST = Endpoint.REDIRECT_LOCALHOST
"""`localhost.` has an address on some machines and none on others."""
PICTURES = (Endpoint.HUGE_PICTURE, Endpoint.BROKEN_PICTURE)
"""Visited through the page that shows them."""


class _Visit(msgspec.Struct, frozen=True):
    scanned: Scanned
    base: str
    tls: str
    secrets_fetched: int

    def kinds(self, place: str) -> set[str]:
        subject = place if "://" in place else self.base + place
        return {gap.kind.value for gap in self.scanned.gaps if gap.subject == subject}


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Visit]:
    folder = tmp_path_factory.mktemp("bad-input")
    with MisbehavingSite() as site:
        base = site.url.rstrip("/")
        asked = [e for e in (*GAPS, *READ_WITHOUT_GAP, LOCALHOST) if e not in PICTURES]
        seeds = [place if "://" in place else base + place for place in asked]
        target = write_target(
            folder / "everything-wrong.yaml",
            seeds=[*seeds, site.tls_url],
            scope={"depth": 0, "stay_on": "anywhere"},
            limits=LIMITS,
            network={"allow": ["127.0.0.3"]},
        )
        scanned = scan(target, folder / "data")
        secrets = sum(path == SECRET for _, path in site.asked)
        yield _Visit(scanned, base, site.tls_url, secrets)


@pytest.mark.parametrize("place", GAPS)
def test_what_cannot_be_seen_is_a_gap_with_its_reason(visit: _Visit, place: str) -> None:
    assert visit.kinds(place) == {GAPS[place].value}


@pytest.mark.parametrize("endpoint", READ_WITHOUT_GAP)
def test_what_is_merely_odd_is_read(visit: _Visit, endpoint: Endpoint) -> None:
    assert visit.kinds(endpoint) == set()


def test_a_certificate_nobody_vouches_for_is_a_gap(visit: _Visit) -> None:
    assert visit.kinds(visit.tls) == {"tls_error"}


def test_localhost_with_a_dot_is_not_reached(visit: _Visit) -> None:
    (kind,) = visit.kinds(LOCALHOST)
    assert kind in ("address_refused", "dns_failure")


def test_every_surface_is_either_looked_at_or_a_gap(visit: _Visit) -> None:
    summary = visit.scanned.summary
    assert summary is not None
    assert summary.state == "finished"
    looked_at_too = (
        Endpoint.NO_CONTENT, Endpoint.REDIRECT_NOWHERE, Endpoint.BINARY_AS_HTML, Endpoint.EMPTY,
        Endpoint.MANY_LINKS, Endpoint.UNCLOSED, Endpoint.NOT_FOUND, Endpoint.GONE,
    )  # fmt: skip
    assert summary.looks == len(READ_WITHOUT_GAP) + len(looked_at_too)


def test_no_redirect_reached_a_place_that_is_not_public(visit: _Visit) -> None:
    assert visit.secrets_fetched == 0


def test_a_scan_that_saw_too_little_says_so_without_a_traceback(visit: _Visit) -> None:
    assert visit.scanned.status == 3
    assert "Traceback" not in visit.scanned.err
    assert visit.scanned.candidates == ()


def test_reasons_are_one_harmless_line(visit: _Visit) -> None:
    for gap in visit.scanned.gaps:
        assert gap.reason
        assert gap.reason.isprintable()


def test_robots_rules_hold_for_requests_that_wait_for_them_together(tmp_path: Path) -> None:
    with MisbehavingSite(robots="disallow_all") as site:
        seeds = [f"{site.address(Endpoint.FINE)}?{number}" for number in range(6)]
        target = write_target(
            tmp_path / "robots.yaml",
            seeds=seeds,
            scope={"depth": 0},
            network={"allow": ["127.0.0.3"]},
        )
        scanned = scan(target, tmp_path / "data")
        asked = [path for _, path in site.asked]
    assert asked == ["/robots.txt"]
    assert {gap.subject for gap in scanned.gaps} == set(seeds)


def test_a_calendar_without_end_stops_at_the_budget(tmp_path: Path) -> None:
    with MisbehavingSite() as site:
        target = write_target(
            tmp_path / "calendar.yaml",
            seeds=[site.address(Endpoint.CALENDAR)],
            scope={"depth": 1000, "max_pages": 40},
            network={"allow": ["127.0.0.3"]},
        )
        scanned = scan(target, tmp_path / "data")
    assert scanned.summary is not None
    assert scanned.summary.looks == 40
    assert scanned.gap_kinds("calendar") == {"budget_reached"}


@pytest.mark.parametrize(
    ("robots", "looks", "gaps"),
    [
        ("missing", 1, set()),
        ("failing", 1, set()),
        ("html", 1, set()),
        ("huge", 1, set()),
        ("disallow_all", 0, {"robots_disallowed"}),
    ],
)
def test_robots_rules_are_kept_whatever_their_file_looks_like(
    tmp_path: Path, robots: str, looks: int, gaps: set[str]
) -> None:
    with MisbehavingSite(robots=robots) as site:  # type: ignore[arg-type]
        target = write_target(
            tmp_path / "robots.yaml",
            seeds=[site.address(Endpoint.FINE)],
            scope={"depth": 0},
            network={"allow": ["127.0.0.3"]},
        )
        scanned = scan(target, tmp_path / "data")
    assert scanned.summary is not None
    assert scanned.summary.looks == looks
    assert scanned.gap_kinds("fine") == gaps
