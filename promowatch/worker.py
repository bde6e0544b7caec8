"""`promowatch worker`: does the scans of the queue, on as many machines as wanted."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from promowatch import options
from schedules import THIS_PROGRAM, Pace, ScanJob, Worker, open_queue
from storage import Store


def worker(
    at_once: Annotated[int, typer.Option(min=1, max=64, help="How many scans go on at once.")] = 1,
    until_empty: Annotated[
        bool, typer.Option("--until-empty", help="End when the queue is empty.")
    ] = False,
    rescue_after: Annotated[
        float,
        typer.Option(
            min=2,
            metavar="SECONDS",
            help="A worker that is silent for so long is dead and its scans are done by others. "
            "The same for all workers.",
        ),
    ] = 120.0,
    lang: options.Language = "en",
    data: options.Data = options.DEFAULT_DATA,
    catalogue: options.Catalogue = options.DEFAULT_CATALOGUE,
    time_zone: options.Zone = options.DEFAULT_ZONE,
) -> None:
    """Take scans from the queue and do them, until stopped. Start it on as many machines as wanted.

    One site is fetched by one worker at a time. A worker that dies loses nothing: its scans are
    done by others. SIGTERM or Ctrl-C: its scans end, keep what they found and go back to the queue.

    [bold]Examples[/bold]

      export PROMOWATCH_DATABASE_URL=postgresql+psycopg://user:password@host/database

      promowatch worker --at-once 4

      promowatch queue add --all && promowatch worker --until-empty
    """
    options.zone(time_zone)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    shared = ("--data", str(data), "--lang", lang, "--time-zone", time_zone)
    folders = (*shared, "--catalogue", str(catalogue))

    def command_of(job: ScanJob) -> tuple[str, ...]:
        part = ("--pages", job.pages) if job.pages else ()
        return (*THIS_PROGRAM, "scan", *folders, *part, "--", job.target)

    pace = Pace(rescue_seconds=rescue_after)
    asyncio.run(_serve(data, command_of, at_once, pace, until_empty))


async def _serve(
    data: Path,
    command_of: Callable[[ScanJob], Sequence[str]],
    at_once: int,
    pace: Pace,
    until_empty: bool,
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    with Store.open(data) as store:
        async with open_queue(store.database) as queue:
            work = Worker(queue, command_of, at_once=at_once, pace=pace)
            await work.serve(stop, until_empty=until_empty)
