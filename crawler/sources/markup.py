"""The text of a piece of HTML as a reader sees it: blocks break lines, inline elements do not."""

from __future__ import annotations

import re

import msgspec
from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.extractors import tamed

_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "br", "dd", "details", "div", "dl", "dt"}
    | {"figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header"}
    | {"hr", "li", "main", "nav", "ol", "option", "p", "pre", "section", "summary", "table"}
    | {"td", "th", "tr", "ul"}
)
_UNSEEN = frozenset(("script", "style"))
_BLANKS = re.compile(r"[ \t\r\f\v\u00a0]+")
_BREAKS = re.compile(r" ?\n[ \n]*")


class MarkupText(msgspec.Struct, frozen=True):
    """What a piece of markup says: its text, and the links and pictures in it as written."""

    text: str
    links: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()


def read_markup(fragment: str) -> MarkupText:
    """Text, links and pictures of an HTML fragment, such as a store's description."""
    root = LexborHTMLParser(tamed(fragment)[0]).body
    if root is None:
        return MarkupText("")
    return MarkupText(node_text(root), addresses(root, "a[href]", "href"), pictures_of(root))


def node_text(node: LexborNode) -> str:
    """The text of `node`; scripts and styles are left out."""
    first = node.first_child
    if first is not None and first.next is None and first.tag == "-text":
        return _tidy(first.text_content or "")
    parts: list[str] = []
    unseen_parents: set[int] = set()
    for inner in node.traverse(include_text=True):
        tag = inner.tag
        before = inner.prev
        if before is not None and before.tag in _BLOCKS:
            parts.append("\n")
        if tag in _UNSEEN:
            unseen_parents.add(inner.mem_id)
        elif tag == "-text":
            parent = inner.parent
            if parent is None or parent.mem_id not in unseen_parents:
                parts.append(inner.text_content or "")
        elif tag in _BLOCKS:
            parts.append("\n")
    return _tidy("".join(parts))


def addresses(node: LexborNode, selector: str, attribute: str) -> tuple[str, ...]:
    """Values of `attribute` of what `selector` finds below `node`, each once."""
    found = (match.attributes.get(attribute) for match in node.css(selector))
    return tuple(dict.fromkeys(value.strip() for value in found if value and value.strip()))


def pictures_of(node: LexborNode) -> tuple[str, ...]:
    """Addresses of the pictures below `node`."""
    return addresses(node, "img[src]", "src")


def _tidy(text: str) -> str:
    return _BREAKS.sub("\n", _BLANKS.sub(" ", text)).strip()


def outermost(nodes: list[LexborNode], within: LexborNode | None = None) -> list[LexborNode]:
    """`nodes` without those inside another of them: the outer one's text holds theirs.

    Ancestors (up to `within`) are remembered with their answer, so that reading the texts of
    what a selector finds on a deeply nested page costs its size once, not squared.
    """
    matched = {node.mem_id for node in nodes}
    inside: dict[int, bool] = {} if within is None else {within.mem_id: False}
    kept = []
    for node in nodes:
        path: list[int] = []
        answer = False
        parent = None if within is not None and node.mem_id == within.mem_id else node.parent
        while parent is not None:
            if parent.mem_id in matched or inside.get(parent.mem_id):
                answer = True
                break
            if parent.mem_id in inside:
                break
            path.append(parent.mem_id)
            parent = parent.parent
        inside.update(dict.fromkeys(path, answer))
        if not answer:
            kept.append(node)
    return kept
