"""The tables of the main job: scans, gaps, visits, candidates, sightings, evidence, events.

Revision 0001, the first.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """To 0001."""
    _scans()
    _gaps()
    _visits()
    _candidates()
    _sightings()
    _evidence_files()
    _candidate_events()


def downgrade() -> None:
    """Back to an empty database."""
    for table in (
        "candidate_events",
        "evidence_files",
        "sightings",
        "candidates",
        "visits",
        "gaps",
        "scans",
    ):
        op.drop_table(table)


def _scans() -> None:
    op.create_table(
        "scans",
        sa.Column("id", _ID, nullable=False),
        sa.Column("target_id", sa.String(200), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("finished_at", _MOMENT),
        sa.Column("notes", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_scans"),
    )
    op.create_index("ix_scans_target_id", "scans", ["target_id"])
    op.create_index("ix_scans_started_at", "scans", ["started_at"])


def _gaps() -> None:
    op.create_table(
        "gaps",
        sa.Column("id", _ID, nullable=False),
        sa.Column("scan_id", _ID, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_gaps"),
        _belongs_to("gaps", "scan_id", "scans"),
    )
    op.create_index("ix_gaps_scan_id", "gaps", ["scan_id"])
    op.create_index("ix_gaps_at", "gaps", ["at"])


def _visits() -> None:
    op.create_table(
        "visits",
        sa.Column("scan_id", _ID, nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("status", sa.SmallInteger()),
        sa.Column("seen", sa.String(16), nullable=False),
        sa.Column("score", sa.Double()),
        sa.Column("recorded_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("scan_id", "key", name="pk_visits"),
        _belongs_to("visits", "scan_id", "scans"),
        sqlite_with_rowid=False,
    )


def _candidates() -> None:
    op.create_table(
        "candidates",
        sa.Column("id", _ID, nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("surface", sa.String(32), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("platform", sa.String(200), nullable=False),
        sa.Column("app_id", sa.String(200), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("presence", sa.String(16), nullable=False),
        sa.Column("first_seen", _MOMENT, nullable=False),
        sa.Column("last_seen", _MOMENT, nullable=False),
        sa.Column("gone_at", _MOMENT),
        sa.Column("best_score", sa.Double(), nullable=False),
        sa.Column("label", sa.String(16), nullable=False),
        sa.Column("headline_zh", sa.Text(), nullable=False),
        sa.Column("headline_en", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_candidates"),
        sa.UniqueConstraint("key", name="uq_candidates_key"),
    )
    op.create_index("ix_candidates_status", "candidates", ["status"])


def _sightings() -> None:
    op.create_table(
        "sightings",
        sa.Column("id", _ID, nullable=False),
        sa.Column("candidate_id", _ID, nullable=False),
        sa.Column("scan_id", _ID, nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("label", sa.String(16), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("verdict", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sightings"),
        _belongs_to("sightings", "candidate_id", "candidates"),
        _belongs_to("sightings", "scan_id", "scans"),
        sa.UniqueConstraint(
            "candidate_id",
            "scan_id",
            "content_sha256",
            name="uq_sightings_candidate_id_scan_id_content_sha256",
        ),
    )
    op.create_index("ix_sightings_scan_id", "sightings", ["scan_id"])


def _evidence_files() -> None:
    op.create_table(
        "evidence_files",
        sa.Column("sighting_id", _ID, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size_bytes", _ID, nullable=False),
        sa.PrimaryKeyConstraint("sighting_id", "kind", "sha256", name="pk_evidence_files"),
        _belongs_to("evidence_files", "sighting_id", "sightings"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_evidence_files_sha256", "evidence_files", ["sha256"])


def _candidate_events() -> None:
    op.create_table(
        "candidate_events",
        sa.Column("id", _ID, nullable=False),
        sa.Column("candidate_id", _ID, nullable=False),
        sa.Column("scan_id", _ID, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_candidate_events"),
        _belongs_to("candidate_events", "candidate_id", "candidates"),
        _belongs_to("candidate_events", "scan_id", "scans"),
        sa.UniqueConstraint(
            "candidate_id", "scan_id", name="uq_candidate_events_candidate_id_scan_id"
        ),
    )
    op.create_index("ix_candidate_events_scan_id", "candidate_events", ["scan_id"])
    op.create_index("ix_candidate_events_at", "candidate_events", ["at"])


def _belongs_to(table: str, column: str, owner: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{owner}.id"], name=f"fk_{table}_{column}", ondelete="CASCADE"
    )
