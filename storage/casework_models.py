"""The tables of what people do with candidates, typed and without behaviour: see `models`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.casework import Actor
from core.fingerprint import MarkKind
from core.recheck import RecheckOutcome
from storage.column_types import JsonValue
from storage.models import Base


class Decision(Base):
    """A step in a case's life, or a merge or split of promoters. Never changed, never deleted.

    `subject` is the candidate's key, or the promoter's name. `sha256` is the decision's own file,
    `previous` that of the decision before about the same subject (zeros: the first). `entry` is
    its number in the ledger, NULL until it stands there; it was decided when the ledger had
    `entry_after` entries.
    """

    __tablename__ = "decisions"
    __table_args__ = (UniqueConstraint("subject", "previous"), UniqueConstraint("sha256"))

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(620))
    candidate_id: Mapped[int | None] = mapped_column(ForeignKey("candidates.id"), index=True)
    before: Mapped[str] = mapped_column(String(620))
    after: Mapped[str] = mapped_column(String(620))
    actor: Mapped[Actor] = mapped_column(String(16))
    decided_by: Mapped[str] = mapped_column(String(100))
    why: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(index=True)
    basis: Mapped[Any] = mapped_column(JsonValue)
    proof: Mapped[Any] = mapped_column(JsonValue)
    previous: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64))
    entry_after: Mapped[int]
    entry: Mapped[int | None] = mapped_column(index=True)


class Fingerprint(Base):
    """A mark by which a candidate is known again elsewhere, and since when it bears it."""

    __tablename__ = "fingerprints"
    __table_args__ = ({"sqlite_with_rowid": False},)

    kind: Mapped[MarkKind] = mapped_column(String(16), primary_key=True)
    value: Mapped[str] = mapped_column(String(600), primary_key=True)
    candidate_id: Mapped[int] = mapped_column(
        ForeignKey("candidates.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    scan_id: Mapped[int]
    first_seen: Mapped[datetime]


class Resemblance(Base):
    """A candidate that bears a strong mark of a case which a person had confirmed before."""

    __tablename__ = "resemblances"
    __table_args__ = (Index(None, "at"), {"sqlite_with_rowid": False})

    candidate_id: Mapped[int] = mapped_column(
        ForeignKey("candidates.id", ondelete="CASCADE"), primary_key=True
    )
    other_id: Mapped[int] = mapped_column(
        ForeignKey("candidates.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    kind: Mapped[MarkKind] = mapped_column(String(16), primary_key=True)
    value: Mapped[str] = mapped_column(String(600))
    scan_id: Mapped[int] = mapped_column(index=True)
    at: Mapped[datetime]


class Recheck(Base):
    """A look at the surface of a case whose notice was sent, and what it showed."""

    __tablename__ = "rechecks"

    id: Mapped[int] = mapped_column(primary_key=True)
    candidate_id: Mapped[int] = mapped_column(
        ForeignKey("candidates.id", ondelete="CASCADE"), index=True
    )
    scan_id: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(index=True)
    outcome: Mapped[RecheckOutcome] = mapped_column(String(16))
    why: Mapped[str] = mapped_column(Text)
    proof: Mapped[Any] = mapped_column(JsonValue)


class PromoterMark(Base):
    """A mark that people count under another: `kind`, `value` belong to the promoter `promoter`."""

    __tablename__ = "promoter_marks"
    __table_args__ = ({"sqlite_with_rowid": False},)

    kind: Mapped[MarkKind] = mapped_column(String(16), primary_key=True)
    value: Mapped[str] = mapped_column(String(600), primary_key=True)
    promoter: Mapped[str] = mapped_column(String(620), index=True)
