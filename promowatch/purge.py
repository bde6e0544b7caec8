"""`promowatch purge`: what is older than the targets' retention goes, and the ledger says so."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer
from rich.table import Table

from core.errors import BadInput
from core.retention import RETENTION_RULES, Retention
from core.target import load_targets
from core.text import one_line
from promowatch import options
from promowatch.evidence import counting_bar, open_store
from promowatch.terminal import results
from reports import language, say
from storage import PurgeFile, Step, plan_purge
from storage import purge as purge_store

_DRY = "dry run"


class PurgeLine(msgspec.Struct, frozen=True, kw_only=True):
    """One purge of `purge --json`, in figures; `done` is false for a dry run."""

    done: bool
    by: str
    why: str
    at: datetime
    cases: dict[str, int]
    sightings: int
    clear_rows: int
    files: int
    size_bytes: int
    retention: dict[str, Retention]


def purge(
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it. Without this, only show what would go.")
    ] = False,
    by: Annotated[
        str,
        typer.Option("--by", envvar="PROMOWATCH_BY", help="Your name.", show_default=False),
    ] = "",
    why: Annotated[
        str, typer.Option("--why", help="The reason, in a sentence.", show_default=False)
    ] = "",
    as_json: options.AsJson = False,
    lang: options.Language = "en",
    data: options.Data = options.DEFAULT_DATA,
    catalogue: options.Catalogue = options.DEFAULT_CATALOGUE,
) -> None:
    """Remove what is older than the `retention` of its target: by itself only a dry run.

    Dismissed cases lose their evidence, open cases that are gone go with all of it, looks without
    a finding lose their rows. Confirmed cases, and all with a notice, stay. The ledger stays whole,
    and `promowatch evidence verify` says "purged". A purge that was cut off is ended by the next.

    [bold]Examples[/bold]

      promowatch purge

      promowatch purge --yes --by "Wang Li" --why "yearly, by our retention rules"
    """
    if yes and not (one_line(by) and one_line(why)):
        raise BadInput("a purge needs who and why", hint="give --by NAME and --why TEXT")
    targets = load_targets(catalogue / "targets")
    step = Step(by=by or _DRY, why=why or _DRY, at=datetime.now(UTC))
    with open_store(data) as store, counting_bar("purging") as progress:
        if yes:
            found = purge_store(store, targets, step, progress)
        else:
            planned = plan_purge(store, targets, step)
            found = () if planned.is_empty else (planned,)
    if as_json:
        for one in found:
            print(msgspec.json.encode(_line(one, done=yes)).decode())
    else:
        _print(found, lang, done=yes)


def _line(purged: PurgeFile, *, done: bool) -> PurgeLine:
    return PurgeLine(
        done=done,
        by=purged.by,
        why=purged.why,
        at=purged.at,
        cases=dict(Counter(case.rule for case in purged.cases)),
        sightings=purged.sightings,
        clear_rows=sum(one.rows for one in purged.clear),
        files=len(purged.files),
        size_bytes=purged.size_bytes,
        retention=purged.retention,
    )


def _print(found: tuple[PurgeFile, ...], lang: str, *, done: bool) -> None:
    console, tongue = results(), language(lang)
    if not found:
        console.print(say("purge_none", tongue))
    for one in found:
        console.print(_table(one, lang))
        line = _line(one, done=done)
        told = say(
            "purge_done" if done else "purge_dry",
            tongue,
            cases=len(one.cases),
            sightings=line.sightings,
            rows=line.clear_rows,
            files=line.files,
            size=f"{line.size_bytes:,}",
        )
        console.print(told)


def _table(purged: PurgeFile, lang: str) -> Table:
    tongue = language(lang)
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("target", "purge_what", "purge_before", "purge_rows"):
        table.add_column(say(heading, tongue))
    rows = [(one.target_id, "clear", one.before, one.rows) for one in purged.clear]
    groups = Counter((case.target_id, case.rule, case.before) for case in purged.cases)
    rows += [(*group, count) for group, count in groups.items()]
    for target_id, rule, before, count in sorted(
        rows, key=lambda row: (row[0], RETENTION_RULES.index(row[1]))
    ):
        what = say(f"purge.{rule}", tongue)
        table.add_row(one_line(target_id), what, f"{before:%Y-%m-%d %H:%M}", str(count))
    return table
