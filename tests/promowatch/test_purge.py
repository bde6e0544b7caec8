"""`promowatch purge` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from storage import Store
from tests.scanning import run_promowatch
from tests.storage.purging import fill

WHO = ("--by", "Wang Li", "--why", "yearly")
TARGETS = """
targets:
  - id: one
    title: One
    surface: marketing_page
    seeds: ["https://pages.test/"]
    retention: {clear: 1d, dismissed: 1d, gone: 1d}
"""


@pytest.fixture
def arguments(tmp_path: Path) -> tuple[str, ...]:
    """A data folder of half a year ago, and a catalogue that keeps nothing for more than a day."""
    with Store.open(tmp_path / "data") as store:
        fill(store)
    (tmp_path / "catalogue" / "targets").mkdir(parents=True)
    (tmp_path / "catalogue" / "targets" / "one.yaml").write_text(TARGETS, encoding="utf-8")
    return ("--data", str(tmp_path / "data"), "--catalogue", str(tmp_path / "catalogue"))


def test_by_itself_it_only_shows_what_would_go(arguments: tuple[str, ...]) -> None:
    data = Path(arguments[1])
    before = {path: path.read_bytes() for path in data.rglob("*.json*")}
    done = run_promowatch("purge", *arguments)
    assert done.returncode == 0, done.stderr
    assert "dry run: 2 sightings of 2 cases, 4 looks without a finding and 8 files" in done.stdout
    assert "evidence of dismissed cases" in done.stdout
    assert {path: path.read_bytes() for path in data.rglob("*.json*")} == before
    told = json.loads(run_promowatch("purge", "--json", *arguments).stdout)
    assert (told["done"], told["cases"], told["files"]) == (False, {"dismissed": 1, "gone": 1}, 8)


def test_done_with_a_name_and_a_reason_it_stands_in_the_ledger(arguments: tuple[str, ...]) -> None:
    refused = run_promowatch("purge", "--yes", *arguments)
    assert refused.returncode == 2
    assert "a purge needs who and why" in refused.stderr
    done = run_promowatch("purge", "--yes", *WHO, *arguments)
    assert "purged: 2 sightings of 2 cases" in done.stdout, done.stderr
    verified = run_promowatch("evidence", "verify", *arguments[:2])
    assert verified.returncode == 0
    assert "purged: 8 files, by 1 purges that the ledger has\nevidence holds" in verified.stdout
    told = json.loads(run_promowatch("evidence", "verify", "--json", *arguments[:2]).stdout)
    assert (told["purged"], told["purges"]) == (8, 1)
    again = run_promowatch("purge", "--yes", *WHO, "--lang", "zh", *arguments)
    assert again.stdout == "没有可清除的内容。\n"


def test_a_case_without_its_evidence_is_still_shown_and_exported(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    run_promowatch("purge", "--yes", *WHO, *arguments)
    shown = run_promowatch("case", "show", "https://pages.test/dismissed", *arguments)
    assert "dismissed" in shown.stdout
    out = str(tmp_path / "case.zip")
    exported = run_promowatch(
        "evidence", "export", "https://pages.test/dismissed", "--out", out, *arguments[:2]
    )
    assert exported.returncode == 0, exported.stderr
    assert run_promowatch("case", "show", "https://pages.test/gone", *arguments).returncode == 2
