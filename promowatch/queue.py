"""`promowatch queue`: scans for workers on other machines."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from core.errors import BadInput
from core.target import Target, load_targets
from core.text import one_line
from promowatch import options
from promowatch.page_range import shards, with_pages
from promowatch.scan import resolve
from promowatch.terminal import results
from schedules import QueuedJob, ScanJob, locks_of, open_queue
from storage import Store

app = typer.Typer(
    no_args_is_help=True,
    help="Scans that workers on any machine do (`promowatch worker`): add, list, cancel. Needs "
    "PostgreSQL: PROMOWATCH_DATABASE_URL=postgresql+psycopg://user:password@host/database",
)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON Lines instead of a table.")]


@app.command("add")
def add(
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TARGET...",
            help="Ids of targets that the catalogue of every worker has, or URLs.",
            show_default=False,
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All targets of the catalogue.")] = False,
    pages: Annotated[
        str,
        typer.Option(
            metavar="A-B",
            help="Of a listing whose pages are numbered: one scan for each `--shard` pages of "
            "these, the last one to the listing's end.",
            show_default=False,
        ),
    ] = "",
    shard: Annotated[int, typer.Option(min=1, help="Pages of a scan, with --pages.")] = 200,
    priority: Annotated[int, typer.Option(help="Higher ones are done first.")] = 0,
    data: options.Data = options.DEFAULT_DATA,
    catalogue: options.Catalogue = options.DEFAULT_CATALOGUE,
) -> None:
    """Put scans into the queue. One that waits there already is not added again.

    [bold]Examples[/bold]

      promowatch queue add our-market https://example.com/

      promowatch queue add --all

      promowatch queue add big-market --pages 1-4000 --shard 250
    """
    named = [*(targets or ()), *(load_targets(catalogue / "targets") if every else ())]
    if not named:
        raise BadInput("nothing to add", hint="name targets or URLs, or give --all")
    jobs = jobs_of(named, catalogue, shards(pages, shard) if pages else ("",))
    numbers = asyncio.run(_add(jobs, data, priority))
    for job, number in zip(jobs, numbers, strict=True):
        said = f"job {number}" if number is not None else "waits already"
        print(f"{one_line(job.name)}: {said}")


@app.command("list")
def list_jobs(
    over: Annotated[bool, typer.Option("--over", help="Those that are over, too.")] = False,
    as_json: AsJson = False,
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """List the scans that wait or are being done.

    Example: promowatch queue list --over
    """
    jobs = asyncio.run(_jobs(data, over))
    if as_json:
        for job in jobs:
            print(msgspec.json.encode(job).decode())
        return
    table = Table(box=None, header_style="bold")
    for heading in ("job", "state", "begun", "scan", "one at a time of"):
        table.add_column(heading, overflow="fold")
    for one in jobs:
        name = Text(one_line(one.job.name))
        lock = Text(one_line(one.job.lock))
        table.add_row(str(one.job_id), one.state, f"{one.attempts}x", name, lock)
    if jobs:
        results().print(table)
    else:
        print("the queue is empty")


@app.command("cancel")
def cancel(
    job: Annotated[int, typer.Argument(metavar="JOB", help="Its number.", show_default=False)],
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Take a scan that waits out of the queue.

    Example: promowatch queue cancel 118
    """
    if not asyncio.run(_cancel(data, job)):
        raise BadInput(f"no job {job} waits", hint="`promowatch queue list` shows what does")
    print(f"job {job} is cancelled")


def jobs_of(named: Sequence[str], catalogue: Path, ranges: Sequence[str] = ("",)) -> list[ScanJob]:
    """A job for each target or URL and each range of its pages.

    Raises BadInput for what other machines do not have, or has no such pages.
    """
    known = load_targets(catalogue / "targets")
    found: dict[str, Target] = {}
    for name in named:
        target, _ = resolve(name, catalogue)
        if name not in known and "://" not in name:
            raise BadInput(
                f"`{name}` is a file: a worker on another machine does not have it",
                hint="write a target for it into the catalogue, with a seed that all can read",
            )
        found[target.id] = with_pages(target, ranges[0])
    locks = locks_of(found.values(), known.values())
    return [
        ScanJob(target=name, lock=locks[name], pages=pages) for name in found for pages in ranges
    ]


async def _add(jobs: Sequence[ScanJob], data: Path, priority: int) -> list[int | None]:
    with Store.open(data) as store:
        async with open_queue(store.database) as queue:
            return await queue.add(jobs, priority=priority)


async def _jobs(data: Path, over: bool) -> tuple[QueuedJob, ...]:
    with Store.open(data) as store:
        async with open_queue(store.database) as queue:
            return await queue.jobs(over=over)


async def _cancel(data: Path, job: int) -> bool:
    with Store.open(data) as store:
        async with open_queue(store.database) as queue:
            return await queue.cancel(job)
