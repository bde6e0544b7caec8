"""`promowatch report`: the day in HTML, CSV and JSON."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from core.errors import BadInput
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
    lang: options.Language = "en",
    data: options.Data = options.DEFAULT_DATA,
    time_zone: options.Zone = options.DEFAULT_ZONE,
) -> None:
    """Write the daily takedown report: new, still up, returned, gone, gaps.

    [bold]Examples[/bold]

      promowatch report

      promowatch report --date 2026-02-06 --lang zh --out /srv/reports
    """
    zone = _zone(time_zone)
    wanted = _day(day) if day else datetime.now(zone).date()
    with Store.open(data) as store:
        daily = build_daily(store, wanted, zone)
    for path in write_daily(daily, out, lang):
        print(path)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise BadInput(f"unknown time zone `{name}`", hint="for example Asia/Shanghai") from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"`{text}` is no date", hint="write it as YYYY-MM-DD") from None
