"""What workers are handed is what the plain reader gives, row by row and gap by gap."""

from __future__ import annotations

import codecs
import gzip
import json
import random
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.gap import Gap, GapKind
from core.target import ExportListing
from crawler.exports.chunks import CHUNK_ROWS, Source, read_chunks
from crawler.exports.row_lines import read_lines_of
from crawler.sources.entries import entry_from_record
from crawler.sources.export_file import NumberedEntry, read_numbered, renaming, row_gaps
from crawler.sources.export_rows import json_record
from crawler.sources.text_lines import MAX_ROW_BYTES

ZONE = ZoneInfo("Asia/Shanghai")


def through_chunks(path: Path, listing: ExportListing, done: int = 0) -> list[Any]:
    """Entries and gaps as the workers make them."""
    found: list[Any] = []
    for chunk, beside in read_chunks(Source(0, path, str(path), listing, done), ZONE):
        gaps: list[Gap] = list(beside.gaps)
        for line in read_lines_of(chunk, gaps):
            record = json_record(line.text)
            place = f"{path}:{line.number}"
            if isinstance(record, str):
                gaps.append(Gap(GapKind.BAD_ROW, place, record))
                continue
            entry = entry_from_record(record, rename=renaming(listing))
            gaps += row_gaps(place, entry, lossy=False)
            if entry.fields:
                found.append(NumberedEntry(line.number, entry))
        found += gaps
    return found


def plainly(path: Path, listing: ExportListing) -> list[Any]:
    return list(read_numbered(path, listing))


def same(one: list[Any], other: list[Any]) -> None:
    """The same entries in the same order, and the same gaps."""
    for kind in (NumberedEntry, Gap):
        left = [repr(item) for item in one if isinstance(item, kind)]
        right = [repr(item) for item in other if isinstance(item, kind)]
        assert (left if kind is NumberedEntry else sorted(left)) == (
            right if kind is NumberedEntry else sorted(right)
        )


def nasty_lines(chance: random.Random, encoding: str) -> list[bytes]:
    """Good rows, and every kind of bad one."""
    lines = []
    for number in range(3_000):
        row = {
            "app_id": f"wx{number}",
            "name": f"帳本{number}",
            "intro": "家用流水" * (number % 40),
        }
        good = json.dumps(row, ensure_ascii=False).encode(encoding)
        lines.append(
            chance.choice(
                (
                    *([good] * 40),
                    good + b"\r",
                    b"",
                    b"   ",
                    "\u3000".encode(encoding),
                    b"[1]",
                    good[:-1],
                    b'{"name": "a\\ud83d"}',
                    b'{"intro": "no name"}',
                    b'{"name": "' + bytes([0xFF, 0xFE, 0x81]) + b'"}',
                )
            )
        )
    return lines


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "big5"])
def test_lines_of_any_kind(tmp_path: Path, seed: int, encoding: str) -> None:
    path = tmp_path / "export.jsonl"
    first = b'{"app_id": "wx0", "name": "plain"}\n' * 3
    path.write_bytes(first + b"\n".join(nasty_lines(random.Random(seed), encoding)))
    listing = ExportListing(format="jsonl")
    same(through_chunks(path, listing), plainly(path, listing))


@pytest.mark.parametrize("mark", [codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_byte_order_marks(tmp_path: Path, mark: bytes) -> None:
    encoding = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le"}.get(mark, "utf-16-be")
    path = tmp_path / "export.jsonl"
    text = "".join(
        json.dumps({"name": f"记账本{n}", "app_id": f"wx{n}"}, ensure_ascii=False) + "\r\n"
        for n in range(9_000)
    )
    path.write_bytes(mark + text.encode(encoding))
    listing = ExportListing(format="jsonl")
    assert len(plainly(path, listing)) == 9_000
    same(through_chunks(path, listing), plainly(path, listing))


@pytest.mark.parametrize(
    "size",
    [MAX_ROW_BYTES - 20, MAX_ROW_BYTES - 2, MAX_ROW_BYTES, MAX_ROW_BYTES + 5, 3 * MAX_ROW_BYTES],
)
@pytest.mark.parametrize("before", [1, 100, 2_000])
def test_rows_around_the_longest_that_is_read(tmp_path: Path, size: int, before: int) -> None:
    path = tmp_path / "export.jsonl"
    good = b'{"app_id": "wx1", "name": "a", "intro": "' + b"x" * 200 + b'"}\n'
    long = b'{"name": "' + b"y" * (size - 13) + b'"}\n'
    path.write_bytes(good * before + long + good * 3 + long[:-1])
    listing = ExportListing(format="jsonl")
    same(through_chunks(path, listing), plainly(path, listing))


def test_damage_comes_behind_the_rows_in_front_of_it(tmp_path: Path) -> None:
    path = tmp_path / "export.jsonl.gz"
    chance = random.Random(1)
    rows = "".join(
        json.dumps({"name": f"a{chance.random()}", "app_id": f"wx{n}"}) + "\n"
        for n in range(20_000)
    )
    data = gzip.compress(rows.encode())
    listing = ExportListing(format="jsonl")
    for end in (len(data) - 4, len(data) // 2, len(data) // 3):
        path.write_bytes(data[:end])
        chunks, plain = through_chunks(path, listing), plainly(path, listing)
        assert chunks[-1].kind is GapKind.INTERRUPTED
        entries = [item for item in plain if isinstance(item, NumberedEntry)]
        of_chunks = [item for item in chunks if isinstance(item, NumberedEntry)]
        # a row that the damage cuts in two is no row here; the plain reader calls it a bad one
        assert of_chunks == entries
        path.unlink()


@pytest.mark.parametrize("name", ["export.jsonl", "export.json", "export.csv"])
def test_rows_that_are_done_are_not_given_again(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    rows = [{"app_id": f"wx{n}", "name": f"记账本{n}"} for n in range(2_500)]
    if name.endswith(".csv"):
        path.write_text("app_id,name\n" + "".join(f"{r['app_id']},{r['name']}\n" for r in rows))
    elif name.endswith(".json"):
        path.write_text(json.dumps(rows))
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    listing = ExportListing(format="csv" if name.endswith(".csv") else "jsonl")
    everything = through_chunks(path, listing)
    assert len(everything) == 2_500
    for done in (0, 1, CHUNK_ROWS, 2_499, 2_500):
        assert through_chunks(path, listing, done) == everything[done:]
