"""What a capture says, ready to judge: text blocks and references, each with its locator."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec

# gc=False below: made by the hundred for every page, and unable to form cycles, so the garbage
# collector need not look at them.

Surface = Literal["marketing_page", "app_listing", "mini_program", "domain"]

BlockKind = Literal[
    "title",
    "meta",
    "visible",
    "hidden",
    "alt",
    "attribute",
    "script",
    "structured_data",
    "listing_field",
    "ocr",
    "qr_text",
]
"""`visible` is what a reader sees; `hidden` is text the page holds but does not show;
`attribute` is a title, placeholder, aria-label or data attribute; `script` a string in a script;
`structured_data` JSON-LD or embedded state; `qr_text` the payload of a QR code that is no URL."""

BlockRole = Literal["content", "heading", "navigation", "footer", "code", "quote", "form"]

ReferenceKind = Literal[
    "link",
    "form_action",
    "frame",
    "meta_refresh",
    "redirect",
    "canonical",
    "script_url",
    "structured_data",
    "deep_link",
    "qr",
    "package",
    "declared_domain",
    "mini_program",
]
"""`mini_program`: what a link opens, as `mini-program:PLATFORM/APP_ID/PAGE`; the link itself stands
beside it under its own kind."""


class PayloadType(StrEnum):
    """Permanent machine names: they are stored and shown in reports.

    `apk` is any application package or its installation; `opaque` a code that only its platform
    can open.
    """

    URL = "url"
    DEEP_LINK = "deep_link"
    APK = "apk"
    MESSAGING = "messaging"
    MINI_PROGRAM = "mini_program"
    WALLET_ADDRESS = "wallet_address"
    PAYMENT_CODE = "payment_code"
    TEXT = "text"
    OPAQUE = "opaque"


HOP = "/hop["
"""In a locator: the address was found so many hops behind the link that the rest of it locates."""


class Locator(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Where in the capture something stands.

    `path` is an element path (`body/div[2]/p[1]`), a listing field (`intro`), `script[3]`, or
    the address of a picture; `ADDRESS#page=3` is a page of a PDF, whose picture pixels are those at
    144 dpi. `box` is (left, top, width, height) in picture pixels.
    """

    path: str
    box: tuple[int, int, int, int] | None = None


class Block(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A piece of text that reads as one: a paragraph, a list item, a table cell, a field."""

    kind: BlockKind
    text: str
    locator: Locator
    role: BlockRole = "content"


class Reference(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Something that leads away: a link, a QR payload, a deep link, a redirect.

    `url` is absolute where it has a web scheme, else as written. `text` is what the reader sees
    (anchor or button text, or the picture's alt text). `block` is the index of the block that
    holds it, or -1; block texts stand in document order, so neighbours are neighbours on the page.
    `payload` is what the payload of a code (kind `qr`) is.
    """

    kind: ReferenceKind
    url: str
    locator: Locator
    text: str = ""
    block: int = -1
    hidden: bool = False
    payload: PayloadType | None = None

    @property
    def is_behind_link(self) -> bool:
        """Whether this is an address behind a link of the page, found by resolving it: a reader
        who follows the link gets there, but the page itself sends nobody on."""
        return self.kind == "redirect" and HOP in self.locator.path


class ListingEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Identity of an app or mini-program entry; its texts are blocks of kind `listing_field`."""

    platform: str
    app_id: str
    name: str
    owner: str = ""
    category: str = ""
    storefront: str = ""
    snapshot_time: str = ""
    missing: tuple[str, ...] = ()
    """Fields that every entry of its listing has and this one lacks: the shape has moved, and
    nobody may call it clear."""


class Document(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that one capture says. Blocks are in document order: title and meta first, then body."""

    surface: Surface
    url: str
    title: str = ""
    blocks: tuple[Block, ...] = ()
    references: tuple[Reference, ...] = ()
    entry: ListingEntry | None = None
    encoding: str = ""
    degraded: tuple[str, ...] = ()
    """Why part of the capture could not be read (one line each); makes a clear verdict degraded."""
