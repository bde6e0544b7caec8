"""What a look changes about a candidate: the rules of new, still up, gone and returned.

Pure: no rows, no clock. A candidate has at most one event in a scan, however often the scan meets
it; being seen weighs more than not being seen, because a page may hide from one client profile and
show itself to another.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from storage.records import EventKind, Presence


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Where a candidate stands. `event` is what has happened to it in the scan so far."""

    presence: Presence
    first_seen: datetime
    last_seen: datetime
    gone_at: datetime | None = None
    event: EventKind | None = None


def after_hit(before: Standing | None, seen_at: datetime) -> Standing:
    """The standing once the surface was seen with a finding at `seen_at`."""
    if before is None:
        return Standing(presence="up", first_seen=seen_at, last_seen=seen_at, event="new")
    changed = msgspec.structs.replace(
        before,
        first_seen=min(before.first_seen, seen_at),
        last_seen=max(before.last_seen, seen_at),
    )
    if before.presence == "up":
        return msgspec.structs.replace(changed, event=before.event or "still_up")
    if before.event == "gone":
        # this very scan had called it gone, so before the scan it was up
        return msgspec.structs.replace(changed, presence="up", gone_at=None, event="still_up")
    if before.gone_at is not None and seen_at < before.gone_at:
        # an older capture, looked at late, does not bring it back
        return changed
    return msgspec.structs.replace(changed, presence="up", gone_at=None, event="returned")


def after_absence(before: Standing, seen_at: datetime) -> Standing:
    """The standing once the surface was proven to hold nothing at `seen_at`."""
    if before.presence == "gone" or before.event is not None or seen_at < before.last_seen:
        return before
    return msgspec.structs.replace(before, presence="gone", gone_at=seen_at, event="gone")
