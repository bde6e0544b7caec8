"""Which schema a database has, and how it gets the one this program needs.

A new database is made by the same migrations that upgrade an old one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from core import StorageError
from storage.failures import file_error, translating
from storage.session import database_path, reading, sqlite_engine, writing

if TYPE_CHECKING:
    from alembic.config import Config as AlembicConfig

SCHEMA_REVISION = "0002"
"""The newest revision in `migrations/versions`. A constant: a start need not load Alembic."""

_MIGRATIONS = Path(__file__).parent / "migrations"


def prepare(engine: Engine, path: Path, *, needed: str = SCHEMA_REVISION) -> None:
    """Make the database at `path` if there is none; check that its schema is the `needed` one.

    Raises StorageError when the schema is older or newer than this program's, or the file is
    not a database of ours.
    """
    revision = _revision(engine, path)
    if revision is None:
        _migrate(engine, path)
        revision = _revision(engine, path)
    if revision == needed:
        return
    if revision not in _known_revisions():
        raise _newer(path, revision, needed)
    raise StorageError(
        f"the database {path} has the older schema {revision}, this program needs {needed}",
        hint="run `promowatch db upgrade`",
    )


def upgrade(data_folder: Path) -> str:
    """Bring the database of `data_folder` to the newest schema, or make it; the new revision.

    Everything happens in one transaction: it is all done or nothing is. Raises StorageError.
    """
    path = database_path(open_folder(data_folder))
    engine = sqlite_engine(path)
    try:
        revision = _revision(engine, path)
        if revision not in (None, *_known_revisions()):
            raise _newer(path, revision, SCHEMA_REVISION)
        _migrate(engine, path)
        return _revision(engine, path) or ""
    finally:
        engine.dispose()


def current_revision(data_folder: Path) -> str | None:
    """Schema revision of the database in `data_folder`; None where there is none yet.

    Raises StorageError when the file cannot be read as a database.
    """
    path = database_path(data_folder)
    if not path.exists():
        return None
    engine = sqlite_engine(path)
    try:
        return _revision(engine, path)
    finally:
        engine.dispose()


def open_folder(folder: Path) -> Path:
    """`folder`, made if missing. Raises StorageError where that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise file_error("the data folder", folder, error) from error
    return folder


def _revision(engine: Engine, path: Path) -> str | None:
    """The revision of a database of ours, None where nothing is in it.

    Raises StorageError for a database with other tables and no revision.
    """
    with reading(engine, path) as connection:
        tables = inspect(connection).get_table_names()
        if not tables:
            return None
        if "alembic_version" not in tables:
            raise StorageError(
                f"the database {path} was not made by Promowatch", hint="use another data folder"
            )
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return str(found) if found else None


def _newer(path: Path, revision: str | None, needed: str) -> StorageError:
    return StorageError(
        f"the database {path} has schema {revision}, this program needs {needed}",
        hint="use the newer program that made it, or another data folder",
    )


def _migrate(engine: Engine, path: Path) -> None:
    with translating(path):
        _use_wal(engine)
    with writing(engine, path) as connection:
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


def _run_migrations(connection: Connection) -> None:
    from alembic import command

    config = alembic_config()
    config.attributes["connection"] = connection
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
