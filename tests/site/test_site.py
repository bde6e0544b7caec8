"""The demonstration site itself: what it serves is what its table of expected verdicts names."""

from __future__ import annotations

import csv
import io
import json
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from html import unescape
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
import zxingcpp
from PIL import Image

from core.target import load_targets
from tests.site import DemonstrationSite
from tests.site.expected import PAGES, VIOLATIONS
from tests.site.expected_listings import LISTINGS
from tests.site.listings import EXPORTS, FOLDER, read_lines
from tests.site.loopback import Request
from tests.site.pages import read_pages
from tests.site.server import DEFAULT_PORT, HOST, OTHER_HOST

PROJECT = Path(__file__).parents[2]
LEADS = re.compile(r"""(?:href|src)=["']([^"']+)|url=['"]?([^"'> ]+)""", re.IGNORECASE)
ALIASES = {path for one in VIOLATIONS for path in one.also_seen_as}
LISTING_PREFIXES = ("/market/", "/api/", "/exports/")
MOBILE = re.compile(r"(?<!\d)(?:\+?86)?1[3-9]\d{9}(?!\d)")
IDENTITY_CARD = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
MAIL = re.compile(r"[\w.]+@[\w.-]+\.\w+")


@pytest.fixture(scope="module")
def site() -> Iterator[DemonstrationSite]:
    with DemonstrationSite() as running:
        yield running


def ask(site: DemonstrationSite, target: str, host: str = HOST) -> tuple[int, str, bytes]:
    """Status, Location and body of one request, redirects not followed."""
    connection = HTTPConnection(host, site.port, timeout=10)
    try:
        connection.request("GET", target)
        answer = connection.getresponse()
        return answer.status, answer.getheader("Location") or "", answer.read()
    finally:
        connection.close()


def local(url: str, site: DemonstrationSite) -> str:
    """Path and query of a URL that the site serves, or the empty string."""
    parts = urlsplit(url)
    if parts.hostname not in (HOST, OTHER_HOST) or parts.port != site.port:
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def walk(site: DemonstrationSite) -> set[str]:
    """Every path that can be reached from the home page by link, frame, refresh or redirect."""
    seen, waiting = {"/"}, ["/"]
    while waiting:
        target = waiting.pop()
        _, location, body = ask(site, target)
        text = body.decode("latin-1")
        for lead in [location, *(unescape(a or b) for a, b in LEADS.findall(text))]:
            path = local(urljoin(site.url + target.lstrip("/"), lead), site) if lead else ""
            if path and path not in seen and path.partition("?")[0] in site.routes:
                seen.add(path)
                waiting.append(path)
    return seen


@pytest.mark.parametrize("path", sorted(PAGES))
def test_every_page_of_the_table_answers(site: DemonstrationSite, path: str) -> None:
    status, location, body = ask(site, path)
    assert (status == 302 and location) or (status == 200 and len(body) > 100)


def test_every_surface_stands_in_the_table(site: DemonstrationSite) -> None:
    surfaces = {
        path
        for path, answer in site.routes.items()
        if answer.content_type.startswith("text/html") and not path.startswith(LISTING_PREFIXES)
    }
    named = {path.partition("?")[0] for path in PAGES} | ALIASES | set(PAGES)
    assert surfaces <= named
    assert {path.partition("?")[0] for path in PAGES} <= {p.partition("?")[0] for p in surfaces}


def test_content_folders_agree_with_the_table() -> None:
    for page in read_pages():
        if page.path in ALIASES:
            continue
        expected = PAGES[page.path].label
        assert (expected == "clear") == (page.kind == "clear"), page.path


def test_every_surface_is_reachable_from_the_home_page(site: DemonstrationSite) -> None:
    reached = walk(site)
    assert set(PAGES) - {"/302.html"} <= reached
    assert any(path.startswith("/302.html?target=") for path in reached)


def test_there_are_enough_pages_of_both_kinds() -> None:
    labels = [one.label for one in PAGES.values()]
    assert labels.count("violation") >= 22
    assert labels.count("clear") >= 22


@pytest.mark.parametrize(
    "path", [one.path for one in VIOLATIONS if "qr" in one.references], ids=str
)
def test_qr_codes_can_be_read_from_what_is_served(site: DemonstrationSite, path: str) -> None:
    _, _, body = ask(site, path)
    text = body.decode()
    served = re.search(r"/pictures/\w+\.png", text)
    expected = PAGES[path].quote
    if served:
        _, _, picture = ask(site, served[0])
        codes = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
        assert expected in codes[0].text
    else:
        assert "<svg" in text or "data:image/png;base64," in text
    assert expected not in text


@pytest.mark.parametrize(
    ("path", "encoding", "words"),
    [
        ("/old/gb", "gb18030", "备用网址"),
        ("/old/big5", "big5", "專屬註冊連結"),
        ("/old/reverse", "utf-8", "备用域名"),
        ("/old/gbk-letter", "gbk", "石榴树"),
    ],
)
def test_odd_encodings_are_what_they_claim_to_be(
    site: DemonstrationSite, path: str, encoding: str, words: str
) -> None:
    _, _, body = ask(site, path)
    assert words in body.decode(encoding)


def test_the_script_built_page_says_nothing_before_its_script_runs(
    site: DemonstrationSite,
) -> None:
    _, _, body = ask(site, "/spa/")
    assert "欧易" not in body.decode()
    assert "okx.com/" not in ask(site, "/spa/content.json")[2].decode()


