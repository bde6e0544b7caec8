"""Scans of exports: how far they came, what may be skipped next time, what is seen again."""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from storage.candidates import record_again
from storage.models import Candidate, ExportPart, ExportScan, Scan
from storage.upsert import table_of

KEY_BYTES = 16
"""Bytes of a fingerprint, and of a surface's key."""
_CUT_OFF = ("running", "interrupted", "failed")


class PartDone(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of file number `file`, done up to and with row `rows`: see `storage.models.ExportPart`.

    `again`: keys of candidates whose rows are unchanged, and which are therefore still up.
    """

    file: int
    rows: int
    clear: int = 0
    unchanged: int = 0
    bad_rows: int = 0
    aside: bytes = b""
    quiet: bytes = b""
    hits: bytes = b""
    again: tuple[str, ...] = ()


class CutOff(msgspec.Struct, frozen=True, kw_only=True):
    """A scan that did not come to its end: by file number the `rows` done, `bad_rows` of them."""

    scan_id: int
    rows: dict[int, int]
    bad_rows: dict[int, int]


class Fingerprints(msgspec.Struct, frozen=True):
    """What the scans before knew: 16 bytes each in `quiet`; in `hits` each with its key's 16."""

    quiet: bytes = b""
    hits: bytes = b""


def begin_export(connection: Connection, scan_id: int, files: str, basis: str) -> None:
    """Note that a scan reads exports."""
    scan = table_of(Scan)
    target_id = connection.scalar(select(scan.c.target_id).where(scan.c.id == scan_id))
    connection.execute(
        insert(table_of(ExportScan)).values(
            scan_id=scan_id, target_id=target_id, files=files, basis=basis
        )
    )


def cut_off_export(connection: Connection, target_id: str, files: str, basis: str) -> CutOff | None:
    """The newest scan of a target if it read the same files by the same rules and did not end."""
    scan, export, part = table_of(Scan), table_of(ExportScan), table_of(ExportPart)
    query = (
        select(scan.c.id, scan.c.state, export.c.files, export.c.basis)
        .outerjoin(export, export.c.scan_id == scan.c.id)
        .where(scan.c.target_id == target_id)
        .order_by(scan.c.id.desc())
        .limit(1)
    )
    found = connection.execute(query).first()
    if found is None or found.state not in _CUT_OFF or (found.files, found.basis) != (files, basis):
        return None
    done = connection.execute(
        select(part.c.file, func.max(part.c.rows), func.sum(part.c.bad_rows))
        .where(part.c.scan_id == found.id)
        .group_by(part.c.file)
    ).all()
    return CutOff(
        scan_id=found.id,
        rows={row[0]: row[1] for row in done},
        bad_rows={row[0]: int(row[2]) for row in done},
    )


def reopen_scan(connection: Connection, scan_id: int) -> None:
    """Have a scan that was cut off run again."""
    scan = table_of(Scan)
    connection.execute(
        update(scan).where(scan.c.id == scan_id).values(state="running", finished_at=None)
    )


def fingerprints(connection: Connection, scan_id: int) -> Fingerprints:
    """What the scan of the same target before `scan_id` found, if it judged by the same rules.

    Of that one scan alone: what an older one found may have changed and changed back since. The row
    of a case that a person had removed is not passed over: that it is there again is news.
    """
    export, part = table_of(ExportScan), table_of(ExportPart)
    this = connection.execute(select(export).where(export.c.scan_id == scan_id)).one()
    before = connection.execute(
        select(export)
        .where(export.c.target_id == this.target_id, export.c.scan_id < scan_id)
        .order_by(export.c.scan_id.desc())
        .limit(1)
    ).first()
    quiet, hits = bytearray(), bytearray()
    if before is not None and before.basis == this.basis:
        query = select(part.c.quiet, part.c.hits).where(part.c.scan_id == before.scan_id)
        for row in connection.execute(query):
            quiet += row.quiet
            hits += row.hits
    return Fingerprints(bytes(quiet), _without(bytes(hits), _removed(connection)))


def _removed(connection: Connection) -> frozenset[bytes]:
    """The keys of cases that ended with removal."""
    table = table_of(Candidate)
    keys = connection.scalars(select(table.c.key).where(table.c.status == "removed"))
    return frozenset(map(bytes.fromhex, keys))


def _without(hits: bytes, keys: Set[bytes]) -> bytes:
    """`hits` but those of the candidates `keys`."""
    if not keys:
        return hits
    size = 2 * KEY_BYTES
    pieces = (hits[at : at + size] for at in range(0, len(hits), size))
    return b"".join(one for one in pieces if one[KEY_BYTES:] not in keys)


def has_part(connection: Connection, scan_id: int, part: PartDone) -> bool:
    """Whether a part is stored already."""
    table = table_of(ExportPart)
    query = select(table.c.rows).where(
        table.c.scan_id == scan_id, table.c.file == part.file, table.c.rows == part.rows
    )
    return connection.scalar(query) is not None


def forget_earlier(connection: Connection, scan_id: int) -> None:
    """Drop the fingerprints of earlier scans of the target: those of `scan_id` stand for it now."""
    export, part = table_of(ExportScan), table_of(ExportPart)
    target_id = connection.scalar(select(export.c.target_id).where(export.c.scan_id == scan_id))
    earlier = select(export.c.scan_id).where(
        export.c.target_id == target_id, export.c.scan_id < scan_id
    )
    statement = update(part).where(part.c.scan_id.in_(earlier))
    connection.execute(statement.values(quiet=b"", hits=b""))


def aside_rows(connection: Connection, scan_id: int) -> dict[int, list[bytes]]:
    """The row numbers (4 bytes each) that the parts of a scan left to a spider, by file."""
    part = table_of(ExportPart)
    query = select(part.c.file, part.c.aside).where(part.c.scan_id == scan_id)
    found: dict[int, list[bytes]] = {}
    for row in connection.execute(query.order_by(part.c.file, part.c.rows)):
        if row.aside:
            found.setdefault(row.file, []).append(row.aside)
    return found


def record_part(
    connection: Connection, scan_id: int, started_at: datetime, part: PartDone, at: datetime
) -> None:
    """Write a part with the candidates that are seen again in it."""
    record_again(connection, scan_id, started_at, part.again, at)
    fields = msgspec.structs.asdict(part)
    del fields["again"]
    connection.execute(
        insert(table_of(ExportPart)), {**fields, "scan_id": scan_id, "recorded_at": at}
    )


def keys_up(connection: Connection) -> tuple[str, ...]:
    """The keys of all candidates that were up when last seen."""
    table = table_of(Candidate)
    return tuple(connection.scalars(select(table.c.key).where(table.c.presence == "up")))


def part_labels(connection: Connection, *where: ColumnElement[bool]) -> dict[int, dict[str, int]]:
    """Entries without visits of their own in the parts that `where` chooses: by scan and label."""
    part = table_of(ExportPart)
    query = select(part.c.scan_id, func.sum(part.c.clear), func.sum(part.c.unchanged))
    rows = connection.execute(query.where(*where).group_by(part.c.scan_id))
    return {
        scan_id: {name: int(n) for name, n in (("clear", clear), ("unchanged", same)) if n}
        for scan_id, clear, same in rows
    }
