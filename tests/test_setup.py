"""The set-up's decisions, on machines made of stand-in programs: nothing is downloaded."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOOLS = "bash cat chmod cp cut dirname env flock grep mkdir rm sha256sum timeout touch"
CHROMIUM = 'echo "Chromium 150.0 built on a test"'
SNAP_STUB = 'echo "this command needs a snap: snap install chromium" >&2; exit 1'
PYTHON = """\
all="$*"
case "$*" in
  *"sys.version_info <"*) exit ${TOO_OLD:-0} ;;
  *"import ensurepip, venv"*) [ -e "$MACHINE/ensurepip" ] ;;
  *"print("*) echo python3.13 ;;
  "-m venv "*) mkdir -p "$3/bin"; touch "$3/pyvenv.cfg"; cp "$0" "$3/bin/python"
               echo "venv" >>"$MACHINE/log" ;;
  "-m pip "*) echo "pip ${all##* install }" >>"$MACHINE/log"; exit ${PIP_STATUS:-0} ;;
  "-m playwright install chromium")
    echo "playwright install" >>"$MACHINE/log"; [ -e "$MACHINE/network" ] || exit 1
    echo 'echo "Chromium 150.0 of Playwright"' >"$MACHINE/playwright-chromium"
    chmod +x "$MACHINE/playwright-chromium" ;;
  *playwright_chromium.py) echo "$MACHINE/playwright-chromium" ;;
esac
"""
APT_GET = """\
echo "apt-get $*" >>"$MACHINE/log"
[ -e "$MACHINE/packages" ] || exit 100
case "$*" in
  *-venv) touch "$MACHINE/ensurepip" ;;
  *" chromium") echo 'echo "Chromium 149.0 of the distribution"' >"$MACHINE/bin/chromium"
                chmod +x "$MACHINE/bin/chromium" ;;
