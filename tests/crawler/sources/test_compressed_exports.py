"""Zstandard and Parquet exports give the entries that JSON Lines gives."""

from __future__ import annotations

import gzip
import json
import random
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from core.errors import BadInput
from core.gap import Gap, GapKind
from core.target import ExportListing
from crawler.sources import EntryFields, read_export, sniff

if sys.version_info >= (3, 14):
    from compression.zstd import compress
else:
    from backports.zstd import compress

ROWS: list[dict[str, Any]] = [
    {
        "app_id": f"wx{number:016x}",
        "name": f"记账本{number}",
        "intro": "记一笔，心里有数。" * 3,
        "pages": [{"path": "pages/index", "text": f"第{number}页"}],
        "request_domains": ["api.example", f"a{number}.example"],
    }
    for number in range(1_700)
]
JSON_LINES = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS).encode()


def read(path: Path, format_: str) -> tuple[list[EntryFields], list[Gap]]:
    items = list(read_export(path, ExportListing(format=format_)))  # type: ignore[arg-type]
    entries = [one for one in items if isinstance(one, EntryFields)]
    return entries, [one for one in items if isinstance(one, Gap)]


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> list[EntryFields]:
    path = tmp_path_factory.mktemp("plain") / "export.jsonl"
    path.write_bytes(JSON_LINES)
    return read(path, "jsonl")[0]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("export.jsonl.gz", gzip.compress(JSON_LINES)),
        ("export.jsonl.zst", compress(JSON_LINES)),
        ("misnamed.csv", compress(JSON_LINES)),
        ("frames.zst", compress(JSON_LINES[:100_000]) + compress(JSON_LINES[100_000:])),
    ],
)
def test_compression_is_told_by_content(
    tmp_path: Path, expected: list[EntryFields], name: str, data: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert sniff(path) == "jsonl"
    assert read(path, "jsonl") == (expected, [])


def test_damaged_zstandard_is_a_gap_behind_the_entries_in_front_of_it(tmp_path: Path) -> None:
    data = compress(JSON_LINES)
    for damaged in (data[:-9], data[: len(data) // 2] + b"\xff" * 40):
        path = tmp_path / "export.jsonl.zst"
        path.write_bytes(damaged)
        entries, gaps = read(path, "jsonl")
        assert [gap.kind for gap in gaps if gap.kind is not GapKind.BAD_ROW] == [
            GapKind.INTERRUPTED
        ]
        assert "Zstandard data" in gaps[-1].reason
        assert len(entries) < len(ROWS)


def test_a_zstandard_file_that_asks_for_too_much_memory_is_a_gap(tmp_path: Path) -> None:
    path = tmp_path / "export.jsonl.zst"
    window_of_1_gib = b"\x00\xa0"  # RFC 8878, 3.1.1.1.2: exponent 20 above 2^10
    path.write_bytes(b"\x28\xb5\x2f\xfd" + window_of_1_gib + random.Random(1).randbytes(64))
    entries, gaps = read(path, "jsonl")
    assert entries == []
    assert gaps[-1].kind is GapKind.INTERRUPTED


def write_parquet(path: Path, rows: list[dict[str, Any]], **options: Any) -> Path:
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path, **options)
    return path


def test_parquet_gives_the_same_entries(tmp_path: Path, expected: list[EntryFields]) -> None:
    path = write_parquet(tmp_path / "export.parquet", ROWS, row_group_size=700)
    assert sniff(path) == "parquet"
    assert read(path, "parquet") == (expected, [])


def test_parquet_values_that_json_has_no_type_for_are_texts(tmp_path: Path) -> None:
    row = {
        "name": "记账本".encode(),
        "app_id": "wx1",
        "snapshot_time": datetime(2026, 11, 21, tzinfo=UTC),
        "price": Decimal("1.50"),
        "rating": float("nan"),
        "size": 2**40,
        "owner": None,
    }
    (entry,), gaps = read(write_parquet(tmp_path / "export.parquet", [row]), "parquet")
    assert gaps == []
    assert entry.fields["name"] == "记账本"
    assert entry.fields["snapshot_time"].startswith("2026-11-21T00:00:00")
    assert entry.fields["price"] == "1.50"
    assert entry.fields["size"] == str(2**40)
    assert "owner" not in entry.fields
    assert "rating" not in entry.fields


def test_parquet_columns_that_are_missing_are_a_changed_shape(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "export.parquet", [{"app_id": "wx1", "标题": "记账本"}])
    _, gaps = read(path, "parquet")
    assert gaps[0].kind is GapKind.SHAPE_CHANGED
    source = ExportListing(format="parquet", columns={"name": "标题"})
    (entry,) = read_export(path, source)
    assert isinstance(entry, EntryFields)
    assert entry.fields["name"] == "记账本"


@pytest.mark.parametrize("format_", ["csv", "jsonl"])
def test_parquet_where_something_else_is_expected_is_a_changed_shape(
    tmp_path: Path, format_: str
) -> None:
    entries, gaps = read(write_parquet(tmp_path / "export.csv", ROWS[:3]), format_)
    assert entries == []
    assert [gap.kind for gap in gaps] == [GapKind.SHAPE_CHANGED]


def test_damaged_parquet_is_a_gap(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "export.parquet", ROWS)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    entries, gaps = read(path, "parquet")
    assert entries == []
    assert [gap.kind for gap in gaps] == [GapKind.INTERRUPTED]


def test_parquet_without_its_library_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_parquet(tmp_path / "export.parquet", ROWS[:3])
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(BadInput, match=r"\[parquet\]"):
        read(path, "parquet")
