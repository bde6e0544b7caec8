"""Takedown candidates, sightings, scans and evidence, kept in one data folder."""

from storage.cases import Case
from storage.evidence import EvidenceStore
from storage.evidence_upload import Upload
from storage.ledger import Ledger, LedgerHead
from storage.ledger_entry import LedgerEntry, LedgerKind, LedgerNote, read_entry
from storage.manifest import (
    ContrastView,
    Manifest,
    ManifestHop,
    MarkedCopy,
    contrast_view,
    manifest_of,
    read_manifest,
)
from storage.portable_json import portable_json
from storage.records import (
    EVENT_KINDS,
    GAP_EXAMPLES,
    NOTHING_THERE,
    CandidateEvent,
    CandidateRow,
    DayRecord,
    DestinationChangeRecord,
    EntryChangeRecord,
    EntryHistory,
    EventKind,
    EvidenceFile,
    EvidenceKind,
    GapRecord,
    LinkDestinationRecord,
    Look,
    ScanState,
    ScanSummary,
    Seen,
    SightingRecord,
    Unseen,
    surface_key,
)
from storage.remote_evidence import EvidenceStoreGone
from storage.schema import (
    SCHEMA_REVISION,
    check,
    current_revision,
    downgrade,
    prepare_queue,
    upgrade,
)
from storage.session import Database, server_conninfo
from storage.software import SOFTWARE
from storage.store import Store
from storage.timestamps import TokenChecker, stamp_ledger, timestamps_available
from storage.verification import Broken, Stamp, Verification, verify_evidence
from storage.warc import warc_of

__all__ = [
    "EVENT_KINDS",
    "GAP_EXAMPLES",
    "NOTHING_THERE",
    "SCHEMA_REVISION",
    "SOFTWARE",
    "Broken",
    "CandidateEvent",
    "CandidateRow",
    "Case",
    "ContrastView",
    "Database",
    "DayRecord",
    "DestinationChangeRecord",
    "EntryChangeRecord",
    "EntryHistory",
    "EventKind",
    "EvidenceFile",
    "EvidenceKind",
    "EvidenceStore",
    "EvidenceStoreGone",
    "GapRecord",
    "Ledger",
    "LedgerEntry",
    "LedgerHead",
    "LedgerKind",
    "LedgerNote",
    "LinkDestinationRecord",
    "Look",
    "Manifest",
    "ManifestHop",
    "MarkedCopy",
    "ScanState",
    "ScanSummary",
    "Seen",
    "SightingRecord",
    "Stamp",
    "Store",
    "TokenChecker",
    "Unseen",
    "Upload",
    "Verification",
    "check",
    "contrast_view",
    "current_revision",
    "downgrade",
    "manifest_of",
    "portable_json",
    "prepare_queue",
    "read_entry",
    "read_manifest",
    "server_conninfo",
    "stamp_ledger",
    "surface_key",
    "timestamps_available",
    "upgrade",
    "verify_evidence",
    "warc_of",
]
