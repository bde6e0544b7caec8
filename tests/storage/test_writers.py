"""Processes that write into one database at once: nothing is lost, nothing is there twice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from storage import Store
from tests.scanning import ROOT
from tests.storage.raw import rows
from tests.storage.writing import BATCH


def test_eight_processes_share_one_database(
    store: Store, tmp_path: Path, database_url: str
) -> None:
    names, batches = "abcdefgh", 6
    command = [sys.executable, "-m", "tests.storage.writing", str(tmp_path / "data"), database_url]
    writers = [
        subprocess.Popen(
            [*command, name, str(batches)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
        )
        for name in names
    ]
    for writer in writers:
        assert writer.stdout
        assert writer.stdout.readline() == b"ready\n"
    for writer in writers:
        assert writer.stdin
        writer.stdin.write(b"go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=120)
        assert writer.returncode == 0

    own = len(names) * batches * (BATCH - 1)
    assert rows(store, "SELECT count(*) FROM candidates") == [(own + 1,)]
    assert rows(store, "SELECT count(*), count(DISTINCT url) FROM visits") == [
        (own + len(names), own + 1)
    ]
    assert rows(store, "SELECT count(*) FROM candidate_events WHERE kind = 'new'") == [(own + 1,)]
    assert rows(store, "SELECT state, count(*) FROM scans GROUP BY state") == [
        ("finished", len(names))
    ]
