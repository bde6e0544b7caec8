"""HTML whose parsing would cost its size squared, made harmless before it is parsed.

The parsing rules of HTML (https://html.spec.whatwg.org/multipage/parsing.html) have three costs
that a hostile page can drive up, measured with lexbor 2.x: every block start tag looks through the
stack of open elements (40,000 nested `<div>`: 2.7 s), every `<p>` opens the formatting elements
again that nobody closed (8,000 times `<p><b id=N>`, 120 KB: 47 s and 12 GB), and every attribute
is compared with the ones before it (8,000: 0.15 s). Browsers bound depth at 512 for the same
reason. Ordinary pages come back as they are.
"""

from __future__ import annotations

import re
from collections import Counter

MAX_DEPTH = 512
MAX_OPEN_FORMATTING = 48
MAX_REOPENED = 50_000
"""Formatting elements that paragraphs may open again on one page."""
MAX_ATTRIBUTES = 512
MAX_MERGING = 16
LARGE_CHARS = 256 * 1024
CHEAP_REOPENED = 1_000_000
"""Elements at 100 bytes and 0.3 microseconds each."""
CHEAP_STEPS = 30_000_000
"""Looks at one open element at 3 nanoseconds each."""

_VALUE = r"""(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|(?:[^\s>"'][^\s>]*+)?)"""
_ATTRIBUTE = rf"(?>=?+[^\s/>=]++(?:\s*+=\s*+{_VALUE})?|=)"
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_TAG = re.compile(
    rf"<(?:(?P<end>/)?(?P<name>[A-Za-z][^\s/>]*+)(?P<rest>(?:[\s/]++|{_ATTRIBUTE})*+)(?:>|\Z)"
    r"|!--|[!?/][^>]*+(?:>|\Z))"
)
_START = re.compile(r"<([A-Za-z][^\s/>]*+)")
_BIG_TAG = re.compile(rf"<[A-Za-z][^\s/>]*+(?:[\s/]*+{_ATTRIBUTE}){{{MAX_ATTRIBUTES}}}")
_LONG_TAG = re.compile(r"<[A-Za-z][^>]{1500}")
_QUOTED_END = re.compile(r"""=\s*+(?:"[^">]*+>|'[^'>]*+>)""")
_COMMENT_END = re.compile(r"--!?>|(?<=<!--)-?>")
_RAW_TEXT = frozenset(
    ("iframe", "noembed", "noframes", "script", "style", "textarea", "title", "xmp")
)
_FORMATTING = frozenset(
    ("b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u")
)
_NOT_NESTING = frozenset(
    {"a", "area", "base", "br", "caption", "col", "colgroup", "dd", "dt", "embed", "form", "frame"}
    | {"head", "hr", "img", "input", "li", "link", "meta", "option", "p", "param", "select"}
    | {"source", "tbody", "td", "tfoot", "th", "thead", "tr", "track", "wbr"}
    | _RAW_TEXT
)
"""Void elements, and those whose start tag ends an open one of their kind."""
_MERGING = frozenset(("html", "body"))
"""A second one gives its attributes to the first."""
_BARRIERS = frozenset(("applet", "marquee", "object", "table", "template", "svg", "math"))
"""An end tag does not reach beyond these (the specification's "scope")."""
_SPECIAL = frozenset(
    {"address", "applet", "article", "aside", "blockquote", "button", "center", "details", "dir"}
    | {"div", "dl", "fieldset", "figcaption", "figure", "footer", "frameset", "h1", "h2", "h3"}
    | {"h4", "h5", "h6", "header", "hgroup", "listing", "main", "marquee", "menu", "nav"}
    | {"noscript", "object", "ol", "pre", "search", "section", "summary", "table", "template"}
    | {"ul", "svg", "math"}
)
"""The nesting ones of the specification's "special" elements: the end tag of any other element
does not reach beyond them."""
_FOREIGN = ("svg", "math")
_RUBY = frozenset(("rb", "rp", "rt", "rtc"))


def tame_markup(html: str) -> tuple[str, str]:
    """(`html` safe to parse, what was left out of it or "").

    Start tags nested deeper than MAX_DEPTH, formatting elements beyond MAX_OPEN_FORMATTING open
    ones and attributes beyond MAX_ATTRIBUTES of one tag are left out; the text stays. Linear in
    the length of `html`; 0.1 ms for an ordinary page of 40 KB.
    """
    return (html, "") if _is_harmless(html) else _Tamer(html).tame()


def _is_harmless(html: str) -> bool:
    """Whether even the worst order of the tags in `html` parses in a fraction of a second.

    Counts alone, every start tag taken as never closed: an end tag may be hidden in a comment.
    """
    if len(html) > LARGE_CHARS:
        return False
    tags = html.count("<")
    nesting = formatting = merging = 0
    tags_nest = False  # inside SVG and MathML every element does
    for written, count in Counter(_START.findall(html)).items():
        name = written.lower()
        tags_nest = tags_nest or name in _FOREIGN
        nesting += count if name not in _NOT_NESTING else 0
        formatting += count if name in _FORMATTING else 0
        merging += count if name in _MERGING else 0
    return (
        formatting * tags <= CHEAP_REOPENED
        and (tags if tags_nest else nesting) * tags <= CHEAP_STEPS
        and merging <= MAX_MERGING
        and not _has_big_tag(html)
    )


