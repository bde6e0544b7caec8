"""One element as its reader sees it, and what a tag means to the walk."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import msgspec
from selectolax.lexbor import LexborNode

from core.document import BlockRole
from crawler.extractors.frame import Frame, path_of

if TYPE_CHECKING:
    from crawler.extractors.html_page import HtmlPage

Attributes: TypeAlias = dict[str, str | None]


class Element(msgspec.Struct, gc=False):
    """An element of the page: its parsed node, its attributes, and its frame in the walk."""

    node: LexborNode
    attributes: Attributes
    frame: Frame

    def get(self, name: str) -> str:
        """The attribute `name`; "" when it is missing or empty."""
        return self.attributes.get(name) or ""

    def words(self, name: str, limit: int = 4_000) -> str:
        """The attribute `name` as text: blanks folded, cut at `limit` characters."""
        value = self.attributes.get(name)
        return " ".join(value[:limit].split()) if value else ""

    def text(self) -> str:
        """All text inside the element, blanks folded."""
        return " ".join(self.node.text().split())

    @property
    def path(self) -> str:
        """Its element path."""
        return path_of(self.frame)

    @property
    def parent_tag(self) -> str:
        """The tag of the element around it."""
        return self.frame.parent.tag if self.frame.parent is not None else ""

    @property
    def first_child(self) -> LexborNode | None:
        """Where the walk goes on inside it."""
        return self.node.first_child


Reader: TypeAlias = Callable[["HtmlPage", Element], LexborNode | None]


class Rule(msgspec.Struct, frozen=True):
    """What a tag means: whether it is a block of its own, the role of its text, whether its class
    may give it one (`<div class="footer">`), and who reads it.

    `read` adds what the element contributes and returns the first child to walk into, or None.
    """

    block: bool = False
    role: BlockRole | None = None
    read: Reader | None = None
    is_container: bool = False
