"""Fixtures for all tests: a real database server, started once when the first test needs it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.postgres import empty_database, some_server


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a PostgreSQL server."""
    with some_server() as url:
        yield url


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """The URL of an empty schema on a PostgreSQL server."""
    with empty_database(postgresql_server) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A new database of each kind: the empty text (the data folder's file) and a server's URL."""
    if request.param == "sqlite":
        return ""
    url: str = request.getfixturevalue("postgresql_url")
    return url
