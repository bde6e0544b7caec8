"""One byte, one line: whatever is changed is found, and named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from storage import Broken, EvidenceStore, Ledger, LedgerNote, Store, Verification, verify_evidence
from storage.records import EvidenceKind
from tests.storage.samples import at
from tests.storage.samples_evidence import filled

KINDS: tuple[EvidenceKind, ...] = (
    "response",
    "warc",
    "document",
    "verdict",
    "screenshot",
    "manifest",
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return filled(tmp_path / "data", "/a", "/b", "/c")


def verified(data: Path) -> Verification:
    with Store.open(data) as store:
        return verify_evidence(store.ledger, store.evidence, store.recorded_manifests())


def broken(data: Path) -> Broken:
    found = verified(data).broken
    assert found is not None
    return found


def test_untouched_evidence_stands(data: Path) -> None:
    steps: list[tuple[int, int]] = []
    found = verify_evidence(
        Ledger(data), EvidenceStore(data), progress=lambda *step: steps.append(step)
    )
    assert (found.broken, found.remarks, found.entries) == (None, (), 6)
    kept = [path for path in (data / "evidence").rglob("*") if path.is_file()]
    assert found.files == len(kept)
    assert found.size_bytes == sum(path.stat().st_size for path in kept)
    assert steps == [(n, 6) for n in range(1, 7)]


def test_an_empty_data_folder_stands(tmp_path: Path) -> None:
    assert verified(tmp_path / "data") == Verification(
        entries=0, files=0, size_bytes=0, broken=None
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", [0, -1])
def test_one_changed_byte_of_any_file_is_named(data: Path, kind: EvidenceKind, place: int) -> None:
    with Store.open(data) as store:
        (file,) = [
            file
            for file in store.case("https://pages.test/b").sightings[0].evidence
            if file.kind == kind
        ]
        path = store.evidence.path(file.sha256, kind)
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(bytes(content))
    found = broken(data)

    assert found.file == path.relative_to(data).as_posix()
    shared = kind in ("response", "verdict")  # the same bytes prove the first sighting too
    assert found.entry == (1 if shared else 3)
    assert "was changed" in found.problem


def test_a_longer_and_a_missing_file_are_named(data: Path) -> None:
    (path,) = [p for p in (data / "evidence").rglob("*.document.json") if b"/c" in p.read_bytes()]
    with path.open("ab") as file:
        file.write(b"\n")
    found = broken(data)
    assert (found.entry, found.file) == (5, path.relative_to(data).as_posix())
    assert found.problem.startswith(f"it has {path.stat().st_size} bytes, its manifest says")
    path.unlink()
    assert broken(data).problem == "the file is missing"


def edited(lines: list[bytes]) -> list[bytes]:
    return [*lines[:3], lines[3].replace(b'"verdict"', b'"capture"'), *lines[4:]]


def respaced(lines: list[bytes]) -> list[bytes]:
    return [*lines[:3], lines[3].replace(b'":"', b'": "', 1), *lines[4:]]


def removed(lines: list[bytes]) -> list[bytes]:
    return [*lines[:3], *lines[4:]]


def reordered(lines: list[bytes]) -> list[bytes]:
    return [*lines[:3], lines[4], lines[3], *lines[5:]]


def doubled(lines: list[bytes]) -> list[bytes]:
    return [*lines[:3], lines[2], *lines[3:]]


def blank(lines: list[bytes]) -> list[bytes]:
    return [*lines[:3], b"\n", *lines[3:]]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (edited, "the entry was edited: its hash is"),
        (respaced, "not written as the ledger writes it"),
        (removed, "entry 4 is missing here: the line says it is entry 5"),
        (reordered, "entry 4 is missing here: the line says it is entry 5"),
        (doubled, "entry 4 is missing here: the line says it is entry 3"),
        (blank, "the line is no ledger entry"),
    ],
)
def test_a_changed_ledger_names_its_first_broken_entry(
    data: Path, change: Callable[[list[bytes]], list[bytes]], says: str
) -> None:
    path = data / "ledger.jsonl"
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))
    found = broken(data)
    assert (found.entry, found.file) == (4, "ledger.jsonl")
    assert says in found.problem


def test_every_single_byte_of_the_ledger_counts(data: Path) -> None:
    """But for the last line break, which an append that was cut short may lack."""
    path = data / "ledger.jsonl"
    whole = path.read_bytes()
    ledger, evidence = Ledger(data), EvidenceStore(data)
    for place in range(0, len(whole) - 1, 7):
        changed = bytearray(whole)
        changed[place] ^= 1
        path.write_bytes(bytes(changed))
        found = verify_evidence(ledger, evidence).broken
        assert found is not None, place
        assert found.entry == whole[:place].count(b"\n") + 1


def test_lines_cut_off_at_the_end_are_missed(data: Path) -> None:
    path = data / "ledger.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:4]))
    found = broken(data)
    assert (found.entry, found.file) == (5, "ledger.jsonl")
    assert "6 entries were written" in found.problem


def test_a_ledger_begun_anew_does_not_know_what_the_database_knows(data: Path) -> None:
    (data / "ledger.jsonl").unlink()
    (data / "ledger.head").unlink()
    found = broken(data)
    assert found.entry == 0
    assert found.file.endswith(".manifest.json")
    assert found.problem == "the database names it, the ledger does not (3 such)"


@pytest.mark.parametrize("content", [None, b"", b'{"number":6,"hash":"0"}', b"[]"])
def test_a_changed_head_is_named(data: Path, content: bytes | None) -> None:
    path = data / "ledger.head"
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    assert "ledger.head" in broken(data).file + broken(data).problem


def test_an_append_cut_short_is_a_remark_and_no_break(data: Path) -> None:
    with (data / "ledger.jsonl").open("ab") as file:
        file.write(b'{"at":"2026-')
    found = verified(data)
    assert found.broken is None
    assert found.entries == 6
    assert "12 bytes of an unfinished entry" in found.remarks[0]


def test_a_forged_chain_is_stopped_by_its_head(data: Path) -> None:
    """Somebody who writes a whole new chain must forge the head as well."""
    head = (data / "ledger.head").read_bytes()
    (data / "ledger.jsonl").unlink()
    (data / "ledger.head").unlink()
    sha256 = EvidenceStore(data).put(b"{}", "decision").sha256
    Ledger(data).append(
        [LedgerNote(kind="decision", subject="x", at=at(), sha256=sha256) for _ in range(6)]
    )
    (data / "ledger.head").write_bytes(head)
    assert broken(data) == Broken(
        entry=6, file="ledger.jsonl", problem="ledger.head names another hash for this entry"
    )
