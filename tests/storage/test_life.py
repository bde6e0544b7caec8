"""Any sequence of decisions, scans, rechecks and crashes: no illegal state, no broken chain."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core import BadInput
from core.casework import (
    CASE_STATES,
    MACHINE,
    REOPENS,
    TRANSITIONS,
    Actor,
    CaseState,
)
from core.verdict import Label
from storage import (
    DecisionRecord,
    RecheckRecord,
    Step,
    Store,
    case_history,
    check_decisions,
    count_cases,
    decide,
    read_decision,
    read_entry,
    record_recheck,
    verify_evidence,
)
from storage.decisions import settle
from tests.postgres import empty_database
from tests.storage.raw import change, rows
from tests.storage.samples import at, look
from tests.storage.test_work import scan, with_marks

LEGAL = {(one.before, one.after, actor) for one in TRANSITIONS for actor in one.actors}
PATHS = ("/a", "/b")
FAR: list[tuple[CaseState, ...]] = [
    (),
    ("in_review", "dismissed"),
    ("in_review", "confirmed", "notice_prepared", "approved", "sent"),
    ("in_review", "confirmed", "notice_prepared", "approved", "sent", "removed"),
]
"""How far the first case has come when a run begins."""


class Life(RuleBasedStateMachine):
    """Two cases of one store beside a model of what they should be: a state and its history."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.store = Store.open(self.folder / "data", url=self.url)
        self.hours = 1.0
        self.states: dict[int, CaseState] = {}
        self.history: dict[int, list[tuple[str, str, Actor]]] = {}
        self.codes: dict[int, set[str]] = {}
        self.known: dict[int, set[str]] = {}

    @initialize(far=st.sampled_from(FAR))
    def found(self, far: tuple[CaseState, ...]) -> None:
        scan(self.store, *(look(path) for path in PATHS))
        for number in (1, 2):
            self.states[number], self.history[number] = "open", []
            self.codes[number], self.known[number] = set(), set()
        for after in far:
            self.decided(1, after, "person")

    @rule(
        number=st.sampled_from([1, 2]),
        after=st.sampled_from(CASE_STATES),
        actor=st.sampled_from(["person", "machine"]),
    )
    def decided(self, number: int, after: CaseState, actor: Actor) -> None:
        before = self.states[number]
        step = Step(
            by=MACHINE if actor == "machine" else "Wang Li",
            why="a test",
            at=at(self._later()),
            actor=actor,
        )
        if (before, after, actor) in LEGAL:
            decide(self.store, f"#{number}", after, step)
            self._led(number, after, actor)
        else:
            with pytest.raises(BadInput):
                decide(self.store, f"#{number}", after, step)

    @rule(number=st.sampled_from([1, 2]), choice=st.integers(0, 2))
    def led_on(self, number: int, choice: int) -> None:
        """A legal step, so that runs get far."""
        state = self.states[number]
        possible = [a for b, a, who in sorted(LEGAL) if b == state and who == "person"]
        self.decided(number, possible[choice % len(possible)], "person")

    @rule(
        number=st.sampled_from([1, 2]),
        seen=st.sampled_from(["violation", "review", "clear", "undetermined", 404]),
        code=st.sampled_from(["", "CODE01", "CODE02"]),
    )
    def scanned(self, number: int, seen: Label | int, code: str) -> None:
        hours = self._later()
        one = look(PATHS[number - 1], seen, hours=hours, content=str(hours))
        found = seen in ("violation", "review")
        if found and code:
            one = with_marks(one, ("code", "code", code))
        scan(self.store, one, hours=hours)
        before = self.states[number]
        if found and code:
            self.codes[number].add(code)
        new = bool(code) and code not in self.known[number]
        if found and (before == "removed" or (before == "dismissed" and new)):
            self._led(number, REOPENS[before], "machine")

    @rule(number=st.sampled_from([1, 2]))
    def seen_again(self, number: int) -> None:
        """The same as at first: it undoes nothing, but what was removed has returned."""
        self.scanned(number, "violation", "")

    @rule(number=st.sampled_from([1, 2]))
    def rechecked(self, number: int) -> None:
        moment = at(self._later())
        record_recheck(
            self.store,
            RecheckRecord(
                candidate_id=number, scan_id=None, at=moment, outcome="not_seen", why="a test"
            ),
        )

    @precondition(lambda self: any(self.history.values()))
    @rule()
    def died_before_the_ledger_was_written(self) -> None:
        """The last decision has its row and no entry: the next one writes it down first."""
        last = max(one.decision_id for n in (1, 2) for one in self._decisions(n))
        lines = list(self.store.ledger.lines())
        kept = lines[:-1]
        self.store.ledger.path.write_bytes(b"".join(kept))
        if kept:
            entry = read_entry(kept[-1])
            head = f'{{"number":{entry.number},"hash":"{entry.hash}"}}'
            self.store.ledger.head_path.write_text(head)
        else:
            self.store.ledger.head_path.unlink()
        change(
            self.store,
            f"UPDATE decisions SET entry = NULL, entry_after = {len(kept)} WHERE id = {last}",
        )
        settle(self.store.database, self.store.evidence, self.store.ledger)

    @precondition(lambda self: any(self.history.values()))
    @rule()
    def died_after_the_ledger_was_written(self) -> None:
        change(
            self.store,
            "UPDATE decisions SET entry = NULL WHERE id = (SELECT MAX(id) FROM decisions)",
        )
        settle(self.store.database, self.store.evidence, self.store.ledger)

    @rule()
    def opened_again(self) -> None:
        self.store.close()
        self.store = Store.open(self.folder / "data", url=self.url)

    @invariant()
    def states_are_what_was_decided(self) -> None:
        for number, state in self.states.items():
            history = case_history(self.store, f"#{number}")
            assert history.work.candidate.status == state
            told = [(one.before, one.after, one.actor) for one in history.decisions]
            assert told == self.history[number]
            assert set(told) <= LEGAL
            assert not history.work.attempts or history.work.sent_at
        if self.states:
            assert sum(count_cases(self.store).values()) == len(PATHS)

    @invariant()
    def every_decision_is_in_the_ledger_once_and_in_order(self) -> None:
        entries = [read_entry(line) for line in self.store.ledger.lines()]
        stored = rows(self.store, "SELECT sha256, entry FROM decisions ORDER BY id")
        assert [(entry.sha256, entry.number) for entry in entries] == stored
        for number in self.states:
            previous = "0" * 64
            for one in self._decisions(number):
                file = read_decision(self.store.evidence.read(one.sha256, "decision"))
                assert file.previous == previous
                previous = one.sha256

    def teardown(self) -> None:
        found = verify_evidence(self.store.ledger, self.store.evidence)
        assert found.broken is None
        assert check_decisions(self.store) is None
        self.store.close()
        shutil.rmtree(self.folder)

    def _decisions(self, number: int) -> list[DecisionRecord]:
        return list(case_history(self.store, f"#{number}").decisions)

    def _led(self, number: int, after: CaseState, actor: Actor) -> None:
        self.history[number].append((self.states[number], after, actor))
        self.states[number] = after
        if after == "dismissed":
            self.known[number] = set(self.codes[number])

    def _later(self) -> float:
        self.hours += 1
        return self.hours


SETTINGS = settings(
    max_examples=30,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)


def test_on_sqlite() -> None:
    run_state_machine_as_test(Life, settings=SETTINGS)


def test_on_postgresql(postgresql_server: str) -> None:
    class OnServer(Life):
        def __init__(self) -> None:
            self.database = empty_database(postgresql_server)
            self.url = self.database.__enter__()
            super().__init__()

        def teardown(self) -> None:
            super().teardown()
            self.database.__exit__(None, None, None)

    run_state_machine_as_test(OnServer, settings=settings(SETTINGS, max_examples=12))


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_on_sqlite_for_longer() -> None:
    longer = settings(SETTINGS, max_examples=300, stateful_step_count=60, derandomize=False)
    run_state_machine_as_test(Life, settings=longer)
