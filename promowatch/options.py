"""Options that several commands share."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

import core
from core.errors import BadInput

SOURCE_TREE = Path(core.__file__).resolve().parent.parent

Data = Annotated[
    Path,
    typer.Option(
        "--data",
        envvar="PROMOWATCH_DATA",
        help="Folder for database and evidence.",
        show_default=True,
    ),
]
Catalogue = Annotated[
    Path,
    typer.Option(
        "--catalogue",
        envvar="PROMOWATCH_CATALOGUE",
        help="Folder of rules, lexicon and targets.",
        show_default="the one that ships",
    ),
]
Language = Annotated[
    str,
    typer.Option(
        "--lang",
        envvar="PROMOWATCH_LANG",
        help="Language of the output: zh or en.",
    ),
]
Zone = Annotated[
    str,
    typer.Option(
        "--time-zone",
        envvar="PROMOWATCH_TIME_ZONE",
        help="The team's time zone: its day counts.",
    ),
]
Text = Annotated[
    str,
    typer.Argument(metavar="FILE", help="A saved page, a text file, or - for standard input."),
]
LawOf = Annotated[
    str,
    typer.Option("--on", help="Judge by the law of this day (YYYY-MM-DD).", show_default="today"),
]
ShowPersonal = Annotated[
    bool,
    typer.Option(
        "--show-personal-data",
        help="Do not mask phone, identity and card numbers and mail addresses; for authorised use.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON Lines instead of a table.")]

DEFAULT_DATA = Path("data")
DEFAULT_CATALOGUE = SOURCE_TREE / "catalogue"
DEFAULT_ZONE = "Asia/Shanghai"


def zone(name: str) -> ZoneInfo:
    """The time zone called `name`. Raises BadInput."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise BadInput(f"unknown time zone `{name}`", hint="for example Asia/Shanghai") from None


def midnight(text: str, time_zone: ZoneInfo, *, after: bool = False) -> datetime | None:
    """The beginning (or with `after` the end) of the day `text` in `time_zone`; None where it is
    empty. Raises BadInput."""
    if not text:
        return None
    named = day(text, time_zone) + timedelta(days=after)
    return datetime.combine(named, time(), time_zone)


def day(text: str, time_zone: ZoneInfo) -> date:
    """`text` as a date (YYYY-MM-DD), or today in `time_zone` where it is empty. Raises BadInput."""
    if not text:
        return datetime.now(time_zone).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"`{text}` is no date", hint="write it as YYYY-MM-DD") from None
