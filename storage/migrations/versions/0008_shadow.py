"""What shadow rules would have changed.

Revision 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """To 0008."""
    op.create_table(
        "shadow_changes",
        sa.Column("scan_id", _ID, nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("change", _JSON, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("scan_id", "key", name="pk_shadow_changes"),
        sa.ForeignKeyConstraint(
            ["scan_id"], ["scans.id"], name="fk_shadow_changes_scan_id", ondelete="CASCADE"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_shadow_changes_at", "shadow_changes", ["at"])


def downgrade() -> None:
    """Back to 0005."""
    op.drop_table("shadow_changes")
