"""`promowatch recheck` of listing entries: delisted is what a whole listing does not show."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from storage import Step, Store, case_history, decide, read_manifest
from tests.promowatch.test_recheck import TO_SENT, Site, recheck
from tests.scanning import ROOT, run_promowatch, scan, write_target

ENTRY = "<li class=app data-id={id}><a href=/app/{id}>{name}</a><p>{intro}</p></li>"
PAGE = "<meta charset=utf-8><title>应用市场</title><ul>{entries}</ul>{next}"
PROMOTION = "欧易官方入口，填写邀请码 DEMO7{id} 注册，手续费返佣 20%。"
HARMLESS = "每天一道家常菜，跟着视频学做饭。"


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as opened:
        yield opened


def show(site: Site, first: dict[str, str], second: dict[str, str] | None = None) -> None:
    """Put entries (id -> intro) on one or two pages of the listing."""
    for path, entries in (("/list", first), ("/list2", second)):
        shown = (ENTRY.format(id=k, name=f"应用{k}", intro=v) for k, v in (entries or {}).items())
        following = "<a class=next href=/list2>下一页</a>" if path == "/list" and second else ""
        site.pages[path] = (200, PAGE.format(entries="".join(shown), next=following))


def catalogue(folder: Path, **target: Any) -> Path:
    """The catalogue with no target but this one."""
    made = folder / "catalogue"
    (made / "targets").mkdir(parents=True)
    for path in (ROOT / "catalogue").iterdir():
        if path.name != "targets":
            (made / path.name).symlink_to(path)
    write_target(made / "targets" / "market.yaml", **target)
    return made


@pytest.fixture
def sent(tmp_path: Path, site: Site) -> tuple[Path, Path]:
    """Data folder and catalogue: a notice was sent for the entry `a1` of a listing of two pages."""
    show(site, {"a1": PROMOTION.format(id="a1"), "a2": HARMLESS}, {"a3": HARMLESS, "a4": HARMLESS})
    made = catalogue(
        tmp_path,
        surface="app_listing",
        platform="market",
        seeds=[site.url_on("127.0.0.1") + "list"],
        rendering="never",
        source={
            "kind": "html",
            "entries": "li.app",
            "fields": {"app_id": "@data-id", "name": "a", "intro": "p"},
            "next_page": "a.next",
        },
    )
    data = tmp_path / "data"
    found = scan("market", data, "--catalogue", str(made))
    assert [one.app_id for one in found.candidates] == ["a1"], found.err
    with Store.open(data) as store:
        moment = datetime.now(UTC) - timedelta(hours=2)
        for state in TO_SENT:
            decide(store, "1", state, Step(by="Wang Li", why="a test", at=moment))
    return data, made


def look(sent: tuple[Path, Path]) -> dict[str, Any]:
    data, made = sent
    (line,) = recheck(data, "--catalogue", str(made))
    return line


def test_an_entry_that_is_still_listed(sent: tuple[Path, Path]) -> None:
    assert look(sent)["outcome"] == "still_there"


def test_an_entry_that_is_on_no_page_is_removed_with_the_pages_as_proof(
    sent: tuple[Path, Path], site: Site
) -> None:
    show(site, {"a2": HARMLESS}, {"a3": HARMLESS, "a4": HARMLESS})
    line = look(sent)
    assert (line["outcome"], line["state"]) == ("gone", "removed")
    assert line["why"] == "delisted: no longer on any page of its listing (2 read)"
    with Store.open(sent[0]) as store:
        last = case_history(store, "1").decisions[-1]
        manifests = [
            read_manifest(store.evidence, file.sha256)
            for file in last.proof
            if file.kind == "manifest"
        ]
        assert [one.requested_url.rpartition("/")[2] for one in manifests] == ["list", "list2"]
        assert {one.label for one in manifests} == {"listing"}
        for file in last.proof:
            store.evidence.read(file.sha256, file.kind)
    verified = run_promowatch("evidence", "verify", "--data", str(sent[0]))
    assert verified.stdout.startswith("evidence holds"), verified.stdout


def test_an_entry_that_was_rewritten_is_removed(sent: tuple[Path, Path], site: Site) -> None:
    show(site, {"a1": HARMLESS, "a2": HARMLESS}, {"a3": HARMLESS, "a4": HARMLESS})
    line = look(sent)
    assert (line["outcome"], line["state"]) == ("gone", "removed")


@pytest.mark.parametrize("path", ["/list", "/list2"])
@pytest.mark.parametrize("answer", [(500, "broken"), (404, ""), (200, "<title>请登录</title>")])
def test_a_listing_read_in_part_proves_nothing(
    sent: tuple[Path, Path], site: Site, path: str, answer: tuple[int, str]
) -> None:
    show(site, {"a2": HARMLESS}, {"a3": HARMLESS, "a4": HARMLESS})
    site.pages[path] = answer
    line = look(sent)
    assert (line["outcome"], line["state"]) == ("not_seen", "sent"), line
    assert "the listing was not read whole" in line["why"]


def test_without_its_target_nothing_is_fetched(sent: tuple[Path, Path], site: Site) -> None:
    site.asked.clear()
    (line,) = recheck(sent[0])
    assert line["outcome"] == "not_seen"
    assert line["why"].startswith("its target is not in the catalogue")
    assert site.asked == []
