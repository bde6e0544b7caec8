from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import Store
from tests.schedules.desk import Desks
from tests.schedules.stage import Stage


@pytest.fixture
def store(tmp_path: Path, database_url: str) -> Iterator[Store]:
    """A store on each kind of database."""
    with Store.open(tmp_path / "data", url=database_url) as opened:
        yield opened


@pytest.fixture
def desks(store: Store) -> Iterator[Desks]:
    """Schedulers without processes, on each kind of database."""
    opened = Desks(store)
    yield opened
    opened.close()


@pytest.fixture
def stage(tmp_path: Path, database_url: str) -> Iterator[Stage]:
    opened = Stage(tmp_path, database_url)
    yield opened
    opened.close()
