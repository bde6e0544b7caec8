"""How entries change, kept on both databases: rows only when something changed."""

from __future__ import annotations

from msgspec.structs import replace
from sqlalchemy import func, select

from core.entry_state import EntryState
from storage import Look, Store, surface_key
from storage.models import EntryChangeRow, EntryRow
from storage.session import reading
from storage.upsert import table_of
from tests.storage.samples import at, look

KEY = surface_key("app_listing", "", "market", "1")
LEDGER = EntryState(name="账本", owner="临河", categories=("工具", "财务"), rules="1")
TRADING = EntryState(
    name="交易", owner="临河", categories=("工具",), domains=("okex.example",), rules="1"
)


def _entry(state: EntryState, hours: float, *, whole: bool = True) -> Look:
    seen = look(hours=hours)
    return replace(seen, key=KEY, surface="app_listing", entry=state, entry_whole=whole)


def _scan(store: Store, hours: float, *looks: Look) -> int:
    scan_id = store.begin_scan("market", "Market", started_at=at(hours))
    store.record(scan_id, looks)
    return scan_id


def _rows(store: Store) -> tuple[int, int]:
    with reading(store.database) as connection:
        counts = [
            connection.scalar(select(func.count()).select_from(table_of(model)))
            for model in (EntryRow, EntryChangeRow)
        ]
    return counts[0] or 0, counts[1] or 0


def test_an_entry_that_stays_as_it_is_costs_one_row(store: Store) -> None:
    for hours in range(4):
        _scan(store, hours, _entry(LEDGER, hours))
    assert _rows(store) == (1, 0)
    history = store.entry_history(KEY)
    assert history is not None
    assert (history.first, history.last, history.first_at) == (LEDGER, LEDGER, at())


def test_changes_make_a_time_line(store: Store) -> None:
    _scan(store, 0, _entry(LEDGER, 0))
    second = _scan(store, 24, _entry(TRADING, 24))
    third = _scan(store, 48, _entry(LEDGER, 48))
    history = store.entry_history(KEY)
    assert history is not None
    assert [(c.scan_id, c.field, c.before, c.after) for c in history.changes] == [
        (second, "category", "财务", ""),
        (second, "domain", "", "okex.example"),
        (second, "name", "账本", "交易"),
        (third, "category", "", "财务"),
        (third, "domain", "okex.example", ""),
        (third, "name", "交易", "账本"),
    ]
    assert history.first == LEDGER
    assert history.changes[0].at == at(24)


def test_two_states_in_one_batch_are_two_steps(store: Store) -> None:
    _scan(store, 0, _entry(LEDGER, 0), _entry(TRADING, 0.1))
    history = store.entry_history(KEY)
    assert history is not None
    assert len(history.changes) == 3
    assert history.last == TRADING


def test_what_was_not_seen_is_kept(store: Store) -> None:
    _scan(store, 0, _entry(LEDGER, 0))
    _scan(store, 24, _entry(EntryState(name="交易", rules="1"), 24, whole=False))
    history = store.entry_history(KEY)
    assert history is not None
    assert [change.field for change in history.changes] == ["name"]
    assert history.last == replace(LEDGER, name="交易")


def test_an_older_capture_changes_nothing(store: Store) -> None:
    _scan(store, 24, _entry(TRADING, 24))
    _scan(store, 0, _entry(LEDGER, 0))
    history = store.entry_history(KEY)
    assert history is not None
    assert history.changes == ()


def test_a_page_has_no_history(store: Store) -> None:
    _scan(store, 0, look())
    assert store.entry_history(look().key) is None
    assert _rows(store) == (0, 0)
