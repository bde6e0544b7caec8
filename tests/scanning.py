"""Running the real command on real local sites, for tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from core.document import Document
from core.verdict import Verdict
from storage import CandidateRow, EvidenceStore, GapRecord, ScanSummary, Store

ROOT = Path(__file__).resolve().parent.parent


class Scanned(msgspec.Struct, frozen=True):
    """What one `promowatch scan` did: exit status, streams, and what it stored."""

    status: int
    out: str
    err: str
    lines: tuple[dict[str, Any], ...]
    summary: ScanSummary | None
    candidates: tuple[CandidateRow, ...]
    gaps: tuple[GapRecord, ...]

    def gap_kinds(self, subject_part: str) -> set[str]:
        """Kinds of the gaps whose subject holds `subject_part`."""
        return {gap.kind.value for gap in self.gaps if subject_part in gap.subject}


def run_promowatch(
    *arguments: str,
    timeout_seconds: float = 120,
    meanwhile: Callable[[subprocess.Popen[str]], None] | None = None,
    **environment: str,
) -> subprocess.CompletedProcess[str]:
    """The command as a user starts it, from the root of the project."""
    command = [sys.executable, "-m", "promowatch", *arguments]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "160", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            if meanwhile is not None:
                meanwhile(running)
            out, err = running.communicate(timeout=timeout_seconds)
        except BaseException:
            running.kill()
            raise
    return subprocess.CompletedProcess(command, running.returncode, out, err)


def scan(
    target: str,
    data: Path,
    *arguments: str,
    timeout_seconds: float = 120,
    meanwhile: Callable[[subprocess.Popen[str]], None] | None = None,
    **environment: str,
) -> Scanned:
    """`promowatch scan target --json` into `data`, and what is stored there afterwards.

    `meanwhile` is called once with the running process.
    """
    done = run_promowatch(
        "scan",
        target,
        "--json",
        "--data",
        str(data),
        *arguments,
        timeout_seconds=timeout_seconds,
        meanwhile=meanwhile,
        **environment,
    )
    summary, candidates, gaps = _stored(data)
    return Scanned(
        status=done.returncode,
        out=done.stdout,
        err=done.stderr,
        lines=tuple(json.loads(line) for line in done.stdout.splitlines()),
        summary=summary,
        candidates=candidates,
        gaps=gaps,
    )


def kept(data: Path) -> tuple[Document, Verdict]:
    """Document and verdict of the only candidate."""
    now = datetime.now(UTC)
    with Store.open(data) as store:
        (event,) = store.day(now - timedelta(days=1), now + timedelta(days=1)).events
    files = {file.kind: file for file in event.sighting.evidence}
    store = EvidenceStore(data)
    document = store.read(files["document"].sha256, "document")
    verdict = store.read(files["verdict"].sha256, "verdict")
    return (
        msgspec.json.decode(document, type=Document),
        msgspec.json.decode(verdict, type=Verdict),
    )


def write_target(path: Path, **fields: Any) -> str:
    """A target file with one target; gives its path. JSON is YAML."""
    target = {
        "id": path.stem,
        "title": path.stem,
        "surface": "marketing_page",
        "politeness": {"autothrottle": False, "reason": "a local site of the tests"},
        "network": {"allow": ["127.0.0.1"]},
        **fields,
    }
    path.write_text(json.dumps({"targets": [target]}, ensure_ascii=False), encoding="utf-8")
    return str(path)


def _stored(
    data: Path,
) -> tuple[ScanSummary | None, tuple[CandidateRow, ...], tuple[GapRecord, ...]]:
    if not data.is_dir():
        return None, (), ()
    with Store.open(data) as store:
        now = datetime.now(UTC)
        scans = store.day(now - timedelta(days=2), now + timedelta(days=1)).scans
        if not scans:
            return None, (), ()
        scan_id = max(scan.scan_id for scan in scans)
        return (
            store.scan_summary(scan_id),
            store.scan_candidates(scan_id),
            store.gaps(scan_id),
        )
