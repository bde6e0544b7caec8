"""Code, markup and data of a package: read with the readers of pages, plus what only packages have.

Compiled templates (`$gwx`) are not decompiled: their string literals hold the visible texts, the
sources of web views and pictures.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from crawler.extractors.elements import RULES
from crawler.extractors.extraction import Bounds
from crawler.extractors.html_page import HtmlPage
from crawler.extractors.links import urls_in
from crawler.extractors.literals import unescape
from crawler.extractors.packages.contents import Contents
from crawler.extractors.picture_sources import data_uri
from crawler.extractors.plain_text import read_plain
from crawler.extractors.script_texts import read_json, read_script
from crawler.extractors.walk import read_html

_DATA_URI = re.compile(
    r"data:image/[a-z+.-]{2,12}(?:;[a-z]{2,12}=[\w-]{1,20})?;base64,[A-Za-z0-9+/=\\%_-]+", re.I
)
_MODULE = re.compile(r"(?=\bdefine\(\s*[\"'])|(?=__wxAppCode__\[)|(?=<script\b)")
_REQUEST = re.compile(
    r"\b(?:request|uploadFile|downloadFile|connectSocket)\s*\(\s*\{[^{}]{0,300}?\burl\s*:\s*[\"'`]"
    r"(?:https?|wss?):(?:\\?/){2}([A-Za-z0-9.-]{3,253})"
)
_NAVIGATE = re.compile(
    r"\bnavigateToMiniProgram\s*\(\s*\{[^{}]{0,300}?\bappI[dD]\s*:\s*[\"'](wx[0-9a-f]{16}|\w{6,32})[\"']"
)
_WEB_VIEW_TAG = re.compile(r"<web-view\b[^>]{0,600}?\bsrc\s*=\s*[\"']([^\"'<>]{4,2000})", re.I)
_VIEW_CONSTANT = re.compile(r"Z\(\[3,\s*[\"']((?:https?:)?(?:\\?/){2}[^\"'\s]{4,2000})[\"']")
_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|webp|svg|ico|bmp)(?:[?#]|$)", re.I)
_MOST_SWITCHES = 40


def read_code(contents: Contents, text: str, member: str) -> None:
    """A script: literals put together and unescaped, calls that lead on, remote switches."""
    text = _prepared(contents, text, member)
    page = _page(contents)
    for part in _modules(text):
        read_script(page, part, page.root.child("script"))
    page.finish()
    _read_calls(contents, text, member)
    contents.take(page, member)
    _read_written(contents, text, member)


def read_markup(contents: Contents, text: str, member: str) -> None:
    """HTML, or a template of a mini-program (`.wxml`, `.axml`, `.swan`), as a page."""
    text = _prepared(contents, text, member)
    page = _page(contents)
    read_html(page, text, page.root)
    page.finish()
    _read_calls(contents, text, member)
    for match in _WEB_VIEW_TAG.finditer(text):
        if match[1].startswith(("http:", "https:", "//")):
            contents.add_reference("frame", match[1], member, "web-view")
    contents.take(page, member)
    _read_written(contents, text, member)


def read_data(contents: Contents, text: str, member: str) -> None:
    """JSON; as plain text where it is none."""
    _read(contents, text, member, _json_or_plain)


def read_prose(contents: Contents, text: str, member: str) -> None:
    """Plain text, style sheets and the like."""
    _read(contents, text, member, read_plain)


def _read(
    contents: Contents, text: str, member: str, reader: Callable[[HtmlPage, str], None]
) -> None:
    text = _prepared(contents, text, member)
    page = _page(contents)
    reader(page, text)
    contents.take(page, member)
    _read_written(contents, text, member)


def _json_or_plain(page: HtmlPage, text: str) -> None:
    if not read_json(page, text, page.root.child("json")):
        read_plain(page, text)
    page.finish()


def _page(contents: Contents) -> HtmlPage:
    """A page without an address: what is relative leads nowhere but into the package."""
    chars = contents.bounds.member_chars
    bounds = Bounds(script_chars=chars, script_blocks=contents.bounds.blocks, drawing_chars=chars)
    return HtmlPage("", RULES, bounds)


def _prepared(contents: Contents, text: str, member: str) -> str:
    """`text` as far as it may be read, its data URIs taken out and given to the picture readers."""
    text = text[: contents.room_for(len(text))]
    if "data:image" not in text:
        return text
    for match in _DATA_URI.finditer(text):
        found = data_uri(match[0])
        if found is not None:
            contents.add_picture(found[1], found[0], member, f"data-uri@{match.start()}")
    return _DATA_URI.sub("", text)


def _modules(text: str) -> list[str]:
    """`text` in pieces at the borders of modules: whatever a stray quote spoils ends there."""
    return [part for part in _MODULE.split(text) if part]


def _read_calls(contents: Contents, text: str, member: str) -> None:
    for match in _REQUEST.finditer(text):
        host = match[1].lower()
        if not contents.words.is_noise(host):
            contents.add_reference(
                "declared_domain", f"https://{host}", member, f"request@{match.start()}", host
            )
    for match in _NAVIGATE.finditer(text):
        place = f"navigateToMiniProgram@{match.start()}"
        contents.add_reference("package", match[1], member, place, "navigates to it")
    if "web-view" in text:
        for match in _VIEW_CONSTANT.finditer(text):
            url = unescape(match[1])
            if not _PICTURE.search(url):
                contents.add_reference("frame", url, member, f"web-view@{match.start()}")
    _read_switches(contents, text, member)


def _read_switches(contents: Contents, text: str, member: str) -> None:
    """Flags by which a server decides what is shown: their names, once a file, and a remark."""
    pattern = contents.words.switches
    if pattern is None:
        return
    found: dict[str, int] = {}
    for match in pattern.finditer(text):
        found.setdefault(match[0], match.start())
        if len(found) >= _MOST_SWITCHES:
            break
    for name, start in found.items():
        around = text[max(start - 60, 0) : start + 100]
        contents.add_text("script", around, member, f"remote-switch[{name}]", "code")
        contents.switches.setdefault(name, member)


def _read_written(contents: Contents, text: str, member: str) -> None:
    """Addresses outside of what the readers took for literals, escapes resolved."""
    if "\\" in text:
        text = unescape(text)
    for url in urls_in(text):
        contents.add_code_address(url.partition("${")[0], member)
