"""Takedown candidates, sightings, scans and evidence, kept in one data folder."""

from storage.cases import Case
from storage.day_work import DayDecision, DayWork, day_work
from storage.decision_file import DecisionFile, read_decision
from storage.decisions import DecisionRecord, Step, last_step
from storage.evidence import EvidenceStore
from storage.fingerprints import ResemblanceRecord
from storage.ledger import Ledger, LedgerHead
from storage.ledger_entry import LedgerEntry, LedgerKind, LedgerNote, read_entry
from storage.manifest import (
    ContrastView,
    Manifest,
    ManifestHop,
    MarkedCopy,
    absence_manifest,
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
from storage.schema import SCHEMA_REVISION, check, current_revision, downgrade, upgrade
from storage.software import SOFTWARE
from storage.store import Store
from storage.timestamps import TokenChecker, stamp_ledger, timestamps_available
from storage.verification import Broken, Stamp, Verification, verify_evidence
from storage.warc import warc_of
from storage.work import (
    RECHECK_PREFIX,
    CaseHistory,
    RecheckRecord,
    WorkRow,
    case_history,
    count_cases,
    decide,
    record_recheck,
    scan_resemblances,
    worklist,
)

__all__ = [
    "EVENT_KINDS",
    "GAP_EXAMPLES",
    "NOTHING_THERE",
    "RECHECK_PREFIX",
    "SCHEMA_REVISION",
    "SOFTWARE",
    "Broken",
    "CandidateEvent",
    "CandidateRow",
    "Case",
    "CaseHistory",
    "ContrastView",
    "DayDecision",
    "DayRecord",
    "DayWork",
    "DecisionFile",
    "DecisionRecord",
    "DestinationChangeRecord",
    "EventKind",
    "EvidenceFile",
    "EvidenceKind",
    "EvidenceStore",
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
    "RecheckRecord",
    "ResemblanceRecord",
    "ScanState",
    "ScanSummary",
    "Seen",
    "SightingRecord",
    "Stamp",
    "Step",
    "Store",
    "TokenChecker",
    "Unseen",
    "Verification",
    "WorkRow",
    "absence_manifest",
    "case_history",
    "check",
    "contrast_view",
    "count_cases",
    "current_revision",
    "day_work",
    "decide",
    "downgrade",
    "last_step",
    "manifest_of",
    "portable_json",
    "read_decision",
    "read_entry",
    "read_manifest",
    "record_recheck",
    "scan_resemblances",
    "stamp_ledger",
    "surface_key",
    "timestamps_available",
    "upgrade",
    "verify_evidence",
    "warc_of",
    "worklist",
]
