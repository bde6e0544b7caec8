"""What must never get into the repository."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# Put together from halves, so that this file does not name them either.
INDEX_HOSTS = re.compile(
    "|".join(
        left + right
        for left, right in (
            (r"py", r"pi\.(?:org|python)"),
            (r"python", r"hosted\.org"),
            (r"pypi\.tuna", r"\.|pypi\.doubanio|mirrors\.aliyun"),
            (r"registry\.np", r"mjs|registry\.yarn"),
        )
    ),
    re.IGNORECASE,
)
MACHINE_PATHS = re.compile(r"(?:^|[\s\"'(=`:,])/(?:work|root|home|Users)" + r"/[A-Za-z]", re.M)
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME)\b")
ITEM_NUMBERS = re.compile(
    r"第\s*[一二三四五六七八九十百零\d]+\s*[条项]|\b(?:article|item)\s+\d", re.I
)
REQUIREMENT = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*(?:\[[^\]]*\])?==\S+.*$")


def files(*suffixes: str) -> list[Path]:
    """Files that are in the repository or about to be."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        check=True,
    ).stdout.decode()
    paths = [ROOT / name for name in listed.split("\0") if name]
    return [path for path in paths if path.is_file() and path.name.endswith(suffixes or ("",))]


def found(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    """`file:line` of everything that matches."""
    places = []
    for path in paths:
        text = path.read_bytes().decode("utf-8", "replace")
        for match in pattern.finditer(text):
            line = text.count("\n", 0, match.end()) + 1
            places.append(f"{path.relative_to(ROOT)}:{line}")
    return places


def test_no_file_names_a_package_index() -> None:
    assert found(INDEX_HOSTS, files()) == []


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    assert found(MACHINE_PATHS, files()) == []


def test_nothing_is_marked_as_unfinished() -> None:
    assert found(UNFINISHED, files()) == []


def test_no_code_and_no_template_knows_an_item_of_the_law() -> None:
    code = [path for path in files(".py", ".html") if ROOT / "tests" not in path.parents]
    assert found(ITEM_NUMBERS, code) == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_every_locked_requirement_has_hashes(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", "")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert len(lines) > 50
    assert [line[:60] for line in lines if not REQUIREMENT.match(line)] == []
    assert [line[:60] for line in lines if "--hash=sha256:" not in line] == []


def test_the_locks_agree() -> None:
    pinned = []
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        pinned.append(set(re.findall(r"^([A-Za-z0-9][\w.-]*==[^\s;\\]+)", text, re.M)))
    assert pinned[0] - pinned[1] == set()


@pytest.mark.parametrize("name", [".ci/run", "scripts/setup.sh"])
def test_the_scripts_can_be_run(name: str) -> None:
    assert os.access(ROOT / name, os.X_OK)
    subprocess.run(["bash", "-n", str(ROOT / name)], check=True)
