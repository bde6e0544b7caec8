from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reports import DailyReport, build_daily
from storage import Store
from tests.reports.sample_day import DAY, SHANGHAI, fill


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store.open(tmp_path_factory.mktemp("sample") / "data") as store:
        fill(store)
        yield store


@pytest.fixture(scope="session")
def sample(sample_store: Store) -> DailyReport:
    return build_daily(sample_store, DAY, SHANGHAI)


@pytest.fixture
def empty_store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "data") as store:
        yield store
