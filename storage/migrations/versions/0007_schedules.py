"""The schedule: due runs, how far each job is accounted for, notes, alarms, who schedules.

Revision 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_TABLES = (
    "scheduler_lease",
    "schedule_alarms",
    "schedule_notes",
    "schedule_runs",
    "schedule_jobs",
)


def upgrade() -> None:
    """To 0007."""
    op.create_table(
        "schedule_jobs",
        sa.Column("job_id", sa.String(220), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("accounted_to", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("job_id", name="pk_schedule_jobs"),
        sqlite_with_rowid=False,
    )
    _create_runs()
    _create_notes()
    _create_alarms()
    op.create_table(
        "scheduler_lease",
        sa.Column("name", sa.String(16), nullable=False),
        sa.Column("holder", sa.String(300), nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("pid", _ID, nullable=False),
        sa.Column("process_started", sa.String(64), nullable=False),
        sa.Column("beat", _ID, nullable=False),
        sa.Column("renewed_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_scheduler_lease"),
        sqlite_with_rowid=False,
    )


def _create_runs() -> None:
    op.create_table(
        "schedule_runs",
        sa.Column("id", _ID, nullable=False),
        sa.Column("job_id", sa.String(220), nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.Column("start_at", _MOMENT, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("why", sa.String(16), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(200), nullable=False),
        sa.Column("attempts", _ID, nullable=False),
        sa.Column("holder", sa.String(300), nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("pid", _ID, nullable=False),
        sa.Column("process_started", sa.String(64), nullable=False),
        sa.Column("after_scan", _ID, nullable=False),
        sa.Column("beat", _ID, nullable=False),
        sa.Column("scan_id", _ID, nullable=True),
        sa.Column("started_at", _MOMENT, nullable=True),
        sa.Column("finished_at", _MOMENT, nullable=True),
        sa.Column("exit_status", _ID, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_schedule_runs"),
        sa.UniqueConstraint("job_id", "due_at", name="uq_schedule_runs_job_id_due_at"),
    )
    op.create_index("ix_schedule_runs_due_at", "schedule_runs", ["due_at"])
    op.create_index("ix_schedule_runs_state", "schedule_runs", ["state"])


def _create_notes() -> None:
    op.create_table(
        "schedule_notes",
        sa.Column("id", _ID, nullable=False),
        sa.Column("job_id", sa.String(220), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_schedule_notes"),
    )
    op.create_index("ix_schedule_notes_job_id", "schedule_notes", ["job_id"])


def _create_alarms() -> None:
    op.create_table(
        "schedule_alarms",
        sa.Column("id", _ID, nullable=False),
        sa.Column("job_id", sa.String(220), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("words_zh", sa.Text(), nullable=False),
        sa.Column("words_en", sa.Text(), nullable=False),
        sa.Column("scan_id", _ID, nullable=True),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("acknowledged_at", _MOMENT, nullable=True),
        sa.Column("acknowledged_by", sa.String(200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_schedule_alarms"),
    )
    op.create_index("ix_schedule_alarms_job_id", "schedule_alarms", ["job_id"])
    op.create_index("ix_schedule_alarms_at", "schedule_alarms", ["at"])


def downgrade() -> None:
    """Back to 0003."""
    for table in _TABLES:
        op.drop_table(table)
