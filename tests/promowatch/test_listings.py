"""`promowatch listings check`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.scanning import ROOT, run_promowatch, write_target

GOOD = {"platform": "wechat", "app_id": "wx0123456789abcdef", "name": "记账本"}


def write(path: Path, *rows: object) -> str:
    lines = (f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows)
    path.write_text("".join(lines), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("name", ["miniprograms.jsonl", "miniprograms.csv"])
def test_the_shipped_exports_are_in_order(name: str) -> None:
    done = run_promowatch("listings", "check", str(ROOT / "tests" / "site" / "exports" / name))
    assert (done.returncode, done.stderr) == (0, "")
    assert "in order" in done.stdout


def test_bad_rows_are_named_with_their_lines(tmp_path: Path) -> None:
    path = write(
        tmp_path / "export.jsonl",
        GOOD,
        {"app_id": "wx2"},
        '{"app_id": ',
        {**GOOD, "snapshot_time": "yesterday", "intro": "\x1b[31m"},
        {**GOOD, "request_domains": ["not a domain"]},
    )
    done = run_promowatch("listings", "check", path)
    assert done.returncode == 2
    assert [line.split(":")[1] for line in done.stdout.splitlines()][:3] == ["2", "3", "4"]
    assert "the row has no `name`" in done.stdout
    assert "not valid JSON" in done.stdout
    assert "is not in order" in done.stderr


def test_only_the_first_ones_are_named(tmp_path: Path) -> None:
    path = write(tmp_path / "export.jsonl", GOOD, *[{"app_id": "wx2"}] * 50)
    done = run_promowatch("listings", "check", path, "--limit", "3")
    assert len(done.stdout.splitlines()) == 3
    assert "more than 3" in done.stderr


def test_a_target_tells_how_the_file_is_read(tmp_path: Path) -> None:
    export = tmp_path / "export.csv"
    export.write_text("app_id,标题\nwx0123456789abcdef,记账本\n", encoding="gb18030")
    target = write_target(
        tmp_path / "ours.yaml",
        surface="mini_program",
        seeds=[str(export)],
        source={"kind": "export", "format": "csv", "columns": {"name": "标题"}},
    )
    assert run_promowatch("listings", "check", str(export)).returncode == 2
    done = run_promowatch("listings", "check", str(export), "--target", target)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["no-such-file.csv"], "there is no file"),
        ([str(ROOT / "tests" / "site" / "content" / "clear" / "login.html")], "not an export"),
        (
            [str(ROOT / "tests" / "site" / "exports" / "miniprograms.csv"), "--target", "nowhere"],
            "unknown target",
        ),
        (
            [
                str(ROOT / "tests" / "site" / "exports" / "miniprograms.csv"),
                "--target",
                "demonstration",
            ],
            "reads no export",
        ),
    ],
)
def test_what_is_no_export_is_one_line(arguments: list[str], says: str) -> None:
    done = run_promowatch("listings", "check", *arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_help_has_examples() -> None:
    done = run_promowatch("listings", "check", "--help")
    assert "promowatch listings check miniprograms.jsonl" in done.stdout
