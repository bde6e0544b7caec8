"""A case's life in the database and in the ledger, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import structs

from core import BadInput, Evidence, Signal, StorageError, Verdict, Words
from core.casework import CaseState
from core.verdict import SignalKind
from storage import (
    Look,
    Step,
    Store,
    case_history,
    count_cases,
    decide,
    read_decision,
    read_entry,
    verify_evidence,
    worklist,
)
from storage.decisions import settle
from tests.storage.raw import change, rows
from tests.storage.samples import at, look

URL = "https://pages.test/offer"
TO_SENT: list[CaseState] = ["in_review", "confirmed", "notice_prepared", "approved", "sent"]


def scan(store: Store, *looks: Look, hours: float = 0.0, target: str = "sample") -> int:
    scan_id = store.begin_scan(target, "Sample", started_at=at(hours))
    store.record(scan_id, looks)
    store.finish_scan(scan_id, state="finished", finished_at=at(hours + 0.5))
    return scan_id


def step(hours: float = 1.0, by: str = "Wang Li", why: str = "looked at it") -> Step:
    return Step(by=by, why=why, at=at(hours))


def lead(store: Store, *states: CaseState, hours: float = 1.0, named: str = "1") -> None:
    for state in states:
        decide(store, named, state, step(hours))


def life(store: Store) -> list[tuple[str, str, str]]:
    return [(one.before, one.after, one.actor) for one in case_history(store, "1").decisions]


def with_marks(
    seen: Look, *signals: tuple[SignalKind, str, str], rule: str = "", version: str = "sample"
) -> Look:
    found = seen.verdict or Verdict(label="review", score=0.5, on=at().date(), ruleset_version="")
    more = (Evidence(rule=rule, points=2.0, title=Words("规则", "rule")),) if rule else ()
    return structs.replace(
        seen,
        verdict=structs.replace(
            found,
            ruleset_version=version,
            evidence=(*found.evidence, *more),
            signals=tuple(
                Signal(kind=kind, family=family, entry=family, raw=value, normalised=value)
                for kind, family, value in signals
            ),
        ),
    )


def test_a_case_is_led_from_open_to_sent_and_each_step_stands_in_the_ledger(store: Store) -> None:
    scan(store, look())
    lead(store, *TO_SENT)

    history = case_history(store, URL)
    assert [one.after for one in history.decisions] == TO_SENT
    assert history.work.candidate.status == "sent"
    assert history.work.candidate.presence == "up"
    assert history.work.sent_at == at(1)
    assert history.work.target_id == "sample"
    entries = [read_entry(line) for line in store.ledger.lines()]
    assert [entry.sha256 for entry in entries] == [one.sha256 for one in history.decisions]
    assert [entry.number for entry in entries] == [one.entry for one in history.decisions]
    assert {entry.subject for entry in entries} == {history.work.candidate.key}
    assert verify_evidence(store.ledger, store.evidence).broken is None


def test_a_decision_is_kept_as_a_file_that_names_the_one_before(store: Store) -> None:
    scan(store, look())
    lead(store, "in_review")
    decide(store, "1", "dismissed", step(2, by="Zhao Min", why="a news article\x00 on fraud"))

    first, second = (
        read_decision(store.evidence.read(one.sha256, "decision"))
        for one in case_history(store, "1").decisions
    )
    assert first.previous == "0" * 64
    assert second.previous == first.sha256
    assert (second.before, second.after, second.decided_by) == (
        "in_review",
        "dismissed",
        "Zhao Min",
    )
    assert second.why == "a news article\ufffd on fraud"
    assert second.basis["rules"] == ["referral_link"]
    assert second.at == at(2)


def test_an_illegal_step_leaves_no_trace(store: Store) -> None:
    scan(store, look())
    with pytest.raises(BadInput, match="the case is open: it cannot become sent"):
        decide(store, "1", "sent", step())
    assert life(store) == []
    assert list(store.ledger.lines()) == []


@pytest.mark.parametrize("named", ["2", "#2", "0000", "https://pages.test/other"])
def test_a_case_that_is_not_there_is_told(store: Store, named: str) -> None:
    scan(store, look())
    with pytest.raises(BadInput, match="no candidate is called"):
        decide(store, named, "in_review", step())


def test_a_decision_needs_a_name_and_a_reason() -> None:
    for by, why in (("", "why"), (" ", "why"), ("Wang", "\u200b")):
        with pytest.raises(BadInput, match="needs who and why"):
            Step(by=by, why=why, at=at())
    with pytest.raises(BadInput, match="is the machine's name"):
        Step(by="Promowatch", why="why", at=at())


def test_a_second_person_approves_where_a_target_of_the_case_asks_for_it(store: Store) -> None:
    scan(store, look(), target="strict")
    scan(store, look(hours=0.5), hours=0.5, target="other")
    lead(store, *TO_SENT[:3])
    asked = lambda targets: "strict" in targets  # noqa: E731
    with pytest.raises(BadInput, match="asks for a second person: wang li prepared this notice"):
        decide(store, "1", "approved", step(by="wang li"), asks_second_person=asked)
    decide(store, "1", "approved", step(by="Zhao Min"), asks_second_person=asked)
    assert case_history(store, "1").work.candidate.status == "approved"


@pytest.mark.parametrize("states", [TO_SENT[:1], TO_SENT[:2], TO_SENT, [*TO_SENT, "refused"]])
def test_a_scan_undoes_no_decision(store: Store, states: list[CaseState]) -> None:
    scan(store, look())
    lead(store, *states)
    for hours, seen in enumerate((look(hours=2), look(seen=404, hours=3), look(hours=4)), start=2):
        scan(store, seen, hours=hours)
    assert case_history(store, "1").work.candidate.status == states[-1]
    assert len(case_history(store, "1").decisions) == len(states)


DISMISSED = with_marks(look(), ("code", "code", "AB77CD21"), ("term", "names", "okx"))
SAME: list[tuple[str, Look]] = [
    ("the same, later", structs.replace(DISMISSED, seen_at=at(5))),
    ("other words", with_marks(look(content="b"), ("code", "code", "AB77CD21"))),
    ("less", look(content="c")),
    ("another score", look(score=0.99, content="d")),
    ("another rule set that says the same", with_marks(look(content="e"), version="newer")),
    ("gone", look(seen=404)),
]


@pytest.mark.parametrize(("name", "seen"), SAME)
def test_a_dismissed_case_stays_so_when_nothing_new_is_seen(
    store: Store, name: str, seen: Look
) -> None:
    scan(store, DISMISSED)
    lead(store, "in_review", "dismissed")
    scan(store, structs.replace(seen, seen_at=at(5)), hours=5)
    assert case_history(store, "1").work.candidate.status == "dismissed", name


NEW: list[tuple[Look, str]] = [
    (with_marks(look(content="b"), ("code", "code", "NEW55")), "new evidence: code NEW55"),
    (with_marks(look(content="b"), ("handle", "handle", "@Helper_1")), "handle helper_1"),
    (
        with_marks(look(content="b"), ("exchange_link", "exchange_link", "https://www.okx.com/a")),
        "link okx.com",
    ),
    (with_marks(look(content="b"), rule="qr_to_exchange"), "rule qr_to_exchange"),
]


@pytest.mark.parametrize(("seen", "why"), NEW)
def test_a_dismissed_case_reopens_on_new_evidence_and_says_which(
    store: Store, seen: Look, why: str
) -> None:
    scan(store, DISMISSED)
    lead(store, "in_review", "dismissed")
    scan(store, structs.replace(seen, seen_at=at(5)), hours=5)

    last = case_history(store, "1").decisions[-1]
    assert (last.before, last.after, last.actor) == ("dismissed", "open", "machine")
    assert (last.decided_by, last.at) == ("promowatch", at(5))
    assert why in last.why
    assert last.entry == 3


def test_what_was_dismissed_again_counts_as_seen(store: Store) -> None:
    scan(store, DISMISSED)
    lead(store, "in_review", "dismissed")
    changed = with_marks(look(content="b", hours=5), ("code", "code", "NEW55"))
    scan(store, changed, hours=5)
    lead(store, "in_review", "dismissed", hours=6)
    scan(store, structs.replace(changed, seen_at=at(7)), hours=7)
    assert case_history(store, "1").work.candidate.status == "dismissed"


def test_a_rule_set_that_now_says_violation_reopens(store: Store) -> None:
    scan(store, look(seen="review"))
    lead(store, "in_review", "dismissed")
    scan(store, with_marks(look(hours=5), version="0123456789abcdef"), hours=5)
    last = case_history(store, "1").decisions[-1]
    assert last.after == "open"
    assert last.why == "new evidence: rule set 0123456789ab says violation, it was review"


def test_a_removed_case_that_is_seen_again_has_returned(store: Store) -> None:
    scan(store, look())
    lead(store, *TO_SENT, "removed", hours=2)
    scan(store, look(hours=1), hours=3)
    assert case_history(store, "1").work.candidate.status == "removed", "an older capture"
    scan(store, look(hours=4), hours=4)
    last = case_history(store, "1").decisions[-1]
    assert (last.after, last.actor) == ("returned", "machine")
    assert last.why == "seen again after it was removed, judged violation"
    lead(store, "in_review", hours=5)


def test_work_is_listed_worst_first_and_counted(store: Store) -> None:
    scan(store, look("/a", score=0.8), look("/b", score=0.9), look("/c", seen="review"))
    lead(store, "in_review", named="3")
    assert [row.candidate.candidate_id for row in worklist(store, ["open", "in_review"])] == [
        2, 1, 3,
    ]  # fmt: skip
    assert [row.candidate.candidate_id for row in worklist(store, ["open"], limit=1)] == [2]
    assert count_cases(store) == {"open": 2, "in_review": 1}
    assert worklist(store, []) == ()


def test_a_decision_whose_process_died_before_the_ledger_is_written_there_once(
    store: Store,
) -> None:
    scan(store, look())
    lead(store, "in_review", "confirmed")
    lines = list(store.ledger.lines())
    # as if the process had died after the row, and another after the ledger's entry
    change(store, "UPDATE decisions SET entry = NULL WHERE id = 2")
    settle(store.database, store.evidence, store.ledger)
    assert list(store.ledger.lines()) == lines
    _cut_last(store)
    change(store, "UPDATE decisions SET entry = NULL WHERE id = 2")
    decide(store, "1", "notice_prepared", step())

    assert rows(store, "SELECT id, entry FROM decisions ORDER BY id") == [(1, 1), (2, 2), (3, 3)]
    shas = [read_entry(line).sha256 for line in store.ledger.lines()]
    assert shas == [one.sha256 for one in case_history(store, "1").decisions]
    assert verify_evidence(store.ledger, store.evidence).broken is None


def _cut_last(store: Store) -> None:
    """Take the last entry out of the ledger, as if it had never been written."""
    lines = list(store.ledger.lines())
    last = read_entry(lines[-2])
    store.ledger.path.write_bytes(b"".join(lines[:-1]))
    store.ledger.head_path.write_text(f'{{"number":{last.number},"hash":"{last.hash}"}}')


def test_nothing_is_decided_where_the_ledger_was_changed(store: Store, tmp_path: Path) -> None:
    scan(store, look())
    lead(store, "in_review")
    store.ledger.head_path.unlink()
    with pytest.raises(StorageError, match=r"was changed: its ledger\.head is missing"):
        decide(store, "1", "confirmed", step())
    assert rows(store, "SELECT status FROM candidates") == [("in_review",)]
