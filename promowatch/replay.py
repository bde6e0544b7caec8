"""`promowatch replay`: what other rules would say of the documents that were kept."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from classifiers import RulesetName, load_catalogue, shadow_entries
from core.errors import BadInput
from promowatch import options
from promowatch.evidence import counting_bar, open_store
from promowatch.replay_output import ChangeLine, Replayed, change_line, print_replayed
from promowatch.replay_pool import Job, judged_again
from storage import KeptShare, Period, Store, kept_documents, kept_share


def replay(
    since: Annotated[
        str,
        typer.Option(help="First day (YYYY-MM-DD) of what was seen.", show_default=False),
    ],
    until: Annotated[
        str, typer.Option(help="Last day, this one included.", show_default="today")
    ] = "",
    rules: Annotated[
        Path | None,
        typer.Option(
            help="Folder with another catalogue: what would it change against the live one?",
            show_default=False,
        ),
    ] = None,
    shadow: Annotated[
        bool,
        typer.Option("--shadow", help="What would the shadow entries of the catalogue change?"),
    ] = False,
    target: Annotated[
        str, typer.Option(help="Only what was seen under this target.", show_default=False)
    ] = "",
    limit: Annotated[int, typer.Option(min=1, help="Show no more changes than this.")] = 100,
    as_json: options.AsJson = False,
    show_personal_data: options.ShowPersonal = False,
    lang: options.Language = "en",
    data: options.Data = options.DEFAULT_DATA,
    catalogue: options.Catalogue = options.DEFAULT_CATALOGUE,
    time_zone: options.Zone = options.DEFAULT_ZONE,
) -> None:
    """Judge the kept documents again and show what would be gained, lost and changed.

    Without --rules and --shadow: the rules at hand, against what was found when it was seen.
    Nothing is written. Of pages that were clear no document is kept; the output says which share
    of all looks this is about.

    [bold]Examples[/bold]

      promowatch replay --since 2026-03-01

      promowatch replay --since 2026-03-01 --rules my-catalogue --json

      promowatch replay --since 2026-03-01 --shadow

    Exit status: 0 done, whatever changed; 1 failed; 2 bad input; 3 some documents could not be
    judged again.
    """
    zone = options.zone(time_zone)
    period = Period(
        start=options.midnight(since, zone),
        end=options.midnight(until, zone, after=True),
        target_id=target,
    )
    job = _job(data, catalogue, rules, shadow=shadow)
    with open_store(data) as store:
        share = kept_share(store, period)
        replayed = _replayed(store, job, period, share, shown=not show_personal_data)
    if as_json:
        for line in replayed.changes:
            print(msgspec.json.encode(line).decode())
        print(msgspec.json.encode(msgspec.structs.replace(replayed, changes=())).decode())
    else:
        print_replayed(replayed, lang, limit)
    raise typer.Exit(3 if replayed.problems else 0)


def _job(data: Path, catalogue: Path, rules: Path | None, *, shadow: bool) -> Job:
    if shadow and rules is not None:
        raise BadInput("--shadow and --rules do not go together", hint="give one of them")
    live = RulesetName(str(catalogue))
    if rules is not None:
        return Job(str(data), RulesetName(str(rules)), live)
    if not shadow:
        return Job(str(data), live)
    if not shadow_entries(load_catalogue(catalogue)):
        raise BadInput(
            f"the catalogue {catalogue} has no shadow entries",
            hint="give a rule or a cue `shadow: true`, or a cue `shadow_words`",
        )
    return Job(str(data), RulesetName(str(catalogue), shadow=True), live)


def _replayed(store: Store, job: Job, period: Period, share: KeptShare, *, shown: bool) -> Replayed:
    counts: Counter[str] = Counter()
    changes: list[ChangeLine] = []
    problems: Counter[str] = Counter()
    with counting_bar("judging") as progress:
        for one in judged_again(job, kept_documents(store, period), share.documents, progress):
            if one.problem:
                problems[one.problem] += 1
                continue
            counts[one.change.kind if one.change else "same"] += 1
            if one.change is not None:
                changes.append(change_line(one.document, one.change, masking=shown))
    return Replayed(
        share=share,
        documents=sum(counts.values()),
        gained=counts["gained"],
        lost=counts["lost"],
        changed=counts["changed"],
        same=counts["same"],
        problems=dict(problems),
        changes=tuple(sorted(changes, key=lambda line: line.order)),
    )
