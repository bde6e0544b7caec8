"""`promowatch evidence`: does it still stand, and one file of it for a case."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from core.errors import BadInput, PromowatchError, StorageError
from core.gap import Gap, GapKind
from core.text import one_line
from promowatch import options
from reports import write_case_file
from storage import (
    Broken,
    EvidenceStore,
    Ledger,
    Stamp,
    Store,
    TokenChecker,
    Verification,
    check_decisions,
    current_revision,
    stamp_ledger,
    timestamps_available,
    verify_evidence,
)

_ALONE = "ledger and files alone are checked, as asked"
_UPLOAD_SECONDS = 60.0
"""How long the end of a scan may take for evidence that waits."""

app = typer.Typer(no_args_is_help=True, help="Evidence: verify, export, upload.")

Authority = Annotated[
    str,
    typer.Option(
        "--tsa-url",
        envvar="PROMOWATCH_TSA_URL",
        help="Address of an RFC 3161 time-stamp authority.",
        show_default=False,
    ),
]
AuthorityCertificates = Annotated[
    Path | None,
    typer.Option(
        "--tsa-certificates",
        envvar="PROMOWATCH_TSA_CERTIFICATES",
        help="PEM file with the authority's root certificates; without it the signatures of time "
        "stamps are not checked.",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command("verify")
def verify(
    as_json: AsJson = False,
    tsa_certificates: AuthorityCertificates = None,
    ledger_alone: Annotated[
        bool,
        typer.Option(
            "--ledger-alone",
            help="Leave the database out: for one of several machines on it, each of which has a "
            "ledger of its own.",
        ),
    ] = False,
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Check offline that every link of the ledger and the hash of every file holds, and that the
    decisions of the database are those of the ledger.

    Example: promowatch evidence verify --data /srv/promowatch

    Exit status: 0 all holds; 1 it does not: the first broken entry, the file and what differs are
    named; 2 there is no such data folder.
    """
    wanted = tsa_certificates is not None or timestamps_available()
    tokens = TokenChecker(tsa_certificates) if wanted else None
    known, remarks = _known_manifests(data) if not ledger_alone else (frozenset(), (_ALONE,))
    with counting_bar("checking") as progress:
        found = verify_evidence(Ledger(data), EvidenceStore(data), known, progress, tokens)
    found = msgspec.structs.replace(
        found,
        remarks=(*remarks, *found.remarks),
        broken=found.broken or (None if remarks else _wrong_decision(data)),
    )
    if as_json:
        print(msgspec.json.encode(found).decode())
    else:
        _print(found)
    raise typer.Exit(1 if found.broken else 0)


