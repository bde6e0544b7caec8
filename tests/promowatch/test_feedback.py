"""`promowatch feedback` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

from storage import Step, Store, decide
from tests.promowatch.test_scan import PROMOTION
from tests.scanning import run_promowatch, scan
from tests.storage.samples import at


def decided(tmp_path: Path, count: int, after: str) -> Path:
    """A data folder with `count` pages that were scanned, and a decision about each."""
    warc = tmp_path / "pages"
    warc.mkdir()
    data = tmp_path / "data"
    for number in range(count):
        page = warc / f"{number}.html"
        page.write_text(PROMOTION, encoding="utf-8")
        assert scan(str(page), data).status == 0
    with Store.open(data) as store:
        for number in range(1, count + 1):
            for state in ("in_review", after):
                step = Step(by="Wang Li", why="looked at it", at=at(24 * 700))
                decide(store, f"#{number}", state, step)  # type: ignore[arg-type]
    return data


def test_few_decisions_are_too_few_to_tell(tmp_path: Path) -> None:
    data = decided(tmp_path, 2, "dismissed")
    done = run_promowatch("feedback", "--data", str(data))
    assert done.returncode == 0, done.stderr
    assert "2 cases decided by people" in done.stdout
    assert "0 / 2" in done.stdout
    assert "too few to tell" in done.stdout
    assert "No proposals." in done.stdout


def test_proposals_are_tried_on_the_kept_documents_and_change_nothing(tmp_path: Path) -> None:
    data = decided(tmp_path, 10, "dismissed")
    arguments = ("feedback", "--proposals", "2", "--data", str(data))
    told = [json.loads(one) for one in run_promowatch(*arguments, "--json").stdout.splitlines()]
    rules = [one for one in told if one.get("subject") == "rule"]
    assert rules[0]["precision"]["dismissed"] == 10
    assert rules[0]["enough"]
    proposals = [one for one in told if "proposal" in one]
    assert [one["proposal"]["kind"] for one in proposals] == ["guard", "guard"]
    assert {one["documents"] for one in proposals} == {10}
    shown = run_promowatch(*arguments).stdout
    assert "guard " in shown
    assert "Nothing was changed: who agrees edits the catalogue." in shown
