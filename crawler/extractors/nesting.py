"""Markup built to exhaust HTML parsers is flattened before it is parsed.

The tree construction that the HTML standard prescribes has three costly corners, measured with
selectolax 1.0.2: every block start walks up all open elements (100,000 nested `<div>`: 12 s),
unclosed `<b x=1>`, `<b x=2>` ... are opened again in every paragraph (50 KB: 8 million nodes), and
every attribute is compared with all before it (350 KB in one tag: 2.4 s). Browsers cut nesting at
512; we close what is open, and leave out the formatting. No text and no link is lost.
"""

from __future__ import annotations

import re
from typing import TypeAlias

import msgspec

_FEW_TAGS = 1_200
_FEW_CHARS = 64 * 1024
"""Below both, the worst page costs less than a second; nearly all pages are below both."""

_MOST_TAGS = 500_000
_MAX_STEPS = 100_000_000
_MAX_REOPENED = 200_000
_MAX_ATTRIBUTES = 1_000
_MAX_DEPTH = 256
_SEARCHED = 64

_ATTRIBUTE = r"(?:=[^\s/>=]*+|[^\s/>=]++)(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|(?![\"'])[^\s>]*+))?+"
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_TOKEN = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|\Z))|<[!?][^>]*(?:>|\Z)|</[^A-Za-z>][^>]*(?:>|\Z)"
    rf"|<(?P<end>/?)(?P<name>[A-Za-z][^\s/>]*+)(?P<attributes>(?:[\s/]++|{_ATTRIBUTE})*+)(?:>|\Z)",
    re.DOTALL,
)
_FORMATTING = frozenset(
    ["b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"]
)
_VOID = frozenset({
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input",
    "keygen", "link", "meta", "param", "source", "track", "wbr", "image",
})  # fmt: skip
_RAW = {
    name: re.compile(f"</{name}", re.IGNORECASE)
    for name in ("script", "style", "xmp", "iframe", "noembed", "noframes", "textarea", "title")
}
_RAW_WITH_SCRIPTS = _RAW | {"noscript": re.compile("</noscript", re.IGNORECASE)}
RawTags: TypeAlias = dict[str, re.Pattern[str]]
_FOREIGN = ("svg", "math")
_ROOTS = ("html", "body")
_MAX_ROOTS = 50
"""Every further `<body a=1>` adds its attributes to the one body."""
_CLOSES = {
    "li": ("li",),
    "dt": ("dt", "dd"),
    "dd": ("dt", "dd"),
    "option": ("option",),
    "td": ("td", "th"),
    "th": ("td", "th"),
    "tr": ("td", "th", "tr"),
    "tbody": ("td", "th", "tr", "tbody", "thead", "tfoot"),
    "thead": ("td", "th", "tr", "tbody", "thead", "tfoot"),
    "tfoot": ("td", "th", "tr", "tbody", "thead", "tfoot"),
}
_SPECIAL = frozenset({
    "address", "applet", "area", "article", "aside", "base", "basefont", "bgsound",
    "blockquote", "body", "br", "button", "caption", "center", "col", "colgroup", "dd",
    "details", "dir", "div", "dl", "dt", "embed", "fieldset", "figcaption", "figure", "footer",
    "form", "frame", "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hgroup",
    "hr", "html", "iframe", "img", "input", "keygen", "li", "link", "listing", "main",
    "marquee", "menu", "meta", "nav", "noembed", "noframes", "noscript", "object", "ol", "p",
    "param", "plaintext", "pre", "script", "search", "section", "select", "source", "style",
    "summary", "table", "tbody", "td", "template", "textarea", "tfoot", "th", "thead", "title",
    "tr", "track", "ul", "wbr", "xmp", "svg", "math",
})  # fmt: skip
"""The standard's own list, and the roots of foreign content. The end tag of any other element,
`</span>` as well as `</made-up>`, does not reach beyond one of these."""
_SCOPE = frozenset({
    "applet", "caption", "table", "td", "th", "marquee", "object", "template", "html", "svg",
    "math",
})  # fmt: skip
_TABLE = frozenset(["table", "tbody", "thead", "tfoot", "tr", "td", "th", "caption"])


def tamed(html: str | bytes, *, scripting: bool = False) -> tuple[str | bytes, bool]:
    """`html` as it is, or flattened where parsing it would explode.

    `scripting` is what the parser will be told: with scripts, the content of `<noscript>` is text.
    The flag says whether the end had to be cut off, because there are more than half a million
    tags.
    """
    less = html.count(b"<") if isinstance(html, bytes) else html.count("<")
    if less <= _FEW_TAGS and len(html) <= _FEW_CHARS:
        return html, False
    text = html.decode("utf-8", "replace") if isinstance(html, bytes) else html
    if less > _MOST_TAGS:
        html = text = "<".join(text.split("<", _MOST_TAGS)[:-1])
    raw = _RAW_WITH_SCRIPTS if scripting else _RAW
    return (html if _is_tame(text, raw) else _flattened(text, raw)), less > _MOST_TAGS


