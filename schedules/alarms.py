"""What about a scan a person should know of: pure, from the scan and the ones before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from statistics import median
from typing import Final

import msgspec

from core import GapKind, Target, Words
from core.duration import duration
from core.text import one_line
from storage import Alarm, AlarmKind, GapRecord, ScanSummary

HISTORY = 10
"""How many finished scans before this one say what is usual."""
ENOUGH_HISTORY = 3
USUALLY_SHORTER = 5
"""A scan that takes so many times what is usual is too long, where nothing else was expected..."""
NEVER_TOO_LONG = timedelta(minutes=10)
"""...and it took more than this."""
_LOGIN = ("login", "log in", "answered 401", "answered 407")
_BLOCK = ("answered 403", "answered 429", "captcha")
_SAW_TOO_LITTLE: Final = Words(
    "未能查看的内容超出该目标的限度（退出码 3）",
    "saw too little: more gaps than the target allows (exit status 3)",
)
_CANDIDATE_LABELS = ("violation", "review")


class ScanOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """A scan as it ended, the finished ones of its target before it (newest first), its time."""

    target: Target
    scan: ScanSummary
    gaps: Sequence[GapRecord]
    before: Sequence[ScanSummary]
    took: timedelta


def alarms_of(
    job_id: str, outcome: ScanOutcome, *, too_many_gaps: bool = False
) -> tuple[Alarm, ...]:
    """The alarms of a scan that came to its end, one of each kind at most but `expectation`.

    `too_many_gaps`: the scan itself said so (exit status 3).
    """
    found = (
        *_nothing_found(outcome),
        *_walls(outcome.gaps),
        *_expectations(outcome),
        *_too_long(outcome),
        *((("expectation", _SAW_TOO_LITTLE),) if too_many_gaps else ()),
    )
    scan_id = outcome.scan.scan_id
    return tuple(
        Alarm(job_id=job_id, kind=kind, words=words, scan_id=scan_id) for kind, words in found
    )


def _nothing_found(outcome: ScanOutcome) -> Iterator[tuple[AlarmKind, Words]]:
    scan, before = outcome.scan, outcome.before
    if len(before) < ENOUGH_HISTORY:
        return
    usual = median(one.looks for one in before)
    if not scan.looks and usual > 0:
        yield (
            "found_nothing",
            Words(
                f"没有读到任何页面或条目，最近 {len(before)} 次的中位数为 {usual:g}",
                f"saw nothing; the median of the last {len(before)} scans is {usual:g} entries",
            ),
        )
    elif not _candidates(scan) and min(map(_candidates, before)) > 0:
        usual = median(map(_candidates, before))
        yield (
            "found_nothing",
            Words(
                f"没有发现候选，最近 {len(before)} 次每次都有，中位数为 {usual:g}",
                f"found no candidate; each of the last {len(before)} scans did (median {usual:g})",
            ),
        )


def _candidates(scan: ScanSummary) -> int:
    return sum(scan.labels.get(label, 0) for label in _CANDIDATE_LABELS)


def _walls(gaps: Sequence[GapRecord]) -> Iterator[tuple[AlarmKind, Words]]:
    first: dict[AlarmKind, GapRecord] = {}
    for gap in gaps:
        kind = _wall(gap)
        if kind is not None:
            first.setdefault(kind, gap)
    for kind, gap in first.items():
        said = f"{one_line(gap.subject, 200)}: {one_line(gap.reason, 300)}"
        yield kind, Words(said, said)


def _wall(gap: GapRecord) -> AlarmKind | None:
    """What stood before the content, as far as the gap tells."""
    if gap.kind is GapKind.CHALLENGED:
        return "block_page"
    if gap.kind not in (GapKind.SHAPE_CHANGED, GapKind.HTTP_STATUS):
        return None
    reason = gap.reason.lower()
    if any(word in reason for word in _LOGIN):
        return "login_wall"
    if any(word in reason for word in _BLOCK):
        return "block_page"
    return "lost_selector" if gap.kind is GapKind.SHAPE_CHANGED else None


def _expectations(outcome: ScanOutcome) -> Iterator[tuple[AlarmKind, Words]]:
    wanted, looks = outcome.target.expectations, outcome.scan.looks
    gaps = sum(outcome.scan.gaps.values())
    if wanted.min_entries is not None and looks < wanted.min_entries:
        yield "expectation", _broken("读到", "entries", looks, "至少", "min", wanted.min_entries)
    if wanted.max_entries is not None and looks > wanted.max_entries:
        yield "expectation", _broken("读到", "entries", looks, "至多", "max", wanted.max_entries)
    if wanted.max_gaps is not None and gaps > wanted.max_gaps:
        yield "expectation", _broken("未能查看", "gaps", gaps, "至多", "max", wanted.max_gaps)


def _broken(zh: str, en: str, found: int, bound_zh: str, bound_en: str, bound: int) -> Words:
    return Words(f"{zh} {found} 项，应{bound_zh} {bound} 项", f"{found} {en}, {bound_en} {bound}")


def _too_long(outcome: ScanOutcome) -> Iterator[tuple[AlarmKind, Words]]:
    allowed = _allowed(outcome)
    if allowed is not None and outcome.took > allowed:
        yield "too_long", too_long_words(outcome.took, allowed)


def _allowed(outcome: ScanOutcome) -> timedelta | None:
    wanted = outcome.target.expectations.max_duration
    if wanted:
        return duration(wanted)
    spans = [
        (one.finished_at - one.started_at).total_seconds()
        for one in outcome.before
        if one.finished_at is not None
    ]
    if len(spans) < ENOUGH_HISTORY:
        return None
    return max(timedelta(seconds=USUALLY_SHORTER * median(spans)), NEVER_TOO_LONG)


def too_long_words(took: timedelta, allowed: timedelta) -> Words:
    """A scan that takes longer than it should."""
    minutes = [int(span.total_seconds() // 60) for span in (took, allowed)]
    return Words(
        f"用时 {minutes[0]} 分钟，应不超过 {minutes[1]} 分钟",
        f"took {minutes[0]} min, expected at most {minutes[1]}",
    )
