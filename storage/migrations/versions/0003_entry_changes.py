"""How listing entries change: the first and last state of each entry, and each change.

Revision 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """To 0003."""
    op.create_table(
        "entries",
        sa.Column("surface_key", sa.String(32), nullable=False),
        sa.Column("first", _JSON, nullable=False),
        sa.Column("first_at", _MOMENT, nullable=False),
        sa.Column("state", _JSON, nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("surface_key", name="pk_entries"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "entry_changes",
        sa.Column("surface_key", sa.String(32), nullable=False),
        sa.Column("scan_id", _ID, nullable=False),
        sa.Column("field", sa.String(16), nullable=False),
        sa.Column("before", sa.String(200), nullable=False),
        sa.Column("after", sa.String(200), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint(
            "surface_key", "scan_id", "field", "before", "after", name="pk_entry_changes"
        ),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Back to 0002."""
    op.drop_table("entry_changes")
    op.drop_table("entries")
