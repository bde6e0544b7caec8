"""The frontier of scans: pages found and pages done, so that a scan can be taken up again.

Revision 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """To 0006."""
    op.create_table(
        "frontier",
        sa.Column("scan_id", _ID, nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("number", _ID, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("memory", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("scan_id", "key", name="pk_frontier"),
        sa.ForeignKeyConstraint(
            ["scan_id"], ["scans.id"], name="fk_frontier_scan_id", ondelete="CASCADE"
        ),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Back to 0003: scans that were cut off cannot be taken up again."""
    op.drop_table("frontier")
