"""Exports of a platform's catalogue: CSV, JSON and JSON Lines, gzip or plain, streamed.

The field names are those of docs/listing-export.md. Memory does not depend on the file's size.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from core.capture import Capture
from core.gap import Gap, GapKind
from core.target import ExportListing
from crawler.sources.entries import EntryFields, entry_from_record
from crawler.sources.export_rows import ExportRow, ExportRows, json_record

MAX_ROW_GAPS = 100
"""Bad rows that are named one by one; the rest are counted in one last gap."""

_OF_A_ROW = (GapKind.BAD_ROW, GapKind.UNDECODABLE)
_OF_THE_FILE = (GapKind.EMPTY_BODY, GapKind.SHAPE_CHANGED, GapKind.INTERRUPTED)


class NumberedEntry(msgspec.Struct, frozen=True):
    """An entry and the line of the export it begins on."""

    line: int
    entry: EntryFields


class RowGaps:
    """Counts what is told about single rows and about the file: at most MAX_ROW_GAPS bad rows are
    named, and a file without any entry has something wrong with it."""

    def __init__(self, path: Path, bad_rows: int = 0) -> None:
        self._path = path
        self.bad_rows = bad_rows
        self._of_the_file = False

    def admits(self, gap: Gap) -> bool:
        """Whether `gap` is to be told by itself."""
        self._of_the_file = self._of_the_file or gap.kind in _OF_THE_FILE
        of_a_row = gap.kind in _OF_A_ROW
        self.bad_rows += of_a_row
        return not of_a_row or self.bad_rows <= MAX_ROW_GAPS

    def closing(self, entries: int) -> Iterator[Gap]:
        """What is to be told at the end of a file with so many `entries`."""
        if not entries and not self._of_the_file:
            reason = "no entry could be read from the export"
            yield Gap(GapKind.SHAPE_CHANGED, str(self._path), reason)
        if self.bad_rows > MAX_ROW_GAPS:
            reason = f"{self.bad_rows - MAX_ROW_GAPS} more bad rows"
            yield Gap(GapKind.BAD_ROW, str(self._path), reason)


def read_export(
    path: Path,
    source: ExportListing,
    only: Container[int] | None = None,
    *,
    base_url: str = "",
) -> Iterator[EntryFields | Gap]:
    """The entries of an export, in order, and a gap for what could not be read.

    A bad row is a gap of kind BAD_ROW with `file:line`, at most MAX_ROW_GAPS of them and then
    one with the number of the others; a heading without `name`, a file that is something else
    (an HTML login page) or holds no entry at all is SHAPE_CHANGED. Raises BadInput, when the
    first item is asked for, if the file cannot be opened. `only`: the places of the rows that
    are wanted, without gaps. `base_url`: where the file was fetched, which relative addresses
    are joined to.
    """
    gaps = RowGaps(path)
    entries = 0
    for item in read_numbered(path, source, only, base_url=base_url):
        if isinstance(item, NumberedEntry):
            entries += 1
            yield item.entry
        elif only is None and gaps.admits(item):
            yield item
    if only is None:
        yield from gaps.closing(entries)


def read_numbered(
    path: Path,
    source: ExportListing,
    only: Container[int] | None = None,
    *,
    base_url: str = "",
) -> Iterator[NumberedEntry | Gap]:
    """Like `read_export`, each entry with its line and every bad row named."""
    rename = renaming(source)
    with ExportRows(path, source) as export:
        for row in export.rows():
            if isinstance(row, Gap):
                yield row
            elif only is None or row.place in only:
                yield from _read(path, row, base_of(base_url), rename)


def renaming(source: ExportListing) -> dict[str, str]:
    """From names of the file to ours, where the columns of a table were not renamed already."""
    if source.format == "csv":
        return {}
    return {theirs: ours for ours, theirs in source.columns.items()}


def _read(
    path: Path, row: ExportRow, base_url: str, rename: Mapping[str, str]
) -> Iterator[NumberedEntry | Gap]:
    record: dict[str, Any] | str | None = row.problem or row.record
    if not record and row.text:
        record = json_record(row.text.encode("utf-8", "replace"))
    if isinstance(record, str):
        yield Gap(GapKind.BAD_ROW, f"{path}:{row.number}", record)
        return
    entry = entry_from_record(record or {}, base_url, rename=rename)
    yield from row_gaps(f"{path}:{row.number}", entry, lossy=row.lossy)
    if entry.fields:
        yield NumberedEntry(row.number, entry)


def row_gaps(place: str, entry: EntryFields, *, lossy: bool) -> Iterator[Gap]:
    """What is wrong with a row that could be read."""
    if "name" not in entry.fields:
        yield Gap(GapKind.BAD_ROW, place, "the row has no `name`")
    if lossy:
        reason = "some characters are not valid in the file's encoding and were replaced"
        yield Gap(GapKind.UNDECODABLE, place, reason)


def base_of(name: str) -> str:
    """What relative addresses in the export `name` are joined to: its own web address, or none."""
    return name if name.startswith(("http://", "https://")) else ""


def row_capture(entry: EntryFields, name: str, taken_at: datetime) -> Capture:
    """An entry of the export `name` as a surface that was seen once."""
    return Capture(
        requested_url=name,
        final_url=entry.fields.get("url") or name,
        body=msgspec.json.encode(entry.fields),
        taken_at=taken_at,
        headers=(("content-type", "application/json"),),
    )
