from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from core import StorageError
from storage import Ledger, LedgerEntry, LedgerNote
from storage.ledger_entry import read_entry
from tests.scanning import ROOT
from tests.storage.appending import notes
from tests.storage.samples import at
from tests.storage.test_failures import files_no_larger_than


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path)


def entries(ledger: Ledger) -> list[LedgerEntry]:
    return [read_entry(line) for line in ledger.lines()]


def appender(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    started = subprocess.Popen(
        [sys.executable, "-m", "tests.storage.appending", str(folder), *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert started.stdout
    assert started.stdout.readline() == b"ready\n"
    return started


def chained(found: list[LedgerEntry]) -> bool:
    previous = ["0" * 64, *(entry.hash for entry in found)]
    return [entry.previous for entry in found] == previous[: len(found)] and [
        entry.number for entry in found
    ] == list(range(1, len(found) + 1))


def test_entries_are_bound_as_the_documents_say(ledger: Ledger) -> None:
    """Recomputed here with nothing but the standard library, as an outsider would."""
    ledger.append(notes("a", 2))
    ledger.append(notes("页", 1))
    previous = "0" * 64
    for number, line in enumerate(ledger.path.read_bytes().splitlines(), start=1):
        entry = json.loads(line)
        said = {name: entry[name] for name in ("at", "kind", "sha256", "subject")}
        content = _sha256(said)
        assert entry["number"] == number
        assert entry["previous"] == previous
        assert entry["hash"] == _sha256(
            {"content": content, "number": number, "previous": previous}
        )
        previous = entry["hash"]
    assert json.loads(ledger.head_path.read_text()) == {"number": 3, "hash": previous}


def _sha256(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def test_what_was_there_is_never_touched(ledger: Ledger) -> None:
    ledger.append(notes("a", 3))
    before = ledger.path.read_bytes()
    given = ledger.append(notes("b", 2))

    assert ledger.path.read_bytes().startswith(before)
    assert tuple(entries(ledger)[3:]) == given
    assert ledger.append([]) == ()
    assert chained(entries(ledger))


def test_hostile_subjects_stay_one_line(ledger: Ledger) -> None:
    ledger.append(
        [
            LedgerNote(kind="capture", subject=text, at=at(), sha256="0" * 64)
            for text in ("a\nb\0\x1b[31m", "\ud800", "x" * 100_000, '"}\\')
        ]
    )
    found = entries(ledger)
    assert len(found) == 4
    assert chained(found)
    assert all("\n" not in entry.subject and len(entry.subject) <= 300 for entry in found)


def test_a_note_without_zone_or_hash_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        LedgerNote(kind="capture", subject="a", at=at().replace(tzinfo=None), sha256="0" * 64)
    with pytest.raises(ValueError, match="not a SHA-256"):
        LedgerNote(kind="capture", subject="a", at=at(), sha256="../../x")


def test_processes_that_append_at_once_make_one_chain(tmp_path: Path) -> None:
    writers = [appender(tmp_path, name, "60") for name in ("a", "b", "c")]
    for writer in writers:
        assert writer.stdin
        writer.stdin.write(b"\n")
        writer.stdin.flush()
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    for writer in writers:
        writer.communicate()
    found = entries(Ledger(tmp_path))

    assert chained(found)
    assert Counter(entry.subject[0] for entry in found) == {"a": 60, "b": 60, "c": 60}
    for name in "abc":
        own = [int(entry.subject[2:]) for entry in found if entry.subject[0] == name]
        assert own == sorted(own), "each writer's entries keep their order"


def test_an_append_killed_in_the_middle_costs_only_its_own_torn_entry(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.append(notes("before", 2))
    dying = appender(tmp_path, "dying", "3", "die")
    dying.communicate(b"\n", timeout=60)
    assert dying.returncode == -9
    assert not ledger.path.read_bytes().endswith(b"\n")

    ledger.append(notes("after", 1))
    subjects = [entry.subject for entry in entries(ledger)]
    assert subjects == ["before-0", "before-1", "dying-0", "dying-1", "after-0"]
    assert chained(entries(ledger))


@pytest.mark.parametrize("torn", [b'{"at":"2026', b"\0" * 5000, b"\xff", b"x" * 200_000])
def test_whatever_a_crash_left_at_the_end_is_cut_off(ledger: Ledger, torn: bytes) -> None:
    ledger.append(notes("a", 2))
    with ledger.path.open("ab") as file:
        file.write(torn)
    ledger.append(notes("b", 1))

    assert [entry.subject for entry in entries(ledger)] == ["a-0", "a-1", "b-0"]
    assert chained(entries(ledger))


def test_a_torn_first_entry_is_cut_off(ledger: Ledger) -> None:
    ledger.path.write_bytes(b'{"at"')
    ledger.append(notes("a", 1))
    assert chained(entries(ledger))


def test_a_whole_entry_that_lacks_its_line_break_is_kept(ledger: Ledger) -> None:
    ledger.append(notes("a", 2))
    whole = ledger.path.read_bytes()
    ledger.append(notes("b", 1))
    head = ledger.head_path.read_bytes()
    ledger.path.write_bytes(ledger.path.read_bytes()[:-1])
    ledger.append(notes("c", 1))

    assert head != ledger.head_path.read_bytes()
    assert ledger.path.read_bytes().startswith(whole)
    assert [entry.subject for entry in entries(ledger)] == ["a-0", "a-1", "b-0", "c-0"]
    assert chained(entries(ledger))


def test_a_full_disk_leaves_nothing_of_a_batch(ledger: Ledger) -> None:
    ledger.append(notes("a", 3))
    before = ledger.path.read_bytes(), ledger.head_path.read_bytes()
    with (
        files_no_larger_than(len(before[0]) + 500),
        pytest.raises(StorageError, match="the disk is full: the ledger"),
    ):
        ledger.append(notes("b", 50))

    assert (ledger.path.read_bytes(), ledger.head_path.read_bytes()) == before
    assert len(ledger.append(notes("c", 1))) == 1


def test_nothing_is_appended_to_a_ledger_that_was_cut(ledger: Ledger) -> None:
    ledger.append(notes("a", 3))
    lines = ledger.path.read_bytes().splitlines(keepends=True)
    ledger.path.write_bytes(b"".join(lines[:2]))
    with pytest.raises(StorageError, match="it ends before entry 3, which was written; run"):
        ledger.append(notes("b", 1))
    assert ledger.path.read_bytes() == b"".join(lines[:2])


def test_nothing_is_appended_behind_an_edited_line(ledger: Ledger) -> None:
    ledger.append(notes("a", 2))
    data = ledger.path.read_bytes()
    ledger.path.write_bytes(data.replace(b"a-1", b"a-7"))
    with pytest.raises(StorageError, match="its last line is damaged: the entry was edited"):
        ledger.append(notes("b", 1))


def test_a_missing_head_is_told(ledger: Ledger) -> None:
    ledger.append(notes("a", 2))
    ledger.head_path.unlink()
    with pytest.raises(StorageError, match=r"ledger\.head is missing"):
        ledger.append(notes("b", 1))


def test_a_ledger_locked_for_too_long_is_told(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.append(notes("a", 1))
    with (
        ledger._locked(),
        pytest.raises(StorageError, match="locked by another process; wait until"),
    ):
        Ledger(tmp_path, lock_timeout_seconds=0.02).append(notes("b", 1))
