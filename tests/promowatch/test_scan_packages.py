"""`promowatch scan` of package files, folders of them, and packages that listing entries link."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests import package_files as made
from tests.scanning import run_promowatch, scan, write_target
from tests.site.loopback import LoopbackServer, Request, head


def write(path: Path, body: bytes) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    return str(path)


@pytest.mark.parametrize(
    ("name", "surface", "app_id"),
    [
        ("b_address.wxapkg", "mini_program", "sha256:a288c3121c1ad880#package"),
        ("app.apk", "app_listing", "com.jiaoyi.hangqing#package"),
        ("app.aab", "app_listing", "com.jiaoyi.bundle#package"),
        ("app.ipa", "app_listing", "com.example.hangqing#package"),
        ("d_qr_picture.wxapkg", "mini_program", ""),
    ],
)
def test_a_package_is_judged_like_anything_else(
    tmp_path: Path, name: str, surface: str, app_id: str
) -> None:
    scanned = scan(write(tmp_path / name, made.all_fixtures()[name]), tmp_path / "data")
    assert scanned.status == 0
    (line,) = scanned.lines
    assert (line["label"], line["surface"]) == ("violation", surface)
    assert line["app_id"].startswith(app_id)
    assert "okx.com/join/" in line["reason_en"]


def test_a_clean_package_is_clear(tmp_path: Path) -> None:
    scanned = scan(write(tmp_path / "a.wxapkg", made.wxapkg(made.MEMBERS)), tmp_path / "data")
    assert (scanned.status, scanned.lines, scanned.gaps) == (0, (), ())


def test_the_app_id_comes_from_the_option_or_from_the_path(tmp_path: Path) -> None:
    body = made.wxapkg_fixtures()["g_encrypted.wxapkg"]
    given = scan(write(tmp_path / "x.wxapkg", body), tmp_path / "one", "--app-id", made.APP_ID)
    in_path = tmp_path / "WeChat Files" / "Applet" / made.APP_ID / "12" / "__APP__.wxapkg"
    taken = scan(write(in_path, body), tmp_path / "two")
    for scanned in (given, taken):
        assert scanned.gaps == ()
        assert [line["app_id"] for line in scanned.lines] == [f"{made.APP_ID}#package"]
    unknown = scan(str(tmp_path / "x.wxapkg"), tmp_path / "three")
    assert unknown.lines
    assert unknown.gap_kinds("x.wxapkg") == {"undecodable"}


def test_a_wrong_app_id_is_one_line(tmp_path: Path) -> None:
    path = write(tmp_path / "x.wxapkg", made.wxapkg(made.MEMBERS))
    done = run_promowatch("scan", path, "--app-id", "wx12", "--data", str(tmp_path / "data"))
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_folder_of_packages_is_one_scan(tmp_path: Path) -> None:
    folder = tmp_path / "packages"
    for name, body in {**made.all_fixtures(), "bomb.apk": made.zip_bomb()}.items():
        write(folder / name[0] / name, body)
    write(folder / "readme.txt", b"no package")
    scanned = scan(str(folder), tmp_path / "data")
    assert scanned.summary is not None
    assert scanned.summary.looks == len(made.all_fixtures()) + 1
    assert scanned.gap_kinds("bomb.apk") == {"decompression_bomb"}
    assert scanned.gap_kinds("n_zero_bytes") == {"empty_body"}
    assert not {"readme.txt"} & {gap.subject for gap in scanned.gaps}


def test_a_clean_new_version_does_not_hide_an_old_one(tmp_path: Path) -> None:
    folder = tmp_path / "Applet" / made.APP_ID
    write(folder / "9" / "__APP__.wxapkg", made.wxapkg_fixtures()["b_address.wxapkg"])
    write(folder / "12" / "__APP__.wxapkg", made.wxapkg(made.MEMBERS))
    scanned = scan(str(tmp_path / "Applet"), tmp_path / "data")
    assert scanned.summary is not None
    assert scanned.summary.labels == {"clear": 1, "violation": 1}
    (line,) = scanned.lines
    assert line["app_id"] == f"{made.APP_ID}#package:9/__APP__.wxapkg"


def test_an_unpacked_package_is_read_as_one(tmp_path: Path) -> None:
    for name, body in {**made.MEMBERS, "/app.json": b"{}", "/sub/a.js": made.PROMOTION}.items():
        write(tmp_path / "unpacked" / name.lstrip("/"), body)
    (line,) = scan(str(tmp_path / "unpacked"), tmp_path / "data").lines
    assert line["label"] == "violation"


def test_a_folder_without_packages_says_what_packages_are(tmp_path: Path) -> None:
    done = run_promowatch("scan", str(tmp_path), "--data", str(tmp_path / "data"))
    assert done.returncode == 2
    assert "holds no package" in done.stderr
    assert ".wxapkg" in done.stderr


async def serve_packages(request: Request, writer: asyncio.StreamWriter) -> bool:
    """`/robots.txt` is missing, `/big.apk` never ends in time, other names are fixtures."""
    name = request.path.lstrip("/")
    body = made.all_fixtures().get(name)
    if body is None:
        writer.write(head(404, (), length=0))
    else:
        kind = ("Content-Type", "application/octet-stream")
        writer.write(head(200, (kind,), length=len(body)) + body)
    return True


def export_target(tmp_path: Path, names: list[str], **limits: int) -> str:
    rows = [
        {
            "platform": "wechat",
            "app_id": made.APP_ID if "encrypted" in name else f"wx{number:016x}",
            "name": f"小工具{number}",
            "package_url": name,
        }
        for number, name in enumerate(names)
    ]
    export = tmp_path / "rows.jsonl"
    export.write_text("\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    return write_target(
        tmp_path / "entries.yaml",
        surface="mini_program",
        seeds=[str(export)],
        source={"kind": "export", "format": "jsonl"},
        limits=limits,
    )


def test_the_package_that_an_entry_links_is_fetched_and_judged(tmp_path: Path) -> None:
    with LoopbackServer(serve_packages) as site:
        names = ["g_encrypted.wxapkg", "a_clean.wxapkg", "gone.wxapkg"]
        target = export_target(tmp_path, [f"{site.url}{name}" for name in names])
        scanned = scan(target, tmp_path / "data")
    (line,) = scanned.lines
    assert line["app_id"] == f"{made.APP_ID}#package"
    assert line["label"] == "violation"
    assert line["url"].endswith("/g_encrypted.wxapkg")
    assert scanned.summary is not None
    assert scanned.summary.looks == 3 + 2
    assert {(gap.kind, gap.reason) for gap in scanned.gaps} == {("http_status", "answered 404")}


def test_packages_are_fetched_within_a_budget(tmp_path: Path) -> None:
    with LoopbackServer(serve_packages) as site:
        names = ["b_address.wxapkg", "app.apk", "a_clean.wxapkg"]
        urls = [f"{site.url}{name}" for name in names]
        few = scan(export_target(tmp_path, urls, max_packages=1), tmp_path / "few")
        small = scan(export_target(tmp_path, urls[:1], max_package_bytes=500), tmp_path / "small")
    assert [(gap.kind, gap.reason) for gap in few.gaps] == [
        ("budget_reached", "2 packages not fetched: limits.max_packages (1)")
    ]
    assert [gap.kind for gap in small.gaps] == ["too_large"]


def test_a_reader_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with LoopbackServer(serve_packages) as site:
        target = export_target(tmp_path, [f"{site.url}app.apk"], package_seconds=0)
        scanned = scan(target, tmp_path / "data")
    assert [gap.kind for gap in scanned.gaps] == ["timeout"]
    assert scanned.summary is not None
    assert scanned.summary.labels == {"clear": 1, "undetermined": 1}


def test_help_names_packages_and_the_app_id() -> None:
    shown = run_promowatch("scan", "--help").stdout
    assert ".wxapkg" in shown
    assert "--app-id" in shown
