"""Which schema a database has, and how it gets the one this program needs.

A new database is made by the same migrations that upgrade an old one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from core import BadInput, StorageError
from storage.failures import file_error, translating
from storage.queue_schema import is_of_queue, queue_complaints, upgrade_queue
from storage.session import Database, database_of, database_path, reading, writing

if TYPE_CHECKING:
    from alembic.config import Config as AlembicConfig

SCHEMA_REVISION = "0008"
"""The newest revision in `migrations/versions`. A constant: a start need not load Alembic."""

_MIGRATIONS = Path(__file__).parent / "migrations"


def prepare(database: Database, *, needed: str = SCHEMA_REVISION) -> None:
    """Make the tables if there are none; check that the schema is the `needed` one.

    Raises StorageError when the schema is older or newer than this program's, or the file is
    not a database of ours.
    """
    revision = _revision(database)
    if revision is None:
        _migrate(database)
        revision = _revision(database)
    if revision == needed:
        return
    if revision not in _known_revisions():
        raise _newer(database, revision, needed)
    raise StorageError(
        f"the database {database.name} has the older schema {revision}, "
        f"this program needs {needed}",
        hint="run `promowatch db upgrade`",
    )


def upgrade(data_folder: Path, *, url: str | None = None) -> str:
    """Bring the database of `data_folder` to the newest schema, or make it; the new revision.

    Everything happens in one transaction: it is all done or nothing is. Raises StorageError.
    """
    database = database_of(open_folder(data_folder), url=url)
    try:
        revision = _revision(database)
        if revision not in (None, *_known_revisions()):
            raise _newer(database, revision, SCHEMA_REVISION)
        _migrate(database)
        prepare_queue(database)
        return _revision(database) or ""
    finally:
        database.engine.dispose()


def downgrade(data_folder: Path, revision: str, *, url: str | None = None) -> None:
    """Take the database back to `revision`; what only newer schemas hold is lost.

    Raises BadInput for a revision that is none, StorageError.
    """
    known = (*sorted(_known_revisions()), "base")
    if revision not in known:
        raise BadInput(f"there is no schema `{revision}`", hint=f"one of {', '.join(known)}")
    database = database_of(data_folder, url=url)
    try:
        with writing(database) as connection:
            _run_migrations(connection, down_to=revision)
    finally:
        database.engine.dispose()


def current_revision(data_folder: Path, *, url: str | None = None) -> str | None:
    """Schema revision of the database of `data_folder`; None where there is none yet.

    Raises StorageError when it cannot be read as a database.
    """
    database = database_of(data_folder, url=url)
    if database.is_sqlite and not database_path(data_folder).exists():
        return None
    try:
        return _revision(database)
    finally:
        database.engine.dispose()


def check(data_folder: Path, *, url: str | None = None) -> tuple[str, ...]:
    """What is wrong with the database of `data_folder`, a line each; none: all is well.

    Compares its tables with this program's and, on SQLite, asks the file for its integrity.
    Raises StorageError when it is not there or cannot be read.
    """
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    from storage.models import Base

    revision = current_revision(data_folder, url=url)
    if revision is None:
        raise StorageError("there is no database yet", hint="run `promowatch db upgrade`")
    database = database_of(data_folder, url=url)
    try:
        with reading(database) as connection:
            found: list[str] = []
            if revision != SCHEMA_REVISION:
                found.append(f"schema {revision}, this program needs {SCHEMA_REVISION}")
            options = {"compare_type": True, "include_name": _is_ours}
            context = MigrationContext.configure(connection, opts=options)
            found += [f"differs: {one}" for one in compare_metadata(context, Base.metadata)]
            if database.is_sqlite:
                found += _sqlite_complaints(connection)
            else:
                found += queue_complaints(connection)
            return tuple(found)
    finally:
        database.engine.dispose()


def prepare_queue(database: Database) -> None:
    """Make the tables of the job queue, or bring them up to date; SQLite has none.

    Raises StorageError.
    """
    if not database.is_sqlite:
        with writing(database) as connection:
            upgrade_queue(connection)


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or not is_of_queue(name)


def _sqlite_complaints(connection: Connection) -> list[str]:
    said = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    lines = [line for line in said if line != "ok"]
    return [*lines, *(f"{row[0]} points to a missing row of {row[2]}" for row in broken[:20])]


def open_folder(folder: Path) -> Path:
    """`folder`, made if missing. Raises StorageError where that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise file_error("the data folder", folder, error) from error
    return folder


def _revision(database: Database) -> str | None:
    """The revision of a database of ours, None where nothing is in it.

    Raises StorageError for a database with other tables and no revision.
    """
    with reading(database) as connection:
        tables = inspect(connection).get_table_names()
        if not tables:
            return None
        if "alembic_version" not in tables:
            raise StorageError(
                f"the database {database.name} was not made by Promowatch",
                hint="use another data folder"
                if database.is_sqlite
                else "use a database (or a schema) of its own",
            )
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return str(found) if found else None


def _newer(database: Database, revision: str | None, needed: str) -> StorageError:
    return StorageError(
        f"the database {database.name} has schema {revision}, this program needs {needed}",
        hint="use the newer program that made it, or another data folder",
    )


def _migrate(database: Database) -> None:
    if database.is_sqlite:
        with translating(database.name):
            _use_wal(database.engine)
    with writing(database) as connection:
        _run_migrations(connection)


def _use_wal(engine: Engine) -> None:
    """Write-ahead log, so that reports read while a scan writes. Kept in the file from then on.

    Outside any transaction, because SQLite cannot change it inside one.
    """
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()


def _run_migrations(connection: Connection, *, down_to: str = "") -> None:
    from alembic import command

    config = alembic_config()
    config.attributes["connection"] = connection
    if down_to:
        command.downgrade(config, down_to)
    else:
        command.upgrade(config, "head")


def alembic_config() -> AlembicConfig:
    """Where the migrations are, for Alembic's own commands; needs `attributes["connection"]`."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _known_revisions() -> frozenset[str]:
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(alembic_config())
    return frozenset(revision.revision for revision in script.walk_revisions())
