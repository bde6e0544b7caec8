"""The rows of an export, one after the other, not yet taken apart: what can be handed to another
process as it is. CSV, JSON, JSON Lines, Parquet; memory does not depend on the file's size."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import msgspec

from core.errors import Unreadable
from core.gap import Gap, GapKind
from core.target import ExportListing
from core.text import one_line
from crawler.sources.byte_stream import open_bytes, position_of
from crawler.sources.csv_rows import CsvRow, read_rows
from crawler.sources.entries import field_name
from crawler.sources.json_rows import read_json_objects
from crawler.sources.json_text import decode_json
from crawler.sources.parquet_rows import PARQUET_MAGIC, ParquetRows
from crawler.sources.text_lines import (
    TOO_LONG,
    Block,
    open_text,
    peek_text,
    read_blocks,
    read_lines,
)


class ExportRow(msgspec.Struct, frozen=True):
    """One row, the number of the line it begins on, and its place among the rows: the line's number
    where every row is a line, else counted from 1.

    It holds its `record`, or is JSON `text` that is still to be read, or has a `problem`. `lossy`:
    characters in it were not valid in the file's encoding and were replaced.
    """

    number: int
    place: int
    text: str = ""
    record: dict[str, Any] | None = None
    problem: str = ""
    lossy: bool = False


_Shape = Literal["empty", "wrong", "parquet", "csv", "lines", "json"]


class ExportRows:
    """An open export. Use it as a context manager; its rows (or blocks) may be asked for once."""

    def __init__(self, path: Path, source: ExportListing) -> None:
        """Raises BadInput if the file cannot be opened."""
        self._path = path
        self._source = source
        self._stream = self._text = open_bytes(path)
        self._encoding = ""
        self._start = ""
        self._share_read = 0.0
        self._rename = {theirs: ours for ours, theirs in source.columns.items()}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stream.close()

    @property
    def position(self) -> int:
        """Bytes of the file, as it lies on the disk, that were read so far."""
        if self._share_read:
            return int(self._share_read * self._path.stat().st_size)
        return position_of(self._stream)

    @cached_property
    def is_json_lines(self) -> bool:
        """Whether every row is a line of JSON, so that `blocks` gives them all."""
        try:
            return self._shape == "lines"
        except Unreadable:
            return False

    def blocks(self) -> Iterator[Block | Gap]:
        """The lines of a JSON Lines export, many at once and not decoded; damage is a gap."""
        try:
            yield from read_blocks(self._text, self._encoding)
        except Unreadable as error:
            yield self._interrupted(error)

    def rows(self) -> Iterator[ExportRow | Gap]:
        """The rows in order, and gaps for what is wrong with the file as a whole: a heading without
        `name` or a file that is something else (an HTML login page) is SHAPE_CHANGED, damaged
        bytes INTERRUPTED."""
        try:
            yield from self._rows()
        except Unreadable as error:
            yield self._interrupted(error)

    def _interrupted(self, error: Unreadable) -> Gap:
        reason = f"{error}; the entries in front of it were read"
        return Gap(GapKind.INTERRUPTED, str(self._path), reason)

    @cached_property
    def _shape(self) -> _Shape:
        """What the file is by its beginning. Raises Unreadable."""
        self._text, self._encoding = open_text(self._stream, self._source.encoding)
        self._start = start = peek_text(self._text, self._encoding).lstrip()
        expected = self._source.format
        if not start:
            return "empty"
        is_parquet = start.startswith(PARQUET_MAGIC.decode())
        if is_parquet or not _fits(expected, start[0]):
            return "parquet" if is_parquet and expected == "parquet" else "wrong"
        if expected == "csv":
            return "csv"
        return "lines" if is_json_lines(start) else "json"

    def _rows(self) -> Iterator[ExportRow | Gap]:
        path, shape = self._path, self._shape
        text, encoding = self._text, self._encoding
        if shape == "empty":
            yield Gap(GapKind.EMPTY_BODY, str(path), "the export is empty")
        elif shape == "wrong":
            begins = one_line(self._start[:200], 40)
            reason = f"expected {self._source.format}, but the file begins with `{begins}`"
            yield Gap(GapKind.SHAPE_CHANGED, str(path), reason)
        elif shape == "parquet":
            yield from self._from_parquet()
        elif shape == "csv":
            yield from _from_csv(path, read_rows(read_lines(text, encoding)), self._rename)
        elif shape == "lines":
            yield from _from_lines(text, encoding)
        else:
            naming = partial(_renamed, self._rename)
            for place, row in enumerate(read_json_objects(text, encoding, naming), start=1):
                yield ExportRow(row.number, place, "", row.record, row.problem, row.lossy)

    def _from_parquet(self) -> Iterator[ExportRow | Gap]:
        with ParquetRows(self._path) as table:
            names = [_renamed(self._rename, title) for title in table.titles]
            yield from _missing_columns(self._path, table.titles, names, self._rename)
            for number, text in table.rows():
                self._share_read = number / max(1, table.count)
                yield ExportRow(number, number, text)


def _fits(format_: str, first: str) -> bool:
    """Whether a text that begins with the character `first` may be of the format."""
    if first == "<" or format_ == "parquet":
        return False
    return (format_ == "jsonl") == (first in "[{")


def is_json_lines(start: str) -> bool:
    """Whether a text that begins with `start` holds one JSON object a line.

    A single line is a JSON text of its own: it may be an answer that wraps its list.
    """
    first, _, rest = start.partition("\n")
    record = decode_json(first.encode("utf-8", "replace")) if rest.strip() else None
    return isinstance(record, dict)


def json_record(data: bytes) -> dict[str, Any] | str:
    """The object that one line of JSON holds, or what is wrong with it."""
    record = decode_json(data)
    if isinstance(record, dict):
        return record
    return "not valid JSON" if record is None else "not a JSON object"


def _from_lines(text: io.BufferedReader, encoding: str) -> Iterator[ExportRow]:
    for line in read_lines(text, encoding):
        if line.too_long:
            yield ExportRow(line.number, line.number, problem=TOO_LONG)
        elif line.text and not line.text.isspace():
            yield ExportRow(line.number, line.number, line.text, lossy=line.lossy)


def _renamed(rename: dict[str, str], heading: str) -> str:
    return rename.get(heading) or field_name(heading)


def _from_csv(
    path: Path, rows: Iterator[CsvRow], rename: dict[str, str]
) -> Iterator[ExportRow | Gap]:
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
    for place, row in enumerate(rows, start=1):
        record: dict[str, Any] = {}
        for name, cell in zip(names, row.cells, strict=False) if not row.problem else ():
            if cell:
                record[name] = f"{record[name]}\n{cell}" if name in record else cell
        yield ExportRow(row.number, place, "", record, row.problem, row.lossy)


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
