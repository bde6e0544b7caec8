"""The tables, typed and without behaviour.

Rows are written and read through the functions of this package; nobody outside sees a model. What
the machine found (`presence`, `label`, scores) and what a person decided (`status`) are separate
columns, and no statement writes both.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from core.casework import CaseState
from core.document import Surface
from core.frontier import PageState
from core.verdict import Label
from core.verdict_change import ChangeKind
from storage.column_types import Identifier, JsonValue, UtcDateTime
from storage.records import EventKind, EvidenceKind, Presence, ScanState, Seen

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Names every constraint, so that a later migration can address it on either database."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map: ClassVar = {int: Identifier, datetime: UtcDateTime}


class Scan(Base):
    """One run over one target."""

    __tablename__ = "scans"

    id: Mapped[int] = mapped_column(primary_key=True)
    target_id: Mapped[str] = mapped_column(String(200), index=True)
    title: Mapped[str] = mapped_column(Text)
    state: Mapped[ScanState] = mapped_column(String(16))
    started_at: Mapped[datetime] = mapped_column(index=True)
    finished_at: Mapped[datetime | None]
    notes: Mapped[list[str]] = mapped_column(JsonValue)


class ScanGap(Base):
    """What a scan could not see, and why."""

    __tablename__ = "gaps"

    id: Mapped[int] = mapped_column(primary_key=True)
    scan_id: Mapped[int] = mapped_column(ForeignKey("scans.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(index=True)


class Visit(Base):
    """A surface looked at in a scan: a light row for every one of them, clear ones included.

    `recorded_at` is the time within the scan, which for a saved page or a WARC record is later
    than the capture's own. A surface met twice in a scan keeps the graver of the two.
    """

    __tablename__ = "visits"
    __table_args__ = ({"sqlite_with_rowid": False},)

    scan_id: Mapped[int] = mapped_column(
        ForeignKey("scans.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    status: Mapped[int | None] = mapped_column(SmallInteger)
    seen: Mapped[Seen] = mapped_column(String(16))
    score: Mapped[float | None]
    recorded_at: Mapped[datetime]


class Candidate(Base):
    """A surface a person should look at, under its stable key.

    `status` belongs to people, every other column to the machine. The texts are those of the
    newest sighting.
    """

    __tablename__ = "candidates"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(32), unique=True)
    surface: Mapped[Surface] = mapped_column(String(32))
    url: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    platform: Mapped[str] = mapped_column(String(200))
    app_id: Mapped[str] = mapped_column(String(200))
    status: Mapped[CaseState] = mapped_column(String(32), index=True)
    presence: Mapped[Presence] = mapped_column(String(16))
    first_seen: Mapped[datetime]
    last_seen: Mapped[datetime]
    gone_at: Mapped[datetime | None]
    best_score: Mapped[float]
    label: Mapped[Label] = mapped_column(String(16))
    headline_zh: Mapped[str] = mapped_column(Text)
    headline_en: Mapped[str] = mapped_column(Text)


class Sighting(Base):
    """One capture of a candidate: a scan sees it once per distinct content."""

    __tablename__ = "sightings"
    __table_args__ = (UniqueConstraint("candidate_id", "scan_id", "content_sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    candidate_id: Mapped[int] = mapped_column(ForeignKey("candidates.id", ondelete="CASCADE"))
    scan_id: Mapped[int] = mapped_column(ForeignKey("scans.id", ondelete="CASCADE"), index=True)
    seen_at: Mapped[datetime]
    content_sha256: Mapped[str] = mapped_column(String(64))
    label: Mapped[Label] = mapped_column(String(16))
    score: Mapped[float]
    verdict: Mapped[Any] = mapped_column(JsonValue)


class SightingEvidence(Base):
    """A file of the evidence store that proves a sighting; a file may prove several."""

    __tablename__ = "evidence_files"
    __table_args__ = ({"sqlite_with_rowid": False},)

    sighting_id: Mapped[int] = mapped_column(
        ForeignKey("sightings.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[EvidenceKind] = mapped_column(String(16), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)
    size_bytes: Mapped[int]


class ScanEvent(Base):
    """What happened to a candidate in a scan: at most one thing."""

    __tablename__ = "candidate_events"
    __table_args__ = (UniqueConstraint("candidate_id", "scan_id"), Index(None, "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    candidate_id: Mapped[int] = mapped_column(ForeignKey("candidates.id", ondelete="CASCADE"))
    scan_id: Mapped[int] = mapped_column(ForeignKey("scans.id", ondelete="CASCADE"), index=True)
    kind: Mapped[EventKind] = mapped_column(String(16))
    at: Mapped[datetime]


class ShadowChange(Base):
    """What shadow rules would have said otherwise of a surface in a scan."""

    __tablename__ = "shadow_changes"
    __table_args__ = (Index(None, "at"), {"sqlite_with_rowid": False})

    scan_id: Mapped[int] = mapped_column(
        ForeignKey("scans.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    kind: Mapped[ChangeKind] = mapped_column(String(16))
    change: Mapped[Any] = mapped_column(JsonValue)
    at: Mapped[datetime]


class LinkDestination(Base):
    """Where an opaque link of a target led when its end was last reached.

    `previous` is where it led before the scan `scan_id`, or empty. A row outlives its scan.
    """

    __tablename__ = "link_destinations"
    __table_args__ = ({"sqlite_with_rowid": False},)

    target_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    link_key: Mapped[str] = mapped_column(String(32), primary_key=True)
    link: Mapped[str] = mapped_column(Text)
    destination: Mapped[str] = mapped_column(Text)
    previous: Mapped[str] = mapped_column(Text)
    hops: Mapped[Any] = mapped_column(JsonValue)
    scan_id: Mapped[int]
    resolved_at: Mapped[datetime]


class DestinationChange(Base):
    """A link of a surface that led elsewhere than when its target was scanned before."""

    __tablename__ = "destination_changes"
    __table_args__ = (Index(None, "at"), {"sqlite_with_rowid": False})

    scan_id: Mapped[int] = mapped_column(
        ForeignKey("scans.id", ondelete="CASCADE"), primary_key=True
    )
    link_key: Mapped[str] = mapped_column(String(32), primary_key=True)
    surface_key: Mapped[str] = mapped_column(String(32), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    link: Mapped[str] = mapped_column(Text)
    before: Mapped[str] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class EntryRow(Base):
    """A listing entry as it was first seen (`first`) and last (`state`): core.entry_state.

    Written only when something changed: `seen_at` is when that was. A row outlives its scan.
    """

    __tablename__ = "entries"
    __table_args__ = ({"sqlite_with_rowid": False},)

    surface_key: Mapped[str] = mapped_column(String(32), primary_key=True)
    first: Mapped[Any] = mapped_column(JsonValue)
    first_at: Mapped[datetime]
    state: Mapped[Any] = mapped_column(JsonValue)
    seen_at: Mapped[datetime]


class EntryChangeRow(Base):
    """One change of a listing entry. A row outlives its scan."""

    __tablename__ = "entry_changes"
    __table_args__ = ({"sqlite_with_rowid": False},)

    surface_key: Mapped[str] = mapped_column(String(32), primary_key=True)
    scan_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    field: Mapped[str] = mapped_column(String(16), primary_key=True)
    before: Mapped[str] = mapped_column(String(200), primary_key=True)
    after: Mapped[str] = mapped_column(String(200), primary_key=True)
    at: Mapped[datetime]


class ExportScan(Base):
    """A scan of exports, row by row. `files` is the identity of what it reads, `basis` of what it
    judges by: with the same two, a scan that was cut off goes on."""

    __tablename__ = "export_scans"
    __table_args__ = ({"sqlite_with_rowid": False},)

    scan_id: Mapped[int] = mapped_column(
        ForeignKey("scans.id", ondelete="CASCADE"), primary_key=True
    )
    target_id: Mapped[str] = mapped_column(String(200), index=True)
    files: Mapped[str] = mapped_column(String(64))
    basis: Mapped[str] = mapped_column(String(64))


class ExportPart(Base):
    """Some rows of an export, done: those of file number `file` up to and with row `rows`.

    `clear` entries of it have no visits of their own; `unchanged` were seen and not judged again.
    `bad_rows` could not be read. `aside` holds the row numbers (4 bytes) that a spider has to look
    at. `quiet` are the fingerprints (16 bytes) of clear entries, `hits` those of candidates, each
    followed by the candidate's key (16 bytes).
    """

    __tablename__ = "export_parts"

    scan_id: Mapped[int] = mapped_column(
        ForeignKey("scans.id", ondelete="CASCADE"), primary_key=True
    )
    file: Mapped[int] = mapped_column(primary_key=True)
    rows: Mapped[int] = mapped_column(primary_key=True)
    clear: Mapped[int]
    unchanged: Mapped[int]
    bad_rows: Mapped[int]
    aside: Mapped[bytes] = mapped_column(LargeBinary)
    quiet: Mapped[bytes] = mapped_column(LargeBinary)
    hits: Mapped[bytes] = mapped_column(LargeBinary)
    recorded_at: Mapped[datetime]


class FrontierRow(Base):
    """A page that a scan has found, and whether it is done: core.frontier. The rows of a finished
    scan are gone. The one of kind `scan` (key `scan`) holds the scan's plan and last batch."""

    __tablename__ = "frontier"
    __table_args__ = ({"sqlite_with_rowid": False},)

    scan_id: Mapped[int] = mapped_column(
        ForeignKey("scans.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int]
    state: Mapped[PageState] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(32))
    identity: Mapped[str] = mapped_column(Text)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    memory: Mapped[bytes] = mapped_column(LargeBinary)
