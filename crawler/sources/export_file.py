"""Exports of a platform's catalogue: CSV, JSON and JSON Lines, gzip or plain, streamed.

The field names are those of docs/listing-export.md. Memory does not depend on the file's size.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from core.errors import Unreadable
from core.gap import Gap, GapKind
from core.target import ExportListing
from core.text import one_line
from crawler.sources.byte_stream import open_bytes
from crawler.sources.csv_rows import CsvRow, read_rows
from crawler.sources.entries import EntryFields, entry_from_record, field_name
from crawler.sources.json_rows import JsonRow, read_json_lines, read_json_objects
from crawler.sources.json_text import decode_json
from crawler.sources.text_lines import open_text, peek_text, read_lines

MAX_ROW_GAPS = 100
"""Bad rows that are named one by one; the rest are counted in one last gap."""


class NumberedEntry(msgspec.Struct, frozen=True):
    """An entry and the line of the export it begins on."""

    line: int
    entry: EntryFields


def read_export(path: Path, source: ExportListing) -> Iterator[EntryFields | Gap]:
    """The entries of an export, in order, and a gap for what could not be read.

    A bad row is a gap of kind BAD_ROW with `file:line`, at most MAX_ROW_GAPS of them and then
    one with the number of the others; a heading without `name`, a file that is something else
    (an HTML login page) or holds no entry at all is SHAPE_CHANGED. Raises BadInput, when the
    first item is asked for, if the file cannot be opened.
    """
    bad_rows = 0
    for item in read_numbered(path, source):
        if isinstance(item, NumberedEntry):
            yield item.entry
            continue
        of_a_row = item.kind in (GapKind.BAD_ROW, GapKind.UNDECODABLE)
        bad_rows += of_a_row
        if bad_rows <= MAX_ROW_GAPS or not of_a_row:
            yield item
    if bad_rows > MAX_ROW_GAPS:
        reason = f"{bad_rows - MAX_ROW_GAPS} more bad rows"
        yield Gap(GapKind.BAD_ROW, str(path), reason)


def read_numbered(path: Path, source: ExportListing) -> Iterator[NumberedEntry | Gap]:
    """Like `read_export`, each entry with its line and every bad row named."""
    with closing(open_bytes(path)) as stream:
        try:
            yield from _read(path, source, stream)
        except Unreadable as error:
            reason = f"{error}; the entries in front of it were read"
            yield Gap(GapKind.INTERRUPTED, str(path), reason)


def _read(
    path: Path, source: ExportListing, stream: io.BufferedReader
) -> Iterator[NumberedEntry | Gap]:
    text, encoding = open_text(stream, source.encoding)
    start = peek_text(text, encoding).lstrip()
    if not start:
        yield Gap(GapKind.EMPTY_BODY, str(path), "the export is empty")
        return
    if start[0] == "<" or (source.format == "csv") == (start[0] in "[{"):
        begins = one_line(start[:200], 40)
        reason = f"expected {source.format}, but the file begins with `{begins}`"
        yield Gap(GapKind.SHAPE_CHANGED, str(path), reason)
        return
    rename = {theirs: ours for ours, theirs in source.columns.items()}
    if source.format == "csv":
        items = _from_csv(path, read_rows(read_lines(text, encoding)), rename)
    elif is_json_lines(start):
        items = _from_json(path, read_json_lines(read_lines(text, encoding)), rename)
    else:
        naming = partial(_renamed, rename)
        items = _from_json(path, read_json_objects(text, encoding, naming), rename)
    entries = 0
    for item in items:
        entries += isinstance(item, NumberedEntry)
        yield item
    if not entries:
        yield Gap(GapKind.SHAPE_CHANGED, str(path), "no entry could be read from the export")


def is_json_lines(start: str) -> bool:
    """Whether a text that begins with `start` holds one JSON object a line.

    A single line is a JSON text of its own: it may be an answer that wraps its list.
    """
    first, _, rest = start.partition("\n")
    record = decode_json(first.encode("utf-8", "replace")) if rest.strip() else None
    return isinstance(record, dict)


def _renamed(rename: dict[str, str], heading: str) -> str:
    return rename.get(heading) or field_name(heading)


def _from_csv(
    path: Path, rows: Iterator[CsvRow], rename: dict[str, str]
) -> Iterator[NumberedEntry | Gap]:
    heading = next(rows, None)
    if heading is None or heading.problem:
        problem = heading.problem if heading else "no row at all"
        yield Gap(GapKind.SHAPE_CHANGED, str(path), f"the heading cannot be read: {problem}")
        return
    titles = [cell.strip() for cell in heading.cells]
    names = [
        _renamed(rename, title) if title else f"column[{position}]"
        for position, title in enumerate(titles)
    ]
    yield from _missing_columns(path, titles, names, rename)
    for row in rows:
        if row.problem:
            yield Gap(GapKind.BAD_ROW, f"{path}:{row.number}", row.problem)
            continue
        record: dict[str, Any] = {}
        for name, cell in zip(names, row.cells, strict=False):
            if cell:
                record[name] = f"{record[name]}\n{cell}" if name in record else cell
        yield from _judged(path, row.number, entry_from_record(record), lossy=row.lossy)


def _missing_columns(
    path: Path, titles: list[str], names: list[str], rename: dict[str, str]
) -> Iterator[Gap]:
    shown = one_line(", ".join(titles), 120)
    if "name" not in names:
        reason = f"no column `name` among: {shown}"
        yield Gap(GapKind.SHAPE_CHANGED, f"{path}:1", reason)
    for theirs, ours in rename.items():
        if theirs not in titles and ours != "name":
            reason = f"no column `{one_line(theirs, 40)}` (for `{ours}`) among: {shown}"
            yield Gap(GapKind.SHAPE_CHANGED, f"{path}:1", reason)


def _from_json(
    path: Path, rows: Iterator[JsonRow], rename: dict[str, str]
) -> Iterator[NumberedEntry | Gap]:
    for row in rows:
        if row.problem:
            yield Gap(GapKind.BAD_ROW, f"{path}:{row.number}", row.problem)
        else:
            entry = entry_from_record(row.record, rename=rename)
            yield from _judged(path, row.number, entry, lossy=row.lossy)


def _judged(
    path: Path, line: int, entry: EntryFields, *, lossy: bool
) -> Iterator[NumberedEntry | Gap]:
    if "name" not in entry.fields:
        yield Gap(GapKind.BAD_ROW, f"{path}:{line}", "the row has no `name`")
    if lossy:
        reason = "some characters are not valid in the file's encoding and were replaced"
        yield Gap(GapKind.UNDECODABLE, f"{path}:{line}", reason)
    if entry.fields:
        yield NumberedEntry(line, entry)
