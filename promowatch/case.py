"""`promowatch case` and `promowatch cases`: the life of a case, step by step, and what is open."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer

from core.casework import CASE_STATES, FOLLOWED, SETTLED, CaseState
from core.errors import BadInput
from core.target import Target, load_targets
from core.text import one_line
from promowatch import options
from promowatch.case_output import (
    ShownCase,
    case_line,
    decided_line,
    last_sighting,
    print_case,
    print_cases,
    shown_history,
)
from promowatch.evidence import open_store
from storage import (
    Followup,
    Step,
    Store,
    WorkRow,
    case_history,
    count_cases,
    decide,
    followed,
    followup,
    worklist,
)

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    help="One case: show it, and lead it from step to step. Each step is kept with who and why, in "
    "the database and in the ledger, and is never undone by a scan.\n\n"
    "open, [bold]take[/bold], [bold]confirm[/bold] or [bold]dismiss[/bold]; then "
    "[bold]prepare[/bold], [bold]approve[/bold], [bold]sent[/bold], and [bold]removed[/bold], "
    "[bold]refused[/bold] or [bold]no-answer[/bold].",
)

CaseName = Annotated[
    str,
    typer.Argument(
        metavar="CASE",
        help="Its number, its key (4 or more digits of it), or its URL.",
        show_default=False,
    ),
]
By = Annotated[
    str,
    typer.Option(
        "--by", envvar="PROMOWATCH_BY", help="Your name: who decides.", show_default=False
    ),
]
Why = Annotated[str, typer.Option("--why", help="The reason, in a sentence.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]

_WITH_WORK = tuple(state for state in CASE_STATES if state not in SETTLED)
_Lines = list[tuple[WorkRow, Followup]]

_STEPS: dict[str, tuple[CaseState, str, str]] = {
    "take": ("in_review", "Take a case to look at it.", "first look"),
    "confirm": ("confirmed", "It is what the machine says: it should go.", "invites to register"),
    "dismiss": ("dismissed", "It is not: nothing is to be done.", "a news article on fraud"),
    "prepare": ("notice_prepared", "The notice is written.", "notice of 3 March, file N-118"),
    "approve": (
        "approved",
        "The notice may go out. A second person's step where the target asks for one.",
        "read and agreed",
    ),
    "sent": (
        "sent",
        "The notice was sent: from now on the surface is rechecked.",
        "by form, no. 7",
    ),
    "removed": ("removed", "The surface is gone, as you saw yourself.", "the host confirmed it"),
    "refused": ("refused", "The other side refuses.", "their answer of 5 March"),
    "no-answer": ("no_answer", "No answer came.", "a week without one"),
    "reopen": ("open", "Look at a dismissed case again.", "new hint from the hotline"),
    "returned": ("returned", "A removed surface is back, as you saw yourself.", "seen by hand"),
}


def _command(verb: str, after: CaseState, about: str, reason: str) -> None:
    def run(
        case: CaseName,
        by: By,
        why: Why,
        data: options.Data = options.DEFAULT_DATA,
        catalogue: options.Catalogue = options.DEFAULT_CATALOGUE,
        lang: options.Language = "en",
    ) -> None:
        targets = load_targets(catalogue / "targets")
        step = Step(by=by, why=why, at=datetime.now(UTC))
        with open_store(data) as store:
            decided = decide(
                store,
                case,
                after,
                step,
                asks_second_person=lambda ids: any(
                    targets[one].second_person for one in ids if one in targets
                ),
            )
        print(decided_line(decided, lang))

    run.__doc__ = f'{about}\n\nExample: promowatch case {verb} 118 --by "Wang Li" --why "{reason}"'
    app.command(verb)(run)


for _verb, _step in _STEPS.items():
    _command(_verb, *_step)


@app.command("show")
def show(
    case: CaseName,
    as_json: AsJson = False,
    lang: options.Language = "en",
    data: options.Data = options.DEFAULT_DATA,
    catalogue: options.Catalogue = options.DEFAULT_CATALOGUE,
    time_zone: options.Zone = options.DEFAULT_ZONE,
    show_personal_data: options.ShowPersonal = False,
) -> None:
    """Show a case: what it rests on, what was decided when, by whom and why, and what is due.

    Example: promowatch case show 118
    """
    zone = options.zone(time_zone)
    with open_store(data) as store:
        history = case_history(store, case)
        seen = store.case(f"#{history.work.candidate.candidate_id}")
    due = followup(history.work, load_targets(catalogue / "targets"), datetime.now(UTC))
    masking = not show_personal_data
    shown = ShownCase(
        history=shown_history(history, masking=masking),
        followup=due,
        last=last_sighting(seen, masking=masking),
    )
    if as_json:
        print(msgspec.json.encode(shown).decode())
    else:
        print_case(shown, zone, lang)


def cases(
    state: Annotated[
        list[str] | None,
        typer.Option(
            "--state",
            help=f"Only cases in this state; repeatable. One of {', '.join(CASE_STATES)}. "
            "[default: all but dismissed and removed]",
            show_default=False,
        ),
    ] = None,
    due: Annotated[
        bool, typer.Option("--due", help="Only cases whose recheck is due, or that are overdue.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="Show no more than this.")] = 100,
    as_json: options.AsJson = False,
    lang: options.Language = "en",
    data: options.Data = options.DEFAULT_DATA,
    catalogue: options.Catalogue = options.DEFAULT_CATALOGUE,
    time_zone: options.Zone = options.DEFAULT_ZONE,
) -> None:
    """List the cases with work to do, highest score first.

    [bold]Examples[/bold]

      promowatch cases

      promowatch cases --state open --state returned --json

      promowatch cases --due
    """
    zone = options.zone(time_zone)
    targets = load_targets(catalogue / "targets")
    states = _states(state, FOLLOWED if due else _WITH_WORK)
    with open_store(data) as store:
        counts = count_cases(store)
        if due:
            found = _due(store, targets, states)
            lines, total = found[:limit], len(found)
        else:
            lines = _lines(store, targets, states, limit)
            total = sum(counts.get(one, 0) for one in states)
    if as_json:
        for row, coming in lines:
            print(msgspec.json.encode(case_line(row, coming)).decode())
    else:
        print_cases(lines, counts, zone, lang, more=total - len(lines))


def _states(named: list[str] | None, usual: tuple[CaseState, ...]) -> list[CaseState]:
    if not named:
        return list(usual)
    try:
        return [msgspec.convert(one.replace("-", "_"), CaseState) for one in named]
    except msgspec.ValidationError:
        raise BadInput(
            f"--state {one_line(', '.join(named))}: no such state",
            hint=f"use one of {', '.join(CASE_STATES)}",
        ) from None


def _lines(store: Store, targets: dict[str, Target], states: list[CaseState], limit: int) -> _Lines:
    now = datetime.now(UTC)
    return [(row, followup(row, targets, now)) for row in worklist(store, states, limit=limit)]


def _due(store: Store, targets: dict[str, Target], states: list[CaseState]) -> _Lines:
    lines = followed(store, targets, datetime.now(UTC))
    return [(row, f) for row, f in lines if row.candidate.status in states and (f.due or f.overdue)]
