"""One walk over a parsed page, in document order and without recursion."""

from __future__ import annotations

import re
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser, LexborNode

from core.document import BlockRole
from crawler.extractors import picture_sources
from crawler.extractors.attributes import PLAIN, read_attributes
from crawler.extractors.element import Attributes, Element, Rule
from crawler.extractors.frame import Frame
from crawler.extractors.hidden import HidingRules, hides
from crawler.extractors.html_page import HtmlPage
from crawler.extractors.nesting import tamed

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
_NAMED = re.compile(
    r"(?:^|\s)(?:(?P<nav>nav|navbar|navigation|(?:main|site|top|head|header)-?(?:nav|menu)|menu|"
    r"nav-?(?:menu|list|bar)|breadcrumbs?|crumbs?)|(?:site-|page-|main-)?foot(?:er)?)(?:\s|$)",
    re.IGNORECASE,
)
_CONTAINERS = frozenset({"div", "ul", "ol", "section", "table", "td"})
_LASTING = ("navigation", "footer")


def read_html(page: HtmlPage, html: str | bytes, parent: Frame) -> None:
    """Reads one HTML document (UTF-8 bytes or text) whose elements hang below `parent`."""
    html, was_cut = tamed(html)
    if was_cut:
        page.cut["elements"] = None
    tree = LexborHTMLParser(html, options=_WITHOUT_EVENTS)
    root = tree.root
    if root is None:
        return
    sheets = [sheet.text() for sheet in tree.css("style")]
    if sheets:
        page.hiding = HidingRules(sheets)
        for sheet in sheets:
            for address in picture_sources.css_pictures(sheet):
                page.add_picture(address, "style")
    walk(page, root.first_child, parent)


def embed(page: HtmlPage, html: str, frame: Frame, *, hidden: bool = False) -> None:
    """Reads HTML that stands in an attribute or script of the element `frame`, two levels deep."""
    if page.embedded >= _DEEPEST_EMBEDDED:
        return
    page.flush()
    around, hiding = page.save(Frame(None, "", 0, 0)), page.hiding
    page.embedded += 1
    page.hidden, page.open_mention, page.preserve = page.hidden or hidden, None, False
    page.block_frame = frame
    read_html(page, html, frame.child("srcdoc"))
    page.flush()
    page.embedded -= 1
    page.hiding = hiding
    page.leave(around)


def walk(page: HtmlPage, node: LexborNode | None, parent: Frame) -> None:
    """Reads `node`, its following siblings and all below them. The hot loop of the extractor."""
    rules = page.rules
    stack: list[tuple[LexborNode, Frame, Frame]] = []
    base = depth = page.depth
    while node is not None:
        tag = node.tag
        if tag == "-text":
            text = node.text_content or ""
            if page.preserve:
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
                index = counts[tag] = counts.get(tag, 0) + 1
            frame = Frame(parent, tag, index, parent.depth + 1)
            child = _enter(page, node, rules.get(tag, _INLINE), frame)
            if child is not None:
                stack.append((node, frame, parent))
                page.depth = depth = depth + 1
                node, parent = child, frame
                continue
            if frame.saved is not None:
                page.leave(frame.saved)
        following = node.next
        while following is None and stack:
            node, frame, parent = stack.pop()
            page.depth = depth = depth - 1
            if frame.saved is not None:
                page.leave(frame.saved)
            page.low = min(page.low, depth)
            if page.waiting:
                page.settle(depth)
            following = node.next
        node = following
    page.depth = base


def _enter(page: HtmlPage, node: LexborNode, rule: Rule, frame: Frame) -> LexborNode | None:
    """Opens an element; returns the first child to walk into, None when there is none."""
    page.nodes_left -= 1
    if page.nodes_left < 0:
        page.cut["elements"] = None
        return None
    attributes = node.attributes
    if rule.block:
        if page.pieces:
            page.flush()
        page.save(frame, is_block=True)
        page.block_frame = frame
        if page.role not in _LASTING:
            role = rule.role or (_role(attributes, frame) if attributes else None)
            if role is not None:
                page.role = role
    if attributes:
        if not page.hidden and _conceals(page, attributes):
            _hide(page, rule, frame)
        if not PLAIN.issuperset(attributes):
            read_attributes(page, attributes, frame)
    read = rule.read
    return node.first_child if read is None else read(page, Element(node, attributes, frame))


def _conceals(page: HtmlPage, attributes: Attributes) -> bool:
    if "style" in attributes:
        style = attributes["style"]
        if style and hides(style[:2_000]):
            return True
    if "hidden" in attributes:
        return True
    return bool(page.hiding) and page.hiding.hides(attributes)


def _hide(page: HtmlPage, rule: Rule, frame: Frame) -> None:
    """From here on text is hidden; inside a line it does not mix with the text around it."""
    saved = page.save(frame)
    if not rule.block:
        saved.pieces, page.pieces = page.pieces, []
        page.block_frame = frame
        page.open_mention = None
    page.hidden = True


def _role(attributes: Attributes, frame: Frame) -> BlockRole | None:
    if "role" in attributes:
        return _ARIA_ROLES.get(attributes["role"] or "")
    if frame.tag not in _CONTAINERS:
        return None
    return _named_role(attributes.get("class") or "") or _named_role(attributes.get("id") or "")


@lru_cache(maxsize=4_096)
def _named_role(names: str) -> BlockRole | None:
    found = _NAMED.search(names[:300]) if names else None
    if found is None:
        return None
    return "navigation" if found["nav"] else "footer"
