"""Target files: defaults, what they must say, and how mistakes are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import BadInput, CatalogueError
from core.listing_source import HtmlListing, JsonListing
from core.target import (
    Limits,
    Politeness,
    Scope,
    Target,
    load_targets,
    target_by_id,
)

PLAIN = """\
targets:
  - id: demo-pages
    title: Demonstration pages
    surface: marketing_page
    seeds: [https://pages.example.com/]
"""
LISTING = """\
targets:
  - id: demo-listing
    title: Demonstration listing
    surface: mini_program
    seeds: [https://api.example.com/list?page=1]
    source: {kind: json_api, items: data.rows, fields: {name: title}, page_parameter: page}
    politeness: {obey_robots: false, reason: our own platform}
    limits: {max_picture_pixels: 1000, max_gaps: 3}
    network: {allow: [10.2.0.0/16]}
"""


def _folder(path: Path, **files: str) -> Path:
    for name, text in files.items():
        (path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return path


def test_files_of_a_folder_are_targets_by_id(tmp_path: Path) -> None:
    targets = load_targets(_folder(tmp_path, a=PLAIN, b=LISTING))
    assert list(targets) == ["demo-pages", "demo-listing"]
    listing = targets["demo-listing"]
    assert listing.source == JsonListing("data.rows", {"name": "title"}, "", "page")
    assert listing.limits == Limits(max_picture_pixels=1000, max_gaps=3)
    assert listing.network.allow == ("10.2.0.0/16",)


def test_defaults_are_polite_and_bounded(tmp_path: Path) -> None:
    target = load_targets(_folder(tmp_path, a=PLAIN))["demo-pages"]
    assert target.scope == Scope(depth=3, max_pages=500, stay_on="registrable_domain")
    assert target.politeness == Politeness()
    assert target.politeness.obey_robots
    assert target.politeness.autothrottle
    assert target.politeness.relaxed() == []
    assert target.rendering == "auto"
    assert target.limits.max_response_bytes == 20 * 1024 * 1024
    assert target.network.allow == ()


def test_an_empty_folder_has_no_targets(tmp_path: Path) -> None:
    assert load_targets(tmp_path) == {}
    assert load_targets(tmp_path / "missing") == {}


RELAXED = {
    "obey_robots: false": ["obey_robots"],
    "autothrottle: false": ["autothrottle"],
    "concurrent_requests_per_host: 9": ["concurrent_requests_per_host"],
    "user_agent: x": ["user_agent"],
    "obey_robots: false, autothrottle: false": ["obey_robots", "autothrottle"],
    "concurrent_requests_per_host: 2, delay_seconds: 3": [],
}


@pytest.mark.parametrize("politeness, relaxed", RELAXED.items())
def test_what_is_relaxed_needs_a_reason(
    tmp_path: Path, politeness: str, relaxed: list[str]
) -> None:
    text = f"{PLAIN}    politeness: {{{politeness}}}\n"
    if not relaxed:
        load_targets(_folder(tmp_path, a=text))
        return
    with pytest.raises(CatalogueError, match="without a `reason`") as caught:
        load_targets(_folder(tmp_path, a=text))
    assert all(name in str(caught.value) for name in relaxed)
    reasoned = text.replace("}\n", ", reason: our own platform}\n")
    (target,) = load_targets(_folder(tmp_path, a=reasoned)).values()
    assert target.politeness.relaxed() == relaxed


WRONG = {
    "no seeds": (PLAIN.replace("[https://pages.example.com/]", "[]"), 2, "at least one seed"),
    "listing without source": (
        PLAIN.replace("marketing_page", "app_listing"),
        2,
        "needs a `source`",
    ),
    "unknown surface": (
        PLAIN.replace("marketing_page", "leaflet"),
        4,
        "invalid enum value 'leaflet'",
    ),
    "unknown key": (
        PLAIN + "    shedule: x\n",
        6,
        "unknown key `shedule`; did you mean `schedule`?",
    ),
    "unknown key inside": (PLAIN + "    scope:\n      dept: 1\n", 7, "did you mean `depth`?"),
    "unknown source": (LISTING.replace("json_api", "jsonapi"), 6, "invalid value 'jsonapi'"),
    "missing title": (PLAIN.replace("    title: Demonstration pages\n", ""), 2, "`title`"),
    "negative is not checked, text is": (
        PLAIN + "    limits: {timeout_seconds: soon}\n",
        6,
        "expected `float`",
    ),
}


@pytest.mark.parametrize("text, line, message", WRONG.values(), ids=WRONG)
def test_mistakes(tmp_path: Path, text: str, line: int, message: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        load_targets(_folder(tmp_path, a=text))
    said = str(caught.value)
    assert said.startswith(f"{tmp_path / 'a.yaml'}:{line}: ")
    assert message in said


def test_an_id_used_twice_names_the_second_place(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"b\.yaml:2: duplicate target id `demo-pages`"):
        load_targets(_folder(tmp_path, a=PLAIN, b=PLAIN))


def test_an_unknown_id_is_told_with_the_nearest() -> None:
    pages = Target(
        id="demo-pages", title="x", surface="marketing_page", seeds=("https://a.example/",)
    )
    targets = {"demo-pages": pages}
    assert target_by_id(targets, "demo-pages") is pages
    with pytest.raises(
        BadInput, match=r"unknown target `demo-page`; did you mean `demo-pages`\?; "
    ):
        target_by_id(targets, "demo-page")
    with pytest.raises(BadInput, match=r"unknown target `zzz`; `promowatch targets` lists them"):
        target_by_id(targets, "zzz")


def test_listings_may_be_html(tmp_path: Path) -> None:
    source = "{kind: html, entries: li.app, fields: {name: h2, icon: 'img@src'}, next_page: a.next}"
    text = LISTING.replace(
        "{kind: json_api, items: data.rows, fields: {name: title}, page_parameter: page}", source
    )
    (target,) = load_targets(_folder(tmp_path, a=text)).values()
    assert target.source == HtmlListing("li.app", {"name": "h2", "icon": "img@src"}, "a.next")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ("profiles: [wechat]", "politeness.reason"),
        ("profiles: [wechat, wechat], politeness: {reason: ours}", "twice"),
        (
            "profiles: [wechat], politeness: {reason: ours}, "
            "source: {kind: export}, surface: mini_program",
            "marketing_page",
        ),
    ],
)
def test_profiles_need_a_reason_and_a_page(tmp_path: Path, fields: str, message: str) -> None:
    surface = "" if "surface" in fields else "surface: marketing_page, "
    path = tmp_path / "one.yaml"
    path.write_text(
        "targets:\n"
        f"  - {{id: one, title: One, {surface}seeds: ['https://a.example/'], {fields}}}\n",
        encoding="utf-8",
    )
    with pytest.raises(CatalogueError, match=message):
        load_targets(tmp_path)
