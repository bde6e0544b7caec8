"""Who changes decisions past the program is found out, on both databases."""

from __future__ import annotations

import pytest

from storage import Store, check_decisions
from tests.storage.raw import change
from tests.storage.samples import look
from tests.storage.test_work import lead, scan


@pytest.fixture
def decided(store: Store) -> Store:
    scan(store, look("/a"), look("/b"))
    lead(store, "in_review", "dismissed")
    lead(store, "in_review", hours=2, named="#2")
    return store


def test_what_was_decided_by_the_program_holds(decided: Store) -> None:
    assert check_decisions(decided) is None


def test_a_new_scan_and_an_empty_store_hold(store: Store) -> None:
    assert check_decisions(store) is None
    scan(store, look("/a"))
    assert check_decisions(store) is None


CHANGES = [
    ("UPDATE decisions SET why = 'another reason' WHERE id = 2", 2, "decision 2 about case 1 was"),
    ("UPDATE decisions SET decided_by = 'Zhao Min' WHERE id = 1", 1, "decision 1 about case 1 was"),
    ("UPDATE decisions SET entry = 1 WHERE id = 2", 1, "does not stand in the ledger's entry"),
    ("DELETE FROM decisions WHERE id = 3", 3, "is not in the database (1 such)"),
    ("UPDATE candidates SET status = 'open' WHERE id = 1", 0, "case 1 is open without a decision"),
    ("UPDATE candidates SET status = 'removed' WHERE id = 2", 0, "it was led to in_review"),
]


@pytest.mark.parametrize(("statement", "entry", "says"), CHANGES)
def test_a_change_behind_the_ledgers_back_is_named(
    decided: Store, statement: str, entry: int, says: str
) -> None:
    change(decided, statement)
    broken = check_decisions(decided)
    assert broken is not None
    assert broken.entry == entry
    assert says in broken.problem
