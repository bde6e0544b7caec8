"""`promowatch listings`: what concerns the listings that a platform hands over."""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from core.errors import BadInput
from core.target import ExportListing, load_target_file, load_targets, target_by_id
from core.text import printable
from crawler.sources import check_export, check_source
from promowatch import options

app = typer.Typer(no_args_is_help=True, help="Check the exports of a platform's catalogue.")


@app.callback()
def listings() -> None:
    """Check the exports of a platform's catalogue."""


@app.command("check")
def check(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="An export: CSV, JSON, JSON Lines or Parquet, compressed or not.",
            show_default=False,
        ),
    ],
    target: Annotated[
        str,
        typer.Option(
            help="Read it as this target does (its columns and encoding): an id, or a YAML file "
            "with one target.",
            show_default="by the file's content",
        ),
    ] = "",
    limit: Annotated[int, typer.Option(min=1, help="Name no more problems than this.")] = 20,
    catalogue: options.Catalogue = options.DEFAULT_CATALOGUE,
) -> None:
    """Check an export against docs/listing-export.md, and name its first bad rows.

    [bold]Examples[/bold]

      promowatch listings check miniprograms.jsonl

      promowatch listings check export.csv.gz --target our-mini-programs --limit 5

    Exit status: 0 the export is in order; 2 it has bad rows, or is no export.
    """
    if not file.exists():
        raise BadInput(f"there is no file {file}", hint="check the path")
    problems = check_export(file, _source(target, catalogue) if target else None)
    with Console(stderr=True).status(f"reading {file.name}"):
        found = list(islice(problems, limit + 1))
    for problem in found[:limit]:
        print(printable(problem))
    if not found:
        print(f"{file}: in order")
        return
    more = f"; there are more than {limit} (--limit)" if len(found) > limit else ""
    print(
        f"promowatch: {file} is not in order{more}; docs/listing-export.md has the format",
        file=sys.stderr,
    )
    raise typer.Exit(2)


def _source(named: str, catalogue: Path) -> ExportListing:
    """The source of the target that is `named`. Raises BadInput."""
    if Path(named).suffix in (".yaml", ".yml"):
        found = load_target_file(Path(named))
        if len(found) != 1:
            raise BadInput(f"{named} has {len(found)} targets", hint="give a file with exactly one")
        target = found[0]
    else:
        target = target_by_id(load_targets(catalogue / "targets"), named)
    if not isinstance(target.source, ExportListing):
        raise BadInput(f"target `{target.id}` reads no export", hint="name one that does")
    check_source(target.source)
    return target.source