def test_redirects_lead_where_the_table_says(site: DemonstrationSite) -> None:
    assert ask(site, "/s/a")[:2] == (302, "/s/b")
    assert ask(site, "/s/b")[1].endswith("/join/DEMO4821")
    assert ask(site, "/go/partner")[1] == f"{site.url_on(OTHER_HOST)}zh-hans/join/38817204"
    assert ask(site, "/zh-hans/join/38817204", OTHER_HOST)[0] == 200


def test_robots_forbid_the_private_page(site: DemonstrationSite) -> None:
    assert b"Disallow: /private/" in ask(site, "/robots.txt")[2]
    assert [one.path for one in VIOLATIONS if one.robots_disallowed] == ["/private/draft"]


def test_unknown_paths_are_not_found(site: DemonstrationSite) -> None:
    assert ask(site, "/nothing/here")[0] == 404


def test_requests_are_noted_in_order() -> None:
    with DemonstrationSite() as site:
        ask(site, "/about")
        ask(site, "/news?page=2")
        assert site.asked == ["/about", "/news?page=2"]


def test_market_lists_every_entry_once(site: DemonstrationSite) -> None:
    found, target = [], "/market/"
    while target:
        text = ask(site, target)[2].decode()
        found += re.findall(r'data-id="([^"]+)"', text)
        following = re.search(r'class="next" href="([^"]+)"', text)
        target = following[1] if following else ""
    assert sorted(found) == sorted(LISTINGS["demonstration-market"])


def test_api_lists_every_entry_once(site: DemonstrationSite) -> None:
    found, target = [], "/api/miniprograms?page=1"
    while target:
        answer = json.loads(ask(site, target)[2])
        found += [item["app_id"] for item in answer["data"]["items"]]
        target = answer["paging"]["next"]
    assert sorted(found) == sorted(LISTINGS["demonstration-api"])


def test_exports_hold_the_same_entries_in_both_formats() -> None:
    lines = read_lines(EXPORTS / "miniprograms.jsonl")
    with (EXPORTS / "miniprograms.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    lists = [key for key, value in lines[0].items() if isinstance(value, list)]
    read = [{k: json.loads(v) if k in lists else v for k, v in row.items()} for row in rows]
    assert read == lines
    assert sorted(line["app_id"] for line in lines) == sorted(LISTINGS["demonstration-export"])


@pytest.mark.parametrize("target_id", sorted(LISTINGS))
def test_listings_hold_promotion_and_harmless_entries(target_id: str) -> None:
    labels = [one.label for one in LISTINGS[target_id].values()]
    assert len(labels) >= 12
    assert 3 <= labels.count("violation") <= 5


def test_demonstration_targets_point_to_the_site(site: DemonstrationSite) -> None:
    folder = PROJECT / "catalogue" / "targets"
    targets = {k: v for k, v in load_targets(folder).items() if k.startswith("demonstration")}
    stores = {name for name, one in targets.items() if "/stores/" in one.seeds[0]}
    assert set(targets) - stores == {"demonstration", *LISTINGS}
    assert len(stores) == 8
    for target in targets.values():
        for seed in target.seeds:
            if seed.startswith("http"):
                assert urlsplit(seed).port == DEFAULT_PORT
                here = local(seed.replace(f":{DEFAULT_PORT}", f":{site.port}"), site)
                if target.id in stores:
                    path, _, query = here.partition("?")
                    asked = Request("GET", path, query, {"host": "127.0.0.1"})
                    answer = site.stores.answer(asked)
                    assert answer is not None
                    assert answer.status == 200
                else:
                    assert here in site.routes
            else:
                assert (folder / seed).is_file()


def everything_written() -> Iterator[tuple[str, str]]:
    """Name and text of every file that holds texts of the site."""
    for page in read_pages():
        yield page.path, page.body
    for file in (*FOLDER.glob("content/*.jsonl"), *FOLDER.glob("exports/*.jsonl")):
        yield file.name, re.sub(r"data:image/png;base64,[\w+/=]+", "", file.read_text("utf-8"))


def test_no_text_holds_a_telephone_or_identity_number() -> None:
    for name, text in everything_written():
        assert not MOBILE.search(text), name
        assert not IDENTITY_CARD.search(text), name


def test_mail_addresses_belong_to_nobody() -> None:
    for name, text in everything_written():
        for address in MAIL.findall(text):
            assert address.endswith(".example"), (name, address)


def test_no_file_was_written_twice() -> None:
    sentences: dict[str, str] = {}
    for page in read_pages():
        for sentence in re.findall(r"[\u4e00-\u9fff，、]{16,}", page.body):
            assert sentences.setdefault(sentence, page.path) == page.path


def test_the_site_runs_as_a_program_and_stops_quietly() -> None:
    program = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "tests.site", "--port", "0"],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None
    url = program.stdout.readline().strip()
    with urllib.request.urlopen(f"{url}about", timeout=10) as answer:
        assert answer.status == 200
    program.send_signal(signal.SIGTERM)
    rest, complaints = program.communicate(timeout=20)
    assert (program.returncode, rest, complaints) == (0, "", "")


def test_a_taken_port_is_one_line(site: DemonstrationSite) -> None:
    program = subprocess.run(
        [sys.executable, "-m", "tests.site", "--port", str(site.port)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert program.returncode == 2
    assert program.stderr.startswith(f"cannot serve on port {site.port}: ")
    assert program.stderr.count("\n") == 1
