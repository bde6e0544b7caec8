"""An old case that is back under another address, on both databases."""

from __future__ import annotations

import pytest
from msgspec import structs

from core.casework import CaseState
from core.fingerprint import Mark, MarkKind
from core.verdict import SignalKind
from storage import EvidenceFile, Look, Store, case_history, scan_resemblances
from tests.storage.raw import rows
from tests.storage.samples import look
from tests.storage.test_work import TO_SENT, lead, scan, with_marks

CODE: tuple[SignalKind, str, str] = ("code", "code", "AB77CD21")
HANDLE: tuple[SignalKind, str, str] = ("handle", "handle", "signal_room")
QR: tuple[SignalKind, str, str] = ("referral", "qr", "https://pay.test/x")
POSTER = EvidenceFile("picture", "e" * 64, 100)


def first() -> Look:
    seen = with_marks(look(url="https://one.test/a", evidence=(POSTER,)), CODE, HANDLE, QR)
    return structs.replace(
        seen, marks=(Mark("text", "00000000000000ff"), Mark("poster", f"{0:064x}"))
    )


BACK: list[tuple[str, Look, tuple[MarkKind, ...]]] = [
    ("code", with_marks(look(url="https://two.test/b"), CODE), ("code",)),
    (
        "code and poster",
        with_marks(look(url="https://two.test/b", evidence=(POSTER,)), CODE),
        ("code", "picture"),
    ),
    ("account", with_marks(look(url="https://two.test/b"), HANDLE), ("handle",)),
    ("QR payload", with_marks(look(url="https://two.test/b"), QR), ("qr",)),
    (
        "nearly the same text",
        structs.replace(look(url="https://two.test/b"), marks=(Mark("text", "00000000000000f0"),)),
        (),
    ),
    (
        "the same text",
        structs.replace(look(url="https://two.test/b"), marks=(Mark("text", "00000000000000f8"),)),
        ("text",),
    ),
    (
        "nearly the same poster",
        structs.replace(
            look(url="https://two.test/b"), marks=(Mark("poster", f"{2**31 - 1:064x}"),)
        ),
        ("poster",),
    ),
    (
        "another poster",
        structs.replace(
            look(url="https://two.test/b"), marks=(Mark("poster", f"{2**32 - 1:064x}"),)
        ),
        (),
    ),
    ("nothing in common", look(url="https://two.test/b"), ()),
    ("the same site", with_marks(look(url="https://one.test/b"), CODE), ()),
]


@pytest.mark.parametrize(("name", "seen", "kinds"), BACK)
def test_a_confirmed_case_is_known_again_elsewhere(
    store: Store, name: str, seen: Look, kinds: tuple[MarkKind, ...]
) -> None:
    scan(store, first())
    lead(store, *TO_SENT, "removed")
    scan_id = scan(store, seen, hours=5)

    pairs = scan_resemblances(store, scan_id)
    assert [one.kinds for one in pairs] == ([kinds] if kinds else []), name
    assert [(one.candidate_id, one.other_id) for one in pairs] == ([(2, 1)] if kinds else [])


@pytest.mark.parametrize("states", [[], ["in_review"], ["in_review", "dismissed"]])
def test_a_case_that_nobody_confirmed_is_no_measure(store: Store, states: list[CaseState]) -> None:
    scan(store, first())
    lead(store, *states)
    scan_id = scan(store, with_marks(look(url="https://two.test/b"), CODE), hours=5)
    assert scan_resemblances(store, scan_id) == ()


@pytest.mark.parametrize("mark", [Mark("poster", f"{7:064x}"), Mark("text", f"{7:016x}")])
def test_a_case_that_is_confirmed_later_is_known_in_what_was_there_already(
    store: Store, mark: Mark
) -> None:
    both = [
        structs.replace(look(url=f"https://{name}.test/"), marks=(mark,)) for name in ("one", "two")
    ]
    scan(store, *both)
    lead(store, "in_review", "confirmed", named="1")
    pairs = scan_resemblances(store, scan(store, *both, hours=5))
    assert [(one.candidate_id, one.other_id, one.kinds) for one in pairs] == [(2, 1, (mark.kind,))]


def test_it_is_told_once_and_by_the_younger_of_the_two(store: Store) -> None:
    young = with_marks(look(url="https://two.test/b"), CODE)
    scan(store, first())
    scan(store, young)
    lead(store, "in_review", "confirmed", named="1")
    lead(store, "in_review", "confirmed", named="2")
    told = [
        len(scan_resemblances(store, scan(store, first(), young, hours=hours))) for hours in (5, 6)
    ]
    assert told == [1, 0]
    assert [one.other_id for one in case_history(store, "1").resembles] == [1]


def test_texts_that_vary_a_little_are_kept_once(store: Store) -> None:
    for hours, value in enumerate(("00ff", "00fe", "01fe", "ffff")):
        seen = structs.replace(look(hours=hours), marks=(Mark("text", value.zfill(16)),))
        scan(store, seen, hours=hours)
    assert rows(store, "SELECT COUNT(*) FROM fingerprints WHERE kind = 'text'") == [(2,)]


def test_two_new_pages_of_one_batch_are_no_measure_for_each_other(store: Store) -> None:
    both = (first(), with_marks(look(url="https://two.test/b"), CODE))
    assert scan_resemblances(store, scan(store, *both)) == ()
