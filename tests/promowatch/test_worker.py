"""Workers on one PostgreSQL, as processes: sites shared out, workers killed, frozen and stopped."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage import CandidateEvent, ScanSummary, Store
from tests.postgres import Server, empty_database, private_server
from tests.site.watched import WatchedSite, WatchedSites
from tests.workers import Team

QUICK = ("--rescue-after", "6")
LONG = 90.0


class Hold:
    """Keeps the answer to one page back until it is let go."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.reached, self.go_on = threading.Event(), threading.Event()

    def __call__(self, path: str) -> None:
        if path == self._path and not self.go_on.is_set():
            self.reached.set()
            self.go_on.wait(LONG)


def ended(worker: subprocess.Popen[str]) -> str:
    """What a worker said, once it has ended well."""
    try:
        _, said = worker.communicate(timeout=LONG)
    except subprocess.TimeoutExpired:
        worker.kill()
        raise
    assert worker.returncode == 0, said
    return said


def stored(team: Team) -> tuple[tuple[CandidateEvent, ...], tuple[ScanSummary, ...]]:
    now = datetime.now(UTC)
    with Store.open(team.folder / "look", url=team.database_url) as store:
        day = store.day(now - timedelta(days=1), now + timedelta(days=1))
    return day.events, day.scans


def states(team: Team) -> list[str]:
    return [job["state"] for job in team.jobs()]


def test_two_workers_share_out_sites_and_never_fetch_one_at_once(
    tmp_path: Path, postgresql_url: str
) -> None:
    sites = [WatchedSite(f"127.0.1.{n}", sections="ab"[: 1 + n % 2]) for n in range(1, 5)]
    with WatchedSites(sites) as watched:
        targets = [target for site in sites for target in site.targets()]
        team = Team(tmp_path, postgresql_url, targets)
        team.add_all()
        workers = [team.worker(name, "--until-empty") for name in ("one", "two")]
        for worker in workers:
            ended(worker)
        events, scans = stored(team)

        assert states(team) == ["succeeded"] * len(targets)
        assert len(scans) == len(targets), "each target once"
        assert len(events) == watched.page_count, "lost 0"
        assert len({event.candidate.key for event in events}) == len(events), "doubled 0"
        assert watched.overlaps() == []
        assert {asked.who for site in sites for asked in site.log} == {"one", "two"}


@pytest.fixture
def held(tmp_path: Path, postgresql_url: str) -> Iterator[tuple[Team, WatchedSite, Hold]]:
    """A site whose third page waits, and its scan in the queue."""
    hold = Hold("/a/2")
    site = WatchedSite("127.0.2.1", pages=5, before=hold)
    with WatchedSites([site]):
        team = Team(tmp_path, postgresql_url, site.targets())
        team.add_all()
        yield team, site, hold
        hold.go_on.set()


def check_done_once(team: Team, site: WatchedSite) -> None:
    events, scans = stored(team)
    assert len(scans) == 1, "it was gone on with, not begun anew"
    assert sorted(one.candidate.url for one in events) == [
        f"{site.url}a/{number}" for number in range(site.pages)
    ], "lost 0, doubled 0"


def spans(site: WatchedSite, who: str) -> tuple[float, float]:
    mine = [asked for asked in site.log if asked.who == who]
    return mine[0].came_at, mine[-1].came_at


def test_a_killed_workers_scan_is_done_by_another(
    held: tuple[Team, WatchedSite, Hold],
) -> None:
    team, site, hold = held
    first = team.worker("one", *QUICK)
    assert hold.reached.wait(LONG)
    second = team.worker("two", *QUICK, "--until-empty")
    first.kill()
    first.communicate()
    hold.go_on.set()

    said = ended(second)
    assert "job 1 lost its worker and is done anew" in said
    check_done_once(team, site)
    (job,) = team.jobs()
    assert (job["state"], job["attempts"]) == ("succeeded", 2)
    assert spans(site, "one")[1] < spans(site, "two")[0], "never both at once"


@pytest.mark.long
def test_a_frozen_worker_loses_its_scan_and_finds_out(
    held: tuple[Team, WatchedSite, Hold],
) -> None:
    team, site, hold = held
    first = team.worker("one", *QUICK)
    assert hold.reached.wait(LONG)
    first.send_signal(signal.SIGSTOP)
    second = team.worker("two", *QUICK, "--until-empty")
    letting_go = let_go_at_the_second(hold)
    ended(second)
    letting_go.join()
    first.send_signal(signal.SIGCONT)
    first.send_signal(signal.SIGTERM)
    ended(first)

    check_done_once(team, site)
    assert states(team) == ["succeeded"]
    assert spans(site, "one")[1] < spans(site, "two")[0], "never both at once"


def let_go_at_the_second(hold: Hold) -> threading.Thread:
    """Let the page go when a second scan asks for it."""
    hold.reached.clear()

    def wait() -> None:
        hold.reached.wait(LONG)
        hold.go_on.set()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.long)]
)
def test_a_stopped_worker_puts_its_scan_back(
    held: tuple[Team, WatchedSite, Hold], number: int
) -> None:
    team, site, hold = held
    first = team.worker("one")
    assert hold.reached.wait(LONG)
    first.send_signal(number)
    hold.go_on.set()
    ended(first)
    (job,) = team.jobs()
    assert (job["state"], job["attempts"]) in (("todo", 0), ("succeeded", 1)), "back, or done"
    if job["state"] == "todo":
        ended(team.worker("two", "--until-empty"))
    check_done_once(team, site)
    assert states(team) == ["succeeded"]


def test_bad_input_is_not_tried_again(tmp_path: Path, postgresql_url: str) -> None:
    site = WatchedSite("127.0.2.2")
    with WatchedSites([site]):
        team = Team(tmp_path, postgresql_url, site.targets())
        team.add_all()
        (team.catalogue / "targets" / "sites.yaml").unlink()
        said = ended(team.worker("one", "--until-empty"))
    assert "failed: exit status 2" in said
    (job,) = team.jobs()
    assert (job["state"], job["attempts"]) == ("failed", 1)


def test_a_file_is_not_for_other_machines(tmp_path: Path, postgresql_url: str) -> None:
    page = tmp_path / "saved.html"
    page.write_text("<title>x</title>")
    team = Team(tmp_path, postgresql_url, ())
    done = team.command("queue", "add", str(page))
    assert done.returncode == 2
    assert "a worker on another machine does not have it" in done.stderr
    assert team.command("queue", "list").stdout == "the queue is empty\n"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with private_server() as running:
        yield running


@pytest.mark.long
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_restarted_database_server_costs_no_scan(
    tmp_path: Path, server: Server, how: int
) -> None:
    hold = Hold("/a/2")
    site = WatchedSite("127.0.2.3", pages=5, before=hold)
    with WatchedSites([site]), empty_database(server.url) as url:
        team = Team(tmp_path, url, site.targets())
        team.add_all()
        worker = team.worker("one", "--until-empty")
        assert hold.reached.wait(LONG)
        server.stop(how=how)
        server.start()
        hold.go_on.set()
        ended(worker)
        check_done_once(team, site)
        (job,) = team.jobs()
        assert (job["state"], job["attempts"]) == ("succeeded", 1)
