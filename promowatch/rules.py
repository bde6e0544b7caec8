"""`promowatch rules`: the shadow entries of the catalogue, and what they would have changed."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from classifiers import load_catalogue, shadow_entries
from core.text import defang, one_line
from core.verdict_change import CHANGE_KINDS
from promowatch import options
from promowatch.evidence import open_store
from promowatch.replay_output import change_cells, shown_change
from promowatch.terminal import results
from reports import language, masked, say
from storage import Period, ShadowRecord, shadow_changes

app = typer.Typer(no_args_is_help=True, help="Rules that are tried before they count.")


@app.command("shadow")
def shadow(
    since: Annotated[str, typer.Option(help="First day (YYYY-MM-DD).", show_default="all")] = "",
    until: Annotated[
        str, typer.Option(help="Last day, this one included.", show_default="today")
    ] = "",
    target: Annotated[str, typer.Option(help="Only this target.", show_default=False)] = "",
    limit: Annotated[int, typer.Option(min=1, help="Show no more than this.")] = 100,
    as_json: options.AsJson = False,
    show_personal_data: options.ShowPersonal = False,
    lang: options.Language = "en",
    data: options.Data = options.DEFAULT_DATA,
    catalogue: options.Catalogue = options.DEFAULT_CATALOGUE,
    time_zone: options.Zone = options.DEFAULT_ZONE,
) -> None:
    """What the shadow entries would have changed in scans, clear pages included.

    They decided nothing. Switch one on by taking `shadow` away in the catalogue.

    Example: promowatch rules shadow --since 2026-03-01
    """
    zone = options.zone(time_zone)
    period = Period(
        start=options.midnight(since, zone),
        end=options.midnight(until, zone, after=True),
        target_id=target,
    )
    entries = shadow_entries(load_catalogue(catalogue))
    with open_store(data) as store:
        found = [
            _shown(one, masking=not show_personal_data) for one in shadow_changes(store, period)
        ]
    found.sort(key=lambda one: CHANGE_KINDS.index(one.change.kind))
    if as_json:
        for one in found:
            print(msgspec.json.encode(one).decode())
    else:
        _print(found, entries, lang, limit)


def _shown(one: ShadowRecord, *, masking: bool) -> ShadowRecord:
    title = (masked if masking else one_line)(one.title)
    change = shown_change(one.change, masking=masking)
    return msgspec.structs.replace(one, title=title, change=change)


def _print(found: list[ShadowRecord], entries: tuple[str, ...], lang: str, limit: int) -> None:
    console, tongue = results(), language(lang)
    if found:
        table = Table(box=None, header_style="bold", pad_edge=False)
        for heading in ("change", "was", "would_be", "difference", "page"):
            table.add_column(say(heading, tongue), overflow="fold")
        for one in found[:limit]:
            page = Text(f"{defang(one_line(one.url, 120))} · {one.at:%Y-%m-%d}")
            table.add_row(*change_cells(one.change, lang), page)
        console.print(table)
    if len(found) > limit:
        console.print(say("more_changes", tongue, count=len(found) - limit))
    counts = Counter(one.change.kind for one in found)
    figures = {kind: counts[kind] for kind in CHANGE_KINDS}
    console.print(say("shadow_found", tongue, total=len(found), **figures))
    for name in entries:
        console.print(Text(f"  {one_line(name)}"))
    if not entries:
        console.print(say("shadow_none", tongue), style="dim")