esac
"""


FROM_DISTRIBUTION = ["playwright install", "apt-get update", "apt-get install chromium"]


class Machine:
    """A PATH of stand-ins in front of nothing, and a copy of the set-up's own files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = folder / "bin"
        self.project = folder / "project of mine"
        self.venv = self.project / ".venv"
        (self.project / "scripts").mkdir(parents=True)
        self.bin.mkdir()
        for name in ("setup.sh", "playwright_chromium.py"):
            shutil.copy(ROOT / "scripts" / name, self.project / "scripts")
        for name in ("requirements.lock", "requirements-dev.lock", "pyproject.toml"):
            (self.project / name).write_text(name, encoding="utf-8")
        for tool in TOOLS.split():
            path = shutil.which(tool)
            assert path, f"{tool} is missing on this machine"
            (self.bin / tool).symlink_to(path)
        self.add("id", "echo 0")
        self.add("python3", PYTHON)
        self.add("apt-get", APT_GET)
        self.add("fc-list", "echo a font")
        self.has("ensurepip")

    def add(self, name: str, script: str) -> Path:
        path = self.bin / name
        path.write_text(f"#!/bin/bash\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    def has(self, *what: str) -> Machine:
        for name in what:
            (self.folder / name).touch()
        return self

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": str(self.bin), "MACHINE": str(self.folder), **more}
        return subprocess.run(
            [str(self.bin / "bash"), str(self.project / "scripts/setup.sh"), *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def plan(self, mode: str = "dev", **more: str) -> dict[str, str]:
        done = self.run(mode, "--plan", **more)
        assert done.returncode == 0, done.stderr
        return dict(line.split(": ", 1) for line in done.stdout.splitlines())

    def log(self) -> list[str]:
        path = self.folder / "log"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_bare_machine_gets_everything_in_order(machine: Machine) -> None:
    machine.add("chromium", CHROMIUM)
    done = machine.run("dev")
    assert done.returncode == 0, done.stderr
    assert machine.log() == [
        "venv",
        f"pip --require-hashes -r {machine.project}/requirements-dev.lock",
        f"pip --no-deps --no-build-isolation --editable {machine.project}",
    ]
    recorded = (machine.venv / ".setup/chromium").read_text(encoding="utf-8")
    assert recorded.strip() == str(machine.bin / "chromium")


def test_a_second_call_does_nothing_and_a_changed_lock_installs_again(machine: Machine) -> None:
    machine.add("chromium", CHROMIUM)
    machine.run("dev")
    first = machine.log()
    assert (machine.run("dev").stderr, machine.run("run").stderr) == ("", "")
    assert machine.log() == first
    (machine.project / "requirements-dev.lock").write_text("changed", encoding="utf-8")
    machine.run("dev")
    assert machine.log()[len(first) :] == first[1:]


def test_an_installation_to_run_does_not_serve_for_development(machine: Machine) -> None:
    machine.add("chromium", CHROMIUM)
    machine.run("run")
    assert "requirements.lock" in machine.log()[1]
    machine.run("dev")
    assert "requirements-dev.lock" in machine.log()[3]


def test_an_installation_that_failed_is_tried_again(machine: Machine) -> None:
    machine.add("chromium", CHROMIUM)
    failed = machine.run("dev", PIP_STATUS="1")
    assert failed.returncode == 1
    assert failed.stderr.splitlines()[-1].startswith(
        "setup: the dependencies could not be installed; check the network"
    )
    assert machine.run("dev").returncode == 0
    assert len([line for line in machine.log() if line.startswith("pip --require")]) == 2


@pytest.mark.parametrize(
    ("programs", "planned"),
    [
        ({"chromium": CHROMIUM, "google-chrome": CHROMIUM}, "chromium"),
        ({"chromium-browser": CHROMIUM}, "chromium-browser"),
        ({"google-chrome": 'echo "Google Chrome 150.0"'}, "google-chrome"),
        ({"chromium-browser": SNAP_STUB, "google-chrome": CHROMIUM}, "google-chrome"),
        ({"chromium": "exit 0", "chromium-browser": SNAP_STUB}, None),
        ({}, None),
    ],
)
def test_the_browser_on_the_path_counts_only_if_it_starts(
    machine: Machine, programs: dict[str, str], planned: str | None
) -> None:
    for name, script in programs.items():
        machine.add(name, script)
    expected = "install Playwright's Chromium, else the distribution's"
    assert machine.plan()["browser"] == (str(machine.bin / planned) if planned else expected)


def test_a_named_browser_is_used_or_refused(machine: Machine) -> None:
    machine.add("chromium", CHROMIUM)
    named = machine.add("my-browser", CHROMIUM)
    assert machine.plan(PROMOWATCH_CHROMIUM=str(named))["browser"] == str(named)
    refused = machine.run("dev", "--plan", PROMOWATCH_CHROMIUM="/nowhere")
    assert refused.returncode == 1
    assert "PROMOWATCH_CHROMIUM is /nowhere" in refused.stderr


@pytest.mark.parametrize(
    ("available", "mode", "status", "browser", "steps"),
    [
        (["network", "packages"], "dev", 0, "playwright-chromium", ["playwright install"]),
        (
            ["packages"],
            "dev",
            0,
            "bin/chromium",
            FROM_DISTRIBUTION,
        ),
        (
            [],
            "dev",
            1,
            "",
            [*FROM_DISTRIBUTION, "apt-get install chromium-browser"],
        ),
        (
            [],
            "run",
            0,
            "",
            [*FROM_DISTRIBUTION, "apt-get install chromium-browser"],
        ),
    ],
)
def test_without_a_browser_playwrights_comes_first_and_then_the_distributions(
    machine: Machine, available: list[str], mode: str, status: int, browser: str, steps: list[str]
) -> None:
    machine.has(*available)
    done = machine.run(mode)
    assert done.returncode == status, done.stderr
    log = [line for line in machine.log() if line.startswith(("playwright", "apt-get"))]
    short = [line.replace("-y -qq --no-install-recommends ", "") for line in log]
    assert [line.removesuffix(" -qq") for line in short] == steps
    record = machine.venv / ".setup/chromium"
    found = record.read_text(encoding="utf-8").strip() if record.exists() else ""
    assert found == (str(machine.folder / browser) if browser else "")
    if not browser:
        assert "sudo apt-get install chromium" in done.stderr.splitlines()[-1]


def test_a_missing_venv_module_is_installed(machine: Machine) -> None:
    machine.add("chromium", CHROMIUM)
    (machine.folder / "ensurepip").unlink()
    assert machine.plan()["environment"].startswith("install python3.13-venv, then make")
    refused = machine.run("run")
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1].endswith("run: sudo apt-get install python3-venv")
    machine.has("packages")
    assert machine.run("run").returncode == 0


def test_sudo_is_used_only_by_those_who_are_not_root(machine: Machine) -> None:
    machine.has("packages").add("id", "echo 1000")
    machine.add("sudo", 'echo "sudo" >>"$MACHINE/log"; exec "$@"')
    machine.run("run")
    log = machine.log()
    assert [log[place - 1] for place, line in enumerate(log) if line.startswith("apt-get")] == [
        "sudo",
        "sudo",
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"TOO_OLD": "1"}, "Python 3.11 or newer is needed"),
        ({"PYTHON": "no-such-python"}, ""),
    ],
)
def test_python_must_be_recent(machine: Machine, change: dict[str, str], words: str) -> None:
    machine.add("chromium", CHROMIUM)
    done = machine.run("dev", "--plan", **change)
    assert done.returncode == bool(words)
    assert words in done.stderr


