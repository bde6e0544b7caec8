"""How a replay is shown: a line for each change, and what all of it comes to."""

from __future__ import annotations

from datetime import datetime

import msgspec
from rich.table import Table
from rich.text import Text

from core.casework import CaseState
from core.text import defang, defang_text, one_line
from core.verdict_change import CHANGE_KINDS, ReasonChange, VerdictChange
from promowatch.terminal import results
from reports import language, masked, say
from storage import KeptDocument, KeptShare

_REASONS_SHOWN = 3
_STYLES = {"gained": "red", "lost": "green", "changed": "yellow"}


class ChangeLine(msgspec.Struct, frozen=True, kw_only=True):
    """One document that is judged differently; `number` is the case it belongs to."""

    number: int
    url: str
    title: str
    target: str
    state: CaseState
    seen_at: datetime
    change: VerdictChange

    @property
    def order(self) -> tuple[int, float, int]:
        """Gained first, then lost, then changed; within them what moved most."""
        change = self.change
        moved = abs(change.score_after - change.score_before)
        return CHANGE_KINDS.index(change.kind), -moved, self.number


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay comes to. `problems` counts the documents that could not be judged by why."""

    share: KeptShare
    documents: int
    gained: int
    lost: int
    changed: int
    same: int
    problems: dict[str, int] = {}
    changes: tuple[ChangeLine, ...] = ()


def change_line(kept: KeptDocument, change: VerdictChange, *, masking: bool) -> ChangeLine:
    """A change as it is shown, personal data in its texts masked with `masking`."""
    shown = masked if masking else one_line
    return ChangeLine(
        number=kept.candidate_id,
        url=kept.url,
        title=shown(kept.title),
        target=kept.target_id,
        state=kept.state,
        seen_at=kept.seen_at,
        change=shown_change(change, masking=masking),
    )


def shown_change(change: VerdictChange, *, masking: bool) -> VerdictChange:
    """`change` with harmless quotes, personal data in them masked with `masking`."""
    shown = masked if masking else one_line
    reasons = [msgspec.structs.replace(one, quote=shown(one.quote)) for one in change.reasons]
    return msgspec.structs.replace(change, reasons=tuple(reasons))


def print_replayed(replayed: Replayed, lang: str, limit: int) -> None:
    """The changes as a table, and the figures."""
    console, tongue = results(), language(lang)
    if replayed.changes:
        table = Table(box=None, header_style="bold", pad_edge=False)
        for heading in ("change", "was", "would_be", "difference", "page"):
            table.add_column(say(heading, tongue), overflow="fold")
        for line in replayed.changes[:limit]:
            page = Text(f"#{line.number} {defang(one_line(line.url, 120))}")
            table.add_row(*change_cells(line.change, lang), page)
        console.print(table)
    if len(replayed.changes) > limit:
        console.print(say("more_changes", tongue, count=len(replayed.changes) - limit))
    figures = {name: getattr(replayed, name) for name in ("documents", *CHANGE_KINDS, "same")}
    console.print(say("replayed", tongue, **figures))
    share = replayed.share
    part = f"{share.kept / share.looks:.0%}" if share.looks else "-"
    told = say("replay_share", tongue, kept=share.kept, looks=share.looks, share=part)
    console.print(told, style="dim")
    for why, count in replayed.problems.items():
        console.print(Text(say("not_replayed", tongue, count=count, why=one_line(why, 300))))


def change_cells(change: VerdictChange, lang: str) -> tuple[Text, ...]:
    """Kind, label and score before and after, and what makes the difference."""
    tongue = language(lang)
    return (
        Text(say(f"change.{change.kind}", tongue), style=_STYLES[change.kind]),
        Text(f"{say(f'label.{change.label_before}', tongue)} {change.score_before:.3f}"),
        Text(f"{say(f'label.{change.label_after}', tongue)} {change.score_after:.3f}"),
        Text(_difference(change, lang)),
    )


def _difference(change: VerdictChange, lang: str) -> str:
    """What makes the difference, in one line: rules with their points, then terms."""
    rules = [_reason(one, lang) for one in change.reasons[:_REASONS_SHOWN]]
    terms = [f"+{one}" for one in change.terms_new] + [f"-{one}" for one in change.terms_gone]
    return defang_text(one_line("; ".join([*rules, *terms[:_REASONS_SHOWN]]), 300))


def _reason(one: ReasonChange, lang: str) -> str:
    quote = f" ({one_line(one.quote, 60)})" if one.quote else ""
    return f"{one.title.text(lang)} {one.before:+.1f} -> {one.after:+.1f}{quote}"
