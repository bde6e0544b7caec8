"""One walk over a parsed page, in document order and without recursion."""

from __future__ import annotations

import re
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser, LexborNode

from core.document import BlockRole
from crawler.extractors.attributes import PLAIN, read_attributes
from crawler.extractors.element import Attributes, Element, Rule
from crawler.extractors.frame import Frame, Mode, path_of
from crawler.extractors.hidden import hides
from crawler.extractors.html_page import LITTLE_TEXT, MOUNT_POINTS, HtmlPage
from crawler.extractors.nesting import tamed
from crawler.extractors.style_sheets import StyleRules

_INLINE = Rule()
_WITHOUT_EVENTS = 1
"""lexbor's LXB_DOM_DOCUMENT_OPT_WO_EVENTS: nobody listens to mutations here."""

_DEEPEST_EMBEDDED = 2

_ARIA_ROLES: dict[str, BlockRole] = {
    "navigation": "navigation",
    "menubar": "navigation",
    "menu": "navigation",
    "contentinfo": "footer",
    "heading": "heading",
}
_CLASS_CHARS = 300
_NAMED = re.compile(
    r"(?:^|\s)(?:(?P<nav>nav|navbar|navigation|(?:main|site|top|head|header)-?(?:nav|menu)|menu|"
    r"nav-?(?:menu|list|bar)|breadcrumbs?|crumbs?)|(?:site-|page-|main-)?foot(?:er)?)(?:\s|$)",
    re.IGNORECASE,
)


def read_html(page: HtmlPage, html: str | bytes, parent: Frame) -> None:
    """Reads one HTML document (UTF-8 bytes or text) whose elements hang below `parent`."""
    html, was_cut = tamed(html, scripting=True)
    if was_cut:
        page.cut["elements"] = None
    tree = LexborHTMLParser(html, options=_WITHOUT_EVENTS, scripting=True)
    root = tree.root
    if root is None:
        return
    styles = StyleRules(sheet.text() for sheet in tree.css("style"))
    page.styles = styles if styles.concerns_elements() else None
    walk(page, root.first_child, parent)
    page.add_style_sheet(styles)
    if page.visible_chars < LITTLE_TEXT and tree.css_matches(MOUNT_POINTS):
        page.has_mount_point = True


def embed(page: HtmlPage, html: str, frame: Frame, *, hidden: bool = False) -> None:
    """Reads HTML that the element `frame` holds as text (srcdoc, noscript, text/template).

    It may hold such HTML in turn, no deeper than two levels.
    """
    if page.embedded >= _DEEPEST_EMBEDDED:
        return
    page.flush()
    inner = frame.child("html")
    page.set_apart(inner)
    styles = page.styles
    page.embedded += 1
    page.mode = Mode(page.hidden or hidden, False, page.mode.role)
    read_html(page, html, inner)
    page.embedded -= 1
    page.styles = styles
    page.leave(inner)


def walk(page: HtmlPage, node: LexborNode | None, parent: Frame) -> None:  # noqa: PLR0912, PLR0915
    """Reads `node`, its following siblings and all below them.

    The hot loop of the extractor, some hundred rounds a page: calls are spared here.
    """
    rules = page.rules
    stack: list[tuple[LexborNode, Frame, Frame]] = []
    base = depth = page.depth
    nodes_left = page.bounds.nodes
    while node is not None:
        tag = node.tag
        if tag == "-text":
            text = node.text_content or ""
            if page.mode.preserve:
                page.add_lines(text)
            elif page.pieces or not text.isspace():
                page.pieces.append(text)
                mention = page.open_mention
                if mention is not None and mention.room > 0:
                    mention.add(text)
        elif tag and tag[0] != "-":
            counts = parent.counts
            if counts is None:
                parent.counts = {tag: 1}
                index = 1
            else:
                counts[tag] = index = counts.get(tag, 0) + 1
            rule = rules.get(tag, _INLINE)
            attributes = node.attributes
            if rule.block:
                if page.pieces:
                    page.flush()
                frame = page.block_frame = Frame(
                    parent, tag, index, parent.depth + 1,
                    page.mode, page.open_mention, page.block_frame,
                )  # fmt: skip
                if rule.role is not None:
                    page.take_role(rule.role)
            else:
                frame = Frame(parent, tag, index, parent.depth + 1)
            if attributes:
                if rule.is_container and "class" in attributes:
                    role = _named_role((attributes["class"] or "")[:_CLASS_CHARS])
                    if role is not None:
                        page.take_role(role)
                if not PLAIN.issuperset(attributes) or page.styles is not None:
                    _read_attributes(page, rule, attributes, frame)
            read = rule.read
            if read is None:
                child = node.first_child
            else:
                child = read(page, Element(node, attributes, frame))
            nodes_left -= 1
            if child is not None and nodes_left > 0:
                stack.append((node, frame, parent))
                page.depth = depth = depth + 1
                node, parent = child, frame
                continue
            if frame.mode is not None:
                page.leave(frame)
        following = node.next
        while following is None and stack:
            node, frame, parent = stack.pop()
            page.depth = depth = depth - 1
            if frame.mode is not None:
                page.leave(frame)
            if depth < page.low:  # noqa: PLR1730 - a call to min() costs more than the walk itself
                page.low = depth
            if page.waiting:
                page.settle(depth)
            following = node.next
        node = following
    page.depth = base
    if nodes_left <= 0:
        page.cut["elements"] = None


def _read_attributes(page: HtmlPage, rule: Rule, attributes: Attributes, frame: Frame) -> None:
    if rule.block and "role" in attributes:
        role = _ARIA_ROLES.get(attributes["role"] or "")
        if role is not None:
            page.take_role(role)
    if not page.mode.hidden and _conceals(page, attributes):
        page.set_apart(frame)
        page.hide()
    if page.styles is not None:
        for address in page.styles.pictures_of(attributes):
            page.add_picture(address, path_of(frame))
    read_attributes(page, attributes, frame)


def _conceals(page: HtmlPage, attributes: Attributes) -> bool:
    style = attributes.get("style")
    if style and hides(style[:2_000]):
        return True
    if "hidden" in attributes:
        return True
    return page.styles is not None and page.styles.hides(attributes)


@lru_cache(maxsize=4_096)
def _named_role(names: str) -> BlockRole | None:
    found = _NAMED.search(names)
    if found is None:
        return None
    return "navigation" if found["nav"] else "footer"
