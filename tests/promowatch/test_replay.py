"""`promowatch replay` as a user meets it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from promowatch.replay_pool import FEW
from tests.promowatch.test_scan import PROMOTION
from tests.scanning import ROOT, run_promowatch, scan
from tests.shadow_catalogue import append
from tests.storage.samples_evidence import filled

SINCE = ("--since", "2026-01-01")


@pytest.fixture
def scanned(tmp_path: Path) -> Path:
    """A data folder with one page that was really scanned."""
    page = tmp_path / "saved.html"
    page.write_text(PROMOTION, encoding="utf-8")
    assert scan(str(page), tmp_path / "data").candidates
    return tmp_path / "data"


@pytest.fixture
def weaker(tmp_path: Path) -> Path:
    """A catalogue in which no rule for promotion gives a point."""
    folder = tmp_path / "weaker"
    shutil.copytree(ROOT / "catalogue", folder)
    path = folder / "weights.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"(?m)^(  [a-z_0-9]+): [0-9.]+$", r"\1: 0.0", text), encoding="utf-8")
    return folder


def test_the_same_rules_say_the_same(scanned: Path) -> None:
    before = sorted(path.name for path in scanned.rglob("*"))
    done = run_promowatch("replay", *SINCE, "--data", str(scanned))
    assert done.returncode == 0, done.stderr
    assert "1 documents judged again: 0 gained, 0 lost, 0 changed, 1 the same" in done.stdout
    assert "1 of 1 looks of this time (100%) have a document" in done.stdout
    assert sorted(path.name for path in scanned.rglob("*")) == before


def test_another_catalogue_shows_what_would_be_lost_and_why(scanned: Path, weaker: Path) -> None:
    arguments = ("replay", *SINCE, "--rules", str(weaker), "--data", str(scanned))
    done = run_promowatch(*arguments)
    assert "lost" in done.stdout
    assert "-> +0.0" in done.stdout
    assert "hxxp" in done.stdout or "saved" in done.stdout
    told = [json.loads(line) for line in run_promowatch(*arguments, "--json").stdout.splitlines()]
    assert [one["change"]["kind"] for one in told[:-1]] == ["lost"]
    assert told[0]["change"]["reasons"][0]["before"] > 0
    assert (told[-1]["lost"], told[-1]["share"]["kept"]) == (1, 1)


def test_shadow_entries_are_tried_and_a_catalogue_without_is_refused(tmp_path: Path) -> None:
    page, scanned = tmp_path / "saved.html", tmp_path / "data"
    page.write_text("<meta charset=utf-8><p>欧易新地址", encoding="utf-8")
    assert scan(str(page), scanned).candidates[0].label == "review"
    done = run_promowatch("replay", *SINCE, "--shadow", "--data", str(scanned))
    assert done.returncode == 2
    assert "has no shadow entries" in done.stderr
    folder = scanned.parent / "with-shadow"
    shutil.copytree(ROOT / "catalogue", folder)
    rule = """
  - id: shadow_code
    title: {zh: 试用规则, en: A rule on trial}
    side: for
    prior: 1.0
    lure: true
    shadow: true
    needs: [[exchange_name]]
    hit: ['币安']
    miss: ['天气很好']
"""
    append(folder / "rules" / "referral.yaml", rule)
    append(folder / "weights.yaml", "  shadow_code: 1.0\n")
    arguments = ("--data", str(scanned), "--catalogue", str(folder))
    assert "0 changed, 1 the same" in run_promowatch("replay", *SINCE, *arguments).stdout
    done = run_promowatch("replay", *SINCE, "--shadow", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    (line, figures) = (json.loads(one) for one in done.stdout.splitlines())
    assert "shadow_code" in [one["rule"] for one in line["change"]["reasons"]]
    assert figures["changed"] == 1
    linted = run_promowatch("lint", "--catalogue", str(folder)).stdout
    assert "1 shadow entries" in linted
    assert "  rule shadow_code\n" in linted


def test_many_documents_are_judged_by_processes(tmp_path: Path) -> None:
    data = filled(tmp_path / "data", *(f"/{n}" for n in range(FEW + 15)))
    done = run_promowatch("replay", *SINCE, "--limit", "3", "--data", str(data))
    assert done.returncode == 0, done.stderr
    assert f"{FEW + 15} documents judged again: 0 gained, {FEW + 15} lost" in done.stdout
    assert f"{FEW + 12} more; `--limit` shows them." in done.stdout


def test_a_missing_document_is_told_and_is_status_3(tmp_path: Path) -> None:
    data = filled(tmp_path / "data", "/a", "/b")
    next((data / "evidence").rglob("*.document.json")).unlink()
    done = run_promowatch("replay", *SINCE, "--data", str(data))
    assert done.returncode == 3
    assert "1 documents judged again" in done.stdout
    assert "1 could not be judged: the evidence file" in done.stdout


def test_a_wrong_catalogue_and_a_wrong_day_are_one_line(tmp_path: Path) -> None:
    data = filled(tmp_path / "data", "/a")
    done = run_promowatch("replay", *SINCE, "--rules", str(tmp_path), "--data", str(data))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "exchanges.yaml" in done.stderr
    assert run_promowatch("replay", "--since", "yesterday", "--data", str(data)).returncode == 2