@app.command("export")
def export(
    candidate: Annotated[
        str,
        typer.Argument(
            metavar="CANDIDATE",
            help="Its key, the first 4 or more digits of it, or its URL.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path, typer.Option(help="The ZIP file to write.", dir_okay=False, show_default=False)
    ],
    as_json: AsJson = False,
    lang: options.Language = "en",
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Write one ZIP file for a case: captures, screenshots, verdicts, manifests, ledger with proof.

    Start with index.html in it. Evidence that was changed is not exported.

    Example: promowatch evidence export 3fa2c9d1 --out case.zip --lang zh
    """
    with open_store(data) as store, counting_bar("packing") as progress:
        case = write_case_file(store, candidate, out, lang, progress)
    files = sum(len(one.files) for one in case.sightings)
    if as_json:
        told = {
            "file": str(out),
            "key": case.candidate.key,
            "sightings": len(case.sightings),
            "files": files,
            "ledger_entries": len(case.ledger.numbers) if case.ledger else 0,
        }
        print(msgspec.json.encode(told).decode())
    else:
        print(out)


@app.command("stamp")
def stamp(tsa_url: Authority = "", data: options.Data = options.DEFAULT_DATA) -> None:
    """Have a time-stamp authority sign the ledger as it stands; `promowatch scan` does at its end.

    Example: promowatch evidence stamp --tsa-url https://tsa.example/tsr
    """
    if not tsa_url:
        raise BadInput(
            "no time-stamp authority is configured", hint="set PROMOWATCH_TSA_URL or --tsa-url"
        )
    with open_store(data) as store:
        entry = stamp_ledger(store.ledger, store.evidence, tsa_url)
    if entry is None:
        print("nothing new to stamp")
    else:
        print(f"stamped up to entry {entry.number - 1}: {entry.subject}")


@app.command("upload")
def upload(data: options.Data = options.DEFAULT_DATA) -> None:
    """Move evidence that waits in the data folder to the store PROMOWATCH_EVIDENCE_URL names.

    A scan does so itself; this is for what waits because the store did not answer, and for the
    evidence of scans before there was a store.

    Example: PROMOWATCH_EVIDENCE_URL=s3://evidence/promowatch promowatch evidence upload

    Exit status: 0 nothing waits any more; 1 some does, and why.
    """
    evidence = EvidenceStore(data)
    if not evidence.beyond:
        raise BadInput(
            "no evidence store is configured",
            hint="set PROMOWATCH_EVIDENCE_URL, for example s3://bucket/prefix",
        )
    if not data.is_dir():
        raise BadInput(f"there is no data folder {data}", hint="give one with `--data`")
    done = evidence.upload()
    print(f"{done.moved} files moved to {evidence.beyond}")
    if done.waiting:
        raise StorageError(
            f"{done.waiting} files wait in {evidence.folder}: {done.problem}",
            hint="run `promowatch evidence upload` again later",
        )


def upload_after_scan(data: Path, scan_id: int | None) -> None:
    """Move what still waits to the evidence store; what stays is told and a gap of the scan."""
    evidence = EvidenceStore(data)
    done = evidence.upload(seconds=_UPLOAD_SECONDS)
    if not done.waiting or scan_id is None:
        return
    reason = f"{done.waiting} files wait in {evidence.folder}: {done.problem}"
    print(
        f"promowatch: {one_line(reason, 1_000)}; `promowatch evidence upload` moves them",
        file=sys.stderr,
    )
    gap = Gap(GapKind.EVIDENCE_WAITING, evidence.beyond, reason)
    with open_store(data) as store:
        store.record(scan_id, (), [(gap, datetime.now(UTC))])


def stamp_after_scan(data: Path) -> None:
    """Stamp the ledger where an authority is configured; a failure is told and ends nothing."""
    url = os.environ.get("PROMOWATCH_TSA_URL", "")
    if not url:
        return
    try:
        stamp_ledger(Ledger(data), EvidenceStore(data), url)
    except PromowatchError as error:
        print(f"promowatch: {one_line(str(error), 1_000)}", file=sys.stderr)


def _print(found: Verification) -> None:
    for remark in found.remarks:
        print(f"note: {one_line(remark, 500)}")
    checked = (
        f"{found.entries} ledger entries, {found.files} files, {found.size_bytes:,} bytes checked"
    )
    if found.purges:
        print(f"purged: {found.purged} files, by {found.purges} purges that the ledger has")
    if found.broken is None:
        print(f"evidence holds: {checked}")
        for stamp in found.stamps:
            print(_stamp_line(stamp))
        return
    broken = found.broken
    where = f"entry {broken.entry}, {broken.file}" if broken.entry else broken.file
    print(f"BROKEN at {where}: {one_line(broken.problem, 500)}")
    print(f"until there {checked}")


def _stamp_line(stamp: Stamp) -> str:
    if stamp.at is None:
        return f"time stamp in entry {stamp.entry}: not read (extra `timestamps` not installed)"
    signed = "signature checked" if stamp.signature_checked else "signature not checked"
    return f"time stamp in entry {stamp.entry}: {stamp.at:%Y-%m-%d %H:%M:%S} UTC, {signed}"


def open_store(data: Path) -> Store:
    """The store of a data folder that is there. Raises BadInput, StorageError."""
    if not data.is_dir():
        raise BadInput(f"there is no data folder {data}", hint="give one with `--data`")
    return Store.open(data)


def _known_manifests(data: Path) -> tuple[frozenset[str], tuple[str, ...]]:
    """What the database names, or a remark: a copy on a read-only disk has none we can open."""
    try:
        if data.is_dir() and current_revision(data) is None:
            return frozenset(), ("there is no database here: ledger and files alone are checked",)
        with open_store(data) as store:
            return store.recorded_manifests(), ()
    except StorageError as error:
        return frozenset(), (f"ledger and files alone are checked: {error.message}",)


def _wrong_decision(data: Path) -> Broken | None:
    if not data.is_dir():
        return None
    with open_store(data) as store:
        return check_decisions(store)


@contextmanager
def counting_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error, where somebody is looking."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
