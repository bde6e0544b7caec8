"""What a scan or a judgement prints."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from core.document import Document
from core.gap import GapKind
from core.text import defang, defang_text, one_line, printable
from core.verdict import Verdict
from promowatch.terminal import reason_line, results
from reports import resembles_line
from storage import (
    CandidateRow,
    DestinationChangeRecord,
    GapRecord,
    ResemblanceRecord,
    ScanSummary,
)

_STYLE = {"violation": "bold red", "review": "yellow", "clear": "green", "undetermined": "dim"}
_LABELS_ZH = {
    "violation": "违规",
    "review": "待复核",
    "clear": "未见",
    "undetermined": "无法判断",
    "absent": "已不存在",
    "repeated": "同站重复",
    "unchanged": "已见过，未变",
}
_EVENTS_ZH = {"new": "新", "still_up": "仍在", "gone": "已下线", "returned": "重现"}
_GAP_SHARE = 5
_GAPS_SHOWN = 12
_CANDIDATES_SHOWN = 200
"""Rows of the table; an export may hold ten thousand candidates."""
_OF_SEEN_SURFACES = (GapKind.WORDS_NOT_READ, GapKind.OPAQUE_CODE)


class _ChangedLink(msgspec.Struct, frozen=True):
    """A link of a candidate that leads elsewhere than at an earlier scan."""

    link: str
    before: str
    after: str


class _BackFrom(msgspec.Struct, frozen=True):
    """An older, confirmed case that a candidate shares strong marks with."""

    case: int
    url: str
    same: tuple[str, ...]


class _CandidateLine(msgspec.Struct, frozen=True):
    """One candidate of `scan --json`."""

    label: str
    score: float
    url: str
    title: str
    surface: str
    platform: str
    app_id: str
    reason_zh: str
    reason_en: str
    event: str
    first_seen: str
    last_seen: str
    destination_changes: tuple[_ChangedLink, ...] = ()
    seen_only_by: tuple[str, ...] = ()
    hidden_from: tuple[str, ...] = ()
    number: int = 0
    state: str = "open"
    back_from: tuple[_BackFrom, ...] = ()


def exceeds_gap_limit(summary: ScanSummary, max_gaps: int | None) -> bool:
    """Whether a scan saw too little: more gaps than `max_gaps`, or than one in five surfaces.

    That words in pictures were not read, or that only a platform opens a code, does not count
    against the share: the surfaces themselves were seen.
    """
    gaps = sum(summary.gaps.values())
    if max_gaps is not None:
        return gaps > max_gaps
    gaps -= sum(summary.gaps.get(kind, 0) for kind in _OF_SEEN_SURFACES)
    return gaps * _GAP_SHARE > summary.looks


def print_json(
    candidates: Sequence[CandidateRow],
    changes: Sequence[DestinationChangeRecord] = (),
    pairs: Sequence[ResemblanceRecord] = (),
) -> None:
    """One JSON object a line, worst first, on standard output."""
    back: dict[int, list[_BackFrom]] = defaultdict(list)
    for pair in pairs:
        back[pair.candidate_id].append(_BackFrom(pair.other_id, pair.other_url, pair.kinds))
    changed: dict[str, list[_ChangedLink]] = defaultdict(list)
    for change in changes:
        changed[change.surface_key].append(_ChangedLink(change.link, change.before, change.after))
    for row in candidates:
        line = _CandidateLine(
            label=row.label,
            score=round(row.score, 4),
            url=row.url,
            title=row.title,
            surface=row.surface,
            platform=row.platform,
            app_id=row.app_id,
            reason_zh=row.headline.zh,
            reason_en=row.headline.en,
            event=row.event or "",
            first_seen=row.first_seen.isoformat(),
            last_seen=row.last_seen.isoformat(),
            destination_changes=tuple(changed[row.key]),
            seen_only_by=row.views.seen_only_by if row.views else (),
            hidden_from=row.views.hidden_from if row.views else (),
            number=row.candidate_id,
            state=row.status,
            back_from=tuple(back[row.candidate_id]),
        )
        sys.stdout.write(msgspec.json.encode(line).decode() + "\n")


def print_table(
    summary: ScanSummary,
    candidates: Sequence[CandidateRow],
    gaps: Sequence[GapRecord],
    changes: Sequence[DestinationChangeRecord],
    lang: str,
    data: Path,
    pairs: Sequence[ResemblanceRecord] = (),
) -> None:
    """Candidates worst first with the one-line reason for each, links that lead elsewhere than
    before, then what could not be seen."""
    console = results()
    chinese = lang.startswith("zh")
    if candidates:
        console.print(_candidate_table(candidates[:_CANDIDATES_SHOWN], lang))
    if more := len(candidates[_CANDIDATES_SHOWN:]):
        rest = (
            f"… 另有 {more} 条，见报告或 --json" if chinese else f"… {more} more: report or --json"
        )
        console.print(Text(rest, style="dim"))
    names = _LABELS_ZH if chinese else {"unchanged": "seen, unchanged"}
    hits = " · ".join(
        f"{count} {names.get(label, label)}" for label, count in sorted(summary.labels.items())
    )
    gap_count = sum(summary.gaps.values())
    unseen = "处未能看到" if chinese else "gap" if gap_count == 1 else "gaps"
    seen = "个页面或条目" if chinese else f"surface{'s' * (summary.looks != 1)} looked at"
    console.print(
        escape(
            f"{'扫描' if chinese else 'scan'} {summary.scan_id} · {summary.looks} "
            f"{seen} · {hits or '-'} · "
            f"{gap_count} {unseen}"
        ),
        style="bold",
    )
    for pair in pairs:
        line = f"{resembles_line(pair, lang)}  {defang(one_line(pair.url, 100))}"
        console.print(Text(line), style="yellow")
    _print_changes(console, changes, chinese=chinese)
    _print_gaps(console, gaps, chinese=chinese)
    console.print(
        escape(
            f"{'证据与数据库在' if chinese else 'evidence and database in'} {data}/ · "
            f"promowatch report --data {data}"
        ),
        style="dim",
    )


def _candidate_table(candidates: Sequence[CandidateRow], lang: str) -> Table:
    chinese = lang.startswith("zh")
    headings = (
        ("判定", "分数", "", "页面或条目", "理由")
        if chinese
        else ("label", "score", "", "surface", "reason")
    )
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading, ratio in zip(headings, (None, None, None, 5, 6), strict=True):
        table.add_column(heading, ratio=ratio, overflow="fold", no_wrap=ratio is None)
    for row in candidates:
        label = _LABELS_ZH[row.label] if chinese else row.label
        event = row.event or ""
        name = f"{one_line(row.title, 60)}\n" if row.title else ""
        place = f"{row.platform}:{row.app_id}" if row.app_id else defang(row.url)
        table.add_row(
            Text(label, style=_STYLE[row.label]),
            f"{row.score:.2f}",
            Text(_EVENTS_ZH.get(event, event) if chinese else event, style="dim"),
            Text(name + one_line(place, 160)),
            Text(defang_text(one_line(row.headline.text(lang), 200)) + _only_seen_by(row, lang)),
        )
    return table


def _only_seen_by(row: CandidateRow, lang: str) -> str:
    if row.views is None or not row.views.cloaking:
        return ""
    names = ", ".join(row.views.seen_only_by)
    return f"\n仅可见于：{names}" if lang.startswith("zh") else f"\nseen only by: {names}"


def _print_changes(
    console: Console, changes: Sequence[DestinationChangeRecord], *, chinese: bool
) -> None:
    if not changes:
        return
    console.print("链接去向已变：" if chinese else "destination changed:", style="yellow")
    for one in changes[:_GAPS_SHOWN]:
        before, after = (defang(one_line(url, 100)) for url in (one.before, one.after))
        console.print(Text(f"  {defang(one_line(one.link, 100))}  {before} -> {after}"))
    if len(changes) > _GAPS_SHOWN:
        console.print(Text(f"  … {len(changes) - _GAPS_SHOWN} more in the report"), style="dim")


def _print_gaps(console: Console, gaps: Sequence[GapRecord], *, chinese: bool) -> None:
    if not gaps:
        return
    console.print("未能看到：" if chinese else "not seen:", style="yellow")
    for gap in gaps[:_GAPS_SHOWN]:
        console.print(
            Text(
                f"  {gap.kind.value}  {one_line(defang(gap.subject), 100)}  {one_line(gap.reason)}"
            )
        )
    if len(gaps) > _GAPS_SHOWN:
        console.print(Text(f"  … {len(gaps) - _GAPS_SHOWN} more in the report"), style="dim")


def print_verdict(document: Document, verdict: Verdict, lang: str) -> None:
    """Label, score, services, legal basis and every point with its evidence."""
    console = results()
    label = _LABELS_ZH[verdict.label] if lang.startswith("zh") else verdict.label
    console.print(Text(f"{label}  {verdict.score:.2f}", style=_STYLE[verdict.label]))
    if verdict.conflict:
        console.print(Text("conflict: a lure stands beside warning words", style="yellow"))
    for finding in verdict.services:
        console.print(Text(f"  {finding.service}: {one_line(finding.reason.text(lang))}"))
    for basis in verdict.legal_basis:
        item = f" item {basis.item}" if basis.item is not None else ""
        console.print(Text(f"  {basis.number or basis.instrument}{item} {one_line(basis.title)}"))
    for one in sorted(verdict.evidence, key=lambda e: -abs(e.points)):
        console.print(Text(f"  {reason_line(one, lang)}"))
    for index in verdict.blocks[:_GAPS_SHOWN]:
        console.print(
            Text(f"  > {one_line(printable(document.blocks[index].text), 200)}"), style="dim"
        )
