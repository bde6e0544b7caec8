"""The next page of a listing, worked out from the address and body that asked for this one."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import msgspec

from core.gap import Gap, GapKind
from core.listing_source import HtmlListing, JsonListing
from core.text import one_line
from crawler.sources.entries import EntryFields, ListingPage, absolute, joiner_for
from crawler.sources.json_text import decode_json

MAX_PAGE_NUMBER = 1_000_000
PAGE = "{page}"


class Asked(msgspec.Struct, frozen=True):
    """What asks for a page: its URL and, for POST, its JSON body before secrets are filled in."""

    url: str
    body: str = ""


Following = tuple[Asked | None, tuple[Gap, ...]]
"""The next page, or None at the end; and why there is none although there should be."""


def page_of(
    entries: tuple[EntryFields, ...], following: Asked | None, gaps: tuple[Gap, ...]
) -> ListingPage:
    """A page of a listing that goes on with `following`."""
    if following is None:
        return ListingPage(entries, gaps=gaps)
    return ListingPage(entries, following.url, gaps, next_body=following.body)


def counted(
    source: HtmlListing | JsonListing, asked: Asked, seed: str, items: int = 0
) -> Following:
    """The next page where pages are numbered, else None; `items` came on this one (0 = not known).

    Needs no answer, so that a page that cannot be had does not end the listing.
    """
    if source.page_template:
        return _next_of_template(source.page_template, asked, seed)
    if source.page_parameter:
        return count_up(asked, source.page_parameter, absent=1, step=1)
    if isinstance(source, JsonListing) and source.offset_parameter:
        step = source.page_size or items
        if step:
            return count_up(asked, source.offset_parameter, absent=0, step=step)
    return None, ()


def page_number(
    source: HtmlListing | JsonListing, asked: Asked, seed: str, number: int
) -> Asked | None:
    """Page `number` of the listing that `asked` is a page of; None where pages have no numbers."""
    if source.page_template:
        address = source.page_template.replace(PAGE, str(number))
        return Asked(absolute(joiner_for(seed), address), asked.body)
    if source.page_parameter:
        return with_value(asked, source.page_parameter, number)
    return None


def count_up(asked: Asked, parameter: str, *, absent: int, step: int) -> Following:
    """`asked` with the number in `parameter` higher by `step`; one that is not there is `absent`.

    The rest of the query stays byte for byte as it is: it may be signed.
    """
    number = _value(asked, parameter)
    if number is None:
        return with_value(asked, parameter, absent + step), ()
    if not (number.isascii() and number.isdigit() and len(number) <= 9):
        reason = f"parameter `{parameter}` is `{one_line(number, 40)}`, not a number"
        return None, (Gap(GapKind.SHAPE_CHANGED, asked.url, reason),)
    return _bounded(asked, int(number), with_value(asked, parameter, int(number) + step))


def with_value(asked: Asked, parameter: str, value: int | str) -> Asked:
    """`asked` with `parameter` (a dotted path where there is a body) set to `value`."""
    if asked.body:
        return Asked(asked.url, _with_body_value(asked.body, parameter, value))
    address, _, fragment = asked.url.partition("#")
    fragment = f"#{fragment}" if fragment else ""
    text = f"{parameter}={quote(str(value), safe='')}"
    place = _place(address, parameter)
    if place is None:
        separator = "&" if "?" in address else "?"
        return Asked(f"{address}{separator}{text}{fragment}")
    return Asked(f"{address[: place.start()]}{text}{address[place.end() :]}{fragment}")


def _bounded(asked: Asked, number: int, following: Asked) -> Following:
    if number >= MAX_PAGE_NUMBER:
        reason = f"page {number} reached; the listing may repeat for ever"
        return None, (Gap(GapKind.BUDGET_REACHED, asked.url, reason),)
    return following, ()


def _next_of_template(template: str, asked: Asked, seed: str) -> Following:
    """The address after `asked` of those that `template` makes; any other one is page 1."""
    joiner = joiner_for(seed)
    pattern = re.escape(absolute(joiner, template.replace(PAGE, "0123456789")))
    match = re.fullmatch(pattern.replace("0123456789", r"(\d{1,9})"), asked.url)
    number = int(match[1]) if match else 1
    following = absolute(joiner, template.replace(PAGE, str(number + 1)))
    return _bounded(asked, number, Asked(following, asked.body))


def _place(address: str, parameter: str) -> re.Match[str] | None:
    return re.search(rf"(?<=[?&]){re.escape(parameter)}=([^&]*)", address)


def _value(asked: Asked, parameter: str) -> str | None:
    if not asked.body:
        place = _place(asked.url.partition("#")[0], parameter)
        return place[1] if place else None
    value: Any = decode_json(asked.body.encode())
    for key in parameter.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return None if value is None else str(value)


def _with_body_value(body: str, parameter: str, value: int | str) -> str:
    data: Any = decode_json(body.encode())
    *above, last = parameter.split(".")
    inner = data
    for key in above:
        if not isinstance(inner.get(key), dict):
            inner[key] = {}
        inner = inner[key]
    inner[last] = value
    return msgspec.json.encode(data).decode()
