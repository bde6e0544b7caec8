"""Decisions into rows and into the ledger, each exactly once, whatever dies in between.

A decision is made with its row, in one transaction with the state it leads to. The ledger gets it
right after, in a transaction that notes the entry's number in the row. A process that dies between
the two leaves a row without a number; whoever decides next writes it down first (`settle`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, insert, select, update

from core import BadInput, Verdict
from core.casework import MACHINE, Actor, CaseState, check_transition
from core.substance import Substance, substance_of
from core.text import one_line
from storage.casework_models import Decision
from storage.decision_file import FIRST_DECISION, DecisionFile
from storage.evidence import EvidenceStore
from storage.ledger import Ledger
from storage.ledger_entry import LedgerNote
from storage.models import Candidate, Sighting
from storage.records import EvidenceFile, storable
from storage.session import Database, reading, writing
from storage.upsert import table_of

NAME_LIMIT = 100
WHY_LIMIT = 2_000


class DecisionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A stored decision. `candidate_id` is None for promoters; `entry` its number in the ledger,
    None for the moment until it stands there."""

    decision_id: int
    candidate_id: int | None
    subject: str
    before: str
    after: str
    actor: Actor
    decided_by: str
    why: str
    at: datetime
    proof: tuple[EvidenceFile, ...]
    sha256: str
    entry: int | None


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A decision to be written: who (a name, or the machine), why, when (aware).

    Raises BadInput where a person gives no name or no reason.
    """

    by: str
    why: str
    at: datetime
    actor: Actor = "person"
    proof: tuple[EvidenceFile, ...] = ()

    def __post_init__(self) -> None:
        if not one_line(self.by) or not one_line(self.why):
            raise BadInput("a decision needs who and why", hint="give --by NAME and --why TEXT")
        if self.actor == "person" and one_line(self.by).casefold() == MACHINE:
            raise BadInput(f"`{MACHINE}` is the machine's name", hint="give your own with --by")


def lead(
    connection: Connection,
    candidate: Mapping[str, Any],
    after: CaseState,
    step: Step,
    ledger_number: int,
) -> None:
    """Lead the case of a row of `candidates` to `after`. Raises BadInput where that is illegal.

    Of the row `id`, `key` and `status` are read, which must be those of this transaction.
    `ledger_number` is that of the ledger's last entry.
    """
    check_transition(candidate["status"], after, step.actor)
    basis = basis_of(connection, candidate["id"])
    write_decision(
        connection,
        subject=candidate["key"],
        change=(candidate["status"], after),
        step=step,
        ledger_number=ledger_number,
        basis=msgspec.to_builtins(basis, order="deterministic"),
        candidate_id=candidate["id"],
    )
    table = table_of(Candidate)
    connection.execute(update(table).where(table.c.id == candidate["id"]).values(status=after))


def write_decision(
    connection: Connection,
    *,
    subject: str,
    change: tuple[str, str],
    step: Step,
    ledger_number: int,
    basis: dict[str, Any],
    candidate_id: int | None = None,
) -> None:
    """Insert the row of a decision that leads `subject` from `change[0]` to `change[1]`."""
    file = DecisionFile(
        subject=subject,
        before=change[0],
        after=change[1],
        actor=step.actor,
        decided_by=one_line(storable(step.by), NAME_LIMIT),
        why=one_line(storable(step.why), WHY_LIMIT),
        at=step.at.astimezone(UTC),
        basis=basis,
        proof=step.proof,
        previous=_last_hash(connection, subject),
    )
    row = {name: getattr(file, name) for name in _FIELDS}
    row |= {"candidate_id": candidate_id, "sha256": file.sha256, "entry_after": ledger_number}
    connection.execute(insert(table_of(Decision)), row)


_FIELDS = tuple(name for name in DecisionFile.__struct_fields__ if name != "format")


def settle(database: Database, evidence: EvidenceStore, ledger: Ledger) -> None:
    """Write into the ledger what was decided and does not stand there yet, in order, once.

    Raises StorageError; what could not be written is written the next time.
    """
    table = table_of(Decision)
    waiting = select(table).where(table.c.entry.is_(None)).order_by(table.c.id)
    with reading(database) as connection:
        if connection.execute(waiting.limit(1)).first() is None:
            return
    with writing(database) as connection:
        rows = connection.execute(waiting).mappings().all()
        if not rows:
            return
        known = {
            entry.sha256: entry.number
            for entry in ledger.since(min(row["entry_after"] for row in rows))
            if entry.kind == "decision"
        }
        unknown = [row for row in rows if row["sha256"] not in known]
        files = [evidence.put(decision_file(row).data, "decision") for row in unknown]
        evidence.sync(files)
        for entry in ledger.append([_note(row) for row in unknown]):
            known[entry.sha256] = entry.number
        for row in rows:
            numbered = update(table).where(table.c.id == row["id"])
            connection.execute(numbered.values(entry=known[row["sha256"]]))


def basis_of(connection: Connection, candidate_id: int) -> Substance:
    """What all sightings of a candidate rest on, up to now."""
    sighting = table_of(Sighting)
    query = select(sighting.c.verdict).where(sighting.c.candidate_id == candidate_id)
    return substance_of(msgspec.convert(one, Verdict) for one in connection.scalars(query))


def decisions_where(connection: Connection, *where: ColumnElement[bool]) -> list[DecisionRecord]:
    """Decisions in the order in which they were made."""
    query = select(table_of(Decision)).where(*where).order_by(table_of(Decision).c.id)
    return [_record(row) for row in connection.execute(query).mappings()]


def last_step(decisions: Sequence[DecisionRecord], after: CaseState) -> DecisionRecord | None:
    """The last of `decisions` that led to `after`."""
    return next((one for one in reversed(decisions) if one.after == after), None)


def _last_hash(connection: Connection, subject: str) -> str:
    table = table_of(Decision)
    query = select(table.c.sha256).where(table.c.subject == subject).order_by(table.c.id.desc())
    return connection.scalar(query.limit(1)) or FIRST_DECISION


def decision_file(row: RowMapping) -> DecisionFile:
    """The file of a stored decision, byte for byte the one that its hash was made of."""
    values = {name: row[name] for name in _FIELDS}
    values["proof"] = _proof(row)
    return DecisionFile(**values)


def _proof(row: RowMapping) -> tuple[EvidenceFile, ...]:
    return msgspec.convert(row["proof"], tuple[EvidenceFile, ...])


def _note(row: RowMapping) -> LedgerNote:
    return LedgerNote(kind="decision", subject=row["subject"], at=row["at"], sha256=row["sha256"])


def _record(row: RowMapping) -> DecisionRecord:
    return DecisionRecord(
        decision_id=row["id"],
        proof=_proof(row),
        **{
            name: row[name]
            for name in DecisionRecord.__struct_fields__
            if name not in ("decision_id", "proof")
        },
    )
