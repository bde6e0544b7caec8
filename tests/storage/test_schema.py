"""One path to the schema: migrations, up and down, quiet, and safe against each other."""

from __future__ import annotations

import logging
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from core import BadInput, StorageError
from storage import (
    SCHEMA_REVISION,
    Step,
    Store,
    check,
    current_revision,
    decide,
    downgrade,
    upgrade,
)
from storage.queue_schema import is_of_queue
from storage.schema import alembic_config, prepare
from storage.session import database_of, database_path, reading, sqlite_engine
from tests.storage.samples import at, look

REVISIONS = sorted(
    script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()
)


def test_the_newest_migration_is_the_revision_the_program_needs() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_current_head() == SCHEMA_REVISION


def test_a_new_database_is_made_by_the_migrations(tmp_path: Path, database_url: str) -> None:
    folder = tmp_path / "not" / "there" / "yet"
    assert current_revision(folder, url=database_url) is None
    Store.open(folder, url=database_url).close()

    assert current_revision(folder, url=database_url) == SCHEMA_REVISION
    assert check(folder, url=database_url) == ()


def test_sqlite_is_set_up_for_readers_beside_a_writer(tmp_path: Path) -> None:
    Store.open(tmp_path).close()
    engine = sqlite_engine(database_path(tmp_path), busy_timeout_seconds=2.5)
    with engine.connect() as connection:
        found = {
            pragma: connection.exec_driver_sql(f"PRAGMA {pragma}").scalar()
            for pragma in ("journal_mode", "foreign_keys", "busy_timeout", "synchronous")
        }
    engine.dispose()
    assert found == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "busy_timeout": 2500,
        "synchronous": 1,
    }


def test_migrations_go_down_and_up_again_with_data_in_the_tables(
    tmp_path: Path, database_url: str
) -> None:
    with Store.open(tmp_path, url=database_url) as store:
        store.record(store.begin_scan("sample", "Sample", started_at=at()), [look()])
        decide(store, "1", "in_review", Step(by="Wang Li", why="a test", at=at(1)))
        store.schedule.add_note("scan:sample", "run_now", who="me", reason="", at=at())
    for revision in reversed(REVISIONS[:-1]):
        downgrade(tmp_path, revision, url=database_url)
        assert current_revision(tmp_path, url=database_url) == revision
    assert upgrade(tmp_path, url=database_url) == SCHEMA_REVISION
    with Store.open(tmp_path, url=database_url) as store:
        (row,) = store.scan_candidates(1)
        assert (row.url, row.status) == (look().url, "open")  # an older schema knows no other

    downgrade(tmp_path, "base", url=database_url)
    database = database_of(tmp_path, url=database_url)
    with reading(database) as connection:
        tables = inspect(connection).get_table_names()
        assert [one for one in tables if not is_of_queue(one)] == ["alembic_version"]
    database.engine.dispose()
    assert upgrade(tmp_path, url=database_url) == SCHEMA_REVISION
    with Store.open(tmp_path, url=database_url) as store:
        assert store.begin_scan("sample", "Sample", started_at=at()) == 1


def test_a_schema_that_never_was_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no schema `1234`; one of "):
        downgrade(tmp_path, "1234")


def test_check_names_what_differs(tmp_path: Path) -> None:
    Store.open(tmp_path).close()
    _execute(database_path(tmp_path), "DROP INDEX ix_gaps_at")
    assert [line.partition(":")[0] for line in check(tmp_path)] == ["differs"]
    _execute(database_path(tmp_path), "UPDATE alembic_version SET version_num = '0001'")
    assert check(tmp_path)[0] == f"schema 0001, this program needs {SCHEMA_REVISION}"


def test_making_a_database_prints_nothing_and_leaves_logging_alone(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    before = (root.level, list(root.handlers), logging.getLogger("sqlalchemy").level)
    Store.open(tmp_path).close()

    assert (root.level, list(root.handlers), logging.getLogger("sqlalchemy").level) == before
    assert not logging.getLogger("alembic").disabled
    assert capfd.readouterr() == ("", "")


def test_upgrade_makes_a_database_and_does_nothing_to_a_current_one(
    tmp_path: Path, database_url: str
) -> None:
    assert upgrade(tmp_path / "data", url=database_url) == SCHEMA_REVISION
    with Store.open(tmp_path / "data", url=database_url) as store:
        scan_id = store.begin_scan("sample", "Sample", started_at=at())
    assert upgrade(tmp_path / "data", url=database_url) == SCHEMA_REVISION
    with Store.open(tmp_path / "data", url=database_url) as store:
        assert store.scan_summary(scan_id).target_id == "sample"


def test_an_old_schema_is_refused_with_the_command_to_run(tmp_path: Path) -> None:
    Store.open(tmp_path).close()
    database = database_of(tmp_path, url="")
    with pytest.raises(StorageError) as refused:
        prepare(database, needed="9999")
    database.engine.dispose()
    assert str(refused.value) == (
        f"the database {database.name} has the older schema {SCHEMA_REVISION}, "
        "this program needs 9999; run `promowatch db upgrade`"
    )


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    Store.open(tmp_path).close()
    _execute(database_path(tmp_path), "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StorageError, match=r"has schema 9999, this program needs .*; use the "):
        Store.open(tmp_path)
    with pytest.raises(StorageError, match=r"has schema 9999, this program needs .*; use the "):
        upgrade(tmp_path)


def test_a_foreign_database_is_left_alone(tmp_path: Path) -> None:
    _execute(database_path(tmp_path), "CREATE TABLE recipes (id INTEGER)")
    for use in (Store.open, upgrade):
        with pytest.raises(StorageError, match="was not made by Promowatch; "):
            use(tmp_path)
    connection = sqlite3.connect(database_path(tmp_path))
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("recipes",)]
    connection.close()


def test_processes_that_open_a_new_folder_at_once_all_succeed(
    tmp_path: Path, database_url: str
) -> None:
    program = (
        "import sys; from pathlib import Path; from storage import Store; import alembic.command;"
        "sys.stdin.readline(); Store.open(Path(sys.argv[1]), busy_timeout_seconds=30).close()"
    )
    root = Path(__file__).parents[2]
    starting = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / "data")],
            cwd=root,
            env={**os.environ, "PROMOWATCH_DATABASE_URL": database_url},
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(6)
    ]
    for process in starting:
        assert process.stdin
        process.stdin.write(b"go\n")
        process.stdin.flush()
    said = [process.communicate()[1].decode() for process in starting]

    assert [process.returncode for process in starting] == [0] * 6, said
    assert current_revision(tmp_path / "data", url=database_url) == SCHEMA_REVISION


def _execute(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()
