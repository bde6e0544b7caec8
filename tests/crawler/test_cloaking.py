"""Client profiles on a site that tells its visitors apart: a real scan, to database and report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from core.profile import Profile, load_profiles
from core.verdict import ProfileViews, Verdict
from storage import SightingRecord, Store, read_manifest, verify_evidence
from tests.scanning import ROOT, Scanned, run_promowatch, scan, write_target
from tests.site.cloaking import CloakingSite

OWN = "promowatch"
CLOAKED = {
    "/agent": ({"wechat"}, {OWN, "desktop", "search_referrer"}),
    "/referred": ({"search_referrer"}, {OWN, "desktop", "wechat"}),
    "/not-for-us": ({"desktop", "wechat", "search_referrer"}, {OWN}),
    "/phone": ({"wechat"}, {OWN, "desktop", "search_referrer"}),
    "/leaves": ({"wechat"}, {OWN, "desktop", "search_referrer"}),
    "/moves": ({"wechat"}, {OWN, "desktop", "search_referrer"}),
    "/referred/again": ({"search_referrer"}, {OWN, "desktop", "wechat"}),
    "/absent-for-us": ({"desktop", "wechat", "search_referrer"}, {OWN}),
    "/clock-agent": ({"wechat"}, {OWN, "desktop", "search_referrer"}),
}
SHOWN_TO_ALL = ("/shown", "/clock-offer", "/tokens")
CLEAR = ("/same", "/layout", "/clock", "/blocked", "/check")
SEEDS = ("/hop" if path == "/referred/again" else path for path in CLOAKED)
PAGES = (*SEEDS, *SHOWN_TO_ALL, *CLEAR, "/blocked-offer", "/blocks-us", "/absent", "/forbidden/x")


class Visit(msgspec.Struct, frozen=True):
    """A scan, and the newest sighting of each candidate by path."""

    scanned: Scanned
    data: Path
    site: CloakingSite
    sightings: dict[str, SightingRecord]

    def verdict(self, path: str) -> Verdict:
        return self.sightings[path].verdict

    def views(self, path: str) -> ProfileViews:
        views = self.verdict(path).views
        assert views is not None
        return views

    def reasons(self, path: str) -> list[tuple[str, str]]:
        return [(g.kind.value, g.reason) for g in self.scanned.gaps if g.subject.endswith(path)]


def visit(site: CloakingSite, folder: Path, paths: tuple[str, ...], **fields: Any) -> Visit:
    url = site.url.rstrip("/")
    target = write_target(
        folder / "cloaking.yaml",
        seeds=[url + path for path in paths],
        scope={"depth": 0},
        **{"rendering": "never", "profiles": ["desktop", "wechat", "search_referrer"], **fields},
    )
    scanned = scan(target, folder / "data")
    with Store.open(folder / "data") as store:
        cases = {one.url: store.case(one.key).sightings for one in scanned.candidates}
    return Visit(
        scanned,
        folder / "data",
        site,
        {url.partition(f":{site.port}")[2]: some[0] for url, some in cases.items()},
    )


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    with CloakingSite() as site:
        yield visit(site, tmp_path_factory.mktemp("cloaking"), PAGES)


@pytest.mark.parametrize("path", CLOAKED)
def test_what_only_some_visitors_see_is_found_and_said(seen: Visit, path: str) -> None:
    views, (only, hidden) = seen.views(path), CLOAKED[path]
    assert set(views.seen_only_by) == only
    assert set(views.hidden_from) == hidden
    assert set(views.found_by) == only
    assert views.takes >= 2
    assert not views.unseen
    (evidence,) = [one for one in seen.verdict(path).evidence if one.rule == "cloaking"]
    assert evidence.points > 0
    assert sorted(only)[0] in evidence.title.en


@pytest.mark.parametrize("path", SHOWN_TO_ALL)
def test_what_all_visitors_see_is_no_cloaking_whatever_its_tokens(seen: Visit, path: str) -> None:
    views = seen.views(path)
    assert views.cloaking == ()
    assert len(views.found_by) == 4


@pytest.mark.parametrize("path", CLEAR)
def test_pages_without_a_finding_are_no_candidates(seen: Visit, path: str) -> None:
    assert path not in seen.sightings


def test_a_page_is_one_candidate_under_its_own_address(seen: Visit) -> None:
    found = {*CLOAKED, *SHOWN_TO_ALL, "/blocked-offer", "/blocks-us"}
    assert set(seen.sightings) == found
    assert len(seen.scanned.candidates) == len(found)


@pytest.mark.parametrize(
    ("path", "kind", "reason"),
    [
        ("/blocked", "http_status", "as wechat: answered 403"),
        ("/blocked-offer", "http_status", "as wechat: answered 403"),
        ("/check", "challenged", "as wechat: asked for a human check"),
        ("/blocks-us", "http_status", "answered 403"),
    ],
)
def test_a_visitor_who_was_refused_is_a_gap_with_its_reason(
    seen: Visit, path: str, kind: str, reason: str
) -> None:
    assert (kind, reason) in seen.reasons(path)
    if path in seen.sightings:
        views = seen.views(path)
        assert views.cloaking == ()
        assert len(views.unseen) == 1
        assert seen.verdict(path).degraded


def test_what_one_visitor_could_not_see_is_never_gone(tmp_path: Path) -> None:
    with CloakingSite() as site:
        first = visit(site, tmp_path, ("/agent", "/absent-for-us"))
        for path in ("/agent", "/absent-for-us"):
            site.refusing.add(path)
        second = visit(site, tmp_path, ("/agent", "/absent-for-us"))
        site.refusing.clear()
        third = visit(site, tmp_path, ("/agent", "/absent-for-us"))
    assert {one.event for one in first.scanned.candidates} == {"new"}
    assert second.scanned.candidates == ()
    assert {one.event for one in third.scanned.candidates} == {"still_up"}


def test_robots_are_obeyed_under_the_products_own_name(seen: Visit) -> None:
    assert seen.site.requests_to("/forbidden/x") == []
    assert seen.reasons("/forbidden/x") == [("robots_disallowed", "robots.txt forbids it")]
    for headers in seen.site.requests_to("/robots.txt"):
        assert "Promowatch" in headers["user-agent"]


def test_a_page_on_which_nothing_differs_is_looked_at_once_by_each(seen: Visit) -> None:
    assert len(seen.site.requests_to("/same")) == 4
    assert len(seen.site.requests_to("/shown")) == 4


def test_the_headers_of_a_visitor_are_those_of_its_profile(seen: Visit) -> None:
    asked = {headers["user-agent"]: headers for headers in seen.site.requests_to("/same")}
    for profile in load_profiles(ROOT / "catalogue").values():
        if profile.id in ("wechat", "search_referrer"):
            sent = asked[profile.user_agent]
            assert sent["accept"] == profile.accept
            assert sent["accept-language"] == profile.accept_language
    assert asked[load_profiles(ROOT / "catalogue")["wechat"].user_agent]["x-requested-with"]
    assert not any("cookie" in headers for headers in asked.values())


def test_both_sides_of_cloaking_are_kept_as_evidence(seen: Visit) -> None:
    with Store.open(seen.data) as store:
        sighting = seen.sightings["/agent"]
        (file,) = [file for file in sighting.evidence if file.kind == "manifest"]
        manifest = read_manifest(store.evidence, file.sha256)
        found = verify_evidence(store.ledger, store.evidence, store.recorded_manifests())
    assert manifest.profile == "wechat"
    assert {one.profile for one in manifest.contrast} == {OWN, "desktop", "search_referrer"}
    warcs = {file.sha256 for file in manifest.files if file.kind == "warc"}
    assert {one.warc_sha256 for one in manifest.contrast} < warcs
    assert len(warcs) == 4
    assert found.broken is None


@pytest.mark.parametrize(("lang", "words"), [("en", "seen only by"), ("zh", "可见")])
def test_terminal_and_reports_say_who_sees_it(
    seen: Visit, tmp_path: Path, lang: str, words: str
) -> None:
    assert any(
        line["seen_only_by"] == ["wechat"]
        for line in seen.scanned.lines
        if line["url"].endswith("/agent")
    )
    done = run_promowatch(
        "report", "--data", str(seen.data), "--out", str(tmp_path), "--lang", lang
    )
    assert done.returncode == 0, done.stderr
    (page,) = tmp_path.glob("**/*.html")
    assert words in page.read_text(encoding="utf-8").lower()
    (document,) = tmp_path.glob("**/*.json")
    report = json.loads(document.read_bytes())["report"]
    (finding,) = [one for one in report["new"] if one["url"].endswith("/agent")]
    assert finding["views"]["cloaking"][0]["seen_by"] == ["wechat"]


@pytest.mark.parametrize("seed", range(3))
def test_what_merely_changes_is_never_cloaking(tmp_path: Path, seed: int) -> None:
    banners = tuple(f"/banner/{number}" for number in range(12))
    with CloakingSite(seed) as site:
        done = visit(site, tmp_path, (*banners, "/turn/2", "/turn/3", "/turn/4"))
    assert done.sightings
    for path in done.sightings:
        assert done.views(path).cloaking == (), path
        assert done.views(path).dynamic or len(done.views(path).found_by) == 4, path


def test_beyond_the_budget_only_pages_with_a_finding_are_seen_by_others(tmp_path: Path) -> None:
    paths = ("/same", "/agent", "/shown")
    with CloakingSite() as site:
        first = visit(site, tmp_path, paths)
        site.asked.clear()
        done = visit(site, tmp_path, paths, limits={"max_profile_pages": 0})
        asked = {path: len(site.requests_to(path)) for path in paths}
    assert set(first.sightings) == {"/agent", "/shown"}
    assert asked == {"/same": 1, "/agent": 1, "/shown": 4}
    assert any("max_profile_pages (0)" in gap.reason for gap in done.scanned.gaps)
    assert done.scanned.summary is not None
    assert "gone" not in done.scanned.summary.events


def test_pages_that_scripts_cloak_are_found_in_the_browser(tmp_path: Path) -> None:
    with CloakingSite() as site:
        done = visit(
            site,
            tmp_path,
            ("/width", "/script-agent", "/script-leaves", "/mirror"),
            rendering="always",
            profiles=["desktop", "wechat", "search_referrer"],
        )
        scripts, reports = site.scripts, site.requests_to("/report")
    for path in ("/width", "/script-agent", "/script-leaves"):
        assert done.views(path).seen_only_by == ("wechat",), path
        assert done.views(path).hidden_from == (OWN, "desktop", "search_referrer")
    profiles = load_profiles(ROOT / "catalogue")
    for name in ("desktop", "wechat", "search_referrer"):
        profile = profiles[name]
        (said,) = [
            one
            for one in scripts
            if (one["userAgent"], one["referrer"]) == (profile.user_agent, profile.referer)
        ]
        _agrees(profile, next(r for r in reports if r["user-agent"] == profile.user_agent))
        assert said == {
            "userAgent": profile.user_agent,
            "platform": profile.script_platform,
            "languages": list(profile.languages),
            "touch": profile.touch,
            "width": profile.viewport[0],
            "scale": profile.device_scale,
            "mobile": profile.touch,
            "system": profile.system,
            "model": profile.model,
            "brands": [list(brand) for brand in profile.brands],
            "referrer": profile.referer,
            "stored": "",
        }


def _agrees(profile: Profile, sub_resource: dict[str, str]) -> None:
    """What the browser sends by itself with a sub-resource says the same as the profile."""
    assert sub_resource["accept-language"] == profile.accept_language
    assert sub_resource["sec-ch-ua-mobile"] == ("?1" if profile.touch else "?0")
    assert sub_resource["sec-ch-ua-platform"] == f'"{profile.system}"'
    assert all(f'"{name}";v="{version}"' in sub_resource["sec-ch-ua"]
               for name, version in profile.brands)  # fmt: skip


def test_one_profile_more_is_enough_and_what_is_absent_for_all_is_absent(tmp_path: Path) -> None:
    with CloakingSite() as site:
        done = visit(site, tmp_path, ("/phone", "/absent"), profiles=["android"])
    views = done.views("/phone")
    assert (views.seen_only_by, views.hidden_from) == (("android",), (OWN,))
    assert done.scanned.summary is not None
    assert done.scanned.summary.labels == {"violation": 1, "absent": 1}
    assert any("also seen as android" in note for note in done.scanned.summary.notes)
