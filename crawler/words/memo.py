"""Words that were read before, by the SHA-256 of the picture's bytes, across scans."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec

from core.text import one_line
from crawler.extractors import TextLine

FILE_NAME = "picture-words.sqlite3"
MAX_PICTURES = 50_000
"""About 0.5 KB each."""
_WAIT_SECONDS = 0.5
_TABLE = (
    "create table if not exists words (sha256 text, reader text, lines blob, "
    "primary key (sha256, reader)) without rowid"
)
_FORGET = (
    "delete from words where (sha256, reader) in "
    "(select sha256, reader from words order by sha256 "
    "limit max(0, (select count(*) from words) - ?))"
)


class WordMemo:
    """One table in the data folder. It only saves time: where it fails, pictures are read again,
    and `trouble` says what is wrong with it.

    Above `most` pictures those with the lowest digests are forgotten, which is as good as at
    random, when the memo is next opened. Without a folder nothing is remembered.
    """

    def __init__(self, folder: Path | None, reader: str, *, most: int = MAX_PICTURES) -> None:
        self.trouble = ""
        self._reader = reader
        self._database: sqlite3.Connection | None = None
        if folder is None:
            return
        try:
            self._database = self._opened(folder / FILE_NAME, most)
        except (sqlite3.Error, OSError) as error:
            self._failed(error)

    def get(self, sha256: str) -> tuple[TextLine, ...] | None:
        """Lines of the picture with this digest; None when it is not known."""
        if self._database is None:
            return None
        try:
            row = self._database.execute(
                "select lines from words where sha256 = ? and reader = ?", (sha256, self._reader)
            ).fetchone()
            return msgspec.msgpack.decode(row[0], type=tuple[TextLine, ...]) if row else None
        except (sqlite3.Error, msgspec.MsgspecError) as error:
            self._failed(error)
            return None

    def put(self, sha256: str, lines: tuple[TextLine, ...]) -> None:
        """Remember `lines`, as far as the disk allows."""
        if self._database is None:
            return
        try:
            with self._database:
                self._database.execute(
                    "insert or replace into words values (?, ?, ?)",
                    (sha256, self._reader, msgspec.msgpack.encode(lines)),
                )
        except sqlite3.Error as error:
            self._failed(error)

    def close(self) -> None:
        """Let go of the file."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _opened(self, path: Path, most: int) -> sqlite3.Connection:
        path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(path, timeout=_WAIT_SECONDS)
        try:
            database.execute("pragma journal_mode = wal")
            database.execute("pragma synchronous = normal")
            with database:
                database.execute(_TABLE)
                database.execute("delete from words where reader <> ?", (self._reader,))
                database.execute(_FORGET, (most,))
        except sqlite3.Error:
            database.close()
            raise
        return database

    def _failed(self, error: Exception) -> None:
        self.close()
        self.trouble = (
            f"{FILE_NAME} cannot be used ({one_line(str(error))}); pictures seen before are read "
            "again; delete the file if this stays"
        )
