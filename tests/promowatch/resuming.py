"""Scans that are cut off and taken up again: what there is in the end, to be compared."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from storage import Store
from storage.session import DATABASE_URL_VARIABLE
from tests.scanning import run_promowatch
from tests.storage.raw import rows

_DONE = (0, 3)
"""Came to its end, with or without many gaps."""

_QUERIES = {
    "visits": "SELECT url, seen, status, score FROM visits WHERE scan_id = {scan}",
    "candidates": "SELECT url, title, label, best_score, presence, status FROM candidates",
    "sightings": "SELECT c.url, s.label, s.score, s.content_sha256 FROM sightings s "
    "JOIN candidates c ON c.id = s.candidate_id WHERE s.scan_id = {scan}",
    "evidence": "SELECT c.url, e.kind, count(*) FROM evidence_files e JOIN sightings s "
    "ON s.id = e.sighting_id JOIN candidates c ON c.id = s.candidate_id "
    "WHERE e.kind IN ('response', 'document', 'marked', 'picture') GROUP BY c.url, e.kind",
    "events": "SELECT c.url, e.kind FROM candidate_events e JOIN candidates c "
    "ON c.id = e.candidate_id WHERE e.scan_id = {scan}",
    "gaps": "SELECT subject, kind, reason FROM gaps WHERE scan_id = {scan}",
    "frontier": "SELECT identity, kind FROM frontier",
    "state": "SELECT id, state FROM scans",
}


class Outcome(msgspec.Struct, frozen=True):
    """All that a scan left, each row with the number of times it is there."""

    rows: dict[str, Counter[tuple[Any, ...]]]

    def count(self, what: str) -> int:
        """How many rows of one sort."""
        return sum(self.rows[what].values())

    def differs(self, other: Outcome) -> dict[str, tuple[list[Any], list[Any]]]:
        """By sort of row, what `other` lost and what it has beyond this."""
        found = {}
        for name, mine in self.rows.items():
            theirs = other.rows[name]
            if mine != theirs:
                found[name] = (list(mine - theirs), list(theirs - mine))
        return found


def outcome(data: Path, url: str = "", scan: int = 1) -> Outcome:
    """What scan number `scan` of a data folder left."""
    with Store.open(data, url=url) as store:
        return Outcome(
            {
                name: Counter(rows(store, query.format(scan=scan)))
                for name, query in _QUERIES.items()
            }
        )


def run_scan(
    *arguments: str,
    data: Path,
    url: str = "",
    meanwhile: Callable[[subprocess.Popen[str]], None] | None = None,
    **environment: str,
) -> subprocess.CompletedProcess[str]:
    """`promowatch scan` with these arguments, on the database `url`."""
    environment = {DATABASE_URL_VARIABLE: url, **environment}
    return run_promowatch(
        "scan", *arguments, "--data", str(data), meanwhile=meanwhile, **environment
    )


def resume_to_the_end(data: Path, *arguments: str, url: str = "", **environment: str) -> str:
    """Take scan 1 up again; what was told on the error stream. It must come to its end."""
    done = run_scan("--resume", "1", *arguments, data=data, url=url, **environment)
    assert done.returncode in _DONE, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def done_identities(data: Path, url: str = "") -> set[str]:
    """The pages that a cut scan is done with."""
    with Store.open(data, url=url) as store:
        found: Iterable[tuple[str]] = rows(  # type: ignore[assignment]
            store, "SELECT identity FROM frontier WHERE state <> 'waiting'"
        )
        return {identity for (identity,) in found}
