"""Engines and transactions: how the database is opened and how one short write is done."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.pool import ConnectionPoolEntry

from storage.failures import translating
from storage.portable_json import portable_json

DATABASE_NAME = "promowatch.sqlite3"
BUSY_TIMEOUT_SECONDS = 5.0


def database_path(data_folder: Path) -> Path:
    """Where the database of a data folder stands."""
    return data_folder / DATABASE_NAME


def sqlite_engine(path: Path, *, busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS) -> Engine:
    """An engine on the SQLite file at `path`; connects on first use.

    Transactions are ours: the driver's own implicit BEGIN is off, because it starts a write as a
    read and then fails with SQLITE_BUSY at once instead of waiting
    (https://www.sqlite.org/lang_transaction.html). synchronous=NORMAL in WAL mode loses nothing
    when a process dies; a power failure may cost the last transactions, never the file.
    """
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": busy_timeout_seconds, "isolation_level": None},
        json_serializer=_json_text,
        json_deserializer=msgspec.json.decode,
    )

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        for pragma in ("foreign_keys=ON", "synchronous=NORMAL"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


@contextmanager
def reading(engine: Engine, path: Path) -> Iterator[Connection]:
    """One consistent view of the database. Raises StorageError."""
    with translating(path), engine.begin() as connection:
        yield connection


@contextmanager
def writing(engine: Engine, path: Path) -> Iterator[Connection]:
    """One transaction that holds the write lock from its first moment. Raises StorageError.

    On any error nothing of it stays.
    """
    exclusive = engine.execution_options(sqlite_begin="IMMEDIATE")
    with translating(path), exclusive.begin() as connection:
        yield connection


def _json_text(value: Any) -> str:
    return portable_json(value).decode()