def _has_big_tag(html: str) -> bool:
    """Whether a tag has MAX_ATTRIBUTES. Such a tag is long, or has `>` in many quoted values;
    looking for that first is ten times as fast."""
    suspicious = _LONG_TAG.search(html) or len(_QUOTED_END.findall(html)) > 8
    return bool(suspicious) and _BIG_TAG.search(html) is not None


class _Tamer:
    """One pass over the tags, with the parser's stack of open elements followed closely enough."""

    def __init__(self, html: str) -> None:
        self._html = html
        self._stack: list[str] = []
        self._open: Counter[str] = Counter()
        self._formatting: Counter[str] = Counter()
        self._unclosed = self._reopened = self._merging = 0
        self._may_stay_open = MAX_OPEN_FORMATTING
        self._kept: list[str] = []
        self._copied = 0
        self._left_out: Counter[str] = Counter()

    def tame(self) -> tuple[str, str]:
        position = 0
        while tag := _TAG.search(self._html, position):
            position = self._next(tag)
        if not self._left_out:
            return self._html, ""
        self._kept.append(self._html[self._copied :])
        counts = ", ".join(f"{count} {what}" for what, count in self._left_out.items())
        return "".join(self._kept), f"abnormal markup, left out: {counts}"

    def _next(self, tag: re.Match[str]) -> int:
        """Takes in one tag or comment; where the next may begin."""
        html = self._html
        if tag["name"] is None:
            if tag[0] != "<!--":
                return tag.end()
            end = _COMMENT_END.search(html, tag.end())
            return end.end() if end else len(html)
        name = tag["name"].lower()
        if tag["end"]:
            if self._open[name] or self._formatting[name]:
                self._close(name)
            return tag.end()
        self._start(name, tag)
        if name == "plaintext":
            return len(html)
        if name in _RAW_TEXT and not self._in_foreign():
            return _end_of_raw_text(html, name, tag.end())
        return tag.end()

    def _start(self, name: str, tag: re.Match[str]) -> None:
        formatting = name in _FORMATTING
        if not formatting and name not in _RAW_TEXT:
            self._count_reopened(tag.start())
        nesting = self._nests(name, tag["rest"])
        self._merging += name in _MERGING
        if name in _MERGING and self._merging > MAX_MERGING:
            self._leave_out(tag.start(), tag.end(), "", "repeated <html> or <body> tags")
        elif nesting and len(self._stack) >= MAX_DEPTH:
            self._leave_out(tag.start(), tag.end(), "<br>", "tags nested too deep")
        elif formatting and self._unclosed >= self._may_stay_open:
            self._leave_out(tag.start(), tag.end(), "", "formatting tags never closed")
        else:
            if len(tag["rest"]) > MAX_ATTRIBUTES:
                self._bound_attributes(tag)
            self._formatting[name] += formatting
            self._unclosed += formatting
            if nesting:
                self._open[name] += 1
                self._stack.append(name)

    def _count_reopened(self, position: int) -> None:
        """The parser may open the unclosed formatting elements again here: close them for good
        when that has cost enough."""
        self._reopened += self._unclosed
        if self._reopened <= MAX_REOPENED or not self._unclosed:
            return
        ends = "".join(f"</{name}>" * count for name, count in self._formatting.items())
        self._leave_out(position, position, ends, "formatting tags never closed")
        for name in [name for name, count in self._formatting.items() for _ in range(count)]:
            self._close(name)
        self._may_stay_open = 0

    def _in_foreign(self) -> bool:
        return any(self._open[name] for name in _FOREIGN)

    def _nests(self, name: str, rest: str) -> bool:
        """Whether the element will hold what follows; inside SVG and MathML a slash ends it."""
        if rest.endswith("/") and (name in _FOREIGN or self._in_foreign()):
            return False
        if name in _RUBY and self._open["ruby"] and self._stack[-1] in _RUBY:
            self._open[self._stack.pop()] -= 1
        return (name not in _NOT_NESTING or self._in_foreign()) and name not in _MERGING

    def _close(self, name: str) -> None:
        """As the parser does for an end tag: up to its element, if nothing stands in between."""
        formatting = self._formatting[name] > 0
        self._formatting[name] -= formatting
        self._unclosed -= formatting
        special = name in _SPECIAL
        for place in range(len(self._stack) - 1, -1, -1):
            held = self._stack[place]
            if held == name:
                for gone in self._stack[place:] if not formatting else (name,):
                    self._open[gone] -= 1
                del self._stack[place : place + 1 if formatting else None]
                return
            if held in _BARRIERS or (held in _SPECIAL and not special):
                return

    def _bound_attributes(self, tag: re.Match[str]) -> None:
        for number, attribute in enumerate(_ATTRIBUTES.finditer(tag["rest"]), 1):
            if number == MAX_ATTRIBUTES:
                start = tag.start("rest") + attribute.end()
                if start < tag.end("rest"):
                    self._leave_out(start, tag.end("rest"), "", "tags with too many attributes")
                return

    def _leave_out(self, start: int, end: int, instead: str, what: str) -> None:
        self._left_out[what] += 1
        self._kept += (self._html[self._copied : start], instead)
        self._copied = end


def _end_of_raw_text(html: str, name: str, position: int) -> int:
    end = re.compile(rf"</{name}(?=[\s/>])", re.I).search(html, position)
    return end.start() if end else len(html)
