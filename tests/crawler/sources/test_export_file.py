"""Exports: every encoding, delimiter and wrapping people send, and rows that are broken."""

from __future__ import annotations

import codecs
import gzip
import json
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from core.errors import BadInput
from core.gap import Gap, GapKind
from core.target import ExportListing
from crawler.sources import EntryFields, read_export
from crawler.sources.export_file import MAX_ROW_GAPS
from crawler.sources.text_lines import MAX_ROW_BYTES

CSV = ExportListing(format="csv")
JSONL = ExportListing(format="jsonl")
Read = tuple[list[EntryFields], list[Gap]]


def read(path: Path, data: bytes, source: ExportListing) -> Read:
    path.write_bytes(data)
    entries: list[EntryFields] = []
    gaps: list[Gap] = []
    for item in read_export(path, source):
        if isinstance(item, Gap):
            gaps.append(item)
        else:
            entries.append(item)
    return entries, gaps


def names(entries: list[EntryFields]) -> list[str]:
    return [entry.fields.get("name", "") for entry in entries]


SIMPLIFIED = "app_id,name,intro\nwx1,记账本,每天记一笔，月底看总数\nwx2,天气,明天会不会下雨\n"
TRADITIONAL = "app_id,name,intro\nwx1,記帳本,每天記一筆，月底看總數\nwx2,天氣,明天會不會下雨呢\n"


@pytest.mark.parametrize(
    ("text", "encoding", "mark"),
    [
        (SIMPLIFIED, "utf-8", b""),
        (SIMPLIFIED, "utf-8", codecs.BOM_UTF8),
        (SIMPLIFIED, "gb18030", b""),
        (SIMPLIFIED, "gbk", b""),
        (SIMPLIFIED, "utf-16-le", codecs.BOM_UTF16_LE),
        (SIMPLIFIED, "utf-16-be", codecs.BOM_UTF16_BE),
        (SIMPLIFIED, "utf-16-le", b""),
        (SIMPLIFIED, "utf-16-be", b""),
        (SIMPLIFIED, "utf-32-le", codecs.BOM_UTF32_LE),
        (TRADITIONAL, "big5", b""),
        (TRADITIONAL, "utf-8", b""),
    ],
)
@pytest.mark.parametrize("zipped", [False, True])
def test_csv_of_any_encoding(
    tmp_path: Path, text: str, encoding: str, mark: bytes, zipped: bool
) -> None:
    data = mark + text.encode(encoding)
    entries, gaps = read(tmp_path / "x.csv", gzip.compress(data) if zipped else data, CSV)
    assert gaps == []
    rows = [line.split(",") for line in text.splitlines()[1:]]
    assert [list(entry.fields.values()) for entry in entries] == rows


def test_a_declared_encoding_overrules_the_guess(tmp_path: Path) -> None:
    source = ExportListing(format="csv", encoding="latin-1")
    entries, _ = read(tmp_path / "x.csv", "app_id,name\n1,Café\n".encode("latin-1"), source)
    assert names(entries) == ["Café"]


def test_an_encoding_that_shows_only_late_is_noticed(tmp_path: Path) -> None:
    head = b"app_id,name\n" + b"1,plain\n" * 60_000
    entries, gaps = read(tmp_path / "x.csv", head + "2,天气预报\n".encode("gbk"), CSV)
    assert names(entries)[-1] == "天气预报"
    assert gaps == []


def test_characters_that_cannot_be_read_are_a_gap_and_the_row_is_kept(tmp_path: Path) -> None:
    data = "app_id,name\n1,天气预报\n".encode() + b"2,\xe5\xa4\xa9\xff\n"
    entries, gaps = read(tmp_path / "x.csv", data, CSV)
    assert names(entries) == ["天气预报", "天\ufffd"]
    assert [(gap.kind, gap.subject) for gap in gaps] == [
        (GapKind.UNDECODABLE, f"{tmp_path / 'x.csv'}:3")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "app_id;name;intro\n1;A, B;x\n",
        "app_id\tname\tintro\n1\tA, B\tx\n",
        "app_id|name|intro\n1|A, B|x\n",
        'app_id,name,intro\n1,"A, B",x\n',
        "sep=;\napp_id;name;intro\n1;A, B;x\n",
        "\n\napp_id;name;intro\n\n1;A, B;x\n;;\n",
        "app_id;name;intro;;\n1;A, B;x;;\n",
        "app_id;name;intro\n1;A, B;x;;;\n",
        "小程序ID;名称;简介\r\n1;A, B;x\r\n",
        '"app_id";"name";"intro"\n"1";"A, B";"x"',
    ],
)
def test_csv_of_any_delimiter(tmp_path: Path, text: str) -> None:
    entries, gaps = read(tmp_path / "x.csv", text.encode(), CSV)
    assert [entry.fields for entry in entries] == [{"app_id": "1", "name": "A, B", "intro": "x"}]
    assert gaps == []


