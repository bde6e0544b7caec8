"""`promowatch promoters`: who promotes, by codes, accounts and QR payloads."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from core.text import defang, defang_text, one_line
from promowatch import options
from promowatch.case import By, Why
from promowatch.evidence import open_store
from promowatch.terminal import results
from reports import language, say
from storage import Promoter, Step, merge_promoters, promoter, promoters, split_promoter

app = typer.Typer(
    rich_markup_mode="rich",
    help="Who promotes: invite codes, accounts and QR payloads with every place where they were "
    "seen. Without a command, lists them, those seen on most surfaces first.",
)

MarkName = Annotated[
    str,
    typer.Argument(
        metavar="MARK",
        help="An invite code, account or QR payload: `AB77CD21`, `handle:signal_room`.",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback(invoke_without_command=True)
def list_promoters(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="Show no more than this.")] = 50,
    as_json: options.AsJson = False,
    lang: options.Language = "en",
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Example: promowatch promoters --limit 20"""
    if context.invoked_subcommand is not None:
        return
    with open_store(data) as store:
        rows = promoters(store, limit=limit)
    if as_json:
        for row in rows:
            print(msgspec.json.encode(row).decode())
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("promoter", "marks", "seen_on", "first_seen", "last_seen"):
        table.add_column(say(heading, language(lang)), overflow="fold")
    for row in rows:
        table.add_row(
            Text(_name(row.name)),
            str(row.marks),
            str(row.surfaces),
            f"{row.first_seen:%Y-%m-%d}",
            f"{row.last_seen:%Y-%m-%d}",
        )
    results().print(table if rows else say("none_of_kind", language(lang)))


@app.command("show")
def show(
    mark: MarkName,
    as_json: AsJson = False,
    lang: options.Language = "en",
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Show a promoter: all marks counted under it, and every place where they were seen.

    Example: promowatch promoters show AB77CD21
    """
    with open_store(data) as store:
        _print(promoter(store, mark), lang, as_json=as_json)


@app.command("merge")
def merge(
    into: MarkName,
    other: MarkName,
    by: By,
    why: Why,
    lang: options.Language = "en",
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Count the promoter of the second mark under that of the first.

    Example: promowatch promoters merge AB77CD21 handle:signal_room --by "Wang Li" --why "one page"
    """
    with open_store(data) as store:
        _print(merge_promoters(store, into, other, _step(by, why)), lang, as_json=False)


@app.command("split")
def split(
    mark: MarkName,
    by: By,
    why: Why,
    lang: options.Language = "en",
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Take a mark out of its promoter again.

    Example: promowatch promoters split handle:signal_room --by "Wang Li" --why "another person"
    """
    with open_store(data) as store:
        _print(split_promoter(store, mark, _step(by, why)), lang, as_json=False)


def _step(by: str, why: str) -> Step:
    return Step(by=by, why=why, at=datetime.now(UTC))


def _print(found: Promoter, lang: str, *, as_json: bool) -> None:
    if as_json:
        print(msgspec.json.encode(found).decode())
        return
    console, tongue = results(), language(lang)
    console.print(Text(_name(found.name)), style="bold")
    for mark in found.marks:
        console.print(Text(f"  {_name(f'{mark.kind}:{mark.value}')}"))
    for place in found.places:
        state = say(f"decision.{place.status}", tongue)
        where = defang(one_line(place.url, 120))
        line = f"  #{place.candidate_id} {state} · {where} · {_name(place.mark.value)}"
        console.print(Text(line), style="dim")
    for one in found.decisions:
        led = f"{_name(one.before)} -> {_name(one.after)}"
        who = f"{one_line(one.decided_by)}: {one_line(one.why, 500)}"
        console.print(Text(f"  {one.at:%Y-%m-%d %H:%M} UTC  {led} · {who}"))


def _name(text: str) -> str:
    return defang_text(one_line(text, 120))
