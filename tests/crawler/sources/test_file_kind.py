"""What a file is: by content first, then by name; a clear line when it is nothing we read."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from core.errors import BadInput
from crawler.sources import sniff
from tests import package_files, package_formats

PAGE = b"<!DOCTYPE html><html><head><title>T</title></head><body><p>x</p></body></html>"


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (PAGE, "page.html", "html"),
        (PAGE, "page.csv", "html"),
        (PAGE, "noname", "html"),
        (b"\xef\xbb\xbf\n" + PAGE, "x", "html"),
        (PAGE.decode().encode("utf-16"), "x", "html"),
        ("<p>天气</p>".encode("gbk"), "x.htm", "html"),
        (b"<app>x</app>", "x.html", "html"),
        (b"plain words, no markup", "x.html", "html"),
        (b"words first <div>then</div>", "x", "html"),
        (b"WARC/1.0\r\nWARC-Type: warcinfo\r\n", "x", "warc"),
        (b"WARC/1.1\r\n", "x.html", "warc"),
        (b"app_id,name\n1,A\n", "x.txt", "csv"),
        ("小程序ID;名称\n1;甲\n".encode("gbk"), "x", "csv"),
        (b"%PDF-1.7\n", "x", "pdf"),
        (b"sep=;\na;b\n", "x", "csv"),
        (b"a,b\n1,2\n", "x.csv", "csv"),
        (b"a\tb\n1\t2\n", "x.tsv", "csv"),
        (b'{"name": "A"}\n{"name": "B"}\n', "x.json", "jsonl"),
        (b'{"name": "A"}', "x", "json"),
        (b'[{"name": "A"}]', "x.jsonl", "json"),
        (b'{\n "data": [\n', "x", "json"),
    ],
)
@pytest.mark.parametrize("zipped", [False, True])
def test_the_kind_is_known(tmp_path: Path, data: bytes, name: str, kind: str, zipped: bool) -> None:
    path = tmp_path / (f"{name}.gz" if zipped else name)
    path.write_bytes(gzip.compress(data) if zipped else data)
    assert sniff(path) == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a_clean.wxapkg", "package"),
        ("g_encrypted.wxapkg", "package"),
        ("m_one_mark.wxapkg", "package"),
        ("app.apk", "package"),
        ("app.aab", "package"),
        ("app.ipa", "package"),
        ("baidu.zip", "package"),
        ("alipay.tar", "package"),
        ("douyin.pkg", "package"),
    ],
)
def test_packages_are_known(tmp_path: Path, name: str, kind: str) -> None:
    body = package_files.all_fixtures()[name]
    (tmp_path / name).write_bytes(body)
    assert sniff(tmp_path / name) == kind
    if name.rpartition(".")[2] not in ("tar",) and name[0] != "m":
        (tmp_path / "no-name").write_bytes(body)
        assert sniff(tmp_path / "no-name") == kind


def test_a_zip_that_is_no_package_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.xlsx"
    path.write_bytes(package_formats.zipped({"xl/workbook.xml": b"<a/>"}))
    with pytest.raises(BadInput, match="a zip file"):
        sniff(path)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
        (b"PK\x03\x04xx", "a zip file"),
        (b"\xbe\x00\x00", "a mini-program package"),
        (b"\x00\x01\x02\x00\x07" * 100, "a binary file"),
        (b"just words", "neither a page nor an export"),
        (gzip.compress(b"x" * 3_000)[:12], "ends early"),
    ],
)
def test_other_files_are_refused_with_what_is_accepted(
    tmp_path: Path, data: bytes, words: str
) -> None:
    path = tmp_path / "file.bin"
    path.write_bytes(data)
    with pytest.raises(BadInput) as caught:
        sniff(path)
    message = str(caught.value)
    assert words in message
    assert "\n" not in message
    assert "WARC" in message or "again" in message


def test_folders_and_missing_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is a folder"):
        sniff(tmp_path)
    with pytest.raises(BadInput, match="cannot read"):
        sniff(tmp_path / "missing")
