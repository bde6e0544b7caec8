"""Rows of a CSV export, streamed: delimiters found out, broken quoting repaired or reported."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator

import msgspec

from crawler.sources.text_lines import MAX_ROW_BYTES, TOO_LONG, Line

DELIMITERS = ",;\t|"
MAX_COLUMNS = 2_000


class CsvRow(msgspec.Struct, frozen=True):
    """One row: the number of its first line, and its cells, or what is wrong with it.

    `lossy`: characters in it were not valid in the file's encoding and were replaced.
    """

    number: int
    cells: tuple[str, ...] = ()
    problem: str = ""
    lossy: bool = False


def read_rows(lines: Iterator[Line]) -> Iterator[CsvRow]:
    """The rows below and including the heading, blank ones left out.

    A quote that is never closed would swallow the rows behind it: its own line is read alone,
    and the lines it took are read again. A row with more or fewer cells than the heading is a
    problem (missing empty cells at the end are not, nor are additional empty ones).
    """
    csv.field_size_limit(MAX_ROW_BYTES)  # the module's default, 131,072, is below our bound
    feed = _Feed(lines)
    delimiter = _delimiter(feed)
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    columns = 0
    while (row := _next_row(reader, feed, delimiter, columns)) is not None:
        if row.problem or any(cell.strip() for cell in row.cells):
            columns = columns or len(row.cells)
            yield row


def guess_delimiter(heading: str) -> str:
    """The delimiter that stands most often in `heading` outside quotes; a comma if none does."""
    outside = "".join(heading.split('"')[::2])
    best = max(DELIMITERS, key=outside.count)
    return best if best in outside else ","


def _delimiter(feed: _Feed) -> str:
    """From the first line with text, or from Excel's own hint line (`sep=;`)."""
    while (line := feed.next_line()) is not None:
        if not line.text.strip():
            continue
        hint = line.text.strip().casefold()
        if hint.startswith("sep=") and len(hint) == 5:
            return hint[4]
        feed.put_back([line])
        return guess_delimiter(line.text)
    return ","


class _RowTooLong(Exception):
    pass


class _Feed:
    """Hands lines to `csv.reader` and remembers which of them the current row has taken."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self._lines = lines
        self._waiting: deque[Line] = deque()
        self.taken: list[Line] = []
        self._size = 0

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        line = self.next_line()
        if line is None:
            raise StopIteration
        self.taken.append(line)
        self._size += len(line.text) + 1
        if line.too_long or self._size > MAX_ROW_BYTES:
            raise _RowTooLong
        return line.text + "\n"

    def next_line(self) -> Line | None:
        return self._waiting.popleft() if self._waiting else next(self._lines, None)

    def put_back(self, lines: list[Line]) -> None:
        self._waiting.extendleft(reversed(lines))

    def start_row(self) -> None:
        self.taken = []
        self._size = 0


def _next_row(
    reader: Iterator[list[str]], feed: _Feed, delimiter: str, columns: int
) -> CsvRow | None:
    feed.start_row()
    try:
        cells = next(reader)
    except StopIteration:
        return None
    except (csv.Error, _RowTooLong):
        return _first_line_alone(feed, delimiter, columns)
    if len(feed.taken) > 1 and not _fits(cells, columns):
        return _first_line_alone(feed, delimiter, columns)
    return _row(feed.taken[0].number, cells, columns, lossy=any(t.lossy for t in feed.taken))


def _first_line_alone(feed: _Feed, delimiter: str, columns: int) -> CsvRow | None:
    first, *others = feed.taken
    feed.put_back(others)
    if first.too_long:
        return CsvRow(first.number, problem=TOO_LONG)
    try:
        cells = next(csv.reader([first.text], delimiter=delimiter), [])
    except csv.Error as error:
        return CsvRow(first.number, problem=f"not CSV: {error}")
    return _row(first.number, cells, columns, lossy=first.lossy)


def _fits(cells: list[str], columns: int) -> bool:
    if not columns or len(cells) == columns:
        return True
    return len(cells) > columns and not any(cells[columns:])


def _row(number: int, cells: list[str], columns: int, *, lossy: bool) -> CsvRow:
    if len(cells) > MAX_COLUMNS:
        return CsvRow(number, problem=f"{len(cells)} cells; at most {MAX_COLUMNS} are read")
    if columns and any(cells) and not _fits(cells, columns):
        problem = f"the row has {len(cells)} cells, the heading {columns}"
        return CsvRow(number, tuple(cells), problem, lossy)
    return CsvRow(number, tuple(cells[:columns] if columns else cells), "", lossy)
