"""Which files the ledger says were purged."""

from __future__ import annotations

from core import StorageError, Unreadable
from storage.evidence import EvidenceStore
from storage.ledger import Ledger
from storage.ledger_entry import read_entry
from storage.purge_file import read_purge
from storage.records import EvidenceKind


def purged_files(ledger: Ledger, evidence: EvidenceStore) -> dict[tuple[EvidenceKind, str], int]:
    """The files that purges have removed, each with the number of the last purge's entry.

    A damaged line or purge file vouches for nothing here; `verify_evidence` names it.
    """
    found: dict[tuple[EvidenceKind, str], int] = {}
    for line in ledger.lines():
        if b'"kind":"purge"' not in line:
            continue
        try:
            entry = read_entry(line)
            files = read_purge(evidence, entry.sha256).files
        except (StorageError, Unreadable):
            continue
        found.update({(file.kind, file.sha256): entry.number for file in files})
    return found
