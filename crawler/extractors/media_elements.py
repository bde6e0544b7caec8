"""What pictures, drawings, films and frames contribute."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from crawler.extractors.element import Element, Reader
from crawler.extractors.html_page import HtmlPage
from crawler.extractors.picture_sources import LAZY, POSTERS, largest_candidate, may_hold_code
from crawler.extractors.walk import embed

_SVG_NAMESPACE = '<svg xmlns="http://www.w3.org/2000/svg"'
_READABLE_IN_SVG = ("<text", "<a ", "<title", "<foreignObject", "<script", "<desc")


def _image(page: HtmlPage, element: Element) -> None:
    alt, title = element.words("alt"), element.words("title")
    path = element.path
    if len(alt) > 1:
        page.add("alt", alt, path)
    if len(title) > 1 and title != alt:
        page.add("attribute", title, path)
    text = alt or title
    mention = page.open_mention
    if mention is not None:
        if text and mention.room > 0:
            mention.add(f" {text} ")
        text = text or mention.text_so_far()
    if element.get("width") not in ("0", "1") and element.get("height") not in ("0", "1"):
        for address in _addresses(element):
            page.add_picture(address, path, text)


def _addresses(element: Element) -> list[str]:
    found = [element.get("src")]
    srcset = element.get("srcset") or element.get("data-srcset")
    if srcset:
        found.append(largest_candidate(srcset))
    found.extend(element.get(name) for name in element.attributes if name in LAZY)
    return [address for address in found if address]


def _source(page: HtmlPage, element: Element) -> None:
    srcset = element.get("srcset") or element.get("data-srcset")
    if srcset and element.parent_tag == "picture":
        page.add_picture(largest_candidate(srcset), element.path)


def _video(page: HtmlPage, element: Element) -> LexborNode | None:
    for name in POSTERS:
        if element.get(name):
            page.add_picture(element.get(name), element.path)
    return element.first_child


def _canvas(page: HtmlPage, element: Element) -> LexborNode | None:
    page.has_canvas = True
    return element.first_child


def _svg(page: HtmlPage, element: Element) -> LexborNode | None:
    if page.drawing_chars > page.bounds.drawing_chars:
        page.cut["drawings"] = None
        return None
    markup = element.node.html or ""
    page.drawing_chars += len(markup)
    if may_hold_code(markup):
        if "xmlns=" not in markup[:2_000]:
            markup = markup.replace("<svg", _SVG_NAMESPACE, 1)
        mention = page.open_mention
        text = mention.text_so_far() if mention is not None else ""
        data = markup.encode("utf-8", "replace")
        page.add_picture_bytes(data, "image/svg+xml", element.path, text)
    if "<image" in markup:
        for image in element.node.css("image"):
            address = image.attributes.get("href") or image.attributes.get("xlink:href") or ""
            if address[:5] != "data:":
                page.add_picture(address, element.path)
    if any(part in markup for part in _READABLE_IN_SVG):
        return element.first_child
    return None


def _frame(page: HtmlPage, element: Element) -> LexborNode | None:
    for name in ("src", "data-src", "data"):
        page.add_reference("frame", element.get(name), element.frame)
    if element.get("srcdoc"):
        embed(page, element.get("srcdoc"), element.frame)
    return element.first_child if element.frame.tag == "object" else None


MEDIA: dict[str, Reader] = {
    "canvas": _canvas,
    "embed": _frame,
    "frame": _frame,
    "iframe": _frame,
    "img": _image,
    "object": _frame,
    "source": _source,
    "svg": _svg,
    "video": _video,
}
