"""Links in running text, made harmless: mail clients and PDF viewers make links of plain text."""

from __future__ import annotations

import re

from core.text import defang

_LINK = re.compile(
    r"(?i)(?<![\w@.\]])(?:[a-z][a-z0-9+.-]{1,20}://[^\s<>\"'“”‘’，。；、）】]{1,2000}"
    r"|(?:[a-z0-9-]{1,63}\.){1,8}(?!(?:txt|jsonl?|csv|html?|css|js|png|jpe?g|gif|svg|pdf|xml|ya?ml)\b)"
    r"[a-z]{2,24}(?![\w.]))"
)
"""A web address, or a host name standing alone that is no file name."""


def defanged_text(text: str) -> str:
    """`text` with every web address and bare host name in it defanged."""
    return _LINK.sub(lambda found: _defanged(found[0]), text)


def defanged_url(url: str) -> str:
    """An address as it was found, defanged: with a scheme, or a host without one."""
    return defang(url) if "://" in url else defanged_text(defang(url))


def _defanged(link: str) -> str:
    return defang(link) if "://" in link else link.replace(".", "[.]")
