"""What pictures said, by their SHA-256, across scans: an SQLite file in the data folder.

A cache: it may be deleted at any time, several scans may share it, and where it cannot be used the
pictures are read again.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from pathlib import Path

import msgspec

from core.target import Limits
from crawler.extractors import PdfReading, QrPayload

FILE_NAME = "pictures.sqlite"
READERS = "zxing-cpp 3.1, tapirscan 1.5, r2"
"""Named in every row: with other readers, or another way to use them, all is read again."""

MOST_PICTURES = 500_000
"""Kept when a scan ends, the latest read ones: about 60 MB."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS pictures (
    sha256 TEXT NOT NULL, readers TEXT NOT NULL, thorough INTEGER NOT NULL, payloads BLOB NOT NULL,
    PRIMARY KEY (sha256, readers)
)
"""
_MOST_PDF_BYTES = 64 * 1024
_log = logging.getLogger(__name__)


class PictureMemo:
    """The memo in the data folder `folder`, or an idle one where the file cannot be used."""

    def __init__(self, folder: Path) -> None:
        self._connection: sqlite3.Connection | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(
                folder / FILE_NAME, timeout=5, isolation_level=None, check_same_thread=False
            )
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute(_SCHEMA)
            self._connection = connection
        except (OSError, sqlite3.Error) as error:
            self._give_up(error)

    def get(self, sha256: str, *, thorough: bool) -> tuple[QrPayload, ...] | None:
        """What the picture said when it was read last; None when it was not, or less thoroughly
        than is wanted now and without a result."""
        row = self._run(
            "SELECT thorough, payloads FROM pictures WHERE sha256 = ? AND readers = ?",
            (sha256, READERS),
        )
        if row is None:
            return None
        payloads = msgspec.msgpack.decode(row[1], type=tuple[QrPayload, ...])
        return payloads if payloads or row[0] or not thorough else None

    def put(self, sha256: str, payloads: tuple[QrPayload, ...], *, thorough: bool) -> None:
        """Remember what the picture says."""
        self._run(
            "INSERT OR REPLACE INTO pictures VALUES (?, ?, ?, ?)",
            (sha256, READERS, int(thorough), msgspec.msgpack.encode(payloads)),
        )

    def pdf(self, sha256: str, limits: Limits) -> PdfReading | None:
        """What a PDF said when as many pages of it were read as are wanted now, or None."""
        row = self._run(
            "SELECT thorough, payloads FROM pictures WHERE sha256 = ? AND readers = ?",
            (sha256, _pdf_readers(limits)),
        )
        return None if row is None else msgspec.msgpack.decode(row[1], type=PdfReading)

    def put_pdf(self, sha256: str, limits: Limits, reading: PdfReading) -> None:
        """Remember what the PDF says, unless that is much or was cut off by the clock."""
        packed = msgspec.msgpack.encode(reading)
        wanted = min(reading.count, limits.max_pdf_pages)
        if len(packed) <= _MOST_PDF_BYTES and len(reading.pages) == wanted:
            self._run(
                "INSERT OR REPLACE INTO pictures VALUES (?, ?, 1, ?)",
                (sha256, _pdf_readers(limits), packed),
            )

    def close(self) -> None:
        """Forget the oldest where there are too many, and close the file."""
        self._run(
            "DELETE FROM pictures WHERE rowid <= (SELECT max(rowid) FROM pictures) - ?",
            (MOST_PICTURES,),
        )
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                connection.close()

    def _run(self, statement: str, values: tuple[object, ...]) -> tuple[int, bytes] | None:
        if self._connection is None:
            return None
        try:
            row: tuple[int, bytes] | None = self._connection.execute(statement, values).fetchone()
        except sqlite3.Error as error:
            self._give_up(error)
            return None
        return row

    def _give_up(self, error: Exception) -> None:
        self._connection = None
        _log.warning("pictures are read again, for the memo cannot be used: %s", error)


def _pdf_readers(limits: Limits) -> str:
    return f"pypdfium2 5, {limits.max_pdf_pages} pages, {READERS}"
