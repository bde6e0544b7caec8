from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from core import StorageError
from storage import EvidenceStore

PAGE = b"<html>a page that was crawled</html>"


@pytest.fixture
def evidence(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path)


def test_what_is_put_is_read_back_under_its_hash(evidence: EvidenceStore) -> None:
    kept = evidence.put(PAGE, "response")

    assert (kept.sha256, kept.size_bytes) == (hashlib.sha256(PAGE).hexdigest(), len(PAGE))
    assert evidence.read(kept.sha256, "response") == PAGE
    assert evidence.put(b"", "document").size_bytes == 0


def test_files_lie_two_folders_deep_and_never_end_in_html(evidence: EvidenceStore) -> None:
    kept = evidence.put(PAGE, "response")
    (path,) = (p for p in evidence.folder.rglob("*") if p.is_file())

    assert path.relative_to(evidence.folder).parts[:2] == (kept.sha256[:2], kept.sha256[2:4])
    assert path.name == f"{kept.sha256}.response"


def test_the_same_bytes_are_written_once(evidence: EvidenceStore) -> None:
    kept = evidence.put(PAGE, "response")
    path = evidence.path(kept.sha256, "response")
    written = path.stat()

    assert evidence.put(PAGE, "response") == kept
    assert path.stat().st_ino == written.st_ino
    assert path.stat().st_mtime_ns >= written.st_mtime_ns  # young again: a purge lets it be


def test_a_file_cut_short_is_written_again(evidence: EvidenceStore) -> None:
    kept = evidence.put(PAGE, "response")
    evidence.path(kept.sha256, "response").write_bytes(b"")
    evidence.put(PAGE, "response")

    assert evidence.read(kept.sha256, "response") == PAGE


def test_changed_evidence_is_never_returned(evidence: EvidenceStore) -> None:
    kept = evidence.put(PAGE, "screenshot")
    evidence.path(kept.sha256, "screenshot").write_bytes(PAGE.upper())

    with pytest.raises(StorageError, match=r"was changed: its content has another SHA-256; "):
        evidence.read(kept.sha256, "screenshot")


def test_missing_evidence_is_one_clear_line(evidence: EvidenceStore) -> None:
    with pytest.raises(StorageError, match=r"the evidence file .* cannot be used \(No such file"):
        evidence.read("0" * 64, "picture")


@pytest.mark.parametrize("name", ["../../etc/passwd", "A" * 64, "0" * 63, ""])
def test_only_a_hash_names_a_file(evidence: EvidenceStore, name: str) -> None:
    with pytest.raises(ValueError, match="not a SHA-256"):
        evidence.read(name, "response")


def test_fsync_is_possible(tmp_path: Path) -> None:
    evidence = EvidenceStore(tmp_path, fsync=True)
    assert evidence.read(evidence.put(PAGE, "verdict").sha256, "verdict") == PAGE
