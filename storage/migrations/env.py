"""Alembic's entry: runs the migrations on the connection that `storage.schema` hands over.

The caller owns the transaction, so that an upgrade is all done or not at all, on SQLite too
(whose DDL is transactional, though Alembic by default does not count on it).
"""

from alembic import context

from storage.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
