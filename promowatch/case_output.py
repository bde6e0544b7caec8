"""How cases are shown: in a table, in full, and for other programs."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from rich.table import Table
from rich.text import Text

from core.casework import CASE_STATES, CaseState, next_states
from core.text import defang, defang_text, one_line
from core.verdict import Evidence, Label, Words
from promowatch.terminal import reason_line, results
from reports import language, masked, resembles_line, say
from storage import Case, CaseHistory, DecisionRecord, Followup, WorkRow

_REASONS_SHOWN = 8
_KEY_SHOWN = 12


class LastSighting(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen of a case last, and why it is one: reasons, the weightiest first."""

    scan: int
    seen_at: datetime
    label: Label
    score: float
    files: int
    reasons: tuple[Evidence, ...]


class ShownCase(msgspec.Struct, frozen=True):
    """A case of `case show --json`."""

    history: CaseHistory
    followup: Followup
    last: LastSighting | None = None


def last_sighting(case: Case, *, masking: bool) -> LastSighting | None:
    """The newest sighting, personal data in its quotes masked with `masking`; None where what was
    seen has been purged."""
    if not case.sightings:
        return None
    last, shown = case.sightings[-1], masked if masking else one_line
    by_weight = sorted(last.verdict.reasons(), key=lambda one: -abs(one.points))
    return LastSighting(
        scan=last.scan_id,
        seen_at=last.seen_at,
        label=last.label,
        score=round(last.score, 4),
        files=len(last.evidence),
        reasons=tuple(msgspec.structs.replace(one, quote=shown(one.quote)) for one in by_weight),
    )


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


def shown_history(history: CaseHistory, *, masking: bool) -> CaseHistory:
    """`history`, personal data in what the machine says of the case masked with `masking`."""
    if not masking:
        return history
    candidate = history.work.candidate
    headline = Words(masked(candidate.headline.zh), masked(candidate.headline.en))
    shown = msgspec.structs.replace(candidate, headline=headline)
    work = msgspec.structs.replace(history.work, candidate=shown)
    return msgspec.structs.replace(history, work=work)


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


def print_case(shown: ShownCase, zone: ZoneInfo, lang: str) -> None:
    """What a case rests on, all that was decided and looked at, what is due; times in `zone`."""
    history, coming = shown.history, shown.followup
    console, tongue = results(), language(lang)
    one = history.work.candidate
    state = say(f"decision.{one.status}", tongue)
    console.print(Text(f"#{one.candidate_id} · {state} · {one.key}"), style="bold")
    place = f"{one.platform}:{one.app_id} " if one.app_id else ""
    console.print(Text(f"{one_line(one.title, 100)}\n{place}{defang(one.url)}".strip()))
    label = say(f"label.{one.label}", tongue)
    reason = "" if shown.last else defang_text(one_line(one.headline.text(lang)))
    console.print(Text(f"{label} {one.score:.2f}  {reason}".strip()))
    if shown.last:
        _print_last(shown.last, one.key[:_KEY_SHOWN], zone, lang)
    for pair in history.resembles:
        console.print(Text(resembles_line(pair, lang, own=one.candidate_id)), style="yellow")
    for at, line in _steps(history, lang):
        console.print(Text(f"  {at.astimezone(zone):%Y-%m-%d %H:%M}  {line}"))
    words = _due_words(coming, zone, lang)
    states = ", ".join(say(f"decision.{state}", tongue) for state in next_states(one.status))
    possible = say("next_steps", tongue, states=states)
    console.print(Text(" · ".join(filter(None, (words, possible)))), style="dim")


def _print_last(last: LastSighting, key: str, zone: ZoneInfo, lang: str) -> None:
    """Why it is a case, and how to get at the evidence."""
    console, tongue = results(), language(lang)
    for reason in last.reasons[:_REASONS_SHOWN]:
        console.print(Text(f"  {defang_text(reason_line(reason, lang))}"))
    more = len(last.reasons) - _REASONS_SHOWN
    if more > 0:
        console.print(Text(f"  {say('more_reasons', tongue, count=more)}"), style="dim")
    seen = say(
        "last_sighting",
        tongue,
        moment=f"{last.seen_at.astimezone(zone):%Y-%m-%d %H:%M}",
        scan=last.scan,
        files=last.files,
        key=key,
    )
    console.print(Text(f"  {seen}"), style="dim")


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
