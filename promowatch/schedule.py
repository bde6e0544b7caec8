"""`promowatch schedule`: scans and daily reports on time."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import typer

from core.errors import BadInput
from core.target import Target, load_targets
from promowatch import options, schedule_people, schedule_tables
from promowatch.terminal import results
from schedules import (
    REPORT_CRON,
    CaseFollowups,
    Clerk,
    Dispatcher,
    QueueDispatcher,
    RunDispatcher,
    ScanJob,
    Scheduler,
    Timetable,
    host_name,
    locks_of,
    new_holder,
    open_queue,
    process_started,
    timetables,
    until_told,
)
from storage import Store

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    help="Scans, daily reports and rechecks on time: run, list, next, runs, pause, resume, "
    "run-now, alarms, health.",
)
app.command("pause")(schedule_people.pause)
app.command("resume")(schedule_people.resume)
app.command("run-now")(schedule_people.run_now)
app.command("alarms")(schedule_people.alarms)

ReportCron = Annotated[str, typer.Option(help="When the day's report is written.")]
Dispatch = Literal["processes", "queue"]
_NO_SCHEDULER = 5
_OPEN_ALARMS = 4
_SILENT_SECONDS = 60.0


@app.command("list")
def list_due(
    report_cron: ReportCron = REPORT_CRON,
    lang: options.Language = "en",
    data: options.Data = options.DEFAULT_DATA,
    catalogue: options.Catalogue = options.DEFAULT_CATALOGUE,
    time_zone: options.Zone = options.DEFAULT_ZONE,
) -> None:
    """List what runs by itself, soonest first, how it went last, what is paused, and open alarms.

    Example: promowatch schedule list
    """
    zone, now = options.zone(time_zone), datetime.now(UTC)
    tables = timetables(load_targets(catalogue / "targets").values(), zone, report_cron)
    with Store.open(data) as store:
        state, last = store.schedule.state(), store.schedule.last_runs()
        alarms, scheduler = store.schedule.alarms(only_open=True), store.schedule.scheduler()
    results().print(schedule_tables.job_table(tables, state, last, alarms, now))
    _print_lines(
        *schedule_tables.paused_lines(tables, state),
        schedule_tables.scheduler_line(scheduler, now, _SILENT_SECONDS),
    )
    if alarms:
        results().print(schedule_tables.alarm_table(alarms, zone, lang))
        print("acknowledge one with `promowatch schedule alarms --acknowledge ID`")


def _print_lines(*lines: str) -> None:
    for line in lines:
        print(line)


@app.command("next")
def next_runs(
    target: Annotated[
        str, typer.Argument(help="Only this target, or `report`.", show_default="all")
    ] = "",
    count: Annotated[int, typer.Option(min=1, max=1000, help="How many runs.")] = 10,
    report_cron: ReportCron = REPORT_CRON,
    data: options.Data = options.DEFAULT_DATA,
    catalogue: options.Catalogue = options.DEFAULT_CATALOGUE,
    time_zone: options.Zone = options.DEFAULT_ZONE,
) -> None:
    """Print the next runs: when each starts, after jitter and blackout hours, and what it is for.

    [bold]Examples[/bold]

      promowatch schedule next

      promowatch schedule next our-market --count 30
    """
    zone, now = options.zone(time_zone), datetime.now(UTC)
    known = load_targets(catalogue / "targets")
    tables = timetables(known.values(), zone, report_cron)
    if target:
        tables = {job: tables[job] for job in [schedule_people.job_of(target, known, tables)]}
    with Store.open(data) as store:
        state = store.schedule.state()
    if target:
        state = msgspec.structs.replace(
            state, open_runs=tuple(run for run in state.open_runs if run.job_id in tables)
        )
    results().print(schedule_tables.next_table(tables, state, now, count, zone))
    _print_lines(*schedule_tables.paused_lines(tables, state))


@app.command("runs")
def past_runs(
    target: Annotated[
        str, typer.Argument(help="Only this target, or `report`.", show_default="all")
    ] = "",
    count: Annotated[int, typer.Option(min=1, max=10_000, help="How many runs.")] = 30,
    data: options.Data = options.DEFAULT_DATA,
    catalogue: options.Catalogue = options.DEFAULT_CATALOGUE,
    time_zone: options.Zone = options.DEFAULT_ZONE,
) -> None:
    """Print the due runs of the past, newest first, and what became of each: run, or missed why.

    Example: promowatch schedule runs our-market
    """
    zone = options.zone(time_zone)
    known = load_targets(catalogue / "targets")
    job_id = schedule_people.job_of(target, known) if target else None
    with Store.open(data) as store:
        runs = store.schedule.runs(job_id=job_id, limit=count)
    results().print(schedule_tables.run_table(runs, zone))


@app.command("health")
def health(data: options.Data = options.DEFAULT_DATA) -> None:
    """For monitoring: one line, and an exit status that says whether all is well.

    [bold]Example[/bold]

      promowatch schedule health || page-somebody

    Exit status: 0 well; 4 a scheduler runs, and alarms are open; 5 no scheduler has given a sign
    of life for a minute; 1 the database cannot be read.
    """
    now = datetime.now(UTC)
    with Store.open(data) as store:
        scheduler, count = store.schedule.scheduler(), store.schedule.open_alarms()
    print(f"{schedule_tables.scheduler_line(scheduler, now, _SILENT_SECONDS)}; {count} open alarms")
    if not schedule_tables.is_alive(scheduler, now, _SILENT_SECONDS):
        raise typer.Exit(_NO_SCHEDULER)
    if count:
        raise typer.Exit(_OPEN_ALARMS)


@app.command("run")
def run_schedule(
    reports: Annotated[Path, typer.Option(help="Folder for the daily reports.")] = Path(
        "data/reports"
    ),
    report_cron: ReportCron = REPORT_CRON,
    dispatch: Annotated[
        Dispatch,
        typer.Option(
            help="Who does the scans: processes of this machine, or, over the queue, `promowatch "
            "worker` on any (needs PostgreSQL)."
        ),
    ] = "processes",
    at_once: Annotated[
        int, typer.Option(min=1, help="How many runs go on at once here; others wait.")
    ] = 4,
    in_queue: Annotated[
        int,
        typer.Option(min=1, help="With --dispatch queue: how many scans are in the queue at once."),
    ] = 64,
    lang: options.Language = "zh",
    data: options.Data = options.DEFAULT_DATA,
    catalogue: options.Catalogue = options.DEFAULT_CATALOGUE,
    time_zone: options.Zone = options.DEFAULT_ZONE,
) -> None:
    """Run until stopped: start each target's scan when it is due, and the report once a day.

    One scheduler at a time starts runs. Another one on the same database stands by and takes over
    within a minute when the first dies. Start it again after a change of the target files.

    [bold]Examples[/bold]

      promowatch schedule run --lang zh --reports /srv/reports

      promowatch schedule run --dispatch queue      # and `promowatch worker` on each machine
    """
    zone = options.zone(time_zone)
    targets = load_targets(catalogue / "targets")
    if not any(target.schedule for target in targets.values()):
        raise BadInput(
            "no target has a schedule", hint='write `schedule: "30 2 * * *"` into its file'
        )
    tables = timetables(targets.values(), zone, report_cron)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    here = Dispatcher(data, reports, zone, lang=lang, catalogue=catalogue)
    with Store.open(data) as store:
        clerk = Clerk(
            store,
            tables,
            targets,
            holder=new_holder(),
            most_at_once=at_once,
            most_queued=in_queue if dispatch == "queue" else 0,
            rechecks=CaseFollowups(store, targets),
        )
        queued = targets if dispatch == "queue" else None
        asyncio.run(_serve(store, clerk, here, tables, queued))


async def _serve(
    store: Store,
    clerk: Clerk,
    here: Dispatcher,
    tables: dict[str, Timetable],
    queued: Mapping[str, Target] | None,
) -> None:
    me = os.getpid()
    lock = store.schedule.leadership(clerk.holder, host_name(), me, process_started(me))
    async with _dispatcher(store, here, queued) as dispatcher:
        await Scheduler(clerk, dispatcher, lock, tables).serve(await until_told())


@asynccontextmanager
async def _dispatcher(
    store: Store, here: Dispatcher, queued: Mapping[str, Target] | None
) -> AsyncIterator[RunDispatcher]:
    if queued is None:
        yield here
        return
    locks = locks_of(queued.values())
    jobs = {name: ScanJob(target=name, lock=lock) for name, lock in locks.items()}
    async with open_queue(store.database) as queue:
        yield QueueDispatcher(queue, jobs, here)
