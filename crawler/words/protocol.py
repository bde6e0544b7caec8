"""What the crawl and its reader of words say to each other.

The worker speaks first: a Reply without lines once its reader is there, or with the reason why it
cannot be.
"""

from __future__ import annotations

import msgspec

from core.target import Limits
from crawler.extractors import TextLine


class Asked(msgspec.Struct, frozen=True):
    """One picture to be read."""

    body: bytes
    media_type: str
    limits: Limits


class Reply(msgspec.Struct, frozen=True, omit_defaults=True):
    """The lines of a picture, or why it could not be read."""

    lines: tuple[TextLine, ...] = ()
    error: str = ""
