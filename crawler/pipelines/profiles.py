"""Judged -> Judged: the same page as other visitors see it, and what it hides from whom."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import structs
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from classifiers import Ruleset, classify, load_ruleset
from core.capture import OWN_PROFILE, Capture
from core.cloaking import Take, differs, nothing_there, take_of, views_of
from core.gap import Gap, GapKind
from core.profile import Profile
from core.verdict import CANDIDATE_LABELS, Label, ProfileViews
from crawler.challenge import asks_for_a_human
from crawler.frontier import Earlier, remember
from crawler.items import Item, Judged, Missing, NotSeen, Refused, Seen
from crawler.pipelines.classify import ClassifyPipeline
from storage import NOTHING_THERE

_GRAVITY: tuple[Label, ...] = ("clear", "undetermined", "review", "violation")
"""What one visitor could not read may hide what another saw nothing of."""


class Sight(msgspec.Struct, frozen=True):
    """One look by one visitor; `judged` is None where there was no such page."""

    capture: Capture
    take: Take
    judged: Judged | None = None


class Visits(msgspec.Struct):
    """The looks at one page while they are gathered, and why some visitors got none."""

    sights: list[Sight]
    unseen: dict[str, Gap]

    @property
    def takes(self) -> list[Take]:
        return [sight.take for sight in self.sights]

    @property
    def views(self) -> ProfileViews:
        seen = {take.profile for take in self.takes}
        return views_of(self.takes, OWN_PROFILE, [name for name in self.unseen if name not in seen])


class ProfilesPipeline:
    """Sees every page within the budget as each client profile of the target, too.

    One look by each first. Only where findings differ are all visitors sent again, in another
    order each time (a page that counts its visitors must not look as if it told them apart), until
    nothing looks like cloaking or `limits.max_profile_takes` is reached. The worst verdict of any
    visitor is the page's.
    """

    def __init__(self, spider: Any, ruleset: Ruleset, zone: ZoneInfo) -> None:
        self._spider = spider
        self._ruleset = ruleset
        self._visitors: dict[str, Profile | None] = {OWN_PROFILE: None}
        self._visitors |= {profile.id: profile for profile in spider.profiles}
        self._judges = {name: ClassifyPipeline(ruleset, zone) for name in self._visitors}
        self._pages_left: int = spider.target.limits.max_profile_pages
        self._over_budget = False
        self._recall(spider.earlier)

    def _recall(self, earlier: Earlier) -> None:
        self._pages_left -= len(list(earlier.of("profiled")))
        self._over_budget = any(True for _ in earlier.of("profiles_over_budget"))
        for judge in self._judges.values():
            judge.recall(earlier)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ProfilesPipeline:
        """Raises NotConfigured where the target names no profile."""
        if not getattr(crawler.spider, "profiles", ()):
            raise NotConfigured
        settings = crawler.settings
        ruleset = load_ruleset(Path(settings["PROMOWATCH_CATALOGUE"]))
        return cls(crawler.spider, ruleset, ZoneInfo(settings["PROMOWATCH_TIME_ZONE"]))

    async def process_item(self, item: Item) -> Item:
        if not isinstance(item, Judged | Refused):
            return item
        if not self._admits(item):
            return _seen_by_one(item, list(self._visitors))
        visits = _begun(item)
        for name, gap in visits.unseen.items():
            if gap.kind is GapKind.CHALLENGED:
                self._note(name, gap)
        await self._visit(item.capture, visits)
        return self._concluded(item, visits)

    def _admits(self, item: Judged | Refused) -> bool:
        """Whether the page is within the budget: the first ones are, then those with a finding."""
        if self._pages_left > 0:
            self._pages_left -= 1
            remember("profiled")
            return True
        if isinstance(item, Judged) and item.verdict.label in CANDIDATE_LABELS:
            return not item.verdict.repeated
        if not self._over_budget:
            self._over_budget = True
            remember("profiles_over_budget")
            most = self._spider.target.limits.max_profile_pages
            reason = (
                f"limits.max_profile_pages ({most}) reached: further pages were seen as "
                f"{OWN_PROFILE} alone, but for those with a finding"
            )
            target = self._spider.target.id
            self._spider.note(Gap(GapKind.BUDGET_REACHED, target, reason))
        return False

    async def _visit(self, page: Capture, visits: Visits) -> None:
        names = list(self._visitors)
        for turn in range(self._spider.target.limits.max_profile_takes):
            for name in _order(names, turn):
                own_again = turn == 0 and name == OWN_PROFILE
                if not own_again and name not in visits.unseen and not self._spider.stopping:
                    await self._look(page, name, visits)
            if not (visits.views.cloaking if turn else differs(visits.takes)):
                return

    async def _look(self, page: Capture, name: str, visits: Visits) -> None:
        url, profile = page.requested_url, self._visitors[name]
        items = await self._spider.view(url, profile, rendered=page.rendered)
        seen = next((item for item in items if isinstance(item, Seen)), None)
        missing = next((item for item in items if isinstance(item, Missing)), None)
        if missing is not None:
            visits.sights.append(Sight(missing.capture, nothing_there(name)))
            return
        judged = self._judges[name].process_item(seen) if seen is not None else None
        if isinstance(judged, Judged):
            gap = _challenge(judged)
            if gap is None:
                visits.sights.append(_sight(name, judged))
                return
        else:
            told = (item.gap for item in (judged, *items) if isinstance(item, NotSeen))
            gap = next(told, Gap(GapKind.INTERRUPTED, url, "not looked at"))
        visits.unseen[name] = gap
        self._note(name, gap)

    def _note(self, name: str, gap: Gap) -> None:
        self._spider.note(structs.replace(gap, reason=f"as {name}: {gap.reason}"))

    def _concluded(self, item: Judged | Refused, visits: Visits) -> Item:
        """The page with the worst that any visitor saw."""
        views = visits.views
        seen = [sight.judged for sight in visits.sights if sight.judged is not None]
        if not seen:
            missing = isinstance(item, Refused) and visits.sights and not views.unseen
            return Missing(item.capture) if missing else item
        worst = max(seen, key=_gravity)
        own = item.document.url if isinstance(item, Judged) else item.capture.final_url
        verdict = classify(worst.document, self._ruleset, worst.verdict.on, views=views)
        last = {sight.take.profile: sight.capture for sight in visits.sights}
        last.pop(worst.capture.profile, None)
        degraded = verdict.degraded or any(judged.verdict.degraded for judged in seen)
        return Judged(
            worst.capture,
            structs.replace(worst.document, url=own),
            structs.replace(verdict, repeated=worst.verdict.repeated, degraded=degraded),
            worst.chains,
            contrast=tuple(last.values()) if views.cloaking else (),
            pictures=worst.pictures,
            shadow=item.shadow if isinstance(item, Judged) else None,
        )


def _order(names: list[str], turn: int) -> list[str]:
    """Who looks when: as named, then the other way round, then each time another one first."""
    if turn == 1:
        return names[::-1]
    start = max(0, turn - 1) % len(names)
    return names[start:] + names[:start]


def _begun(item: Judged | Refused) -> Visits:
    """What the crawl itself saw of the page is the first look under the product's own name."""
    if isinstance(item, Refused):
        if item.capture.status in NOTHING_THERE:
            return Visits([Sight(item.capture, nothing_there(OWN_PROFILE))], {})
        reason = f"answered {item.capture.status}"
        return Visits([], {OWN_PROFILE: Gap(GapKind.HTTP_STATUS, item.capture.final_url, reason)})
    challenge = _challenge(item)
    if challenge is not None:
        return Visits([], {OWN_PROFILE: challenge})
    return Visits([_sight(OWN_PROFILE, item)], {})


def _sight(name: str, judged: Judged) -> Sight:
    return Sight(
        judged.capture, take_of(name, judged.capture, judged.document, judged.verdict), judged
    )


def _challenge(judged: Judged) -> Gap | None:
    """The gap of a page that asks for a human; one with a finding is what it seems."""
    if judged.verdict.label in CANDIDATE_LABELS or not asks_for_a_human(judged.document):
        return None
    return Gap(GapKind.CHALLENGED, judged.capture.final_url, "asked for a human check")


def _seen_by_one(item: Judged | Refused, visitors: Sequence[str]) -> Item:
    """A page beyond the budget: others may see something else, so it never proves an absence."""
    if isinstance(item, Refused):
        return item
    views = ProfileViews(profiles=(OWN_PROFILE,), takes=1, unseen=tuple(visitors[1:]))
    return structs.replace(item, verdict=structs.replace(item.verdict, views=views, degraded=True))


def _gravity(judged: Judged) -> tuple[int, float]:
    return _GRAVITY.index(judged.verdict.label), judged.verdict.score
