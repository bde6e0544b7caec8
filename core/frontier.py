"""The frontier of a scan: the pages it has found and those it is done with, as they are stored."""

from __future__ import annotations

from typing import Literal

import msgspec

PageState = Literal["waiting", "done", "failed"]


class FrontierPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a scan: a web page, a page of a listing, an entry's own page, a file.

    `identity` is what tells it from the scan's other pages (its address, for posted pages with the
    body). `number` is its place in the order in which pages were found or, once it is done or
    `failed` (it could not be had: a gap), in which they were done. `kind` says which reader takes
    it, `data` (JSON) what that reader needs to ask for it again. `memory` (MessagePack, a list of
    `[name, value, ...]`) is what the scan learned from it that has a bearing on later pages.
    """

    identity: str
    number: int
    state: PageState
    kind: str
    data: bytes = b"{}"
    memory: bytes = b""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """What a batch changes of a frontier. `number` grows from batch to batch: one that comes again
    (its commit was not heard of) is known by it. The gaps of a batch that is `closing` hold for
    the scan as it stands: they go when it is taken up again."""

    number: int
    pages: tuple[FrontierPage, ...] = ()
    closing: bool = False


class CutScan(msgspec.Struct, frozen=True, kw_only=True):
    """A scan that did not come to its end. `plan` is what `begin_scan` was given; None where the
    scan cannot be taken up again. `done` counts pages, `waiting` those that were found besides."""

    scan_id: int
    target_id: str
    plan: bytes | None
    done: int = 0
    waiting: int = 0
