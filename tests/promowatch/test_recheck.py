"""`promowatch recheck` on a real local site that changes between the notice and the look."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.casework import CaseState
from storage import Step, Store, case_history, decide, read_manifest
from tests.promowatch.test_scan import ORDINARY, PROMOTION
from tests.scanning import run_promowatch, scan, write_target
from tests.site.loopback import LoopbackServer, Request
from tests.site.odd_answers import HTML, send

TO_SENT: list[CaseState] = ["in_review", "confirmed", "notice_prepared", "approved", "sent"]
CAPTCHA = "<title>安全验证</title><p>请完成验证后继续访问</p>"
FAILING = "<title>系统维护</title><p>系统维护中，请稍后再试。今天的内容暂时看不到。</p>"
ELSEWHERE = "→ /ordinary"

AFTER: dict[str, tuple[int, str, str, str]] = {
    "/missing": (404, "", "gone", "answered 404"),
    "/withdrawn": (410, "", "gone", "answered 410"),
    "/cleaned": (200, ORDINARY, "gone", "holds no promotion any more"),
    "/same": (200, PROMOTION, "still_there", "still judged violation"),
    "/broken": (500, "", "not_seen", "http_status: answered 500"),
    "/guarded": (200, CAPTCHA, "not_seen", "asked for a human check"),
    "/failing": (200, FAILING, "not_seen", "says that it failed"),
    "/moved": (302, ELSEWHERE, "not_seen", "leads to another address now"),
}


class Site(LoopbackServer):
    """Answers what `pages` says; for all else promotion, with a code of its own on each page."""

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.pages: dict[str, tuple[int, str]] = {"/robots.txt": (404, "")}
        self.asked: list[str] = []

    async def _answer(self, request: Request, writer: Any) -> bool:
        self.asked.append(request.path)
        own = PROMOTION.replace("DEMO7788", f"DEMO{sum(request.path.encode())}")
        status, body = self.pages.get(request.path, (200, own))
        headers = (HTML, ("Connection", "close"))
        if status == 302:
            headers = (*headers, ("Location", "/ordinary"))
        send(writer, status, headers, body.encode())
        return False


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as opened:
        opened.pages["/ordinary"] = (200, ORDINARY)
        yield opened


def sent(folder: Path, site: Site, paths: list[str], hours_ago: float) -> Path:
    """A data folder in which notices on all `paths` were sent some hours ago."""
    target = write_target(
        folder / "site.yaml",
        seeds=[site.url_on("127.0.0.1").rstrip("/") + path for path in paths],
        rendering="never",
        scope={"depth": 0},
    )
    found = scan(target, folder / "data")
    assert len(found.candidates) == len(paths), found.err
    with Store.open(folder / "data") as store:
        moment = datetime.now(UTC) - timedelta(hours=hours_ago)
        for candidate in found.candidates:
            for state in TO_SENT:
                step = Step(by="Wang Li", why="a test", at=moment)
                decide(store, f"#{candidate.candidate_id}", state, step)
    return folder / "data"


def recheck(data: Path, *arguments: str) -> list[dict[str, Any]]:
    done = run_promowatch(
        "recheck", "--json", "--data", str(data), "--allow-address", "127.0.0.1", *arguments
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_each_answer_is_taken_for_what_it_proves(tmp_path: Path, site: Site) -> None:
    data = sent(tmp_path, site, list(AFTER), hours_ago=2)
    site.pages |= {path: answer[:2] for path, answer in AFTER.items()}
    lines = {line["url"].removeprefix(site.url[:-1]): line for line in recheck(data)}

    assert {path: line["outcome"] for path, line in lines.items()} == {
        path: answer[2] for path, answer in AFTER.items()
    }
    for path, answer in AFTER.items():
        assert answer[3] in lines[path]["why"], path
        assert lines[path]["state"] == ("removed" if answer[2] == "gone" else "sent"), path
    with Store.open(data) as store:
        assert len({line["number"] for line in lines.values()}) == len(AFTER)
        for path in ("/missing", "/cleaned"):
            last = case_history(store, str(lines[path]["number"])).decisions[-1]
            assert (last.actor, last.decided_by) == ("machine", "promowatch")
            manifest = read_manifest(store.evidence, last.proof[0].sha256)
            assert manifest.status == AFTER[path][0]
            assert {"manifest", "warc", "response"} <= {file.kind for file in last.proof}
            for file in last.proof:
                store.evidence.read(file.sha256, file.kind)
    verified = run_promowatch("evidence", "verify", "--data", str(data))
    assert verified.stdout.startswith("evidence holds"), verified.stdout


def test_nothing_is_fetched_before_it_is_due_and_then_once(tmp_path: Path, site: Site) -> None:
    early = sent(tmp_path, site, ["/same"], hours_ago=0.5)
    site.asked.clear()
    assert recheck(early) == []
    assert site.asked == []
    assert [line["outcome"] for line in recheck(early, "1")] == ["still_there"]
    assert recheck(early) == []
    assert site.asked.count("/same") == 1


def test_what_is_still_there_after_the_deadline_is_overdue(tmp_path: Path, site: Site) -> None:
    data = sent(tmp_path, site, ["/same"], hours_ago=24 * 8)
    recheck(data)
    done = run_promowatch("cases", "--due", "--json", "--data", str(data))
    (line,) = (json.loads(one) for one in done.stdout.splitlines())
    assert (line["state"], line["overdue"], line["due"]) == ("sent", True, False)
    assert "overdue" in run_promowatch("case", "show", "1", "--data", str(data)).stdout


def test_what_was_removed_is_looked_at_to_the_plans_end_and_may_return(
    tmp_path: Path, site: Site
) -> None:
    data = sent(tmp_path, site, ["/same"], hours_ago=24 * 2)
    site.pages["/same"] = (404, "")
    assert [line["state"] for line in recheck(data)] == ["removed"]
    assert recheck(data) == []
    del site.pages["/same"]
    (line,) = recheck(data, "1")
    assert (line["outcome"], line["state"]) == ("still_there", "returned")
    with Store.open(data) as store:
        last = case_history(store, "1").decisions[-1]
        assert (last.before, last.after, last.actor) == ("removed", "returned", "machine")
        assert last.proof
    assert recheck(data) == []


def test_cases_of_several_targets_are_each_looked_at(tmp_path: Path, site: Site) -> None:
    data = sent(tmp_path, site, ["/missing"], hours_ago=2)
    other = write_target(
        tmp_path / "other.yaml", seeds=[site.url + "same"], rendering="never", scope={"depth": 0}
    )
    scan(other, data)
    with Store.open(data) as store:
        for state in TO_SENT:
            moment = datetime.now(UTC) - timedelta(hours=2)
            decide(store, "2", state, Step(by="Wang Li", why="a test", at=moment))
    site.pages["/missing"] = (404, "")
    assert {line["outcome"] for line in recheck(data)} == {"gone", "still_there"}


def test_a_case_without_a_notice_is_refused(tmp_path: Path, site: Site) -> None:
    scan(site.url + "same", tmp_path / "data", "--depth", "0", "--allow-address", "127.0.0.1")
    done = run_promowatch("recheck", "1", "--data", str(tmp_path / "data"))
    assert done.returncode == 2
    assert "case 1 is open: nothing to recheck" in done.stderr
