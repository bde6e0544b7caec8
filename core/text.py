"""Showing crawled text safely: it is hostile in terminals, reports and file names alike."""

from __future__ import annotations

import re

_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff]+"
)
_DOT = re.compile("[.\u3002\uff0e\uff61]")
"""What browsers take for a dot in a host name."""

_BLANK = re.compile(r"\s+")


_ADDRESS = re.compile(
    r"(?i)(?<![\w@.\]])(?:[a-z][a-z0-9+.-]{1,20}://[^\s<>\"'“”‘’，。；、）】]{1,2000}"
    r"|(?:[a-z0-9-]{1,63}\.){1,8}(?!(?:txt|jsonl?|csv|html?|css|js|png|jpe?g|gif|svg|pdf|xml|ya?ml)\b)"
    r"[a-z]{2,24}(?![\w.]))"
)
"""A web address, or a host name standing alone that is no file name."""


def one_line(text: str, limit: int = 200) -> str:
    """`text` as one harmless line: control, bidi and invisible characters removed, blanks folded.

    Longer than `limit` characters, it is cut and ends with an ellipsis.
    """
    text = text.strip()
    head = text[: limit * 8]
    clean = _BLANK.sub(" ", _UNSAFE.sub("", _BLANK.sub(" ", head))).strip()
    if len(clean) <= limit and len(head) == len(text):
        return clean
    return clean[: limit - 1].rstrip() + "…"


def printable(text: str) -> str:
    """`text` without control, bidi and invisible characters; line breaks stay."""
    return "\n".join(_UNSAFE.sub("", line) for line in text.splitlines())


def defang(url: str) -> str:
    """A URL that nobody opens by accident: `hxxps://www[.]example[.]com/path`.

    Only the scheme and the host are changed, so that the original can be read off.
    """
    scheme, separator, rest = url.partition("://")
    if not separator:
        return one_line(url.replace(":", "[:]", 1), 2_000)
    host, slash, path = rest.partition("/")
    scheme = scheme.lower().replace("http", "hxxp").replace("ftp", "fxp")
    return one_line(f"{scheme}://{_DOT.sub('[.]', host)}{slash}{path}", 2_000)


def defang_text(text: str) -> str:
    """`text` with every web address and bare host name in it defanged: terminals, mail clients and
    PDF viewers make links of plain text."""
    return _ADDRESS.sub(lambda found: _defanged(found[0]), text)


def _defanged(address: str) -> str:
    return defang(address) if "://" in address else address.replace(".", "[.]")
