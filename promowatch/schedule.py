"""`promowatch schedule`: scans and daily reports on time."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from core.errors import BadInput
from core.target import load_targets
from core.text import one_line
from promowatch import options
from promowatch.terminal import results
from schedules import REPORT_CRON, Dispatcher, plan, serve

app = typer.Typer(no_args_is_help=True, help="Scans and daily reports on time: list, run.")


@app.command("list")
def list_due(
    catalogue: options.Catalogue = options.DEFAULT_CATALOGUE,
    time_zone: options.Zone = options.DEFAULT_ZONE,
) -> None:
    """List the targets that carry a schedule, soonest first.

    Example: promowatch schedule list
    """
    zone = options.zone(time_zone)
    table = Table(box=None, header_style="bold")
    for heading in ("next due", "target", "cron", "title"):
        table.add_column(heading, overflow="fold")
    due = plan(load_targets(catalogue / "targets").values(), zone, datetime.now(UTC))
    for one in due:
        title = Text(one_line(one.title))
        table.add_row(f"{one.next_at:%Y-%m-%d %H:%M %Z}", Text(one.target_id), one.cron, title)
    if due:
        results().print(table)
    else:
        print('no target has a schedule; write `schedule: "30 2 * * *"` into its file')


@app.command("run")
def run_schedule(
    reports: Annotated[Path, typer.Option(help="Folder for the daily reports.")] = Path(
        "data/reports"
    ),
    report_cron: Annotated[str, typer.Option(help="When the day's report is written.")] = (
        REPORT_CRON
    ),
    lang: options.Language = "zh",
    data: options.Data = options.DEFAULT_DATA,
    catalogue: options.Catalogue = options.DEFAULT_CATALOGUE,
    time_zone: options.Zone = options.DEFAULT_ZONE,
) -> None:
    """Run until stopped: start each target's scan when it is due, and the report once a day.

    Example: promowatch schedule run --lang zh --reports /srv/reports
    """
    zone = options.zone(time_zone)
    targets = tuple(load_targets(catalogue / "targets").values())
    if not any(target.schedule for target in targets):
        raise BadInput(
            "no target has a schedule", hint='write `schedule: "30 2 * * *"` into its file'
        )
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    dispatcher = Dispatcher(data, reports, zone, lang=lang, catalogue=catalogue)
    asyncio.run(serve(targets, dispatcher, zone, report_cron=report_cron))