def test_lists_pages_and_unknown_columns_of_a_csv(tmp_path: Path) -> None:
    text = (
        "app_id,name,pages,request_domains,screenshots,审核意见\n"
        '1,A,"[{""path"": ""p/a"", ""text"": ""一""}]",a.example;b.example,'
        "https://c.example/1.png|https://c.example/2.png,通过\n"
    )
    ((entry,), gaps) = read(tmp_path / "x.csv", text.encode(), CSV)
    assert gaps == []
    assert entry.fields["pages[0].text"] == "一"
    assert entry.fields["审核意见"] == "通过"
    assert entry.domains == ("a.example", "b.example")
    assert len(entry.pictures) == 2


@pytest.mark.parametrize(
    ("rows", "kept", "bad_lines"),
    [
        ("1,A,x\n2,B\n3,C,z\n", ["A", "C"], [3]),
        ("1,A,x\n2,B,y,more\n3,C,z\n", ["A", "C"], [3]),
        ('1,A,"two\nlines"\n2,B,y\n', ["A", "B"], []),
        ('1,A,say "hi"\n2,B,y\n', ["A", "B"], []),
        ('1,A,"say "hi" now"\n2,B,y\n', ["A", "B"], []),
        ('1,A,"never closed\n2,B,y\n3,C,z\n', ["A", "B", "C"], []),
        ('1,"A,never closed\n2,B,y\n3,C,z\n', ["B", "C"], [2]),
        ('1,A,x\n"2,B,y\n3,C,"z"\n', ["A", "C"], [3]),
        ("1,A,x\n2,,y\n", ["A", ""], [3]),
        ("1,A,x\x00y\n", ["A"], []),
        (f"1,A,{'x' * (MAX_ROW_BYTES + 9)}\n2,B,y\n", ["B"], [2]),
        (f'1,A,"{("x" * 999 + chr(10)) * 1_200}"\n2,B,y\n', ["A", "B"], range(3, 103)),
    ],
)
def test_broken_rows_are_named_and_the_others_kept(
    tmp_path: Path, rows: str, kept: list[str], bad_lines: list[int]
) -> None:
    path = tmp_path / "x.csv"
    entries, gaps = read(path, f"app_id,name,intro\n{rows}".encode(), CSV)
    assert names(entries) == kept
    named = [gap for gap in gaps if not gap.reason.endswith("more bad rows")]
    assert all(gap.kind is GapKind.BAD_ROW for gap in gaps)
    assert [gap.subject for gap in named] == [f"{path}:{line}" for line in bad_lines]


def test_bad_rows_are_counted_beyond_the_first_hundred(tmp_path: Path) -> None:
    _, gaps = read(tmp_path / "x.csv", b"app_id,name\n" + b"x\n" * 5_000 + b"1,A\n", CSV)
    assert len(gaps) == MAX_ROW_GAPS + 1
    assert gaps[-1].reason == f"{5_000 - MAX_ROW_GAPS} more bad rows"


