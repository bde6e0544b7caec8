"""Part of a listing: the pages from one number to another."""

from __future__ import annotations

import re

import msgspec

from core.errors import BadInput
from core.listing_source import HtmlListing, JsonListing
from core.target import Target

_RANGE = re.compile(r"([1-9]\d{0,6})-([1-9]\d{0,6})?")


def with_pages(target: Target, pages: str) -> Target:
    """`target`, narrowed to `pages` (`A-B`, or `A-` to the end; empty: all). Raises BadInput."""
    if not pages:
        return target
    first, last = _parsed(pages)
    source = target.source
    numbered = isinstance(source, HtmlListing | JsonListing) and (
        source.page_template or source.page_parameter
    )
    if not numbered:
        raise BadInput(
            f"target `{target.id}` is no listing whose pages have numbers",
            hint="`--pages` needs a source with `page_template` or `page_parameter`",
        )
    scope = msgspec.structs.replace(target.scope, first_page=first, last_page=last)
    return msgspec.structs.replace(target, scope=scope)


def shards(pages: str, size: int) -> tuple[str, ...]:
    """`pages` (`A-B`) in ranges of `size`; the last one is open, for the listing may have grown.

    Raises BadInput.
    """
    first, last = _parsed(pages)
    if not last:
        raise BadInput(f"--pages {pages} has no end", hint="write how far it goes, as in 1-2000")
    starts = range(first, last + 1, size)
    ranges = [f"{start}-{start + size - 1}" for start in starts]
    return (*ranges[:-1], f"{starts[-1]}-")


def _parsed(pages: str) -> tuple[int, int]:
    """First and last page; 0 = to the end."""
    match = _RANGE.fullmatch(pages)
    first, last = (int(match[1]), int(match[2] or 0)) if match else (0, 0)
    if match is None or (last and last < first):
        raise BadInput(f"--pages {pages}: no range", hint="write 1-250, or 251- to the end")
    return first, last
