"""An export in chunks of rows, ready for a worker."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from core.gap import Gap, GapKind
from core.target import ExportListing
from crawler.exports.protocol import Chunk
from crawler.sources.export_rows import ExportRow, ExportRows

CHUNK_ROWS = 400
"""More make the judge's one pass over quiet rows no cheaper; fewer make it dearer."""
CHUNK_BYTES = 1024 * 1024


class BesideChunk(msgspec.Struct, frozen=True):
    """What is known of a chunk without judging it: file number, the place of its last row, gaps
    of rows that are not in it, bytes of the file read so far."""

    file: int
    rows: int
    gaps: tuple[Gap, ...]
    position: int


class Source(msgspec.Struct, frozen=True):
    """One export to read: its number among those of the target, path, name in what is told, and
    the place of the last row that is done already."""

    file: int
    path: Path
    name: str
    listing: ExportListing
    done: int = 0

    def told(self, gap: Gap) -> Gap:
        """`gap` under the name of the export."""
        subject = gap.subject.replace(str(self.path), self.name)
        return msgspec.structs.replace(gap, subject=subject)


def read_chunks(source: Source, zone: ZoneInfo) -> Iterator[tuple[Chunk, BesideChunk]]:
    """The rows of an export that are not done yet. Raises BadInput if it cannot be opened.

    The lines of JSON Lines are handed on as they are: taking them apart is the workers' part.
    """
    with ExportRows(source.path, source.listing) as export:
        if export.is_json_lines:
            yield from _blocks(export, source, zone)
        else:
            yield from _rows(export, source, zone)


def _blocks(
    export: ExportRows, source: Source, zone: ZoneInfo
) -> Iterator[tuple[Chunk, BesideChunk]]:
    done = source.done
    for block in export.blocks():
        now = datetime.now(UTC)
        on = now.astimezone(zone).date()
        if isinstance(block, Gap):
            yield (
                Chunk(source.name, b"", now, on, numbers=()),
                BesideChunk(source.file, done, (source.told(block),), export.position),
            )
            continue
        last = block.number + block.lines - 1
        if last > done:
            first, data = block.number, block.data
            if first <= done:
                data = data.split(b"\n", done + 1 - first)[-1]
                first = done + 1
            done = last
            yield (
                Chunk(source.name, data, now, on, block.encoding, first),
                BesideChunk(source.file, last, (), export.position),
            )


def _rows(
    export: ExportRows, source: Source, zone: ZoneInfo
) -> Iterator[tuple[Chunk, BesideChunk]]:
    filling = _Filling(source, zone)
    place = 0
    for row in export.rows():
        if not isinstance(row, Gap):
            place = row.place
        if place > source.done or (isinstance(row, Gap) and place == source.done):
            filling.take(place, row)
            if filling.is_full:
                yield filling.chunk(export.position)
    yield filling.chunk(export.position)


class _Filling:
    """A chunk that is being filled."""

    def __init__(self, source: Source, zone: ZoneInfo) -> None:
        self._source = source
        self._zone = zone
        self._rows = source.done
        self._clear()

    def _clear(self) -> None:
        self._texts: list[bytes] = []
        self._numbers: list[int] = []
        self._places: list[int] = []
        self._odd: list[int] = []
        self._gaps: list[Gap] = []
        self._size = 0

    @property
    def is_full(self) -> bool:
        return len(self._texts) >= CHUNK_ROWS or self._size >= CHUNK_BYTES

    def take(self, place: int, row: ExportRow | Gap) -> None:
        self._rows = place
        if isinstance(row, Gap):
            self._gaps.append(self._source.told(row))
            return
        subject = f"{self._source.name}:{row.number}"
        if row.problem:
            self._gaps.append(Gap(GapKind.BAD_ROW, subject, row.problem))
            return
        if row.lossy:
            reason = "some characters are not valid in the file's encoding and were replaced"
            self._gaps.append(Gap(GapKind.UNDECODABLE, subject, reason))
            self._odd.append(len(self._texts))
        text = row_text(row)
        self._texts.append(text)
        self._size += len(text)
        self._numbers.append(row.number)
        self._places.append(place)

    def chunk(self, position: int) -> tuple[Chunk, BesideChunk]:
        now = datetime.now(UTC)
        chunk = Chunk(
            name=self._source.name,
            texts=b"\n".join(self._texts),
            taken_at=now,
            on=now.astimezone(self._zone).date(),
            numbers=tuple(self._numbers),
            places=tuple(self._places),
            odd=tuple(self._odd),
        )
        beside = BesideChunk(self._source.file, self._rows, tuple(self._gaps), position)
        self._clear()
        return chunk, beside


def row_text(row: ExportRow) -> bytes:
    """The row as one line of JSON."""
    if row.record is None:
        return row.text.encode("utf-8", "replace")
    try:
        return msgspec.json.encode(row.record)
    except (UnicodeEncodeError, OverflowError):  # half an emoji, a number beyond 64 bits
        return json.dumps(row.record).encode()
