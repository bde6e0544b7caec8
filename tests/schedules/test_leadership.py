"""One scheduler leads; the next takes over when it dies or is silent, by nobody's wall clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from storage import Leadership, SchedulerRecord, Store
from storage.leadership import STALE_SECONDS
from tests.postgres import empty_database
from tests.schedules.desk import moment

NOW = moment("2026-03-02 09:00")
Maker = Callable[[str], Leadership]


class Ticker:
    """A monotonic clock that the test moves."""

    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def ticker() -> Ticker:
    return Ticker()


@pytest.fixture
def contender(store: Store, ticker: Ticker) -> Iterator[Maker]:
    """Makes schedulers that want to lead."""
    made: list[Leadership] = []

    def make(name: str) -> Leadership:
        made.append(Leadership(store.database, name, "here", 7, "then", monotonic=ticker))
        return made[-1]

    yield make
    for one in made:
        one.close()


def alive(_holder: SchedulerRecord) -> bool:
    return False


def dead(_holder: SchedulerRecord) -> bool:
    return True


def test_the_first_leads_and_the_second_is_told_who_does(contender: Maker) -> None:
    first, second = contender("first"), contender("second")
    assert first.take(NOW, alive) is None
    holder = second.take(NOW, alive)
    assert holder is not None
    assert (holder.holder, holder.host, holder.pid) == ("first", "here", 7)
    assert first.renew(NOW)
    assert not second.renew(NOW)


def test_a_lock_given_back_is_free_at_once(contender: Maker, store: Store) -> None:
    first, second = contender("first"), contender("second")
    assert first.take(NOW, alive) is None
    first.release()
    assert second.take(NOW, alive) is None
    assert not first.renew(NOW)
    found = store.schedule.scheduler()
    assert found is not None
    assert found.holder == "second"


def test_a_dead_one_is_followed_at_once(contender: Maker) -> None:
    first, second = contender("first"), contender("second")
    assert first.take(NOW, alive) is None
    first.close()
    assert second.take(NOW, dead) is None
    assert second.renew(NOW)
    assert not first.renew(NOW)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("clock_moves_hours", [0, -48, 48])
def test_a_silent_one_is_followed_after_a_time_of_the_monotonic_clock(
    contender: Maker, ticker: Ticker, clock_moves_hours: int
) -> None:
    first, second = contender("first"), contender("second")
    assert first.take(NOW, alive) is None
    later = NOW + timedelta(hours=clock_moves_hours)
    assert second.take(later, alive) is not None
    ticker.seconds += STALE_SECONDS - 1
    assert second.take(later, alive) is not None
    assert first.renew(NOW)
    ticker.seconds += 2
    assert second.take(later, alive) is not None
    ticker.seconds += STALE_SECONDS
    assert second.take(later, alive) is None
    assert not first.renew(NOW)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_lost_connection_loses_the_lock_and_the_next_try_gets_it(
    contender: Maker, store: Store
) -> None:
    first, second = contender("first"), contender("second")
    assert first.take(NOW, alive) is None
    with store.database.engine.begin() as connection:
        query = (
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_locks WHERE locktype = 'advisory' AND "
            "objid = hashtext(current_schema())::bigint & 4294967295 AND pid <> pg_backend_pid()"
        )
        assert connection.execute(text(query)).all() == [(True,)]
    assert not first.renew(NOW)
    assert second.take(NOW, alive) is None
    assert first.take(NOW, alive) is not None


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_schemas_of_one_server_have_locks_of_their_own(
    contender: Maker, postgresql_server: str, tmp_path: Path
) -> None:
    assert contender("first").take(NOW, alive) is None
    with (
        empty_database(postgresql_server) as url,
        Store.open(tmp_path / "other", url=url) as other,
    ):
        lock = Leadership(other.database, "second", "here", 7, "then")
        assert lock.take(NOW, alive) is None
        lock.close()