def test_an_environment_that_broke_is_made_again_and_a_strange_folder_is_left(
    machine: Machine,
) -> None:
    machine.add("chromium", CHROMIUM)
    machine.run("run")
    (machine.venv / "bin/python").unlink()
    (machine.venv / "bin/python").symlink_to("/nowhere/python")
    assert machine.run("run").returncode == 0
    assert machine.log().count("venv") == 2
    shutil.rmtree(machine.venv)
    machine.venv.mkdir()
    (machine.venv / "precious").touch()
    refused = machine.run("run")
    assert refused.returncode == 1
    assert "is in the way" in refused.stderr
    assert (machine.venv / "precious").exists()


def test_planning_changes_nothing(machine: Machine) -> None:
    machine.plan("run")
    assert machine.log() == []
    assert not machine.venv.exists()


def test_an_unknown_mode_is_refused(machine: Machine) -> None:
    assert machine.run("everything").stderr == "setup: unknown mode `everything`; use run or dev\n"


HOSTILE = [
    "https://a.example/?x=1&y=2;touch hit",
    "$(touch hit) `touch hit` $(shell touch hit) ${HOME} $$",
    'it\'s "quoted" * ?',
    "--help",
]


@pytest.mark.parametrize("target", HOSTILE)
@pytest.mark.parametrize("through", ["argument", "environment"])
def test_make_hands_the_target_on_byte_for_byte(tmp_path: Path, target: str, through: str) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "scripts").mkdir()
    (tmp_path / "venv/bin").mkdir(parents=True)
    for path, script in (
        (tmp_path / "scripts/setup.sh", ""),
        (tmp_path / "venv/bin/python", "printf '%s\\n' \"$@\""),
    ):
        path.write_text(f"#!/bin/bash\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
    command = ["make", "-s", "-C", str(tmp_path), "scan", "VENV=venv", "ARGS=--lang 'z h' $(x)"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    if through == "argument":
        command.append(f"TARGET={target}")
    else:
        environment["TARGET"] = target
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    lines = ["-m", "promowatch", "scan", "--lang", "z h", "$(x)", "--", target]
    assert done.stdout.splitlines() == lines
    assert not list(tmp_path.rglob("hit"))
