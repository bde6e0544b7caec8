"""Noticing that a listing's shape has moved: a field that used to be there is an alarm."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.gap import Gap, GapKind
from crawler.sources.entries import EntryFields

ENOUGH_ENTRIES = 5
"""Entries after which a field other than `name` that none of them has counts as moved: a
single app may really have no introduction."""


def missing_fields(
    entries: Sequence[EntryFields], expected: Iterable[str], subject: str
) -> list[Gap]:
    """Gaps for fields the target expects and the page does not give.

    `name` is required in every entry; another field is reported when at least ENOUGH_ENTRIES
    entries lack it all.
    """
    if not entries:
        return []
    gaps = []
    present: set[str] = set()
    for entry in entries:
        present.update(name.partition("[")[0].partition(".")[0] for name in entry.fields)
    without_name = sum(1 for entry in entries if "name" not in entry.fields)
    if without_name:
        reason = f"field `name` is missing in {without_name} of {len(entries)} entries"
        gaps.append(Gap(GapKind.SHAPE_CHANGED, subject, reason))
    for name in expected:
        moved = name != "name" and name not in present and len(entries) >= ENOUGH_ENTRIES
        if moved:
            reason = f"field `{name}` is missing in all {len(entries)} entries"
            gaps.append(Gap(GapKind.SHAPE_CHANGED, subject, reason))
    return gaps
