"""What can go wrong with a disk and a database, made to happen for real."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import StatementError

from core import Gap, GapKind, StorageError
from storage import EvidenceStore, Store, current_revision
from storage.schema import prepare
from storage.session import database_of, database_path
from tests.storage.samples import at, look

NOBODY = 65534


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Only the file in the data folder is put to the test here."""
    with Store.open(tmp_path / "data", url="") as opened:
        yield opened


HOLD_THE_LOCK = (
    "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
    "c.execute('BEGIN EXCLUSIVE'); print('held', flush=True); sys.stdin.readline();"
    "c.execute('ROLLBACK')"
)


@contextmanager
def lock_held_elsewhere(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another process holds the database's write lock until told, or until the end."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD_THE_LOCK, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout
    assert holder.stdout.readline() == b"held\n"
    try:
        yield holder
    finally:
        holder.communicate(b"\n" if holder.stdin and not holder.stdin.closed else None)


@contextmanager
def files_no_larger_than(size_bytes: int) -> Iterator[None]:
    """The kernel refuses every write beyond `size_bytes`, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def unprivileged() -> Iterator[None]:
    """Root ignores permission bits, so root becomes somebody else for a while."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that another user could enter; pytest's own are for their owner alone."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def one_line(error: pytest.ExceptionInfo[StorageError]) -> str:
    text = str(error.value)
    assert "\n" not in text
    assert "; " in text, "says what to do next"
    return text


def test_a_file_in_place_of_the_data_folder(tmp_path: Path) -> None:
    taken = tmp_path / "data"
    taken.write_text("a file")
    for folder in (taken, taken / "below"):
        with pytest.raises(StorageError, match="cannot be a folder: a file stands in its") as error:
            Store.open(folder)
        assert str(folder) in one_line(error)


def test_a_folder_in_place_of_the_database(tmp_path: Path) -> None:
    database_path(tmp_path).mkdir()
    with pytest.raises(StorageError, match="cannot be written") as error:
        Store.open(tmp_path)
    assert one_line(error)


def test_a_data_folder_that_cannot_be_made(open_folder: Path) -> None:
    open_folder.chmod(0o555)
    with unprivileged(), pytest.raises(StorageError, match="Permission denied") as error:
        Store.open(open_folder / "data")
    assert "write permission" in one_line(error)


def test_a_read_only_data_folder(open_folder: Path) -> None:
    Store.open(open_folder).close()
    database_path(open_folder).chmod(0o444)
    open_folder.chmod(0o555)
    with unprivileged(), pytest.raises(StorageError, match="cannot be written") as error:
        Store.open(open_folder).begin_scan("sample", "Sample", started_at=at())
    assert "write permission" in one_line(error)


def test_a_read_only_evidence_folder(open_folder: Path) -> None:
    open_folder.chmod(0o555)
    with unprivileged(), pytest.raises(StorageError, match="Permission denied") as error:
        EvidenceStore(open_folder).put(b"page", "response")
    assert "write permission" in one_line(error)


@pytest.mark.parametrize(
    "content", [b"not a database at all" * 100, b"SQLite format 3\0" + b"\xff" * 9000]
)
def test_a_damaged_database(tmp_path: Path, content: bytes) -> None:
    database_path(tmp_path).write_bytes(content)
    for use in (Store.open, current_revision):
        with pytest.raises(StorageError, match="is damaged or no database") as error:
            use(tmp_path)
        assert "backup" in one_line(error)
    assert database_path(tmp_path).read_bytes() == content


def test_a_page_damaged_in_the_middle(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        scan_id = store.begin_scan("sample", "Sample", started_at=at())
        store.record(scan_id, [look(f"/{n}") for n in range(200)])
    path = database_path(tmp_path)
    with path.open("r+b") as file:
        file.seek(8 * 4096)
        file.write(b"\xa5" * (path.stat().st_size - 8 * 4096))
    with pytest.raises(StorageError, match="is damaged") as error, Store.open(tmp_path) as store:
        store.scan_candidates(scan_id)
    assert "backup" in one_line(error)


def test_a_database_locked_by_another_process(store: Store) -> None:
    scan_id = store.begin_scan("sample", "Sample", started_at=at())
    with (
        lock_held_elsewhere(database_path(store.folder)),
        Store.open(store.folder, busy_timeout_seconds=0.1) as impatient,
    ):
        with pytest.raises(StorageError, match="is locked by another process") as error:
            impatient.record(scan_id, [look()])
        assert impatient.scan_summary(scan_id).looks == 0, "readers go on"
    assert "wait until" in one_line(error)


def test_a_lock_that_is_given_back_in_time_costs_nothing(store: Store) -> None:
    scan_id = store.begin_scan("sample", "Sample", started_at=at())
    failures: list[BaseException] = []

    def write() -> None:
        try:
            store.record(scan_id, [look()])
        except StorageError as error:
            failures.append(error)

    with lock_held_elsewhere(database_path(store.folder)) as holder:
        writer = threading.Thread(target=write)
        writer.start()
        assert holder.stdin
        holder.stdin.write(b"\n")
        holder.stdin.flush()
        writer.join()
    assert failures == []
    assert store.scan_summary(scan_id).looks == 1


def test_a_full_database_loses_the_batch_and_nothing_else(tmp_path: Path) -> None:
    database = database_of(tmp_path, url="")
    engine = database.engine
    prepare(database)
    store = Store(database, tmp_path)
    scan_id = store.begin_scan("sample", "Sample", started_at=at())
    store.record(scan_id, [look("/kept")])
    engine.dispose()

    @event.listens_for(engine, "connect")
    def allow_few_pages(connection: sqlite3.Connection, _entry: object) -> None:
        connection.execute("PRAGMA max_page_count = 40")

    gap = (Gap(GapKind.TIMEOUT, "https://pages.test/slow", "no answer"), at())
    with pytest.raises(StorageError, match="is full") as error:
        store.record(scan_id, [look(f"/{n}") for n in range(500)], [gap])
    assert "free some space" in one_line(error)

    store.record(scan_id, [look("/small")])
    assert store.scan_summary(scan_id).labels == {"violation": 2}
    assert store.gaps(scan_id) == ()
    store.close()


def test_a_disk_that_takes_no_more_bytes(store: Store) -> None:
    scan_id = store.begin_scan("sample", "Sample", started_at=at())
    page = b"a page that does not fit" * 40_000
    with files_no_larger_than(200_000):
        with pytest.raises(StorageError, match="the disk is full") as evidence_error:
            store.evidence.put(page, "response")
        with pytest.raises(StorageError, match="the disk under") as database_error:
            store.record(scan_id, [look(f"/{n}") for n in range(2000)])

    assert "free some space" in one_line(evidence_error)
    assert "free space" in one_line(database_error)
    assert [p for p in store.evidence.folder.rglob("*") if p.is_file()] == [], "no torn file"
    assert store.scan_summary(scan_id).looks == 0
    store.record(scan_id, [look()])
    kept = store.evidence.put(page, "response")
    assert store.evidence.read(kept.sha256, "response") == page


def test_any_error_in_a_batch_undoes_all_of_it(store: Store) -> None:
    scan_id = store.begin_scan("sample", "Sample", started_at=at())
    gap = Gap(GapKind.TIMEOUT, "https://pages.test/slow", "no answer")
    with pytest.raises(StatementError, match="time zone"):
        store.record(scan_id, [look()], [(gap, at().replace(tzinfo=None))])
    assert store.scan_summary(scan_id).looks == 0


def test_several_writers_share_one_database(store: Store) -> None:
    """Threads here; processes take the same locks."""
    scans = [store.begin_scan(f"t{n}", "T", started_at=at()) for n in range(4)]

    def fill(scan_id: int) -> None:
        for n in range(5):
            store.record(scan_id, [look(f"/{n}/{m}") for m in range(20)])

    threads = [threading.Thread(target=fill, args=(scan_id,)) for scan_id in scans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    summaries = [store.scan_summary(scan_id) for scan_id in scans]
    assert [summary.looks for summary in summaries] == [100] * 4
    assert sum(summary.events.get("new", 0) for summary in summaries) == 100
