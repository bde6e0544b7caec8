"""How cases are shown: in a table, in full, and for other programs."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from rich.table import Table
from rich.text import Text

from core.casework import CASE_STATES, CaseState, next_states
from core.text import defang, defang_text, one_line
from promowatch.terminal import results
from reports import language, resembles_line, say
from storage import CaseHistory, DecisionRecord, Followup, WorkRow


class ShownCase(msgspec.Struct, frozen=True):
    """A case of `case show --json`."""

    history: CaseHistory
    followup: Followup


class CaseLine(msgspec.Struct, frozen=True, kw_only=True):
    """One case of `cases --json`."""

    number: int
    key: str
    state: CaseState
    label: str
    score: float
    url: str
    title: str
    target: str
    presence: str
    decided_by: str
    decided_at: datetime | None
    why: str
    sent_at: datetime | None
    next_look: datetime | None
    due: bool
    overdue: bool


def case_line(row: WorkRow, coming: Followup) -> CaseLine:
    """A case for other programs, times in UTC."""
    candidate, last = row.candidate, row.last
    return CaseLine(
        number=candidate.candidate_id,
        key=candidate.key,
        state=candidate.status,
        label=candidate.label,
        score=round(candidate.score, 4),
        url=candidate.url,
        title=candidate.title,
        target=row.target_id,
        presence=candidate.presence,
        decided_by=last.decided_by if last else "",
        decided_at=last.at if last else None,
        why=last.why if last else "",
        sent_at=row.sent_at,
        next_look=coming.next_look,
        due=coming.due,
        overdue=coming.overdue,
    )


def print_cases(
    lines: list[tuple[WorkRow, Followup]],
    counts: dict[CaseState, int],
    zone: ZoneInfo,
    lang: str,
    *,
    more: int = 0,
) -> None:
    """A table of cases, that there are `more`, and how many cases are in each state."""
    console, tongue = results(), language(lang)
    if lines:
        table = Table(box=None, header_style="bold", pad_edge=False)
        for heading, ratio in (
            ("number", None), ("decision", None), ("score", None), ("page", 5), ("followup", 4),
        ):  # fmt: skip
            table.add_column(say(heading, tongue), ratio=ratio, overflow="fold")
        for row, coming in lines:
            one = row.candidate
            place = f"{one.platform}:{one.app_id}" if one.app_id else defang(one.url)
            table.add_row(
                str(one.candidate_id),
                say(f"decision.{one.status}", tongue),
                f"{one.score:.2f}",
                Text(f"{one_line(one.title, 60)}\n{one_line(place, 160)}".strip()),
                Text(_due_words(coming, zone, lang) or _last_words(row, zone, lang)),
            )
        console.print(table)
    if more:
        console.print(Text(say("more_cases", tongue, count=more)), style="dim")
    totals = (f"{say(f'decision.{state}', tongue)} {counts[state]}" for state in CASE_STATES
              if counts.get(state))  # fmt: skip
    console.print(Text(" · ".join(totals) or say("none_of_kind", tongue)), style="bold")


def _last_words(row: WorkRow, zone: ZoneInfo, lang: str) -> str:
    """What was decided last, or, where nothing was, what the machine says."""
    last = row.last
    if last is None:
        return defang_text(one_line(row.candidate.headline.text(lang), 120))
    return f"{last.at.astimezone(zone):%Y-%m-%d %H:%M} {last.decided_by}: {one_line(last.why, 100)}"


def _due_words(coming: Followup, zone: ZoneInfo, lang: str) -> str:
    tongue = language(lang)
    words = [say("overdue", tongue)] if coming.overdue else []
    if coming.next_look is not None:
        moment = f"{coming.next_look.astimezone(zone):%Y-%m-%d %H:%M}"
        words.append(say("recheck_due" if coming.due else "recheck_at", tongue, moment=moment))
    return " · ".join(words)


def print_history(history: CaseHistory, coming: Followup, zone: ZoneInfo, lang: str) -> None:
    """A case with all that was decided and looked at, times in `zone`."""
    console, tongue = results(), language(lang)
    one = history.work.candidate
    state = say(f"decision.{one.status}", tongue)
    console.print(Text(f"#{one.candidate_id} · {state} · {one.key}"), style="bold")
    place = f"{one.platform}:{one.app_id} " if one.app_id else ""
    console.print(Text(f"{one_line(one.title, 100)}\n{place}{defang(one.url)}".strip()))
    label = say(f"label.{one.label}", tongue)
    reason = defang_text(one_line(one.headline.text(lang)))
    console.print(Text(f"{label} {one.score:.2f}  {reason}"))
    for pair in history.resembles:
        console.print(Text(resembles_line(pair, lang, own=one.candidate_id)), style="yellow")
    for at, line in _steps(history, lang):
        console.print(Text(f"  {at.astimezone(zone):%Y-%m-%d %H:%M}  {line}"))
    words = _due_words(coming, zone, lang)
    states = ", ".join(say(f"decision.{state}", tongue) for state in next_states(one.status))
    possible = say("next_steps", tongue, states=states)
    console.print(Text(" · ".join(filter(None, (words, possible)))), style="dim")


def _steps(history: CaseHistory, lang: str) -> list[tuple[datetime, str]]:
    """Decisions and looks in the order in which they were."""
    steps = [(one.at, _step_words(one, lang)) for one in history.decisions]
    recheck = say("recheck", language(lang))
    for look in history.rechecks:
        outcome = say(f"outcome.{look.outcome}", language(lang))
        steps.append((look.at, f"{recheck}: {outcome}, {one_line(look.why)}"))
    return sorted(steps, key=lambda step: step[0])


def decided_line(decided: DecisionRecord, lang: str) -> str:
    """One decision as a line, the case's number first."""
    return f"#{decided.candidate_id} {_step_words(decided, lang)}"


def _step_words(decided: DecisionRecord, lang: str) -> str:
    tongue = language(lang)
    before, after = (say(f"decision.{s}", tongue) for s in (decided.before, decided.after))
    who, why = one_line(decided.decided_by), one_line(decided.why, 500)
    return f"{before} -> {after} · {who}: {why}"
