"""What a database itself says and is told, past the repositories."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from storage import Store
from storage.session import reading, writing


def rows(store: Store, query: str) -> list[tuple[Any, ...]]:
    """The answer to `query`."""
    with reading(store.database) as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def change(store: Store, statement: str) -> None:
    """Run `statement` in a transaction of its own."""
    with writing(store.database) as connection:
        connection.execute(text(statement))
