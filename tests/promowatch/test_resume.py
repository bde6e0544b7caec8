"""A scan that is cut off at any moment and taken up again ends as if nothing had happened."""

from __future__ import annotations

import random
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import empty_database, private_server
from tests.promowatch.resuming import (
    Outcome,
    done_identities,
    outcome,
    resume_to_the_end,
    run_scan,
)
from tests.scanning import ROOT, run_promowatch, write_target
from tests.site.cut_off import FOOTER_PAGES, HOSTS, PROMOTING, CutOffSite

MOMENTS = 20
SEED = 20261127


@pytest.fixture(scope="module")
def site() -> Iterator[CutOffSite]:
    with CutOffSite() as running:
        yield running


@pytest.fixture(scope="module")
def target(site: CutOffSite, tmp_path_factory: pytest.TempPathFactory) -> str:
    return target_of(site, tmp_path_factory.mktemp("target") / "cut-off.yaml")


def target_of(site: CutOffSite, path: Path, delay_seconds: float = 0.05) -> str:
    return write_target(
        path,
        seeds=site.seeds,
        scope={"depth": 60},
        limits={"max_stale_pages": 5},
        rendering="never",
        network={"allow": list(HOSTS)},
        politeness={
            "autothrottle": False,
            "delay_seconds": delay_seconds,
            "concurrent_requests_per_host": 4,
            "reason": "slow enough to be cut off in the middle",
        },
    )


@pytest.fixture(scope="module")
def undisturbed(
    site: CutOffSite, target: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Outcome, int]:
    """What a scan leaves that nobody disturbs, and how many requests it made."""
    data = tmp_path_factory.mktemp("undisturbed")
    site.begin()
    done = run_scan(target, data=data)
    assert done.returncode in (0, 3), done.stderr
    left = outcome(data)
    assert left.count("candidates") >= len(PROMOTING) + 5 + 2
    labels = [row[1] for row in left.rows["visits"].elements()]
    assert labels.count("repeated") == FOOTER_PAGES - 5
    assert max(site.asked.values()) == 1
    return left, site.requests


