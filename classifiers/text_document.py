"""Plain or lightly marked-up text as a Document, so that the same judgement serves files, standard
input and labelled corpora."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from core import Block, Document, Locator, Reference
from core.document import BlockRole

_MARKDOWN_LINK = re.compile(
    r"!?\[(?P<text>(?:[^\[\]\n]|!?\[[^\[\]\n]*\](?:\([^()\n]*\))?){0,400})\]\((?P<url>[^()\s]+(?:\([^()\s]*\)[^()\s]*)?)(?:\s+[\"'][^\"'\n]*[\"'])?\)"
)
_ANGLE_LINK = re.compile(r"<(?P<url>https?://[^<>\s]+)>")
_HTML_LINK = re.compile(
    r"(?i)<(?:a|img|iframe|source)\b[^<>]*?\b(?:href|src)\s*=\s*[\"'](?P<url>[^\"'<>]+)[\"'][^<>]*>"
)
_TAG = re.compile(
    r"(?i)</?(?:p|div|span|b|i|em|strong|center|font|mark|u|h[1-6]|a|img|br|hr|li|ul|ol|table|tr|td|th|details|summary|sub|sup|blockquote|figure|figcaption|iframe|source|picture|kbd|code|pre|section|script|style|button)\b[^<>]{0,2000}>"
)
_MARKS = re.compile(r"^\s{0,8}(?:[-*+]|\d{1,3}[.)])\s+|^\s{0,3}#{1,6}\s*|^\s{0,3}>\s?|\*\*|__|~~")


def document_from_text(
    text: str, url: str = "", urls: Iterable[str] = (), title: str = ""
) -> Document:
    """A Document of `text`: lines become blocks, Markdown and HTML links become references.

    `urls` are further links that belong to the text (they count at its end). Addresses written
    out in the text are left to the classifier.
    """
    blocks: list[Block] = []
    references: list[Reference] = []
    if title:
        blocks.append(Block("title", title, Locator("title")))
    fenced = False
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
            continue
        role = "code" if fenced else _role(line)
        plain = _read_line(line, len(blocks), number, references)
        if plain:
            blocks.append(Block("visible", plain, Locator(f"line[{number}]"), role))
    known = {reference.url for reference in references}
    for extra in urls:
        if extra not in known and extra not in text:
            references.append(Reference("link", extra, Locator("urls")))
    return Document(
        surface="marketing_page",
        url=url,
        title=title,
        blocks=tuple(blocks),
        references=tuple(references),
    )


def _role(line: str) -> BlockRole:
    start = line.lstrip()[:2]
    if start.startswith("#") and not line.lstrip().startswith("#!") and " " in line[:8]:
        return "heading"
    return "quote" if start.startswith(">") else "content"


def _read_line(line: str, block: int, number: int, references: list[Reference]) -> str:
    """The visible text of `line`; its links are appended to `references`."""

    def take(match: re.Match[str]) -> str:
        groups = match.groupdict()
        label = groups.get("text") or ""
        if label:
            label = _MARKDOWN_LINK.sub(take, label)
        if not match[0].startswith("!["):
            references.append(
                Reference(
                    "link", groups["url"].strip("*_"), Locator(f"line[{number}]"), label, block
                )
            )
        return f"{label} " if label else " "

    if "](" in line:
        line = _MARKDOWN_LINK.sub(take, line)
    if "<" in line:
        line = _ANGLE_LINK.sub(take, line)
        line = _HTML_LINK.sub(take, line)
        line = _TAG.sub("", line)
    if "&" in line:
        line = html.unescape(line)
    return _MARKS.sub("", line).strip()
