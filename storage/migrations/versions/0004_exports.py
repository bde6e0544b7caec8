"""Exports read in parts: how far a scan has come, and the fingerprints of what it found.

Revision 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """To 0004."""
    op.create_table(
        "export_scans",
        sa.Column("scan_id", _ID, nullable=False),
        sa.Column("target_id", sa.String(200), nullable=False),
        sa.Column("files", sa.String(64), nullable=False),
        sa.Column("basis", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("scan_id", name="pk_export_scans"),
        sa.ForeignKeyConstraint(
            ["scan_id"], ["scans.id"], name="fk_export_scans_scan_id", ondelete="CASCADE"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_export_scans_target_id", "export_scans", ["target_id"])
    op.create_table(
        "export_parts",
        sa.Column("scan_id", _ID, nullable=False),
        sa.Column("file", _ID, nullable=False),
        sa.Column("rows", _ID, nullable=False),
        sa.Column("clear", _ID, nullable=False),
        sa.Column("unchanged", _ID, nullable=False),
        sa.Column("bad_rows", _ID, nullable=False),
        sa.Column("aside", sa.LargeBinary(), nullable=False),
        sa.Column("quiet", sa.LargeBinary(), nullable=False),
        sa.Column("hits", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("scan_id", "file", "rows", name="pk_export_parts"),
        sa.ForeignKeyConstraint(
            ["scan_id"], ["scans.id"], name="fk_export_parts_scan_id", ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    """Back to 0003."""
    op.drop_table("export_parts")
    op.drop_table("export_scans")
