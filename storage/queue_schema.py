"""The tables of the job queue: Procrastinate's own, beside ours in the same PostgreSQL schema.

Which of its migrations they have is kept as the comment of its table of jobs: Procrastinate itself
leaves that to whoever applies them (https://procrastinate.readthedocs.io, "Migrations").
"""

from __future__ import annotations

from importlib import resources

from sqlalchemy import Connection, text

_JOBS = "procrastinate_jobs"
_PREFIX = "procrastinate_"


def is_of_queue(table: str | None) -> bool:
    """Whether a table belongs to the queue."""
    return bool(table and table.startswith(_PREFIX))


def newest_queue_revision() -> str:
    """The last migration of the Procrastinate that is installed, such as `03.04.00_50_post`."""
    return _migrations()[-1]


def queue_revision(connection: Connection) -> str:
    """The last migration that the queue of a PostgreSQL database has; empty: there is no queue."""
    if connection.scalar(text("SELECT to_regclass(:jobs)"), {"jobs": _JOBS}) is None:
        return ""
    query = text("SELECT obj_description(to_regclass(:jobs), 'pg_class')")
    return str(connection.scalar(query, {"jobs": _JOBS}) or "unknown")


def upgrade_queue(connection: Connection) -> None:
    """Make the queue's tables, or bring them up to the Procrastinate that is installed.

    In the caller's transaction, which holds the write lock.
    """
    known = _migrations()
    present = queue_revision(connection)
    if present == known[-1]:
        return
    folder = resources.files("procrastinate.sql")
    if not present:
        _run(connection, (folder / "schema.sql").read_text(encoding="utf-8"))
    else:
        for name in known:
            if name > present:
                source = folder / "migrations" / f"{name}.sql"
                _run(connection, source.read_text(encoding="utf-8"))
    _run(connection, f"COMMENT ON TABLE {_JOBS} IS '{known[-1]}'")


def queue_complaints(connection: Connection) -> list[str]:
    """What is wrong with the queue's tables, a line each. No queue is not wrong."""
    present = queue_revision(connection)
    if present in ("", newest_queue_revision()):
        return []
    return [f"queue tables {present}, this program needs {newest_queue_revision()}"]


def _migrations() -> list[str]:
    folder = resources.files("procrastinate.sql") / "migrations"
    names = (entry.name for entry in folder.iterdir())
    return sorted(name.removesuffix(".sql") for name in names if name.endswith(".sql"))


def _run(connection: Connection, statements: str) -> None:
    """Several statements as they stand: a percent sign in them is one."""
    cursor = connection.connection.cursor()
    cursor.execute(statements)
    cursor.close()
