"""Text and addresses in attributes that any element may have: titles, labels, data-*, on*."""

from __future__ import annotations

import re

from crawler.extractors.element import Attributes
from crawler.extractors.frame import Frame, path_of
from crawler.extractors.html_page import HtmlPage
from crawler.extractors.links import address_in
from crawler.extractors.picture_sources import LAZY, css_pictures
from crawler.extractors.prose import HAN
from crawler.extractors.script_texts import read_json, read_script

_UNREAD = """
    class id href target rel src alt width height type name content value lang dir charset
    colspan rowspan align valign border cellpadding cellspacing for method action srcset sizes
    loading media property http-equiv tabindex async defer crossorigin integrity
    autocomplete maxlength checked selected disabled readonly bgcolor color size face rows cols
    wrap nowrap start reversed decoding fetchpriority itemprop itemscope itemtype data-id
    aria-hidden aria-expanded aria-controls aria-labelledby aria-haspopup
"""
PLAIN = frozenset(_UNREAD.split())
"""Attributes that hold nothing to read, or that the element's own reader reads."""

_TEXTS = frozenset({"title", "aria-label", "placeholder", "label", "summary", "alt"})
_SAYS_NOTHING = re.compile(r"[A-Za-z0-9 _.,:;#%+*()-]*\Z")
_ADDRESSES = frozenset({"data-href", "data-url", "data-link", "data-target-url", "data-jump"})


def read_attributes(page: HtmlPage, attributes: Attributes, frame: Frame) -> None:
    """Adds the texts, addresses and scripts in the attributes of the element `frame`."""
    for name, value in attributes.items():
        if not value or name in PLAIN:
            continue
        if name[:5] == "data-":
            if _SAYS_NOTHING.match(value) is None or name in _ADDRESSES or "clip" in name:
                _read_data(page, name, value, frame)
        elif name == "style":
            if "(" in value:
                for address in css_pictures(value):
                    page.add_picture(address, path_of(frame))
        elif name in _TEXTS:
            if name != "title" or frame.tag not in ("a", "img"):
                page.add_attribute(value, frame)
        elif name[:2] == "on":
            read_script(page, value, frame)


def _read_data(page: HtmlPage, name: str, value: str, frame: Frame) -> None:
    if frame.tag == "img" and name in LAZY:
        return
    if value[0] in "{[" and read_json(page, value, frame):
        return
    value = value[: page.bounds.attribute_chars]
    address = address_in(value)
    if address or name in _ADDRESSES:
        mention = page.add_reference("link", address or value, frame)
        if mention is not None and page.open_mention is None:
            page.keep(frame)
            page.open_mention = mention
    if "clip" in name or "copy" in name or (not address and HAN.search(value)):
        page.add_attribute(value, frame)
