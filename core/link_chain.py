"""Where a link leads in the end: the chain of addresses behind it, hop by hop."""

from __future__ import annotations

from typing import Literal

import msgspec

from core.capture import Exchange
from core.gap import Gap

LinkStep = Literal["http", "meta_refresh", "script", "nested", "click_through"]
"""How an answer sends its reader on. `nested`: the target stands in a parameter of the address;
`click_through`: a page that says its reader is leaving, with one link to go on."""


class LinkHop(msgspec.Struct, frozen=True):
    """One address behind a link, and the step by which the address before it led here."""

    url: str
    step: LinkStep


class LinkChain(msgspec.Struct, frozen=True):
    """The addresses behind `link`, in order. `gap` says why the end was not reached, if so.

    `answers` is what those that were asked answered, in order. `opaque`: the link itself says
    nothing, so that not knowing its end leaves the page unread in part.
    """

    link: str
    hops: tuple[LinkHop, ...] = ()
    gap: Gap | None = None
    answers: tuple[Exchange, ...] = ()
    opaque: bool = True

    @property
    def destination(self) -> str:
        """Where the link leads in the end (itself, if it leads nowhere else); "" if unknown."""
        if self.gap is not None:
            return ""
        return self.hops[-1].url if self.hops else self.link
