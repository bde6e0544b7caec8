"""What scripts and embedded data add to a page: addresses, and texts that a reader may see."""

from __future__ import annotations

from crawler.extractors.embedded_data import strings_in, thumbnails
from crawler.extractors.frame import Frame, path_of
from crawler.extractors.html_page import HtmlPage
from crawler.extractors.links import address_in, urls_in
from crawler.extractors.literals import Literal, literals, unescape
from crawler.extractors.prose import is_prose, without_markup


def read_script(page: HtmlPage, script: str, frame: Frame) -> None:
    """Adds the addresses and texts in the string literals of `script`."""
    room = page.bounds.script_chars - page.script_chars
    if len(script) > room:
        page.cut["scripts"] = None
        script = script[:room]
    page.script_chars += len(script)
    for literal in literals(script):
        _read_literal(page, literal, frame)


def _read_literal(page: HtmlPage, literal: Literal, frame: Frame) -> None:
    text = literal.text
    if "\\u" in text:
        text = unescape(text)  # JSON inside a string: escaped once more
    if text[:2] in ('{"', "[{", '["') and read_json(page, text, frame):
        return
    address = address_in(text) if "/" in text else ""
    if address or (literal.sends and not text.startswith("#")):
        page.add_address("script_url", (address or text).partition("${")[0], frame)
        return
    if "://" in text or "www." in text:
        for url in urls_in(text):
            page.add_address("script_url", url.partition("${")[0], frame)
    if is_prose(text):
        if page.script_blocks < page.bounds.script_blocks:
            page.script_blocks += 1
            _add_text(page, "script", text, frame)
        else:
            page.cut["script texts"] = None


def read_json(page: HtmlPage, json: str, frame: Frame) -> bool:
    """Adds the addresses and texts in embedded JSON; False when `json` is none."""
    found = strings_in(json, page.bounds.data_strings - page.data_strings)
    if found is None:
        return False
    strings, was_cut = found
    if was_cut:
        page.cut["embedded data"] = None
    page.data_strings += len(strings)
    for picture in thumbnails(json) if "thumbnailUrl" in json else ():
        page.add_picture(picture, path_of(frame), placed=False)
    for text in strings:
        _read_string(page, text, frame)
    return True


def _read_string(page: HtmlPage, text: str, frame: Frame) -> None:
    address = address_in(text)
    if address:
        if "schema.org" not in address[:24]:
            page.add_address("structured_data", address, frame)
        return
    if "://" in text or "www." in text:
        for url in urls_in(text):
            page.add_address("structured_data", url, frame)
    if is_prose(text):
        _add_text(page, "structured_data", text, frame)


def _add_text(page: HtmlPage, kind: str, text: str, frame: Frame) -> None:
    plain = without_markup(text)
    if len(plain) > 1:
        page.add("script" if kind == "script" else "structured_data", plain, path_of(frame))