@pytest.mark.parametrize(
    ("text", "source", "kind", "words"),
    [
        (b"<html><title>Sign in</title>", CSV, GapKind.SHAPE_CHANGED, "begins with `<html>"),
        (b"<html>", JSONL, GapKind.SHAPE_CHANGED, "expected jsonl"),
        (b'{"name": "A"}', CSV, GapKind.SHAPE_CHANGED, "expected csv"),
        (b"app_id,name\n1,A\n", JSONL, GapKind.SHAPE_CHANGED, "expected jsonl"),
        (b"", CSV, GapKind.EMPTY_BODY, "empty"),
        (b" \n ", JSONL, GapKind.EMPTY_BODY, "empty"),
        (b"app_id,title\n1,A\n", CSV, GapKind.SHAPE_CHANGED, "no column `name`"),
        (b"app_id,name\n", CSV, GapKind.SHAPE_CHANGED, "no entry"),
        (b"[]", JSONL, GapKind.SHAPE_CHANGED, "no entry"),
        (b'{"code": 0, "data": []}', JSONL, GapKind.BAD_ROW, "no `name`"),
        (b"x" * (MAX_ROW_BYTES + 1), CSV, GapKind.SHAPE_CHANGED, "heading cannot be read"),
    ],
)
def test_a_file_of_another_shape_is_an_alarm(
    tmp_path: Path, text: bytes, source: ExportListing, kind: GapKind, words: str
) -> None:
    _, gaps = read(tmp_path / "x", text, source)
    assert gaps[0].kind is kind
    assert words in gaps[0].reason


def test_columns_are_renamed_and_a_missing_one_is_an_alarm(tmp_path: Path) -> None:
    columns = {"name": "标题", "intro": "说明", "owner": "公司"}
    source = ExportListing(format="csv", columns=columns)
    text = "标题,说明\n天气,看天\n"
    ((entry,), (gap,)) = read(tmp_path / "x.csv", text.encode(), source)
    assert entry.fields == {"name": "天气", "intro": "看天"}
    assert gap.kind is GapKind.SHAPE_CHANGED
    assert "`公司` (for `owner`)" in gap.reason


ROWS: list[dict[str, Any]] = [
    {"app_id": "1", "name": "天气", "pages": [{"path": "p", "text": "name [{"}]},
    {"app_id": "2", "name": "记账", "note": 'quote " bracket ] } [{'},
    {"app_id": "3", "name": "日历", "stats": {"opens": 3}},
]


def wrapped(rows: list[dict[str, Any]]) -> Any:
    return {"code": 0, "name": "export", "data": {"tags": ["a"], "total": 3, "list": rows}}


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(json.dumps(row) for row in ROWS),
        "\r\n\r\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS) + "\r\n",
        json.dumps(ROWS),
        json.dumps(ROWS, indent=2, ensure_ascii=False),
        json.dumps(wrapped(ROWS)),
        json.dumps(wrapped(ROWS), indent=4),
        "\n".join(json.dumps(row, indent=1) for row in ROWS),
        ",\n".join(json.dumps(row) for row in ROWS),
        json.dumps([ROWS[:1], ROWS[1:]]),
        json.dumps({"games": ROWS[:2], "tools": ROWS[2:]}),
    ],
    ids=range(10),
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_json_of_any_wrapping(tmp_path: Path, text: str, encoding: str) -> None:
    entries, gaps = read(tmp_path / "x.json", text.encode(encoding), JSONL)
    assert gaps == []
    assert names(entries) == ["天气", "记账", "日历"]
    assert entries[0].fields["pages[0].text"] == "name [{"
    assert entries[2].fields["stats.opens"] == "3"


def test_a_wrapped_list_longer_than_any_window_is_streamed(tmp_path: Path) -> None:
    filler = {"notes": ["]", "[{", 'a "quoted" {'] * 20_000, "list": [{"kind": 1}]}
    rows = [{"app_id": str(n), "name": f"app {n}", "intro": "字" * 300} for n in range(9_000)]
    text = json.dumps({"meta": filler, "data": {"list": rows}}, ensure_ascii=False)
    assert len(text) > 2 * MAX_ROW_BYTES
    entries, gaps = read(tmp_path / "x.json", text.encode(), JSONL)
    assert gaps == []
    assert names(entries) == [row["name"] for row in rows]


GOOD = '{"app_id": "1", "name": "A"}'


