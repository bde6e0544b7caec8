"""A surface seen once, as bytes: the input of the extractors."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

HOP_BODY_BYTES = 64 * 1024
"""What is kept of a redirect's own body; most have a line or none."""

OWN_PROFILE = "promowatch"
"""The client profile of the crawl itself: the product under its own name."""

Box = tuple[int, int, int, int]
"""(left, top, width, height) in picture pixels."""

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


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """What one address on the way answered, fields as in `Capture`; of the body, the first
    `HOP_BODY_BYTES`."""

    url: str
    status: int
    taken_at: datetime
    request_headers: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    server_address: str = ""


class Picture(msgspec.Struct, frozen=True):
    """The bytes of a picture a page shows, and where they came from: `url` is empty where they
    stand in the page itself. `path` is the element that shows it."""

    url: str
    body: bytes
    media_type: str = ""
    path: str = ""

    @property
    def address(self) -> str:
        """What locators call it: its URL, or its place in the page."""
        return self.url or self.path


class Capture(msgspec.Struct, frozen=True, kw_only=True):
    """One surface seen once.

    `requested_url` is what was asked for, `final_url` where the body came from after `hops`.
    `headers` are the response's, in order, names in lower case. `taken_at` is aware and in UTC.
    `leads_to` is set when the answer was a redirect that leaves the target's scope and was
    therefore recorded and not followed. `request_headers` are what the HTTP client was given to
    send, empty where nothing was fetched over HTTP; `server_address` is the address that answered.
    `screenshot` (PNG) is the top of a rendered page at its full width; `element_boxes` says where
    in it each element (by path) stands. `onward` is what the addresses answered to which the page
    passes its visitors on by itself (meta refresh, script).
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
    element_boxes: tuple[tuple[str, Box], ...] = ()
    onward: tuple[Exchange, ...] = ()

    def header(self, name: str) -> str:
        """First value of header `name` (lower case), or the empty string."""
        return next((value for key, value in self.headers if key == name), "")


def exchange_of(capture: Capture) -> Exchange:
    """What is kept of a capture that was only a step on the way."""
    return Exchange(
        url=capture.final_url,
        status=capture.status,
        taken_at=capture.taken_at,
        request_headers=capture.request_headers,
        headers=capture.headers,
        body=capture.body[:HOP_BODY_BYTES],
        server_address=capture.server_address,
    )


def exchange_of_hop(hop: Hop, taken_at: datetime) -> Exchange:
    """What a redirect hop answered, seen at `taken_at`."""
    return Exchange(
        url=hop.url,
        status=hop.status or 0,
        taken_at=taken_at,
        request_headers=hop.request_headers,
        headers=hop.headers,
        body=hop.body,
    )
