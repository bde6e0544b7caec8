"""Noticing that a listing's shape has moved: a field that used to be there is an alarm."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from core.gap import Gap, GapKind
from crawler.sources.entries import EntryFields

ENOUGH_ENTRIES = 5
"""Entries after which a field other than `name` that none of them has counts as moved: a
single app may really have no introduction."""


def missing_fields(
    entries: Sequence[EntryFields],
    expected: Iterable[str],
    subject: str,
    *,
    required: Iterable[str] = (),
) -> list[Gap]:
    """Gaps for fields the target expects and the page does not give.

    `name` and what is `required` must be in every entry; another field is reported when at least
    ENOUGH_ENTRIES entries lack it all.
    """
    if not entries:
        return []
    gaps = []
    present: set[str] = set()
    always = dict.fromkeys(("name", *required))
    lacking = dict.fromkeys(always, 0)
    for entry in entries:
        own = _names(entry)
        present |= own
        for name in always.keys() - own:
            lacking[name] += 1
    for name, count in lacking.items():
        if count:
            reason = f"field `{name}` is missing in {count} of {len(entries)} entries"
            gaps.append(Gap(GapKind.SHAPE_CHANGED, subject, reason))
    for name in expected:
        moved = name not in always and name not in present and len(entries) >= ENOUGH_ENTRIES
        if moved:
            reason = f"field `{name}` is missing in all {len(entries)} entries"
            gaps.append(Gap(GapKind.SHAPE_CHANGED, subject, reason))
    return gaps


def marked(entries: Iterable[EntryFields], expected: Sequence[str]) -> list[EntryFields]:
    """`entries`, those that lack their name or an expected field saying so: nobody may call them
    clear."""
    always = tuple(dict.fromkeys(("name", *expected)))
    result = []
    for entry in entries:
        missing = tuple(name for name in always if name not in _names(entry))
        result.append(msgspec.structs.replace(entry, missing=missing) if missing else entry)
    return result


def _names(entry: EntryFields) -> set[str]:
    """Names of an entry's fields, those of nested values by their first part."""
    return {name.partition("[")[0].partition(".")[0] for name in entry.fields}
