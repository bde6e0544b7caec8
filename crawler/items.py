"""What spiders hand to the pipelines, one type per step."""

from __future__ import annotations

from datetime import datetime

import msgspec

from core.capture import Capture, Picture
from core.document import Document
from core.gap import Gap
from core.link_chain import LinkChain
from core.verdict import Verdict
from core.verdict_change import VerdictChange
from crawler.frontier import PageDone


class Seen(msgspec.Struct, frozen=True):
    """A surface that was captured and read, where its opaque links lead, and those of its
    pictures that said something."""

    capture: Capture
    document: Document
    chains: tuple[LinkChain, ...] = ()
    pictures: tuple[Picture, ...] = ()


class Missing(msgspec.Struct, frozen=True):
    """A surface that answered 404 or 410: nothing is there."""

    capture: Capture


class Listed(msgspec.Struct, frozen=True):
    """A page of a listing that was read; in a recheck it proves what is not listed any more."""

    capture: Capture


class Refused(msgspec.Struct, frozen=True):
    """A surface that did not answer the product under its own name with a page; other client
    profiles may get to see it."""

    capture: Capture


class NotSeen(msgspec.Struct, frozen=True):
    """A gap, at the time it was noticed."""

    gap: Gap
    at: datetime


class Judged(msgspec.Struct, frozen=True):
    """A surface with its verdict.

    `contrast`: for a page that shows some visitors what it hides from others, what each of the
    other client profiles got. `shadow`: what shadow rules would have said otherwise of the page as
    the product saw it under its own name.
    """

    capture: Capture
    document: Document
    verdict: Verdict
    chains: tuple[LinkChain, ...] = ()
    contrast: tuple[Capture, ...] = ()
    pictures: tuple[Picture, ...] = ()
    shadow: VerdictChange | None = None


Item = Seen | Missing | Listed | Refused | NotSeen | Judged | PageDone
