"""Storage benchmark: what the store writes a second, beside the driver alone, on both databases.

`python -m benchmarks.storage --rows 20000`

  store   `Store.record`: visits, candidates, sightings, events and evidence rows of findings
  core    the upsert of sightings alone, through the same function the store uses
  driver  the same rows and SQL, handed to the driver's `executemany`

47 % of the rows are there already. One transaction a batch. `core` against `driver` is what
SQLAlchemy costs; rows are sightings on all sides. Each side writes the same rows, which is checked.
The PostgreSQL server is the one PROMOWATCH_TEST_POSTGRES names, else a private one.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from core import Evidence, Verdict, Words
from storage import Look, Store, surface_key
from storage.models import Sighting
from storage.portable_json import portable_json
from storage.session import writing
from storage.upsert import Upsert
from tests.postgres import empty_database, some_server

BATCHES = (100, 1_000)
KNOWN_SHARE = 0.47
START = datetime(2026, 11, 1, tzinfo=UTC)
_UPDATED = ("seen_at", "label", "score", "verdict")
_UPSERT = Upsert(Sighting, key=("candidate_id", "scan_id", "content_sha256"), update=_UPDATED)
_COLUMNS = ("candidate_id", "scan_id", "content_sha256", *_UPDATED)


class Side(NamedTuple):
    """One way to write, and how many rows a second it wrote."""

    name: str
    rows_per_second: float


def verdict_of(number: int) -> Verdict:
    return Verdict(
        label="violation",
        score=0.9,
        on=START.date(),
        ruleset_version=f"benchmark {number % 7}",
        evidence=(
            Evidence(
                rule="referral_link",
                points=3.0,
                title=Words("推荐链接", "referral link"),
                quote=f"用邀请码 DEMO{number:05} 开户",
            ),
        ),
    )


def looks(count: int) -> list[Look]:
    """Findings, each on a page of its own; 47 in a hundred repeat an earlier page and content."""
    fresh = int(count * (1 - KNOWN_SHARE))
    return [_look(number if number < fresh else number - fresh, number) for number in range(count)]


def _look(page: int, number: int) -> Look:
    url = f"https://site{page % 97}.example/page/{page}"
    return Look(
        key=surface_key("marketing_page", url),
        surface="marketing_page",
        url=url,
        title=f"page {page}",
        status=200,
        seen_at=START + timedelta(seconds=number),
        content_sha256=hashlib.sha256(url.encode()).hexdigest(),
        verdict=verdict_of(number),
    )


def in_batches(rows: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def timed(work: Callable[[], None], count: int) -> float:
    started = time.perf_counter()
    work()
    return count / (time.perf_counter() - started)


def through_store(store: Store, rows: int, batch: int) -> Side:
    scan = store.begin_scan("benchmark", "benchmark", started_at=START)
    findings = looks(rows)

    def write() -> None:
        for part in in_batches(findings, batch):
            store.record(scan, part)

    return Side("store", timed(write, rows))


def sighting_rows(store: Store, rows: int) -> list[dict[str, Any]]:
    """Sightings of one candidate that is there, in a scan of their own."""
    scan = store.begin_scan("benchmark", "benchmark", started_at=START)
    store.record(scan, [_look(0, 0)])
    with writing(store.database) as connection:
        candidate = connection.scalar(text("SELECT min(id) FROM candidates"))
    return [
        {
            "candidate_id": candidate,
            "scan_id": scan,
            "content_sha256": look.content_sha256,
            "seen_at": look.seen_at,
            "label": "violation",
            "score": 0.9,
            "verdict": look.verdict,
        }
        for look in looks(rows)
    ]


def through_core(store: Store, rows: list[dict[str, Any]], batch: int) -> Side:
    def write() -> None:
        for part in in_batches(rows, batch):
            with writing(store.database) as connection:
                _UPSERT.run(connection, part)

    return Side("core", timed(write, len(rows)))


def through_driver(store: Store, rows: list[dict[str, Any]], batch: int) -> Side:
    """The driver's own cursor; values as the driver takes them, made before the clock starts."""
    on_sqlite = store.database.is_sqlite
    values = [_driver_values(row, on_sqlite=on_sqlite) for row in rows]
    mark = "?" if on_sqlite else "%s"
    statement = (
        f"INSERT INTO sightings ({', '.join(_COLUMNS)}) VALUES ({', '.join([mark] * 7)}) "
        "ON CONFLICT (candidate_id, scan_id, content_sha256) DO UPDATE SET "
        + ", ".join(f"{name} = excluded.{name}" for name in _UPDATED)
    )

    def write() -> None:
        for part in in_batches(values, batch):
            with writing(store.database) as connection:
                _cursor_of(connection).executemany(statement, part)

    return Side("driver", timed(write, len(rows)))


def _cursor_of(connection: Connection) -> Any:
    return connection.connection.cursor()


def _driver_values(row: dict[str, Any], *, on_sqlite: bool) -> tuple[Any, ...]:
    moment = row["seen_at"]
    seen_at = moment.replace(tzinfo=None).isoformat(" ") if on_sqlite else moment
    changed = {"seen_at": seen_at, "verdict": portable_json(row["verdict"]).decode()}
    return tuple({**row, **changed}[name] for name in _COLUMNS)


def compare(name: str, open_store: Callable[[], Any], rows: int) -> bool:
    """Every side in a database of its own, for each size of batch; whether they agree."""
    agree = True
    for batch in BATCHES:
        with open_store() as store:
            sides = [through_store(store, rows, batch)]
        for way in (through_core, through_driver):
            with open_store() as store:
                prepared = sighting_rows(store, rows)
                sides.append(way(store, prepared, batch))
                with writing(store.database) as connection:
                    kept = connection.scalar(text("SELECT count(*) FROM sightings"))
            agree = agree and kept == len({row["content_sha256"] for row in prepared})
        shown = "  ".join(f"{side.name} {side.rows_per_second:8,.0f}" for side in sides)
        ratio = sides[1].rows_per_second / sides[2].rows_per_second
        print(f"{name:11} batch {batch:5}  {shown}  rows/s   core/driver {ratio:.2f}", flush=True)
    return agree


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.storage",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rows", type=int, default=20_000)
    rows = parser.parse_args().rows

    @contextmanager
    def on_file() -> Iterator[Store]:
        with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder), url="") as store:
            yield store

    agree = compare("SQLite", on_file, rows)
    with some_server() as server:

        @contextmanager
        def on_server() -> Iterator[Store]:
            with (
                tempfile.TemporaryDirectory() as folder,
                empty_database(server) as url,
                Store.open(Path(folder), url=url) as store,
            ):
                yield store

        agree = compare("PostgreSQL", on_server, rows) and agree
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
    print(f"{rows} rows, peak {peak:.0f} MB, all sides wrote the same: {agree}")
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
