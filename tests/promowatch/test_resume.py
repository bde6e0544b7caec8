"""A scan that is cut off at any moment and taken up again ends as if nothing had happened."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.promowatch.resuming import (
    Outcome,
    done_identities,
    outcome,
    resume_to_the_end,
    run_scan,
)
from tests.scanning import write_target
from tests.site.cut_off import FOOTER_PAGES, HOSTS, PROMOTING, CutOffSite

MOMENTS = 20
SEED = 20261127


@pytest.fixture(scope="module")
def site() -> Iterator[CutOffSite]:
    with CutOffSite() as running:
        yield running


@pytest.fixture(scope="module")
def target(site: CutOffSite, tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_target(
        tmp_path_factory.mktemp("target") / "cut-off.yaml",
        seeds=site.seeds,
        scope={"depth": 60},
        limits={"max_stale_pages": 5},
        rendering="never",
        network={"allow": list(HOSTS)},
        politeness={
            "autothrottle": False,
            "delay_seconds": 0.05,
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
    said = resume_to_the_end(tmp_path, database_url)
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
        resume_to_the_end(tmp_path, database_url)
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