def cut(site: CutOffSite, target: str, data: Path, url: str, moment: tuple[int, float]) -> None:
    """Begin a scan that is killed at `moment`: a request's number and seconds after it."""
    site.begin()
    done = run_scan(
        target, data=data, url=url, meanwhile=lambda running: site.kill(running.pid, *moment)
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.parametrize("moment", [(3, 0.0), (25, 0.3), (60, 0.1)])
def test_a_killed_scan_goes_on(
    site: CutOffSite,
    target: str,
    undisturbed: tuple[Outcome, int],
    tmp_path: Path,
    database_url: str,
    moment: tuple[int, float],
) -> None:
    cut(site, target, tmp_path, database_url, moment)
    done = done_identities(tmp_path, database_url)
    site.begin()
    said = resume_to_the_end(tmp_path, url=database_url)
    assert f"going on with scan 1 of cut-off ({len(done)} pages done" in said
    assert undisturbed[0].differs(outcome(tmp_path, database_url)) == {}
    assert not asked_twice(site, done)


def asked_twice(site: CutOffSite, done: set[str]) -> set[str]:
    """Pages of `done` that the site was asked for since `begin`."""
    return {page for page in done if page.partition("://")[2].replace(site.port, "") in site.asked}


@pytest.mark.long
@pytest.mark.parametrize("number", range(MOMENTS))
def test_a_scan_killed_at_a_random_moment_goes_on(
    site: CutOffSite,
    target: str,
    undisturbed: tuple[Outcome, int],
    tmp_path: Path,
    database_url: str,
    number: int,
) -> None:
    expected, requests = undisturbed
    moments = random.Random(SEED + number)
    moment = moments.randint(1, requests - 1), moments.uniform(0.0, 0.2)
    site.begin()
    killed = run_scan(
        target,
        data=tmp_path,
        url=database_url,
        meanwhile=lambda running: site.kill(running.pid, *moment),
    )
    if killed.returncode == -signal.SIGKILL and done_or_cut(tmp_path, database_url):
        resume_to_the_end(tmp_path, url=database_url)
    assert expected.differs(outcome(tmp_path, database_url)) == {}, moment


@pytest.mark.long
def test_a_scan_killed_again_and_again_comes_to_its_end(
    site: CutOffSite,
    target: str,
    undisturbed: tuple[Outcome, int],
    tmp_path: Path,
    database_url: str,
) -> None:
    cut(site, target, tmp_path, database_url, (30, 0.2))
    for _ in range(30):
        site.begin()
        done = run_scan(
            "--resume",
            "last",
            data=tmp_path,
            url=database_url,
            meanwhile=lambda running: site.kill(running.pid, 25, 1.0),
        )
        if done.returncode != -signal.SIGKILL:
            break
    assert done.returncode in (0, 3), done.stderr
    assert undisturbed[0].differs(outcome(tmp_path, database_url)) == {}


def done_or_cut(data: Path, url: str) -> bool:
    """Whether the scan was cut off: killed after its last word, it is simply done."""
    return tuple(outcome(data, url).rows["state"]) == ((1, "running"),)


def test_a_scan_stopped_with_ctrl_c_goes_on(
    site: CutOffSite,
    target: str,
    undisturbed: tuple[Outcome, int],
    tmp_path: Path,
    database_url: str,
) -> None:
    site.begin()
    stopped = run_scan(
        target,
        data=tmp_path,
        url=database_url,
        meanwhile=lambda running: site.kill(running.pid, 30, 0.1, signal.SIGINT),
    )
    assert stopped.returncode == 130
    assert f"to go on: promowatch scan --resume 1 --data {tmp_path}" in stopped.stderr
    assert done_identities(tmp_path, database_url)
    site.begin()
    resume_to_the_end(tmp_path, url=database_url)
    assert undisturbed[0].differs(outcome(tmp_path, database_url)) == {}


@pytest.mark.parametrize("room", [200_000, 400_000])
def test_a_scan_whose_disk_was_full_goes_on(
    site: CutOffSite, target: str, undisturbed: tuple[Outcome, int], tmp_path: Path, room: int
) -> None:
    """`room`: bytes that a file may have; the write-ahead log wants more in the middle of the scan,
    or at its end."""
    assert run_promowatch("db", "upgrade", "--data", str(tmp_path)).returncode == 0

    def small_files_only() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    site.begin()
    ended = subprocess.run(
        [sys.executable, "-m", "promowatch", "scan", target, "--data", str(tmp_path)],
        cwd=ROOT,
        preexec_fn=small_files_only,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 1, ended.stderr
    assert "promowatch: the disk under " in ended.stderr
    assert f"then go on with promowatch scan --resume 1 --data {tmp_path}" in ended.stderr
    assert done_identities(tmp_path)
    resume_to_the_end(tmp_path)
    assert undisturbed[0].differs(outcome(tmp_path)) == {}


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_scan_outlasts_a_restart_of_the_database_server(
    site: CutOffSite,
    target: str,
    undisturbed: tuple[Outcome, int],
    tmp_path: Path,
    how: int,
) -> None:
    with private_server() as server, empty_database(server.url) as url:

        def restart() -> None:
            server.stop(how=how)
            server.start()

        restarting = threading.Thread(target=restart)
        site.begin()
        done = run_scan(
            target, data=tmp_path, url=url, meanwhile=lambda _: site.at(40, restarting.start)
        )
        restarting.join()
        assert done.returncode in (0, 3), done.stderr
        assert undisturbed[0].differs(outcome(tmp_path, url)) == {}


def test_a_scan_that_is_running_is_left_alone(site: CutOffSite, tmp_path: Path) -> None:
    target = target_of(site, tmp_path / "slow.yaml", delay_seconds=1)
    refused = []

    def second(running: subprocess.Popen[str]) -> None:
        begun.wait(60)
        refused.append(run_scan("--resume", "1", data=tmp_path))
        refused.append(run_scan("--resume", "last", data=tmp_path))
        running.send_signal(signal.SIGINT)

    begun = threading.Event()
    site.begin()
    site.at(3, begun.set)
    run_scan(target, data=tmp_path, meanwhile=second)
    assert [done.returncode for done in refused] == [2, 2]
    assert "scan 1 is still running; wait for it" in refused[0].stderr
    assert "was cut off; begin one with `promowatch scan TARGET`" in refused[1].stderr


def test_what_cannot_go_on_is_one_line_with_the_next_step(
    site: CutOffSite, target: str, tmp_path: Path
) -> None:
    page = tmp_path / "saved.html"
    page.write_text("<title>菜谱</title><p>今天教大家做山东大饼，先和面。", encoding="utf-8")
    data = tmp_path / "data"
    assert run_scan(str(page), data=data).returncode == 0
    for arguments, said in (
        (("--resume", "1"), "scan 1 came to its end; begin anew with `promowatch scan saved.html`"),
        (("--resume", "9"), f"there is no scan 9 in {data}; no scan here was cut off"),
        (("--resume", "last"), f"no scan in {data} was cut off; begin one with"),
        (("--resume", "first"), "`first` is no scan; give its number or `last`"),
        (("--resume", "1", str(page)), "give it without a target"),
        ((), "give a TARGET, or --resume SCAN"),
    ):
        done = run_scan(*arguments, data=data)
        assert done.returncode == 2
        assert said in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1


def test_the_next_scan_of_a_target_tells_of_the_one_that_was_cut_off(
    site: CutOffSite, target: str, tmp_path: Path
) -> None:
    cut(site, target, tmp_path, "", (5, 0.0))
    site.begin()
    again = run_scan(target, data=tmp_path)
    assert "scan 1 of this target was cut off (" in again.stderr
    assert f"to go on with it: promowatch scan --resume 1 --data {tmp_path}" in again.stderr
