"""The frontier of scans: what was found and what is done, written with the results of the pages.

Beside its pages a scan has one row of kind `scan`: its plan, the number of its last batch and, in
`memory`, the number of its last gap that stands whatever comes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, func, insert, select, update

from core import BadInput
from core.frontier import CutScan, FrontierPage, Progress
from storage.models import FrontierRow, Scan, ScanGap
from storage.records import storable
from storage.upsert import Upsert, table_of

_SCAN = "scan"
_FOUND = Upsert(FrontierRow, key=("scan_id", "key"))
_DONE = Upsert(FrontierRow, key=("scan_id", "key"), update=("state", "number", "memory"))


def begin_frontier(connection: Connection, scan_id: int, plan: bytes) -> None:
    """Keep what a scan needs to be taken up again."""
    row = {"scan_id": scan_id, "key": _SCAN, "number": 0, "state": "waiting", "kind": _SCAN}
    values = {**row, "identity": "", "data": plan, "memory": b""}
    connection.execute(insert(table_of(FrontierRow)).values(values))


def is_recorded(connection: Connection, scan_id: int, progress: Progress) -> bool:
    """Whether this batch was written before; else it is noted that it is now."""
    row = table_of(FrontierRow)
    whole = (row.c.scan_id == scan_id) & (row.c.key == _SCAN)
    last = connection.scalar(select(row.c.number).where(whole))
    if last is None:  # a scan whose plan was not kept
        return False
    if last >= progress.number:
        return True
    changed: dict[str, Any] = {"number": progress.number}
    if progress.closing:
        last_gap = connection.scalar(select(func.max(table_of(ScanGap).c.id))) or 0
        changed["memory"] = str(last_gap).encode()
    connection.execute(update(row).where(whole).values(changed))
    return False


def record_pages(connection: Connection, scan_id: int, pages: Sequence[FrontierPage]) -> None:
    """Write pages found (those known stay as they are) and pages done."""
    done = [page for page in pages if page.state != "waiting"]
    now = {page.identity for page in done}
    found = [page for page in pages if page.state == "waiting" and page.identity not in now]
    _FOUND.run(connection, [_row(scan_id, page) for page in found])
    _DONE.run(connection, [_row(scan_id, page) for page in done])


def cut_scans(connection: Connection, target_id: str | None = None) -> tuple[CutScan, ...]:
    """Scans (of one target) that did not come to their end, the newest first. One that is running
    in another process is among them."""
    scan = table_of(Scan)
    query = select(scan.c.id, scan.c.target_id).where(scan.c.state != "finished")
    if target_id is not None:
        query = query.where(scan.c.target_id == target_id)
    found = connection.execute(query.order_by(scan.c.id.desc())).all()
    return tuple(_cut(connection, scan_id, target) for scan_id, target in found)


def _cut(connection: Connection, scan_id: int, target_id: str) -> CutScan:
    row = table_of(FrontierRow)
    pages = row.c.scan_id == scan_id
    plan = connection.scalar(select(row.c.data).where(pages, row.c.key == _SCAN))
    counted = select(row.c.state, func.count().label("pages")).where(pages, row.c.key != _SCAN)
    counted = counted.group_by(row.c.state)
    counts = {one.state: int(one.pages) for one in connection.execute(counted)}
    waiting = counts.pop("waiting", 0)
    done = sum(counts.values())
    return CutScan(scan_id=scan_id, target_id=target_id, plan=plan, done=done, waiting=waiting)


def reopen(connection: Connection, scan_id: int) -> tuple[FrontierPage, ...]:
    """Take a scan up again: its pages in order of their numbers; the gaps that only held for it as
    it stood are gone. Raises BadInput for a scan that is finished or that kept no plan."""
    scan, gap, row = table_of(Scan), table_of(ScanGap), table_of(FrontierRow)
    state = connection.scalar(select(scan.c.state).where(scan.c.id == scan_id))
    whole = (row.c.scan_id == scan_id) & (row.c.key == _SCAN)
    kept = connection.execute(select(row.c.memory).where(whole)).first()
    if state == "finished" or kept is None:
        raise BadInput(f"scan {scan_id} cannot be taken up again", hint="scan its target anew")
    if kept.memory:
        later = gap.c.id > int(kept.memory)
        connection.execute(delete(gap).where(gap.c.scan_id == scan_id, later))
    connection.execute(update(row).where(whole).values(memory=b""))
    running = {"state": "running", "finished_at": None}
    connection.execute(update(scan).where(scan.c.id == scan_id).values(running))
    query = select(row).where(row.c.scan_id == scan_id, row.c.key != _SCAN)
    rows = connection.execute(query.order_by(row.c.number)).mappings()
    return tuple(_page(one) for one in rows)


def last_number(connection: Connection, scan_id: int) -> int:
    """The number of the last batch of a scan."""
    row = table_of(FrontierRow)
    query = select(row.c.number).where(row.c.scan_id == scan_id, row.c.key == _SCAN)
    return int(connection.scalar(query) or 0)


def forget_frontier(connection: Connection, scan_id: int) -> None:
    """Drop the frontier of a scan that is finished, and of earlier scans of its target that ended
    before their end: it has seen what they have not."""
    row, scan = table_of(FrontierRow), table_of(Scan)
    target = select(scan.c.target_id).where(scan.c.id == scan_id).scalar_subquery()
    ended = scan.c.state.in_(("interrupted", "failed"))
    earlier = select(scan.c.id).where(scan.c.target_id == target, scan.c.id < scan_id, ended)
    which = row.c.scan_id.in_(earlier) | (row.c.scan_id == scan_id)
    connection.execute(delete(row).where(which))


def _row(scan_id: int, page: FrontierPage) -> dict[str, Any]:
    return {
        "scan_id": scan_id,
        "key": hashlib.blake2b(storable(page.identity).encode(), digest_size=16).hexdigest(),
        "number": page.number,
        "state": page.state,
        "kind": page.kind,
        "identity": storable(page.identity),
        "data": page.data,
        "memory": page.memory,
    }


def _page(row: Any) -> FrontierPage:
    fields = {name: row[name] for name in FrontierPage.__struct_fields__}
    return msgspec.convert(fields, FrontierPage)
