"""Where links lead: the last destination of each resolved link, and each change of one.

Revision 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """To 0002."""
    op.create_table(
        "link_destinations",
        sa.Column("target_id", sa.String(200), nullable=False),
        sa.Column("link_key", sa.String(32), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hops", _JSON, nullable=False),
        sa.Column("scan_id", _ID, nullable=False),
        sa.Column("resolved_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("target_id", "link_key", name="pk_link_destinations"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "destination_changes",
        sa.Column("scan_id", _ID, nullable=False),
        sa.Column("link_key", sa.String(32), nullable=False),
        sa.Column("surface_key", sa.String(32), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint(
            "scan_id", "link_key", "surface_key", name="pk_destination_changes"
        ),
        sa.ForeignKeyConstraint(
            ["scan_id"],
            ["scans.id"],
            name="fk_destination_changes_scan_id",
            ondelete="CASCADE",
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_destination_changes_at", "destination_changes", ["at"])


def downgrade() -> None:
    """Back to 0001."""
    op.drop_table("destination_changes")
    op.drop_table("link_destinations")
