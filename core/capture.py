"""A surface seen once, as bytes: the input of the extractors."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

HOP_BODY_BYTES = 64 * 1024
"""What is kept of a redirect's own body; most have a line or none."""

OWN_PROFILE = "promowatch"
"""The client profile of the crawl itself: the product under its own name."""

HopKind = Literal["http", "meta_refresh", "script"]


class Hop(msgspec.Struct, frozen=True):
    """One step of a redirect: `url` answered with `status` and pointed on.

    Of a step we fetched ourselves `request_headers`, `headers` and the first `HOP_BODY_BYTES` of
    the `body` are kept too, as in `Capture`.
    """

    url: str
    kind: HopKind
    status: int | None = None
    request_headers: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class Picture(msgspec.Struct, frozen=True):
    """The bytes of a picture a page shows, and where they came from."""

    url: str
    body: bytes


class Capture(msgspec.Struct, frozen=True, kw_only=True):
    """One surface seen once.

    `requested_url` is what was asked for, `final_url` where the body came from after `hops`.
    `headers` are the response's, in order, names in lower case. `taken_at` is aware and in UTC.
    `leads_to` is set when the answer was a redirect that leaves the target's scope and was
    therefore recorded and not followed. `request_headers` are what the HTTP client was given to
    send, empty where nothing was fetched over HTTP; `server_address` is the address that answered.
    """

    requested_url: str
    final_url: str
    body: bytes
    taken_at: datetime
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    hops: tuple[Hop, ...] = ()
    leads_to: str = ""
    profile: str = OWN_PROFILE
    rendered: bool = False
    screenshot: bytes | None = None
    request_headers: tuple[tuple[str, str], ...] = ()
    server_address: str = ""

    def header(self, name: str) -> str:
        """First value of header `name` (lower case), or the empty string."""
        return next((value for key, value in self.headers if key == name), "")
