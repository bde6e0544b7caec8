"""What single HTML elements contribute: the table of tags, and a small reader for each."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from core.document import BlockRole
from crawler.extractors.blocks import BREAK
from crawler.extractors.element import Element, Reader, Rule
from crawler.extractors.frame import path_of
from crawler.extractors.head_elements import HEAD
from crawler.extractors.html_page import HtmlPage
from crawler.extractors.links import address_in, resolve
from crawler.extractors.media_elements import MEDIA
from crawler.extractors.mention import Mention
from crawler.extractors.prose import HAN, TAG
from crawler.extractors.script_texts import read_json, read_script
from crawler.extractors.walk import embed

_NEEDS_SCRIPT = re.compile(r"javascript|脚本|\bjs\b", re.IGNORECASE)
_SCRIPT_TYPE = re.compile(r"\s*(?:$|module|.*(?:java|ecma|j|type)script)", re.IGNORECASE)
_UNSEEN_INPUTS = frozenset(
    {"password", "radio", "checkbox", "color", "range", "date", "time", "month", "week", "file"}
)


def _anchor(page: HtmlPage, element: Element) -> LexborNode | None:
    attributes, frame = element.attributes, element.frame
    href = attributes.get("href") or attributes.get("xlink:href") or ""
    resolved = resolve(href, page.joiner) if href else None
    if resolved is not None:
        mention = Mention(resolved[0], resolved[1], path_of(frame), page.mode.hidden)
        if "title" in attributes:
            mention.title = element.words("title")
        page.open(mention, frame)
    else:
        page.add_attribute(element.get("title"), frame)
        if href.lstrip()[:11].lower() == "javascript:":
            read_script(page, href.lstrip()[11:], frame)
    return element.node.first_child


def _area(page: HtmlPage, element: Element) -> None:
    page.add_reference("link", element.get("href"), element.frame, element.words("alt"))


def _form(page: HtmlPage, element: Element) -> LexborNode | None:
    if element.get("action"):
        page.add_reference("form_action", element.get("action"), element.frame)
    return element.first_child


def _button(page: HtmlPage, element: Element) -> LexborNode | None:
    if "formaction" in element.attributes:
        mention = page.add_reference("form_action", element.get("formaction"), element.frame)
        page.open_mention = mention or page.open_mention
    page.add_reference("link", address_in(element.get("value")), element.frame)
    return element.first_child


def _list(page: HtmlPage, element: Element) -> LexborNode | None:
    """A list in the page's header is its menu."""
    parent = element.frame.parent
    above = parent.parent if parent is not None else None
    if "header" in (element.parent_tag, above.tag if above is not None else ""):
        page.take_role("navigation")
    return element.first_child


def _input(page: HtmlPage, element: Element) -> None:
    sort = element.get("type").lower()
    value = element.words("value")
    if sort == "image":
        page.add_picture(element.get("src"), element.path, element.words("alt"))
    page.add_reference("form_action", element.get("formaction"), element.frame, value)
    page.add_reference("link", address_in(value), element.frame)
    if len(value) < 2 or sort in _UNSEEN_INPUTS:
        return
    if sort != "hidden":
        page.add("hidden" if page.hidden else "visible", value, element.path, "form")
    elif HAN.search(value):
        page.add("hidden", value, element.path, "form")


def _preformatted(page: HtmlPage, element: Element) -> LexborNode | None:
    page.preserve_lines()
    return element.first_child


def _option(page: HtmlPage, element: Element) -> LexborNode | None:
    if page.pieces:
        page.pieces.append(BREAK)
    address = address_in(element.get("value"))
    if address:
        page.keep(element.frame)
        page.open_mention = page.add_reference("link", address, element.frame)
    return element.first_child


def _line_break(page: HtmlPage, element: Element) -> LexborNode | None:
    """A `<br>`; a second one ends the block, as a blank line ends a paragraph."""
    pieces = page.pieces
    if pieces and (pieces[-1] == BREAK or (pieces[-1].isspace() and pieces[-2] == BREAK)):
        page.flush()
    elif pieces:
        pieces.append(BREAK)
    if page.open_mention is not None:
        page.open_mention.add(" ")
    return element.first_child


def _script(page: HtmlPage, element: Element) -> None:
    if element.get("src"):
        page.outer_scripts += 1
        return
    text = element.node.text()
    sort = element.get("type").lower()
    if "json" in sort:
        if not read_json(page, text, element.frame):
            read_script(page, text, element.frame)
    elif _SCRIPT_TYPE.match(sort):
        if not page.embedded:
            page.scripts.append(text)
        read_script(page, text, element.frame)
    elif "<" in text:
        embed(page, text, element.frame, hidden=True)


def _noscript(page: HtmlPage, element: Element) -> None:
    """Shown only where scripts are switched off; the parser leaves its markup as text."""
    markup = element.node.text()
    if not page.asks_for_scripts and _NEEDS_SCRIPT.search(TAG.sub(" ", markup[:2_000])):
        page.asks_for_scripts = True
    if markup.strip():
        embed(page, markup, element.frame, hidden=True)


def _template(page: HtmlPage, element: Element) -> LexborNode | None:
    if "shadowrootmode" not in element.attributes:
        page.hide()
    fragments = element.node.template_fragments()
    return fragments[0].first_child if fragments else None


_BLOCKS = """
    html head body address article aside caption center dd details dialog dir div dl dt fieldset
    figcaption figure foreignObject frameset header hgroup hr li main marquee noembed noframes ol
    optgroup p search section summary table tbody td text tfoot th thead tr ul
"""
_CONTAINERS = ("div", "ul", "ol", "section", "table", "td")
_ROLES: dict[BlockRole, str] = {
    "heading": "h1 h2 h3 h4 h5 h6",
    "navigation": "nav menu",
    "footer": "footer",
    "code": "pre xmp listing",
    "quote": "blockquote",
    "form": "button select legend textarea datalist",
}
_BLOCK_READERS: dict[str, Reader] = {
    "button": _button,
    "form": _form,
    "listing": _preformatted,
    "noscript": _noscript,
    "plaintext": _preformatted,
    "pre": _preformatted,
    "template": _template,
    "textarea": _preformatted,
    "ul": _list,
    "xmp": _preformatted,
}
_INLINE_READERS: dict[str, Reader] = {
    "a": _anchor,
    "area": _area,
    "br": _line_break,
    "input": _input,
    "option": _option,
    "script": _script,
}


def _table() -> dict[str, Rule]:
    roles = {tag: role for role, tags in _ROLES.items() for tag in tags.split()}
    blocks = {*_BLOCKS.split(), *roles, *_BLOCK_READERS}
    rules = {
        tag: Rule(True, roles.get(tag), _BLOCK_READERS.get(tag), tag in _CONTAINERS)
        for tag in blocks
    }
    return rules | {tag: Rule(read=read) for tag, read in (_INLINE_READERS | HEAD | MEDIA).items()}


RULES = _table()
"""What each tag means; a tag that is not in it is inline text."""