class _Open(msgspec.Struct):
    """The elements the parser would hold open, never fewer than it really does.

    `leaked` counts formatting elements that were cut off before their end tag: the parser opens
    them again in every following block.
    """

    names: list[str] = []
    formatting: int = 0
    leaked: int = 0
    roots: int = 0

    def start(self, name: str) -> None:
        names = self.names
        if name in _ROOTS:
            self.roots += 1
            return
        if name in _SPECIAL and names and names[-1] == "p":
            names.pop()
        closed = _CLOSES.get(name)
        while closed and names and names[-1] in closed:
            names.pop()
        names.append(name)
        self.formatting += name in _FORMATTING

    def end(self, name: str) -> bool:
        at = self._find(name)
        if at < 0:
            return False
        for cut in self.names[at + 1 :]:
            if cut in _FORMATTING:
                self.formatting -= 1
                self.leaked += 1
        if name in _FORMATTING:
            self.formatting -= 1
        del self.names[at:]
        return True

    def _find(self, name: str) -> int:
        """Where the element is that `</name>` ends, -1 when the parser might ignore the tag."""
        names = self.names
        last = len(names) - 1
        for at in range(last, max(last - _SEARCHED, -1), -1):
            if names[at] == name:
                return at
            if name not in _SPECIAL and names[at] in _SPECIAL:
                return -1
            if names[at] in _SCOPE and name not in _TABLE:
                return -1
        return -1

    def is_foreign(self) -> bool:
        return any(name in self.names for name in _FOREIGN)


def _is_tame(text: str, raw: RawTags) -> bool:
    """Whether parsing `text` takes a bounded number of steps, nodes and comparisons."""
    opened, steps, reopened, at = _Open(), 0, 0, 0
    while match := _TOKEN.search(text, at):
        at = match.end()
        name = (match["name"] or "").lower()
        if not name:
            continue
        if match["end"]:
            opened.end(name)
            continue
        attributes = match["attributes"]
        if len(attributes) > 2 * _MAX_ATTRIBUTES and _is_overloaded(attributes):
            return False
        at = _after_raw_text(text, raw.get(name), at, opened)
        steps += len(opened.names)
        reopened += opened.formatting + opened.leaked if name in _SPECIAL else 0
        if steps > _MAX_STEPS or reopened > _MAX_REOPENED or opened.roots > _MAX_ROOTS:
            return False
        if name not in _VOID and name not in raw:
            opened.start(name)
    return True


def _is_overloaded(attributes: str) -> bool:
    found = _ATTRIBUTES.finditer(attributes)
    return sum(1 for _ in zip(range(_MAX_ATTRIBUTES + 1), found, strict=False)) > _MAX_ATTRIBUTES


def _after_raw_text(text: str, ends: re.Pattern[str] | None, at: int, opened: _Open) -> int:
    """Where markup goes on after the content of a script, style or the like."""
    if ends is None or opened.is_foreign():
        return at
    end = ends.search(text, at)
    return end.start() if end else len(text)


def _flattened(text: str, raw: RawTags) -> str:
    """`text` without formatting tags, with all elements closed where they would get deeper than
    `_MAX_DEPTH`, and with at most `_MAX_ATTRIBUTES` attributes in a tag."""
    kept: list[str] = []
    opened, roots, at = _Open(), 0, 0
    while match := _TOKEN.search(text, at):
        kept.append(text[at : match.start()])
        at = match.end()
        name = (match["name"] or "").lower()
        roots += name in _ROOTS
        if not name or name in _FORMATTING or (name in _ROOTS and roots > _MAX_ROOTS):
            continue
        if match["end"]:
            if name in raw or name in _ROOTS or opened.end(name):
                kept.append(match[0])
            continue
        if name not in _VOID and name not in raw:
            if len(opened.names) >= _MAX_DEPTH:
                kept.extend(f"</{one}>" for one in reversed(opened.names))
                opened = _Open()
            opened.start(name)
        end = _after_raw_text(text, raw.get(name), at, opened)
        kept.append(_start_tag(match) + text[at:end])
        at = end
    kept.append(text[at:])
    return "".join(kept)


def _start_tag(match: re.Match[str]) -> str:
    attributes = match["attributes"]
    if len(attributes) > 2 * _MAX_ATTRIBUTES and _is_overloaded(attributes):
        found = zip(range(_MAX_ATTRIBUTES), _ATTRIBUTES.finditer(attributes), strict=False)
        return f"<{match['name']} {' '.join(attribute[0] for _, attribute in found)}>"
    return match[0]
