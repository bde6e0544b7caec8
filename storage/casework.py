"""What a scan means for cases that were settled: it never undoes a decision, but it may reopen one
and says why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, select

from core.casework import MACHINE, REOPENS, SETTLED
from core.substance import Substance, material_change
from storage.candidates import Hit
from storage.casework_models import Decision
from storage.decisions import Step, lead
from storage.ledger import Ledger
from storage.upsert import table_of


def reopen_settled(
    connection: Connection, hits: Sequence[Hit], started_at: datetime, ledger: Ledger
) -> bool:
    """Lead settled cases on where a batch's findings demand it; whether any was.

    A dismissed case reopens when a finding rests on something that was not there when it was
    dismissed; a removed one has returned when a finding is younger than its removal.
    """
    reopened: set[int] = set()
    for hit in hits:
        if hit.status not in SETTLED or hit.candidate_id in reopened:
            continue
        decision = _last_decision(connection, hit.candidate_id)
        why = _reason(hit, decision) if decision is not None else ""
        if why:
            candidate = {"id": hit.candidate_id, "key": hit.key, "status": hit.status}
            at = max(hit.look.seen_at, started_at)
            step = Step(by=MACHINE, why=why, at=at, actor="machine", proof=_manifest(hit))
            lead(connection, candidate, REOPENS[hit.status], step, ledger_number(ledger))
            reopened.add(hit.candidate_id)
    return bool(reopened)


def ledger_number(ledger: Ledger) -> int:
    """The number of the ledger's last entry. Raises StorageError when it was changed."""
    last = ledger.last()
    return last.number if last else 0


def _reason(hit: Hit, decision: RowMapping) -> str:
    look = hit.look
    if look.verdict is None or not look.opens_candidate:
        return ""
    if hit.status == "dismissed":
        return material_change(msgspec.convert(decision["basis"], Substance), look.verdict)
    if look.seen_at <= decision["at"]:
        return ""
    return f"seen again after it was removed, judged {look.verdict.label}"


def _manifest(hit: Hit) -> tuple[Any, ...]:
    return tuple(file for file in hit.look.evidence if file.kind == "manifest")


def _last_decision(connection: Connection, candidate_id: int) -> RowMapping | None:
    table = table_of(Decision)
    query = select(table).where(table.c.candidate_id == candidate_id)
    return connection.execute(query.order_by(table.c.id.desc()).limit(1)).mappings().first()
