"""Which scheduler may start runs: one at a time, and the next within a minute when it dies.

On PostgreSQL an advisory lock on a connection of its own: the server frees it as soon as that
connection is gone, and asks a silent one after 10 seconds whether it lives
(https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS). On SQLite a row
whose `beat` rises: whoever sees it stand still for `STALE_SECONDS` of its own monotonic clock, or
knows its process to be dead, takes over. No wall clock is compared with another, so one that is
set forward or back neither frees nor holds the lock. On both databases the row also says who
leads, and each turn of the scheduler checks that inside its transaction: one that was asleep while
another took over writes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import msgspec
from sqlalchemy import Connection, Engine, select, text, update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from storage.failures import translating
from storage.schedule_models import SchedulerLease
from storage.schedule_records import SchedulerRecord
from storage.session import Database, postgresql_engine, reading, writing
from storage.upsert import Upsert, table_of

STALE_SECONDS = 30.0
_NAME = "scheduler"
_LOCK = 0x70726F6D
"""The first half of the advisory lock's key ("prom"); the second is the schema it is for."""
_KEEPALIVE = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
_LEASE = Upsert(
    SchedulerLease,
    key=("name",),
    update=("holder", "host", "pid", "process_started", "beat", "renewed_at"),
)


def current_holder(connection: Connection) -> str:
    """The scheduler that leads; empty where there is none."""
    found = scheduler_record(connection)
    return found.holder if found else ""


def scheduler_record(connection: Connection) -> SchedulerRecord | None:
    """The row of the scheduler that leads or led last."""
    row = connection.execute(select(table_of(SchedulerLease))).mappings().first()
    if row is None:
        return None
    return SchedulerRecord(**{name: row[name] for name in SchedulerRecord.__struct_fields__})


class Leadership:
    """The lock as one scheduler sees it. Not safe for several threads at once.

    `take` and `renew` raise StorageError where the database does not answer.
    """

    def __init__(
        self,
        database: Database,
        holder: str,
        host: str,
        pid: int,
        process_started: str,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._me = SchedulerRecord(
            holder=holder,
            host=host,
            pid=pid,
            process_started=process_started,
            beat=0,
            renewed_at=datetime.min,
        )
        self._monotonic = monotonic
        self._watched: tuple[str, int] = ("", -1)
        self._watched_since = 0.0
        self._engine: Engine | None = None
        self._lock: Connection | None = None

    def take(
        self, now: datetime, is_dead: Callable[[SchedulerRecord], bool]
    ) -> SchedulerRecord | None:
        """Take the lock; None when that is done, else the scheduler that holds it.

        `is_dead` tells whether a holder's process surely does not run any more.
        """
        if not self._database.is_sqlite:
            return self._take_advisory(now)
        with reading(self._database) as connection:
            found = scheduler_record(connection)
        others = found is not None and found.holder not in ("", self._me.holder)
        if found and others and not (self._stands_still(found) or is_dead(found)):
            return found
        with writing(self._database) as connection:
            newer = scheduler_record(connection)
            if newer is not None and newer != found:
                return newer  # somebody was quicker, or it was only slow
            self._write(connection, now, found)
        return None

    def renew(self, now: datetime) -> bool:
        """Say that this scheduler lives; False where another one leads now."""
        if not self._database.is_sqlite and not self._still_locked():
            return False
        lease = table_of(SchedulerLease)
        with writing(self._database) as connection:
            renewed = connection.execute(
                update(lease)
                .where(lease.c.holder == self._me.holder)
                .values(beat=lease.c.beat + 1, renewed_at=now)
            )
        if not renewed.rowcount:
            self._let_go()
        return bool(renewed.rowcount)

    def release(self) -> None:
        """Give the lock back, so that another scheduler need not wait."""
        lease = table_of(SchedulerLease)
        try:
            with writing(self._database) as connection:
                connection.execute(
                    update(lease).where(lease.c.holder == self._me.holder).values(holder="")
                )
        finally:
            self.close()

    def close(self) -> None:
        """Let go of the lock and its connection; the row stays, as when a process dies."""
        self._let_go()
        if self._engine is not None:
            self._engine.dispose()

    def _stands_still(self, found: SchedulerRecord) -> bool:
        seen = (found.holder, found.beat)
        if seen != self._watched:
            self._watched, self._watched_since = seen, self._monotonic()
        return self._monotonic() - self._watched_since >= STALE_SECONDS

    def _write(self, connection: Connection, now: datetime, found: SchedulerRecord | None) -> None:
        beat = found.beat + 1 if found else 0
        me = msgspec.structs.replace(self._me, beat=beat, renewed_at=now)
        _LEASE.run(connection, [{"name": _NAME, **msgspec.structs.asdict(me)}])

    def _take_advisory(self, now: datetime) -> SchedulerRecord | None:
        query = text("SELECT pg_try_advisory_lock(:key, hashtext(current_schema()))")
        with translating(self._database.name):
            try:
                taken = bool(self._lock_connection().scalar(query, {"key": _LOCK}))
            except DBAPIError:
                self._let_go()
                raise
        if not taken:
            with reading(self._database) as other:
                found = scheduler_record(other)
            return found or msgspec.structs.replace(self._me, holder="another", host="?", pid=0)
        with writing(self._database) as other:
            self._write(other, now, scheduler_record(other))
        return None

    def _lock_connection(self) -> Connection:
        if self._engine is None:
            url = self._database.engine.url
            options = f"{url.query.get('options', '')} {_KEEPALIVE}".strip()
            self._engine = postgresql_engine(
                url.update_query_dict({"options": options}), 0, pool_size=1
            ).execution_options(isolation_level="AUTOCOMMIT")
        if self._lock is None:
            self._lock = self._engine.connect()
        return self._lock

    def _still_locked(self) -> bool:
        if self._lock is None:
            return False
        try:
            self._lock.execute(text("SELECT 1"))
        except DBAPIError:
            self._let_go()
            return False
        return True

    def _let_go(self) -> None:
        if self._lock is not None:
            lock, self._lock = self._lock, None
            if not lock.invalidated:  # a lost connection has freed it already
                with suppress(SQLAlchemyError):
                    lock.execute(text("SELECT pg_advisory_unlock_all()"))
            lock.invalidate()
            lock.close()