@pytest.mark.parametrize(
    ("text", "kept", "bad_lines"),
    [
        (f"{GOOD}\nnot json\n{GOOD}\n", 2, [2]),
        (f"{GOOD}\n[1]\n{GOOD}\n", 2, [2]),
        (f'{GOOD}\n{{"name": "B"\n{GOOD}', 2, [2]),
        (f'{GOOD}\n{{"app_id": "2"}}\n{GOOD}', 3, [2]),
        (f'{GOOD}\n{{"name": "{"x" * MAX_ROW_BYTES}"}}\n{GOOD}', 2, [2]),
        (f"{GOOD}\n{'[' * 200_000}\n{GOOD}", 2, [2]),
        (f'[{GOOD},\n{{"app_id": 2 "name": "B"}},\n{GOOD}]', 2, [2]),
        (f'[{GOOD},\n{{"app_id": 2, "name": "B, "pages": [{{"a": 1}}]}},\n{GOOD}]', 2, [2]),
        (f'[{GOOD},\n{{"app_id": 2, "na', 1, [2, 2]),
        (f"[{GOOD},\n{GOOD}", 2, [2]),
        (f"[{GOOD},\n null, 3,\n{GOOD}]", 2, [2]),
    ],
)
def test_broken_json_rows_are_named_and_the_others_kept(
    tmp_path: Path, text: str, kept: int, bad_lines: list[int]
) -> None:
    path = tmp_path / "x.jsonl"
    entries, gaps = read(path, text.encode(), JSONL)
    assert len(entries) == kept
    assert [gap.subject for gap in gaps] == [f"{path}:{line}" for line in bad_lines]
    assert all(gap.kind is GapKind.BAD_ROW for gap in gaps)


def test_an_archive_that_ends_early_keeps_what_came_before(tmp_path: Path) -> None:
    rows = "".join(
        f'{{"app_id": "{n}", "name": "app {n * 7919 % 10007}"}}\n' for n in range(20_000)
    )
    whole = gzip.compress(rows.encode())
    entries, gaps = read(tmp_path / "x.jsonl.gz", whole[: len(whole) // 2], JSONL)
    assert len(entries) > 5_000
    assert [gap.kind for gap in gaps] == [GapKind.INTERRUPTED]
    damaged = whole[:-2_000] + b"\x00" * 1_000 + whole[-1_000:]
    entries, gaps = read(tmp_path / "y.jsonl.gz", damaged, JSONL)
    assert len(entries) > 5_000
    assert GapKind.INTERRUPTED in {gap.kind for gap in gaps}


@pytest.mark.parametrize("what", ["missing", "folder"])
def test_a_file_that_cannot_be_opened_is_bad_input(tmp_path: Path, what: str) -> None:
    path = tmp_path if what == "folder" else tmp_path / "missing.csv"
    with pytest.raises(BadInput, match="cannot read"):
        list(read_export(path, CSV))


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    peaks = []
    for count in (5_000, 20_000):
        path = tmp_path / f"{count}.json"
        row = json.dumps({"app_id": "1", "name": "天气", "intro": "晴" * 100}, ensure_ascii=False)
        path.write_text("[" + ",\n".join([row] * count) + "]", encoding="utf-8")
        tracemalloc.start()
        assert sum(1 for _ in read_export(path, JSONL)) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5


@pytest.mark.parametrize(
    "data",
    [
        b"app_id,name\n" + b'"\n' * 200_000,
        b"app_id,name\n" + b'1,"\n' * 200_000,
        b"app_id,name\n" + b'"a,"",\n' * 200_000,
        b"app_id,name\n" + b'x,"""\n' * 200_000,
        b"app_id,name\n" + b'"x' + b'""y\n' * 300_000,
        b"app_id,name\n" + b"," * 900_000,
    ],
    ids=range(6),
)
def test_hostile_quoting_costs_its_size_once(tmp_path: Path, data: bytes) -> None:
    started = time.perf_counter()
    read(tmp_path / "x.csv", data, CSV)
    assert time.perf_counter() - started < 15


@pytest.mark.parametrize(
    "text",
    [
        "[" * 1_000_000,
        '[{"a":' * 200_000,
        "[" + "{]" * 50_000,
        '{"' * 300_000,
        "[" + '{"a": "' * 200_000,
        "[" + "\n" * 1_000_000,
        "[{}" + "}" * 1_000_000,
        '{"x": ' + "[ " * 500_000,
        '{"x": "' + "\\" * 2_000_000,
        "[" + '{"a" 1},' * 50_000,
        "{" + " " * 2_000_000,
    ],
    ids=range(11),
)
def test_hostile_json_costs_its_size_once(tmp_path: Path, text: str) -> None:
    started = time.perf_counter()
    read(tmp_path / "x.json", text.encode(), JSONL)
    assert time.perf_counter() - started < 15
