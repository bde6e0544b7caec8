"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Integer
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.sqlite import DATETIME as SqliteDateTime
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

Identifier = BigInteger().with_variant(Integer, "sqlite")
"""A surrogate key: 64 bit on PostgreSQL; on SQLite the rowid itself, which is 64 bit too."""

JsonValue = JSON().with_variant(JSONB(), "postgresql")
"""JSON, written by the engine's serialiser (`storage.session`), which takes structures as well."""


class _IsoDateTime(SqliteDateTime):
    """SQLAlchemy's own type for SQLite, the same text in the column, by the methods of `datetime`:
    its own formatting takes nearly three times as long."""

    def bind_processor(self, dialect: Dialect) -> Any:  # noqa: ARG002
        return _to_text


def _to_text(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat(" ", "microseconds")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC. A naive one is refused with ValueError."""

    impl = DateTime(timezone=True).with_variant(_IsoDateTime(), "sqlite")  # type: ignore[no-untyped-call]
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """To UTC; SQLite keeps no zone, so it gets the naive UTC time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a time zone cannot be stored: {value}")
        moment = value if value.tzinfo is UTC else value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> datetime | None:
        """Aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
