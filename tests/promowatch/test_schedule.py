"""`promowatch schedule` as a user meets it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core import Words
from storage import Accounting, Alarm, Store
from tests.scanning import ROOT

TARGETS = """\
targets:
  - id: shop
    title: 示例市场
    surface: mini_program
    platform: sample
    seeds: [entries.jsonl]
    source: {kind: export, format: jsonl}
    rendering: never
    pictures: false
    schedule: {every: 6h, time_zone: Asia/Shanghai, jitter: 10m, blackout: ["09:00-18:00"]}
    expectations: {min_entries: 5}
  - id: asked
    title: When asked
    surface: marketing_page
    seeds: [https://pages.example.com/]
"""


class Desk:
    """The command line on a catalogue and a data folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.catalogue = folder / "catalogue"
        shutil.copytree(ROOT / "catalogue", self.catalogue)
        for path in (self.catalogue / "targets").iterdir():
            path.unlink()
        (self.catalogue / "targets" / "shop.yaml").write_text(TARGETS, encoding="utf-8")
        entries = [
            {"app_id": f"wx{n:016x}", "name": f"菜谱 {n}", "intro": "先和面"} for n in range(3)
        ]
        (self.catalogue / "targets" / "entries.jsonl").write_text(
            "\n".join(json.dumps(one, ensure_ascii=False) for one in entries), encoding="utf-8"
        )
        self.environment = {
            **os.environ,
            "PROMOWATCH_DATA": str(folder / "data"),
            "PROMOWATCH_CATALOGUE": str(self.catalogue),
            "PROMOWATCH_LANG": "en",
        }

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "promowatch", "schedule", *arguments]

    def says(self, *arguments: str, status: int = 0) -> str:
        """What `promowatch schedule` prints, and that it ends as expected."""
        done = subprocess.run(
            self.command(*arguments),
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    @property
    def store(self) -> Store:
        return Store.open(self.folder / "data")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    yield Desk(tmp_path)


def test_what_runs_by_itself_is_listed_before_any_scheduler_ran(desk: Desk) -> None:
    said = desk.says("list")
    assert "scan:shop" in said
    assert "every 6h · Asia/Shanghai · jitter 10m · not" in said
    assert "scan:asked" not in said
    assert "no scheduler has run on this database yet" in said


def test_the_next_runs_keep_out_of_blackout_hours(desk: Desk) -> None:
    lines = desk.says("next", "shop", "--count", "8").splitlines()[1:]
    assert len(lines) == 8
    for line in lines:
        hour = int(line.split()[1].partition(":")[0])
        assert not 9 <= hour < 18


def test_a_pause_says_who_and_why_wherever_it_matters(desk: Desk) -> None:
    assert "is paused" in desk.says("pause", "shop", "--reason", "moved to May", "--by", "Wu Mei")
    for command in ("list", "next"):
        (line,) = [line for line in desk.says(command).splitlines() if " is paused by " in line]
        assert line.startswith("scan:shop is paused by Wu Mei since 2")
        assert line.endswith(": moved to May")
    assert "is paused already" in desk.says("pause", "shop", "--reason", "again", status=2)
    assert "goes on" in desk.says("resume", "shop", "--by", "Li")
    assert "paused by" not in desk.says("list")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("pause", "shopp", "--reason", "x"), "unknown target `shopp`; did you mean `shop`?"),
        (("pause", "shop", "--reason", " "), "--reason is empty"),
        (("pause", "asked", "--reason", "x"), "`asked` has no schedule to pause"),
        (("resume", "shop"), "`shop` is not paused"),
        (("next", "asked"), "target `asked` has no schedule"),
        (("alarms", "--acknowledge", "7"), "there is no alarm 7"),
    ],
)
def test_mistakes_are_one_line_and_status_2(
    desk: Desk, arguments: tuple[str, ...], says: str
) -> None:
    said = desk.says(*arguments, status=2)
    assert says in said
    assert len(said.strip().splitlines()) == 1


def test_alarms_are_shown_acknowledged_and_told_to_monitoring(desk: Desk) -> None:
    now = datetime.now(UTC)
    alarm = Alarm(
        job_id="scan:shop", kind="login_wall", words=Words("需要登录", "asks for a login")
    )
    with desk.store as store:
        lock = store.schedule.leadership("me", "here", 1, "")
        assert lock.take(now, lambda _holder: True) is None
        store.schedule.account(Accounting(alarms=(alarm,)), "me", now)
    assert "asks for a login" in desk.says("list")
    assert "需要登录" in desk.says("alarms", "--lang", "zh")
    assert "1 open alarms" in desk.says("health", status=4)
    said = desk.says("alarms", "--acknowledge", "1", "--note", "account renewed", "--by", "Li")
    assert "1 alarm(s) acknowledged" in said
    assert "no alarms" in desk.says("alarms")
    assert "acknowledged by Li" in " ".join(desk.says("alarms", "--all").split())
    desk.says("health")
    with desk.store as store:
        store.schedule.leadership("me", "here", 1, "").release()
    assert "no scheduler runs" in desk.says("health", status=5)


def test_a_scheduler_runs_what_is_asked_for_and_ends_when_told(desk: Desk) -> None:
    assert "no scheduler runs now" in desk.says("run-now", "shop", "--by", "Li")
    service = subprocess.Popen(
        desk.command("run", "--reports", str(desk.folder / "reports")),
        cwd=ROOT,
        env=desk.environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert service.stderr is not None
    with service.stderr:
        heard = ""
        for line in service.stderr:
            heard += line
            if "scan:shop due at" in line:
                break
        second = subprocess.run(desk.command("health"), cwd=ROOT, env=desk.environment, check=False)
        service.send_signal(signal.SIGTERM)
        service.wait()
    assert service.returncode == 0, heard
    assert "this scheduler starts what is due" in heard
    assert second.returncode in (0, 4)
    runs = " ".join(desk.says("runs").split())
    assert "scan:shop done 1" in runs
    assert "asked for by Li" in runs
    assert "3 entries, min 5" in desk.says("alarms")


def test_without_a_schedule_there_is_nothing_to_run(desk: Desk) -> None:
    path = desk.catalogue / "targets" / "shop.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(one for one in lines if "schedule:" not in one), encoding="utf-8")
    assert "no target has a schedule" in desk.says("run", status=2)
