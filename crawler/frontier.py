"""The pages of a scan while it runs: what each found, gave and taught, until that is stored.

Whatever a scan keeps in mind for later pages (addresses seen, texts of a host, budgets) would be
lost with its process. So whoever learns such a thing from a page says it with `remember`; it is
stored in the transaction that marks the page as done. A scan that is taken up again asks for the
pages that were found and not done, and gets told what the others taught (`Earlier`). A page that
was under way is looked at anew, as if the scan had not seen it yet.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import msgspec

from core.frontier import FrontierPage
from core.gap import Gap


class Page:
    """One page of a scan, from its request until it is stored.

    `callback` and `errback` take its next answer; while `goes_on` is set another request of the
    same page is to come (through the browser, once more); `failed` says that its last request
    had no answer, `cut_short` that somebody left something of it out because the scan was stopped.
    After so many items as it `expects` its end has come; where that is 0, with its `PageDone`.
    `looks`, `gaps` and `recorded` are what
    the pipelines hold of it: nothing of a page is stored before all of it is there.
    """

    __slots__ = (
        "_counts",
        "_memory",
        "arguments",
        "callback",
        "cut_short",
        "data",
        "errback",
        "expects",
        "failed",
        "found",
        "gaps",
        "goes_on",
        "identity",
        "kind",
        "looks",
        "recorded",
    )

    def __init__(self, identity: str, kind: str, data: dict[str, Any]) -> None:
        self.identity = identity
        self.kind = kind
        self.data = data
        self.callback: Callable[..., Any]
        self.errback: Callable[..., Any]
        self.arguments: dict[str, Any] = {}
        self.goes_on = self.failed = self.cut_short = False
        self.expects = 0
        self.found: list[Page] = []
        self.looks: list[Any] = []
        self.gaps: list[tuple[Gap, datetime]] = []
        self.recorded: set[asyncio.Task[None]] = set()
        self._memory: list[Sequence[Any]] = []
        self._counts: Counter[tuple[Any, ...]] = Counter()

    def remember(self, name: str, *what: Any) -> None:
        """Keep what this page taught, for a scan that is taken up again."""
        self._memory.append((name, *what))

    def count(self, name: str, *what: Any) -> None:
        """Like `remember`, for what comes again and again: kept once, with the number of times."""
        self._counts[name, *what] += 1

    def note(self, gap: Gap) -> None:
        """A gap of this page that belongs to no item."""
        self.gaps.append((gap, datetime.now(UTC)))

    def stored(self, number: int, *, waiting: bool = False) -> FrontierPage:
        """The page as it is stored. Raises what msgspec raises for data that is none."""
        counted = ((*what, count) for what, count in self._counts.items())
        memory = [*self._memory, *counted]
        return FrontierPage(
            identity=self.identity,
            number=number,
            state="waiting" if waiting else "failed" if self.failed else "done",
            kind=self.kind,
            data=msgspec.json.encode(self.data),
            memory=msgspec.msgpack.encode(memory) if memory and not waiting else b"",
        )


class PageDone(msgspec.Struct, frozen=True):
    """The last thing that comes of a page whose items are not counted, or that has none."""

    page: Page


CURRENT: ContextVar[Page | None] = ContextVar("page of the scan", default=None)
"""The page whose answer is being taken. Set before a callback is called; what the callback starts
and the pipelines that take its items run in the same context."""


def remember(name: str, *what: Any) -> None:
    """Keep what the current page taught; nothing to do where there is none."""
    page = CURRENT.get()
    if page is not None:
        page.remember(name, *what)


def count(name: str, *what: Any) -> None:
    """Count something about the current page; nothing to do where there is none."""
    page = CURRENT.get()
    if page is not None:
        page.count(name, *what)


class Earlier:
    """What a scan did before it was cut off; nothing for a scan that begins.

    `waiting` are pages that were found and not done, in the order in which they were found,
    `identities` those of all pages, `followed` of pages that links of other pages led to.
    """

    def __init__(self, pages: Sequence[FrontierPage] = ()) -> None:
        self.waiting: list[FrontierPage] = []
        self.identities: set[str] = set()
        self.followed: list[str] = []
        self._taught: defaultdict[str, list[list[Any]]] = defaultdict(list)
        for page in pages:
            self._take(page)

    def _take(self, page: FrontierPage) -> None:
        self.identities.add(page.identity)
        if page.state == "waiting":
            self.waiting.append(page)
        if msgspec.json.decode(page.data).get("depth"):
            self.followed.append(page.identity)
        for name, *what in msgspec.msgpack.decode(page.memory) if page.memory else ():
            self._taught[name].append(what)

    def of(self, name: str) -> Iterator[list[Any]]:
        """What was remembered or counted under `name`, in the order in which pages were done."""
        yield from self._taught.get(name, ())
