"""`promowatch report`: the day in HTML, CSV and JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.target import load_targets
from promowatch import options
from reports import build_daily, write_daily
from storage import Store


def report(
    day: Annotated[
        str,
        typer.Option(
            "--date", help="Day as YYYY-MM-DD, in the team's time zone.", show_default="today"
        ),
    ] = "",
    out: Annotated[Path, typer.Option(help="Folder for the report's files.")] = Path(
        "data/reports"
    ),
    show_personal_data: options.ShowPersonal = False,
    lang: options.Language = "en",
    data: options.Data = options.DEFAULT_DATA,
    catalogue: options.Catalogue = options.DEFAULT_CATALOGUE,
    time_zone: options.Zone = options.DEFAULT_ZONE,
) -> None:
    """Write the daily takedown report: new, still up, returned, gone, gaps, decisions, overdue.

    [bold]Examples[/bold]

      promowatch report

      promowatch report --date 2026-02-06 --lang zh --out /srv/reports
    """
    zone = options.zone(time_zone)
    wanted = options.day(day, zone)
    with Store.open(data) as store:
        daily = build_daily(
            store,
            wanted,
            zone,
            mask_personal_data=not show_personal_data,
            targets=load_targets(catalogue / "targets"),
        )
    for path in write_daily(daily, out, lang):
        print(path)
