"""`promowatch case` and `promowatch cases` as a user meets them."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from storage import Store, case_history
from tests.promowatch.test_scan import PROMOTION
from tests.scanning import run_promowatch, scan
from tests.storage.samples_evidence import filled

WHO = ("--by", "Wang Li", "--why", "looked at it")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return filled(tmp_path / "data", "/a", "/b")


def case(data: Path, *arguments: str) -> str:
    done = run_promowatch("case", *arguments, "--data", str(data))
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_case_is_led_step_by_step_and_shown(data: Path) -> None:
    assert case(data, "take", "1", *WHO) == "#1 open -> in review · Wang Li: looked at it\n"
    case(data, "confirm", "https://pages.test/a", *WHO)
    for verb in ("prepare", "approve", "sent", "no-answer"):
        case(data, verb, "#1", *WHO)

    shown = case(data, "show", "1", "--lang", "zh")
    assert "#1 · 未答复" in shown
    assert "批准" in shown
    assert "复查" in shown
    assert "hxxps://pages[.]test/a" in shown
    told = json.loads(case(data, "show", "1", "--json"))
    key = told["history"]["work"]["candidate"]["key"]
    assert f"promowatch evidence export {key[:12]} --out" in shown
    assert [one["after"] for one in told["history"]["decisions"]][-2:] == ["sent", "no_answer"]
    assert told["followup"]["next_look"]
    verified = run_promowatch("evidence", "verify", "--data", str(data))
    assert verified.stdout.startswith("evidence holds: 10 ledger entries")


def test_who_rewrites_a_decision_in_the_database_is_found_out(data: Path) -> None:
    case(data, "take", "1", *WHO)
    with sqlite3.connect(data / "promowatch.sqlite3") as connection:
        connection.execute("UPDATE decisions SET decided_by = 'Zhao Min'")
    done = run_promowatch("evidence", "verify", "--data", str(data))
    assert done.returncode == 1
    assert "decision 1 about case 1 was changed in the database" in done.stdout + done.stderr


def test_the_list_of_work_can_be_narrowed(data: Path) -> None:
    case(data, "take", "2", *WHO)
    case(data, "dismiss", "2", *WHO)
    listed = run_promowatch("cases", "--data", str(data)).stdout
    assert "pages[.]test/a" in listed
    assert "pages[.]test/b" not in listed
    assert "open 1 · dismissed 1" in listed
    done = run_promowatch("cases", "--state", "dismissed", "--json", "--data", str(data))
    (line,) = (json.loads(one) for one in done.stdout.splitlines())
    assert (line["number"], line["state"], line["decided_by"]) == (2, "dismissed", "Wang Li")
    assert run_promowatch("cases", "--due", "--data", str(data)).stdout.count("pages") == 0


WRONG: list[tuple[list[str], str]] = [
    (["confirm", "1", *WHO], "the case is open: it cannot become confirmed"),
    (["take", "77", *WHO], "no candidate is called `77`"),
    (["take", "1", "--by", "", "--why", "x"], "a decision needs who and why"),
    (["take", "1", "--by", "promowatch", "--why", "x"], "is the machine's name"),
]


@pytest.mark.parametrize(("arguments", "says"), WRONG)
def test_what_cannot_be_done_is_one_line_and_status_2(
    data: Path, arguments: list[str], says: str
) -> None:
    done = run_promowatch("case", *arguments, "--data", str(data))
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_state_that_is_none_and_a_folder_that_is_not_there(tmp_path: Path, data: Path) -> None:
    done = run_promowatch("cases", "--state", "closed", "--data", str(data))
    assert (done.returncode, "no such state" in done.stderr) == (2, True)
    done = run_promowatch("cases", "--data", str(tmp_path / "none"))
    assert (done.returncode, "there is no data folder" in done.stderr) == (2, True)


def test_the_target_decides_whether_a_second_person_approves(tmp_path: Path, data: Path) -> None:
    catalogue = tmp_path / "catalogue"
    (catalogue / "targets").mkdir(parents=True)
    target = {
        "id": "sample",
        "title": "Sample",
        "surface": "marketing_page",
        "seeds": ["https://pages.test/"],
        "second_person": True,
        "recheck": {"after": ["2d"], "deadline": "3d"},
    }
    (catalogue / "targets" / "sample.yaml").write_text(json.dumps({"targets": [target]}))
    for verb in ("take", "confirm", "prepare"):
        case(data, verb, "1", *WHO)
    arguments = ("approve", "1", "--catalogue", str(catalogue))
    done = run_promowatch("case", *arguments, *WHO, "--data", str(data))
    assert done.returncode == 2
    assert "asks for a second person: Wang Li prepared this notice" in done.stderr
    case(data, *arguments, "--by", "Zhao Min", "--why", "read and agreed")
    with Store.open(data) as store:
        assert case_history(store, "1").work.candidate.status == "approved"


def test_a_scan_says_that_a_case_is_back_on_another_domain(tmp_path: Path) -> None:
    first, second = tmp_path / "first.html", tmp_path / "second.html"
    first.write_text(_saved("https://one.example/a"), encoding="utf-8")
    second.write_text(_saved("https://two.example/b"), encoding="utf-8")
    data = tmp_path / "data"
    assert scan(str(first), data).lines[0]["back_from"] == []
    case(data, "take", "1", *WHO)
    case(data, "confirm", "1", *WHO)

    line = scan(str(second), data).lines[0]
    assert (line["number"], line["state"]) == (2, "open")
    assert line["back_from"][0]["case"] == 1
    assert "code" in line["back_from"][0]["same"]
    third = tmp_path / "third.html"
    third.write_text(_saved("https://three.example/c"), encoding="utf-8")
    shown = run_promowatch("scan", str(third), "--data", str(data)).stdout
    assert "case 1 is back on another domain: same invite code" in shown
    assert "is back on another domain as case 2" in case(data, "show", "1")


def _saved(url: str) -> str:
    """A page as a browser saves it, with the address it came from."""
    return f"<!-- saved from url=({len(url):04}){url} -->\n{PROMOTION}"
