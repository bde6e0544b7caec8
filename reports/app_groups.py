"""The same app on several platforms, as one group of the day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from msgspec.structs import replace

from core.entry_state import EntryState, identities
from reports.report import AppGroup, AppMember, Finding
from storage import EntryHistory


def app_groups(
    findings: Iterable[Finding],
    histories: Mapping[str, EntryHistory],
    end: datetime,
    shown: Callable[[str], str],
) -> tuple[AppGroup, ...]:
    """Findings on listing entries that are one app, two or more to a group, largest first.

    `histories` are by key; what an entry became after `end` does not count. Two entries are one app
    when they share a package or bundle, an app id, or owner and name (core.entry_state).
    """
    found = [one for one in findings if one.key in histories]
    states = {one.key: state_at(histories[one.key], end) for one in found}
    together = _Sets()
    for one in found:
        for identity in identities(states[one.key], one.app_id):
            together.join(one.key, identity)
    members: dict[str, list[Finding]] = defaultdict(list)
    for one in found:
        members[together.head(one.key)].append(one)
    groups = [_group(several, states, shown) for several in members.values() if len(several) > 1]
    return tuple(sorted(groups, key=lambda group: (-len(group.members), group.name)))


def state_at(history: EntryHistory, moment: datetime) -> EntryState:
    """Name, owner and package of an entry as they were just before `moment`."""
    state = history.first
    for change in history.changes:
        if change.at < moment and change.field in ("name", "owner"):
            state = replace(state, **{change.field: change.after})
    return state


def _group(
    several: list[Finding], states: Mapping[str, EntryState], shown: Callable[[str], str]
) -> AppGroup:
    ordered = sorted(several, key=lambda one: (one.platform, one.app_id, one.key))
    state = states[max(several, key=lambda one: one.score).key]
    return AppGroup(
        name=shown(state.name),
        owner=shown(state.owner),
        members=tuple(
            AppMember(
                candidate_id=one.candidate_id,
                key=one.key,
                kind=one.kind,
                platform=one.platform,
                app_id=one.app_id,
                title=one.title,
                url=one.url,
                label=one.label,
                score=one.score,
            )
            for one in ordered
        ),
    )


class _Sets:
    """Disjoint sets of names."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def head(self, name: str) -> str:
        while (above := self._above.get(name, name)) != name:
            self._above[name] = self._above.get(above, above)
            name = above
        return name

    def join(self, one: str, other: str) -> None:
        first, second = self.head(one), self.head(other)
        self._above[max(first, second)] = min(first, second)
