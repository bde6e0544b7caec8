"""A candidate's life: decisions, rechecks, fingerprints, resemblances, promoters.

Revision 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)


def _candidate(table: str, column: str, ondelete: str | None = "CASCADE") -> sa.Constraint:
    return sa.ForeignKeyConstraint(
        [column], ["candidates.id"], name=f"fk_{table}_{column}", ondelete=ondelete
    )


def upgrade() -> None:
    """To 0005."""
    _decisions()
    _rechecks()
    op.create_table(
        "fingerprints",
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("value", sa.String(600), nullable=False),
        sa.Column("candidate_id", _ID, nullable=False),
        sa.Column("scan_id", _ID, nullable=False),
        sa.Column("first_seen", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("kind", "value", "candidate_id", name="pk_fingerprints"),
        _candidate("fingerprints", "candidate_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_fingerprints_candidate_id", "fingerprints", ["candidate_id"])
    op.create_table(
        "resemblances",
        sa.Column("candidate_id", _ID, nullable=False),
        sa.Column("other_id", _ID, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("value", sa.String(600), nullable=False),
        sa.Column("scan_id", _ID, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("candidate_id", "other_id", "kind", name="pk_resemblances"),
        _candidate("resemblances", "candidate_id"),
        _candidate("resemblances", "other_id"),
        sqlite_with_rowid=False,
    )
    for column in ("other_id", "scan_id", "at"):
        op.create_index(f"ix_resemblances_{column}", "resemblances", [column])
    op.create_table(
        "promoter_marks",
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("value", sa.String(600), nullable=False),
        sa.Column("promoter", sa.String(620), nullable=False),
        sa.PrimaryKeyConstraint("kind", "value", name="pk_promoter_marks"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_promoter_marks_promoter", "promoter_marks", ["promoter"])


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("subject", sa.String(620), nullable=False),
        sa.Column("candidate_id", _ID, nullable=True),
        sa.Column("before", sa.String(620), nullable=False),
        sa.Column("after", sa.String(620), nullable=False),
        sa.Column("actor", sa.String(16), nullable=False),
        sa.Column("decided_by", sa.String(100), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("basis", _JSON, nullable=False),
        sa.Column("proof", _JSON, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("entry_after", _ID, nullable=False),
        sa.Column("entry", _ID, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
        _candidate("decisions", "candidate_id", ondelete=None),
        sa.UniqueConstraint("subject", "previous", name="uq_decisions_subject_previous"),
        sa.UniqueConstraint("sha256", name="uq_decisions_sha256"),
    )
    for column in ("candidate_id", "at", "entry"):
        op.create_index(f"ix_decisions_{column}", "decisions", [column])


def _rechecks() -> None:
    op.create_table(
        "rechecks",
        sa.Column("id", _ID, nullable=False),
        sa.Column("candidate_id", _ID, nullable=False),
        sa.Column("scan_id", _ID, nullable=True),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("proof", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rechecks"),
        _candidate("rechecks", "candidate_id"),
    )
    for column in ("candidate_id", "at"):
        op.create_index(f"ix_rechecks_{column}", "rechecks", [column])


def downgrade() -> None:
    """Back to 0003: states of cases become `open` again, for an older program knows no other."""
    for table in ("promoter_marks", "resemblances", "fingerprints", "rechecks", "decisions"):
        op.drop_table(table)
    op.execute("UPDATE candidates SET status = 'open'")
