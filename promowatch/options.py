"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import core

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
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON Lines instead of a table.")]

DEFAULT_DATA = Path("data")
DEFAULT_CATALOGUE = SOURCE_TREE / "catalogue"
DEFAULT_ZONE = "Asia/Shanghai"
