"""`promowatch recheck`: look again at the surfaces whose notice was sent, when that is due."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from core.casework import AWAITING, FOLLOWED, MACHINE, CaseState
from core.errors import BadInput, StorageError
from core.recheck import RecheckOutcome
from core.target import Target, load_targets
from core.text import defang, one_line
from crawler import run_scan, spider_for
from promowatch import options
from promowatch.evidence import open_store
from promowatch.recheck_groups import Group, groups_of
from promowatch.recheck_proof import Proof, kept_since, listing_proof, page_proof
from reports import language, say
from schedules.dispatch import THIS_PROGRAM
from storage import (
    RecheckRecord,
    Step,
    Store,
    WorkRow,
    case_history,
    decide,
    due_rechecks,
    record_recheck,
)


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    """One case of `recheck --json`."""

    number: int
    key: str
    url: str
    outcome: RecheckOutcome
    why: str
    state: str


def recheck(
    case: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CASE]...",
            help="Look at these now, due or not. [default: all that are due]",
            show_default=False,
        ),
    ] = None,
    allow_address: Annotated[
        list[str] | None,
        typer.Option(
            help="A host, address or network outside the public internet that may be "
            "reached. Repeatable.",
            show_default=False,
        ),
    ] = None,
    as_json: options.AsJson = False,
    lang: options.Language = "en",
    data: options.Data = options.DEFAULT_DATA,
    catalogue: options.Catalogue = options.DEFAULT_CATALOGUE,
    time_zone: options.Zone = options.DEFAULT_ZONE,
) -> None:
    """Look again at surfaces whose notice was sent: each when its target's plan says so.

    What is gone (404, 410, or the page without its promotion) becomes `removed`, with the answer
    kept as proof. An error, a block page or a page read in part proves nothing and is tried again.
    What was removed is looked at to the plan's end: if it is there again, it has `returned`.

    [bold]Examples[/bold]

      promowatch recheck

      promowatch recheck 118 --lang zh
    """
    options.zone(time_zone)
    targets = load_targets(catalogue / "targets")
    with open_store(data) as store:
        groups = groups_of(_wanted(store, case or [], targets), targets, tuple(allow_address or ()))
    if len(groups) == 1:
        _look(groups[0], data, catalogue, time_zone, lang, as_json=as_json)
        return
    given = ["--data", str(data), "--catalogue", str(catalogue)]
    given += ["--time-zone", time_zone, "--lang", lang, *(["--json"] if as_json else [])]
    for address in allow_address or ():
        given += ["--allow-address", address]
    for group in groups:
        _look_elsewhere(group.rows, given)
    if not groups and not as_json:
        print(say("nothing_due", language(lang)))


def _look_elsewhere(rows: Sequence[WorkRow], given: Sequence[str]) -> None:
    """The same command for the cases of one target: a crawl needs a process of its own."""
    numbers = [f"#{row.candidate.candidate_id}" for row in rows]
    sys.stdout.flush()
    done = subprocess.run([*THIS_PROGRAM, "recheck", *given, "--", *numbers], check=False)
    if done.returncode:
        raise typer.Exit(done.returncode)


def _wanted(store: Store, named: Sequence[str], targets: dict[str, Target]) -> list[WorkRow]:
    """The cases to look at. Raises BadInput for one whose notice was not sent."""
    if not named:
        return list(due_rechecks(store, targets, datetime.now(UTC)))
    rows = [case_history(store, one).work for one in named]
    for row in rows:
        if row.candidate.status not in FOLLOWED or row.sent_at is None:
            raise BadInput(
                f"case {row.candidate.candidate_id} is {row.candidate.status}: nothing to recheck",
                hint=f"only {', '.join(FOLLOWED)} after a notice are",
            )
    return rows


def _look(
    group: Group,
    data: Path,
    catalogue: Path,
    time_zone: str,
    lang: str,
    *,
    as_json: bool,
) -> None:
    with open_store(data) as store:
        last = store.ledger.last()
    scan_id = None if group.way == "none" else _scanned(group, data, catalogue, time_zone)
    with open_store(data) as store:
        captures = kept_since(store, last.number if last else 0)
        gaps = store.gaps(scan_id) if scan_id is not None else ()
        for row in group.rows:
            if group.way == "none":
                proof = Proof("not_seen", group.why)
            elif group.way == "listing":
                proof = listing_proof(store, row.candidate, captures, gaps)
            else:
                proof = page_proof(store, row.candidate, captures, gaps)
            _tell(_concluded(store, row, scan_id, proof), lang, as_json=as_json)


def _scanned(group: Group, data: Path, catalogue: Path, time_zone: str) -> int | None:
    """The number of the scan that looked. Raises StorageError; exits where it was stopped."""
    run = run_scan(
        group.target,
        spider=spider_for(group.target),
        data=data,
        catalogue=catalogue,
        settings={
            "PROMOWATCH_TIME_ZONE": time_zone,
            "PROMOWATCH_RECHECK": [row.candidate.key for row in group.rows],
        },
    )
    if run.failure:
        raise StorageError(run.failure)
    if run.finish_reason != "finished":
        print("promowatch: stopped early; the looks are taken again", file=sys.stderr)
        raise typer.Exit(130)
    return run.scan_id


def _concluded(store: Store, row: WorkRow, scan_id: int | None, proof: Proof) -> _Line:
    """Keep what was seen, and lead the case on. A person or the scan may have been quicker."""
    now, number = datetime.now(UTC), row.candidate.candidate_id
    state: str = case_history(store, f"#{number}").work.candidate.status
    after = _next_state(state, proof)
    if after is not None:
        step = Step(by=MACHINE, why=proof.why, at=now, actor="machine", proof=proof.files)
        state = decide(store, f"#{number}", after, step).after
    record_recheck(
        store,
        RecheckRecord(
            candidate_id=number,
            scan_id=scan_id,
            at=now,
            outcome=proof.outcome,
            why=proof.why,
            proof=proof.files,
        ),
    )
    return _Line(
        number=number,
        key=row.candidate.key,
        url=row.candidate.url,
        outcome=proof.outcome,
        why=proof.why,
        state=state,
    )


def _next_state(state: str, proof: Proof) -> CaseState | None:
    if proof.outcome == "gone" and state in AWAITING:
        return "removed"
    return "returned" if proof.outcome == "still_there" and state == "removed" else None


def _tell(line: _Line, lang: str, *, as_json: bool) -> None:
    if as_json:
        print(msgspec.json.encode(line).decode())
        return
    tongue = language(lang)
    outcome, state = say(f"outcome.{line.outcome}", tongue), say(f"decision.{line.state}", tongue)
    where = defang(one_line(line.url, 120))
    print(f"#{line.number} {outcome}: {one_line(line.why)} · {state} · {where}")
