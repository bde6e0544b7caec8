"""Engines and transactions: how the database is opened and how one short write is done.

Two databases are served: the SQLite file of a data folder, and the PostgreSQL server that
`PROMOWATCH_DATABASE_URL` names. What differs between them is here, in `storage.schema` (WAL) and in
`storage.failures` (what their drivers say).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from core import BadInput
from storage.failures import translating
from storage.portable_json import portable_json

DATABASE_NAME = "promowatch.sqlite3"
DATABASE_URL_VARIABLE = "PROMOWATCH_DATABASE_URL"
BUSY_TIMEOUT_SECONDS = 5.0
_POSTGRESQL = "postgresql+psycopg"
_WRITE_LOCK = 0x70726F6D6F77
"""The advisory lock that a writer holds to the end of its transaction ("promow")."""


class Database(msgspec.Struct, frozen=True):
    """An engine, and what messages call the database: a path, or a URL without its password."""

    engine: Engine
    name: str

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file of the data folder."""
        return self.engine.dialect.name == "sqlite"


def database_of(
    data_folder: Path, *, url: str | None = None, busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS
) -> Database:
    """The database that goes with a data folder: the server `url` names, else the folder's file.

    `url` None: what PROMOWATCH_DATABASE_URL says. Connects on first use. Raises BadInput.
    """
    named = os.environ.get(DATABASE_URL_VARIABLE, "") if url is None else url
    if not named:
        path = database_path(data_folder)
        return Database(sqlite_engine(path, busy_timeout_seconds=busy_timeout_seconds), str(path))
    try:
        parsed = make_url(named)
    except ArgumentError:
        raise BadInput(f"{DATABASE_URL_VARIABLE} is no database URL", hint=_URL_HINT) from None
    if parsed.drivername not in ("postgresql", _POSTGRESQL):
        raise BadInput(
            f"{DATABASE_URL_VARIABLE} names `{parsed.drivername}`, not PostgreSQL", hint=_URL_HINT
        )
    engine = postgresql_engine(parsed.set(drivername=_POSTGRESQL), busy_timeout_seconds)
    return Database(engine, parsed.render_as_string(hide_password=True))


def server_conninfo(database: Database) -> str:
    """How libpq finds the server of a database; empty for SQLite. Holds the password."""
    if database.is_sqlite:
        return ""
    url = database.engine.url
    named: dict[str, Any] = url.translate_connect_args(username="user", database="dbname")
    return make_conninfo("", **named, **dict[str, Any](url.query))


_URL_HINT = "write it as postgresql+psycopg://user:password@host/database"


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


def postgresql_engine(url: URL, busy_timeout_seconds: float, *, pool_size: int = 3) -> Engine:
    """An engine on a PostgreSQL server; a connection that the server has closed is replaced.

    A statement waits `busy_timeout_seconds`, but at least a minute, for a lock: unlike SQLite's,
    a queue here is orderly.
    """
    timeout = int(max(60.0, busy_timeout_seconds) * 1_000)
    given = url.query.get("options", "")
    return create_engine(
        url,
        connect_args={
            "connect_timeout": 10,
            "application_name": "promowatch",
            "options": f"{given} -c lock_timeout={timeout}",
        },
        json_serializer=_json_text,
        json_deserializer=msgspec.json.decode,
        pool_pre_ping=True,
        pool_size=pool_size,
    )


@contextmanager
def reading(database: Database) -> Iterator[Connection]:
    """One consistent view of the database. Raises StorageError."""
    engine = database.engine
    if not database.is_sqlite:
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with translating(database.name), engine.begin() as connection:
        yield connection


@contextmanager
def writing(database: Database) -> Iterator[Connection]:
    """One transaction that holds the write lock from its first moment. Raises StorageError.

    On any error nothing of it stays. Writers take turns on PostgreSQL too, by an advisory lock: a
    batch reads what is known, decides, and writes, and two that do so at once would not see what
    the other is about to write.
    """
    exclusive = database.engine.execution_options(sqlite_begin="IMMEDIATE")
    with translating(database.name), exclusive.begin() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITE_LOCK})
        yield connection


def _json_text(value: Any) -> str:
    return portable_json(value).decode()
