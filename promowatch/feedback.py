"""`promowatch feedback`: how often each rule, term and target was right, and what might be done."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from classifiers import Catalogue, Proposal, RulesetName, is_guarded, load_catalogue
from core.precision import Precision, precision
from core.text import one_line
from promowatch import options
from promowatch.evidence import counting_bar, open_store
from promowatch.replay_pool import Job, judged_again
from promowatch.terminal import results
from reports import language, say
from storage import DecidedCase, Period, Store, decided_cases, kept_documents, kept_share

Subject = Literal["rule", "term", "target"]
RAISE_ABOVE = 0.9
GUARD_BELOW = 0.5
RETIRE_BELOW = 0.2


class FeedbackLine(msgspec.Struct, frozen=True, kw_only=True):
    """How often a rule, term or target was right. `enough`: there are decisions to tell by."""

    subject: Subject
    name: str
    precision: Precision
    enough: bool


class ProposalLine(msgspec.Struct, frozen=True, kw_only=True):
    """A change that a person may make, and what it would do to the documents that were kept;
    `lost_confirmed` are those of the lost whose case a person confirmed."""

    proposal: Proposal
    documents: int
    gained: int
    lost: int
    lost_confirmed: int
    changed: int
    problems: int


def feedback(
    since: Annotated[
        str, typer.Option(help="Only decisions since this day (YYYY-MM-DD).", show_default="all")
    ] = "",
    proposals: Annotated[
        int, typer.Option(min=0, help="Try at most so many proposals on the kept documents.")
    ] = 10,
    limit: Annotated[int, typer.Option(min=1, help="Show no more lines than this.")] = 100,
    as_json: options.AsJson = False,
    lang: options.Language = "en",
    data: options.Data = options.DEFAULT_DATA,
    catalogue: options.Catalogue = options.DEFAULT_CATALOGUE,
    time_zone: options.Zone = options.DEFAULT_ZONE,
) -> None:
    """Show how often rules, terms and targets were right, by what people confirmed and dismissed.

    Each proposal (raise, guard, retire) is tried on the kept documents. Nothing is changed: who
    agrees edits the catalogue.

    Example: promowatch feedback --since 2026-01-01
    """
    start = options.midnight(since, options.zone(time_zone))
    with open_store(data) as store:
        decided = decided_cases(store, start)
        lines = feedback_lines(decided)
        wanted = proposals_of(lines, load_catalogue(catalogue))[:proposals]
        confirmed = frozenset(one.candidate_id for one in decided if one.confirmed)
        tried = [_tried(store, data, catalogue, one, confirmed) for one in wanted]
    if as_json:
        for line in (*lines, *tried):
            print(msgspec.json.encode(line).decode())
    else:
        _print(lines[:limit], tried, len(decided), lang)


def feedback_lines(decided: tuple[DecidedCase, ...]) -> list[FeedbackLine]:
    """A line for each target, rule and term, those with most decisions first."""
    counts: Counter[tuple[Subject, str, bool]] = Counter()
    for case in decided:
        counts.update(("target", name, case.confirmed) for name in case.targets)
        counts.update(("rule", name, case.confirmed) for name in case.rules)
        counts.update(("term", name, case.confirmed) for name in case.terms)
    lines = []
    for subject, name in {(subject, name) for subject, name, _ in counts}:
        found = precision(counts[subject, name, True], counts[subject, name, False])
        line = FeedbackLine(subject=subject, name=name, precision=found, enough=found.enough)
        lines.append(line)
    order = {"target": 0, "rule": 1, "term": 2}
    return sorted(lines, key=lambda one: (order[one.subject], -_count(one), one.name))


def proposals_of(lines: list[FeedbackLine], catalogue: Catalogue) -> list[Proposal]:
    """What the decisions speak for, where there are enough: a rule that is nearly always right may
    be raised; a rule or term that is mostly wrong guarded, and hardly ever right retired."""
    rules = {rule.id for rule in catalogue.rules if not rule.shadow}
    cues = {f"{cue.id}/{word}" for cue in catalogue.cues for word in (*cue.words, *cue.guarded)}
    terms = cues | {one.id for one in catalogue.exchanges.entities if one.names or one.guarded}
    found = []
    for line in lines:
        known = rules if line.subject == "rule" else terms
        if line.subject == "target" or not line.enough or line.name not in known:
            continue
        if line.precision.high < RETIRE_BELOW:
            found.append(Proposal("retire", line.subject, line.name))
        elif line.precision.high < GUARD_BELOW:
            if line.subject == "rule" or not is_guarded(catalogue, line.name):
                found.append(Proposal("guard", line.subject, line.name))
        elif line.subject == "rule" and line.precision.low >= RAISE_ABOVE:
            found.append(Proposal("raise", line.subject, line.name))
    return found


def _count(line: FeedbackLine) -> int:
    return line.precision.confirmed + line.precision.dismissed


def _tried(
    store: Store, data: Path, catalogue: Path, proposal: Proposal, confirmed: frozenset[int]
) -> ProposalLine:
    live = RulesetName(str(catalogue))
    job = Job(str(data), RulesetName(str(catalogue), proposal=proposal), live)
    total = kept_share(store, Period()).documents
    counts: Counter[str] = Counter()
    with counting_bar(f"{proposal.kind} {one_line(proposal.name, 40)}") as progress:
        for one in judged_again(job, kept_documents(store, Period()), total, progress):
            counts["problems" if one.problem else "documents"] += 1
            if one.change is not None:
                counts[one.change.kind] += 1
                is_lost = one.change.kind == "lost"
                counts["lost_confirmed"] += is_lost and one.document.candidate_id in confirmed
    names = ("documents", "gained", "lost", "lost_confirmed", "changed", "problems")
    return ProposalLine(proposal=proposal, **{name: counts[name] for name in names})


def _print(lines: list[FeedbackLine], tried: list[ProposalLine], decided: int, lang: str) -> None:
    console, tongue = results(), language(lang)
    console.print(say("feedback_decided", tongue, count=decided))
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("feedback_of", "feedback_name", "feedback_counts", "feedback_share"):
        table.add_column(say(heading, tongue), overflow="fold")
    for line in lines:
        found = line.precision
        share = f"{found.share:.2f} ({found.low:.2f}-{found.high:.2f})"
        table.add_row(
            say(f"feedback.{line.subject}", tongue),
            Text(one_line(line.name)),
            f"{found.confirmed} / {found.dismissed}",
            share if line.enough else f"{share} {say('feedback_few', tongue)}",
        )
    if lines:
        console.print(table)
    for one in tried:
        effect = {name: getattr(one, name) for name in one.__struct_fields__ if name != "proposal"}
        kind, name = say(f"proposal.{one.proposal.kind}", tongue), one_line(one.proposal.name)
        console.print(Text(say("proposal_effect", tongue, kind=kind, name=name, **effect)))
    console.print(say("proposals_note" if tried else "proposals_none", tongue), style="dim")
