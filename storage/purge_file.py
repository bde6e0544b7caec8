"""A purge as it is kept: one file of the evidence store, which the ledger names by its hash.

It says who removed what, when, why and by which rules, and names each removed file by its hash, so
that `promowatch evidence verify` can tell what was purged from what is missing. No crawled text.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from core import StorageError, Unreadable
from core.retention import Retention, RetentionRule
from storage.evidence import EvidenceStore
from storage.records import EvidenceFile

PURGE_FORMAT = 1


class PurgedCase(msgspec.Struct, frozen=True, kw_only=True):
    """What goes of one case: these sightings, and what happened to it `before` that time. `whole`:
    nobody ever decided about it, and the case itself goes too."""

    candidate_id: int
    key: str
    rule: RetentionRule
    target_id: str
    before: datetime
    sightings: tuple[int, ...]
    whole: bool


class ClearRows(msgspec.Struct, frozen=True, kw_only=True):
    """The `rows` of clear surfaces of a target seen `before` that time, which go."""

    target_id: str
    before: datetime
    rows: int


class PurgeFile(msgspec.Struct, frozen=True, kw_only=True):
    """One purge. `retention` are the rules by target, `at` is UTC."""

    format: int = PURGE_FORMAT
    by: str
    why: str
    at: datetime
    retention: dict[str, Retention]
    cases: tuple[PurgedCase, ...]
    clear: tuple[ClearRows, ...]
    files: tuple[EvidenceFile, ...]

    @property
    def data(self) -> bytes:
        """The bytes of the file."""
        return msgspec.json.encode(self, order="deterministic")

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to remove."""
        return not self.cases and not self.clear

    @property
    def sightings(self) -> int:
        """How many sightings go."""
        return sum(len(case.sightings) for case in self.cases)

    @property
    def size_bytes(self) -> int:
        """What the removed files held."""
        return sum(file.size_bytes for file in self.files)


def read_purge(evidence: EvidenceStore, sha256: str) -> PurgeFile:
    """The purge kept under `sha256`. Raises StorageError."""
    data = evidence.read(sha256, "purge")
    try:
        purge = msgspec.json.decode(data, type=PurgeFile)
        if purge.format > PURGE_FORMAT:
            raise Unreadable(f"it has format {purge.format}, we read {PURGE_FORMAT}")
    except (msgspec.MsgspecError, UnicodeDecodeError, Unreadable) as error:
        raise StorageError(
            f"the purge {evidence.path(sha256, 'purge')} cannot be read ({error})",
            hint="use the version of the program that wrote it",
        ) from error
    return purge
