"""The database server itself: down, refusing, restarted in the middle."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import BadInput, StorageError
from storage import Store
from storage.patience import patiently
from storage.session import database_of
from tests.postgres import Server, empty_database, private_server
from tests.scanning import run_promowatch
from tests.storage.raw import rows
from tests.storage.samples import at, look


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with private_server() as running:
        yield running


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("no url at all", "PROMOWATCH_DATABASE_URL is no database URL; write it as postgresql"),
        ("mysql://host/name", "PROMOWATCH_DATABASE_URL names `mysql`, not PostgreSQL; write it as"),
    ],
)
def test_a_wrong_url_is_bad_input(tmp_path: Path, url: str, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        database_of(tmp_path, url=url)
    assert str(refused.value).startswith(said)


def test_messages_never_show_the_password(tmp_path: Path) -> None:
    url = "postgresql://team:sesame@127.0.0.1:1/promowatch"
    with pytest.raises(StorageError, match="does not answer") as failed:
        Store.open(tmp_path, url=url)
    assert "sesame" not in str(failed.value)
    assert "team:***@127.0.0.1:1/promowatch" in str(failed.value)


def test_a_database_that_is_not_there(tmp_path: Path, server: Server) -> None:
    url = server.url.replace("/postgres", "/nowhere")
    with pytest.raises(StorageError, match=r"does not answer|there is no database"):
        Store.open(tmp_path, url=url)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_restarted_server_costs_nothing(tmp_path: Path, server: Server, how: int) -> None:
    with empty_database(server.url) as url, Store.open(tmp_path, url=url) as store:
        scan_id = store.begin_scan("sample", "Sample", started_at=at())
        store.record(scan_id, [look("/before")])
        server.stop(how=how)
        restart = threading.Thread(target=server.start)
        restart.start()
        store.record(scan_id, [look("/meanwhile")])
        restart.join()
        store.record(scan_id, [look("/after")])
        assert rows(store, "SELECT count(*) FROM candidates") == [(3,)]


def test_patience_ends(tmp_path: Path) -> None:
    def work() -> None:
        Store.open(tmp_path, url="postgresql://127.0.0.1:1/none")

    with pytest.raises(StorageError, match="does not answer"):
        patiently(work, patience_seconds=0.5)


def test_the_db_commands_serve_the_server_too(tmp_path: Path, server: Server) -> None:
    with empty_database(server.url) as url:

        def db(*arguments: str) -> tuple[int, str]:
            done = run_promowatch(
                "db", *arguments, "--data", str(tmp_path), PROMOWATCH_DATABASE_URL=url
            )
            return done.returncode, done.stdout.strip() or done.stderr.strip()

        assert db("current") == (0, "none")
        assert db("check")[0] == 1
        newest = db("upgrade")
        assert newest[0] == 0
        assert db("check") == (0, "ok")
        assert db("downgrade", "0001") == (0, "schema is now 0001")
        assert db("check")[0] == 1
        assert db("upgrade") == newest
