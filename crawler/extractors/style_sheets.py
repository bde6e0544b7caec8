"""What the page's own `<style>` elements say of its text: hidden, written by CSS, with pictures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from crawler.extractors.hidden import hides_or_shows
from crawler.extractors.picture_sources import css_pictures

_MAX_SHEET_CHARS = 300_000
_MAX_RULES = 5_000
_MAX_STYLE_CHARS = 2_000
_MAX_SELECTOR_CHARS = 2_000

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_SIMPLE_SELECTOR = re.compile(r"[a-z0-9*]*([.#][\w\u0080-\uffff-]+)\Z", re.IGNORECASE)
_LAST_NAME = re.compile(r"([.#][\w\u0080-\uffff-]+)(?:::?[\w-]+)?\Z")
_HIDING = re.compile(
    "display|visibility|opacity|font-size|text-indent|position|clip|overflow|color|transform|margin",
    re.IGNORECASE,
)
_CONTENT = re.compile(r"[{;\s]content\s*:\s*(\"[^\"\n]{2,2000}\"|'[^'\n]{2,2000}')")
_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?|\\(.)", re.DOTALL)


class StyleRules:
    """Classes and ids (`.x`, `#y`) that style sheets hide or give a picture.

    To hide, only single class or id selectors count (`.x`, `div.x`, `#y`); rules inside `@media`
    and other blocks are left out, and a later rule that shows the element again wins. `texts` are
    what sheets write themselves (`content: "..."`), `pictures` all background pictures.
    """

    def __init__(self, sheets: Iterable[str]) -> None:
        self._hidden: set[str] = set()
        self._pictures: dict[str, list[str]] = {}
        self.pictures: list[str] = []
        self.texts: list[str] = []
        for sheet in sheets:
            self._read(_COMMENT.sub("", sheet[:_MAX_SHEET_CHARS]))

    def concerns_elements(self) -> bool:
        """Whether any class or id is hidden or has a picture."""
        return bool(self._hidden or self._pictures)

    def hides(self, attributes: dict[str, str | None]) -> bool:
        """Whether one of the rules hides an element with these attributes."""
        return any(name in self._hidden for name in _names(attributes))

    def pictures_of(self, attributes: dict[str, str | None]) -> list[str]:
        """Addresses of the pictures that the rules give an element with these attributes."""
        if not self._pictures:
            return []
        return [url for name in _names(attributes) for url in self._pictures.get(name, ())]

    def _read(self, sheet: str) -> None:
        has_picture = "url(" in sheet.lower()
        if has_picture:
            self.pictures += css_pictures(sheet)
        if "content" in sheet:
            self.texts += [_unescaped(match[1][1:-1]) for match in _CONTENT.finditer(sheet)]
        if not has_picture and not _HIDING.search(sheet):
            return
        for selectors, style in rules_of(_top_level(sheet)):
            if has_picture and "(" in style:
                self._note_pictures(selectors, css_pictures(style))
            verdict = hides_or_shows(style) if len(style) < _MAX_STYLE_CHARS else None
            if verdict is not None:
                self._note_hidden(selectors, verdict)

    def _note_hidden(self, selectors: str, verdict: bool) -> None:
        for selector in selectors.split(","):
            match = _SIMPLE_SELECTOR.match(selector.strip())
            if match and verdict:
                self._hidden.add(match[1])
            elif match:
                self._hidden.discard(match[1])

    def _note_pictures(self, selectors: str, urls: list[str]) -> None:
        for selector in selectors.split(",") if urls else ():
            match = _LAST_NAME.search(selector.strip())
            if match:
                self._pictures.setdefault(match[1], []).extend(urls)


def rules_of(sheet: str, limit: int = _MAX_RULES) -> Iterator[tuple[str, str]]:
    """Selectors and declarations of the first `limit` rules of a sheet without nesting."""
    for rule in sheet.split("}", limit)[:limit]:
        selectors, brace, style = rule.partition("{")
        if brace and len(selectors) < _MAX_SELECTOR_CHARS:
            yield selectors, style


def _names(attributes: dict[str, str | None]) -> Iterator[str]:
    for name in (attributes.get("class") or "").split():
        yield f".{name}"
    identifier = attributes.get("id")
    if identifier:
        yield f"#{identifier}"


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda match: _character(match[1]) if match[1] else match[2], text)


def _character(digits: str) -> str:
    code = int(digits, 16)
    return chr(code) if 0 < code < 0xD800 or 0xDFFF < code <= 0x10FFFF else ""


def _top_level(sheet: str) -> str:
    """`sheet` without the rules inside at-rule blocks."""
    if "@" not in sheet:
        return sheet
    kept: list[str] = []
    depth, in_at_rule, start = 0, False, 0
    for match in re.finditer(r"[{};]", sheet):
        char, at = match[0], match.start()
        if char == "{":
            if depth == 0:
                in_at_rule = sheet[start:at].lstrip().startswith("@")
            depth += 1
            continue
        if char == "}":
            depth = max(depth - 1, 0)
        if depth == 0:
            if not in_at_rule and not sheet[start:at].lstrip().startswith("@"):
                kept.append(sheet[start : at + 1])
            in_at_rule, start = False, at + 1
    return "".join(kept)
