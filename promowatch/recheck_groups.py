"""Which scan looks again at which cases: pages one by one, entries by the listing they stood in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from core.listing_source import HtmlListing, JsonListing, PageData
from core.target import Network, Scope, Target
from reports import say
from storage import RECHECK_PREFIX, WorkRow

_AT_ONCE = 500
"""Pages looked at in one scan."""

Way = Literal["pages", "listing", "none"]


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Cases that one scan of `target` looks at. Of a `listing` all pages are read, because that an
    entry is gone shows only in the whole; `none`: nothing that can be fetched shows them, `why`."""

    way: Way
    target: Target
    rows: tuple[WorkRow, ...]
    why: str = ""


def groups_of(
    rows: Sequence[WorkRow], targets: Mapping[str, Target], allow: tuple[str, ...]
) -> list[Group]:
    """`rows` by target and way, each politely as its target says; `allow` is added to the
    addresses that it may reach."""
    found: dict[tuple[str, Way, str], list[WorkRow]] = defaultdict(list)
    for row in rows:
        found[row.target_id, *_way(row, targets.get(row.target_id))].append(row)
    groups = []
    for (target_id, way, why), all_rows in found.items():
        size = _AT_ONCE if way == "pages" else len(all_rows)
        for at in range(0, len(all_rows), size):
            some = tuple(all_rows[at : at + size])
            target = _target(targets.get(target_id), target_id, way, some, allow)
            groups.append(Group(way=way, target=target, rows=some, why=why))
    return groups


def _way(row: WorkRow, target: Target | None) -> tuple[Way, str]:
    url = row.candidate.url
    on_the_web = url.startswith(("http://", "https://"))
    if not row.candidate.app_id:
        return ("pages", "") if on_the_web else ("none", "it is no page on the web")
    if target is None:
        return "none", "its target is not in the catalogue: nothing says where it is listed"
    if isinstance(target.source, HtmlListing | JsonListing):
        return "listing", ""
    own_page = on_the_web and (url not in target.seeds or isinstance(target.source, PageData))
    if own_page:
        return "pages", ""
    return "none", "the entry has no page of its own: a scan of a newer list shows it"


def _target(
    known: Target | None, target_id: str, way: Way, rows: Sequence[WorkRow], allow: tuple[str, ...]
) -> Target:
    name = f"{RECHECK_PREFIX}{target_id}"[:200]
    title = f"{say('recheck', 'zh')} / {say('recheck', 'en')}: {target_id}"
    if known is not None and way == "listing":
        target = msgspec.structs.replace(known, id=name, title=title)
    else:
        seeds = tuple(dict.fromkeys(row.candidate.url for row in rows))
        scope = Scope(depth=0, max_pages=len(seeds))
        target = Target(id=name, title=title, surface="marketing_page", seeds=seeds, scope=scope)
    if known is not None and way == "pages":
        alike = ("rendering", "politeness", "limits", "network", "profiles", "pictures")
        target = msgspec.structs.replace(target, **{one: getattr(known, one) for one in alike})
    return msgspec.structs.replace(target, network=Network(target.network.allow + allow))
