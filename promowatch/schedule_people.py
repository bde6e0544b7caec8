"""What people do with the schedule: pause, resume, ask for a run, acknowledge alarms."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from core.errors import BadInput
from core.target import Target, load_targets, target_by_id
from promowatch import options, schedule_tables
from promowatch.terminal import results
from schedules import REPORT_JOB, Timetable, scan_job
from storage import NoteKind, Store

TargetOfJob = Annotated[
    str, typer.Argument(metavar="TARGET", help="The id of a target, or `report`.")
]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept and shown.")]
By = Annotated[
    str, typer.Option("--by", help="Who; kept and shown.", show_default="the user logged in")
]


def job_of(
    target: str, known: dict[str, Target], tables: Mapping[str, Timetable] | None = None
) -> str:
    """The job of a target, or of the daily report. Raises BadInput, naming the nearest target.

    With `tables` it must have a schedule.
    """
    if target == REPORT_JOB and target not in known:
        return REPORT_JOB
    job_id = scan_job(target_by_id(known, target).id)
    if tables is not None and job_id not in tables:
        raise BadInput(
            f"target `{target}` has no schedule",
            hint='write `schedule: "30 2 * * *"` into its file',
        )
    return job_id


def pause(
    target: TargetOfJob,
    reason: Reason,
    by: By = "",
    data: options.Data = options.DEFAULT_DATA,
    catalogue: options.Catalogue = options.DEFAULT_CATALOGUE,
) -> None:
    """Pause a target: what comes due is written down as missed because it is paused.

    Example: promowatch schedule pause our-market --reason "moved to new servers until 5 May"
    """
    _note(target, "pause", reason, by, data, catalogue)
    print(f"{target} is paused; `promowatch schedule resume {target}` lets it go on")


def resume(
    target: TargetOfJob,
    reason: Reason = "",
    by: By = "",
    data: options.Data = options.DEFAULT_DATA,
    catalogue: options.Catalogue = options.DEFAULT_CATALOGUE,
) -> None:
    """Let a paused target go on. What was due meanwhile stays missed.

    Example: promowatch schedule resume our-market
    """
    _note(target, "resume", reason, by, data, catalogue)
    print(f"{target} goes on; `promowatch schedule next {target}` says when")


def run_now(
    target: TargetOfJob,
    reason: Reason = "",
    by: By = "",
    data: options.Data = options.DEFAULT_DATA,
    catalogue: options.Catalogue = options.DEFAULT_CATALOGUE,
) -> None:
    """Have the scheduler run a target now, paused or not, with a schedule or without.

    It starts within seconds, or when the run that is going on has ended.

    Example: promowatch schedule run-now our-market --reason "asked for by the desk"
    """
    now = datetime.now(UTC)
    _note(target, "run_now", reason, by, data, catalogue)
    with Store.open(data) as store:
        scheduler = store.schedule.scheduler()
    print(f"{target} will be run")
    if not schedule_tables.is_alive(scheduler, now):
        print("no scheduler runs now: it starts as soon as `promowatch schedule run` does")


def alarms(
    acknowledge: Annotated[
        int | None,
        typer.Option(
            metavar="ID",
            help="Acknowledge this alarm and the older ones of its job and kind.",
            show_default=False,
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Those that were acknowledged, too.")
    ] = False,
    note: Annotated[str, typer.Option(help="What was found out; kept and shown.")] = "",
    by: By = "",
    lang: options.Language = "en",
    data: options.Data = options.DEFAULT_DATA,
    time_zone: options.Zone = options.DEFAULT_ZONE,
) -> None:
    """Print the alarms that nobody has acknowledged, newest first, or acknowledge one.

    [bold]Examples[/bold]

      promowatch schedule alarms

      promowatch schedule alarms --acknowledge 12 --note "selector mended"
    """
    zone = options.zone(time_zone)
    with Store.open(data) as store:
        if acknowledge is not None:
            now = datetime.now(UTC)
            done = store.schedule.acknowledge(acknowledge, who=_name(by), note=note, at=now)
            print(f"{done} alarm(s) acknowledged")
            return
        found = store.schedule.alarms(only_open=not everything)
    if found:
        results().print(schedule_tables.alarm_table(found, zone, lang))
    else:
        print("no alarms")


def _note(target: str, kind: NoteKind, reason: str, by: str, data: Path, catalogue: Path) -> None:
    known = load_targets(catalogue / "targets")
    job_id = job_of(target, known)
    if kind == "pause" and target in known and known[target].timing is None:
        raise BadInput(f"`{target}` has no schedule to pause", hint="it is scanned when asked")
    now = datetime.now(UTC)
    with Store.open(data) as store:
        paused = job_id in store.schedule.state().paused
        if kind == "pause" and not reason.strip():
            raise BadInput("--reason is empty", hint="say why, for whoever sees it paused")
        if kind == "pause" and paused:
            raise BadInput(f"`{target}` is paused already", hint="see `promowatch schedule list`")
        if kind == "resume" and not paused:
            raise BadInput(f"`{target}` is not paused", hint="see `promowatch schedule list`")
        store.schedule.add_note(job_id, kind, who=_name(by), reason=reason, at=now)


def _name(by: str) -> str:
    """Who does it."""
    if by:
        return by
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
