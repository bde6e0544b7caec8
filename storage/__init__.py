"""Takedown candidates, sightings, scans and evidence, kept in one data folder."""

from storage.evidence import EvidenceStore
from storage.portable_json import portable_json
from storage.records import (
    EVENT_KINDS,
    GAP_EXAMPLES,
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
from storage.schema import SCHEMA_REVISION, current_revision, upgrade
from storage.store import Store

__all__ = [
    "EVENT_KINDS",
    "GAP_EXAMPLES",
    "SCHEMA_REVISION",
    "CandidateEvent",
    "CandidateRow",
    "DayRecord",
    "DestinationChangeRecord",
    "EventKind",
    "EvidenceFile",
    "EvidenceKind",
    "EvidenceStore",
    "GapRecord",
    "LinkDestinationRecord",
    "Look",
    "ScanState",
    "ScanSummary",
    "Seen",
    "SightingRecord",
    "Store",
    "Unseen",
    "current_revision",
    "portable_json",
    "surface_key",
    "upgrade",
]
