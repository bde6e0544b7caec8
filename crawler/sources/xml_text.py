"""XML from strangers: no entity is expanded, no DTD or address loaded, and depth is bounded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from core.errors import Unreadable

_DECLARES_ENTITIES = re.compile(rb"<!ENTITY\b", re.IGNORECASE)
_PROLOGUE_BYTES = 64 * 1024
_MAX_DEPTH = 64


def read_xml(body: bytes) -> Any:
    """The root element of `body`.

    Raises Unreadable where it is no XML, declares entities (feeds and sitemaps have no use for
    them, entity bombs do) or is nested deeper than any feed.
    """
    if _DECLARES_ENTITIES.search(body[:_PROLOGUE_BYTES]):
        raise Unreadable("the XML declares entities, which no feed or sitemap needs")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(body.strip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable(f"the answer is no XML ({error})") from error
    if root is None:
        raise Unreadable("the answer is no XML")
    if _depth(root) > _MAX_DEPTH:
        raise Unreadable(f"the XML is nested deeper than {_MAX_DEPTH} levels")
    return root


def local_name(element: Any) -> str:
    """The element's name without its namespace, in small letters; "" for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def named(element: Any, name: str) -> Iterator[Any]:
    """Children of `element` called `name` in any namespace."""
    return (child for child in element if local_name(child) == name)


def attribute(element: Any, name: str) -> str:
    """The value of the attribute `name` in any namespace, blanks trimmed, or ""."""
    for key, value in element.attrib.items():
        if key.rpartition("}")[2].lower() == name:
            return str(value).strip()
    return ""


def text_of(element: Any) -> str:
    """All text inside `element`, blanks trimmed."""
    return "".join(element.itertext()).strip()


def _depth(root: Any) -> int:
    deepest = depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
        if deepest > _MAX_DEPTH:
            break
    return deepest
