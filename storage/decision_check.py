"""Whether the decisions of the database are those that the ledger holds."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from storage.casework_models import Decision
from storage.decisions import decision_file
from storage.ledger_entry import read_entry
from storage.models import Candidate
from storage.session import reading
from storage.store import Store
from storage.upsert import table_of
from storage.verification import Broken


def check_decisions(store: Store) -> Broken | None:
    """The first decision or state that was changed, added or taken away behind the ledger's back.

    The ledger itself is taken as it is: `verify_evidence` checks it. Decisions may be made
    meanwhile. Raises StorageError, Unreadable where a line of the ledger is damaged.
    """
    entries = [read_entry(line) for line in store.ledger.lines()]
    written = {entry.sha256: entry.number for entry in entries if entry.kind == "decision"}
    last = entries[-1].number if entries else 0
    with reading(store.database) as connection:
        problem = _changed(connection, written, last) or _led_without_decision(connection)
    name = store.database.name
    return Broken(entry=problem[0], file=name, problem=problem[1]) if problem else None


_Problem = tuple[int, str] | None


def _changed(connection: Connection, written: dict[str, int], last: int) -> _Problem:
    lost = dict(written)
    table = table_of(Decision)
    for row in connection.execute(select(table).order_by(table.c.id)).mappings():
        number, entry = row["id"], row["entry"]
        about = f"case {row['candidate_id']}" if row["candidate_id"] else f"`{row['subject']}`"
        if decision_file(row).sha256 != row["sha256"]:
            return entry or 0, f"decision {number} about {about} was changed in the database"
        if entry is not None and entry <= last and written.get(row["sha256"]) != entry:
            return entry, f"decision {number} about {about} does not stand in the ledger's entry"
        lost.pop(row["sha256"], None)
    if lost:
        first = min(lost.values())
        return first, f"the decision of this entry is not in the database ({len(lost)} such)"
    return None


def _led_without_decision(connection: Connection) -> _Problem:
    """A case whose state is not where its last decision led it."""
    candidate, decision = table_of(Candidate), table_of(Decision)
    newest = select(func.max(decision.c.id)).group_by(decision.c.candidate_id)
    joined = candidate.outerjoin(
        decision, (decision.c.candidate_id == candidate.c.id) & decision.c.id.in_(newest)
    )
    query = select(candidate.c.id, candidate.c.status, decision.c.after).select_from(joined)
    wrong = query.where(candidate.c.status != func.coalesce(decision.c.after, "open"))
    row = connection.execute(wrong.order_by(candidate.c.id).limit(1)).first()
    if row is None:
        return None
    return 0, f"case {row[0]} is {row[1]} without a decision; it was led to {row[2] or 'open'}"
