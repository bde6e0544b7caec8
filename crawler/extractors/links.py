"""What leads away: cleaning a written URL, sorting it by scheme, finding URLs in running text."""

from __future__ import annotations

import re

from core.document import ReferenceKind
from core.urls import LinkJoiner, scheme_of

WEB = frozenset({"http", "https"})
NEVER = frozenset(
    {
        "mailto", "tel", "sms", "callto", "javascript", "vbscript", "data", "file", "about",
        "blob", "ftp", "ftps", "ws", "wss", "cid", "view-source", "chrome", "chrome-extension",
        "moz-extension", "res", "livescript", "mocha", "urn", "filesystem", "geo",
    }
)  # fmt: skip
"""Schemes that lead nowhere we look: never references, never crawled."""

_EDGES = "".join(map(chr, range(33)))
_BREAKS = {ord(char): None for char in "\t\n\r"}
_SLASHES = re.compile(r"^(https?):[\\/]{1,}", re.IGNORECASE)
_MAX_URL_CHARS = 8_192

_URL_END = (
    r"\s\"'<>`{}|\\^\u3000-\u3003\u3008-\u3011\u2018-\u201d\uff01\uff08\uff09\uff0c\uff1b\uff1f"
)
BARE_URL = re.compile(
    rf"(?<![A-Za-z0-9])(?:https?://|www\.(?=[a-z0-9-]+\.))[^{_URL_END}]{{3,2000}}", re.IGNORECASE
)
DEEP_LINK = re.compile(
    rf"(?<![A-Za-z0-9+.-])([a-z][a-z0-9+.-]{{1,31}})://[^{_URL_END}]{{1,2000}}", re.IGNORECASE
)
_WEB_ADDRESS = re.compile(r"https?://([^\s/?#]+)\S*\Z", re.IGNORECASE)
_PROTOCOL_RELATIVE = re.compile(
    r"^//[A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)+(?::\d+)?(?:[/?#]\S*)?$"
)
_TRAILING = ".,;:!?)]}'\"*_~。，；：！？）】》」』、…"
_ASCII_HOST = re.compile(r"[A-Za-z0-9.-]+\.[A-Za-z]{2,24}(?::\d{1,5})?")
_NOT_URL = re.compile(r"[\u0080-\uffff].*$", re.DOTALL)


def clean_url(written: str) -> str:
    """`written` as a browser reads an attribute: edges and line breaks off, `\\` as `/`."""
    if written.isprintable() and " " not in written and "\\" not in written:
        return written
    url = written.strip(_EDGES).translate(_BREAKS)
    if "\\" in url and (scheme_of(url) in WEB or ":" not in url.partition("\\")[0]):
        path, mark, rest = _split_at_query(url)
        url = path.replace("\\", "/") + mark + rest
    return url


def _split_at_query(url: str) -> tuple[str, str, str]:
    match = re.search(r"[?#]", url)
    if match is None:
        return url, "", ""
    return url[: match.start()], match[0], url[match.end() :]


def resolve(written: str, joiner: LinkJoiner) -> tuple[ReferenceKind, str] | None:
    """Kind (`link` or `deep_link`) and address of a written URL; None when it leads nowhere.

    Addresses with a web scheme come back absolute, deep links as written. A bare `#top` is not a
    reference, a route (`#/join?code=1`) is.
    """
    written = written[:_MAX_URL_CHARS]
    plain = joiner.plain(written)
    if plain:
        return ("link", plain)
    url = clean_url(written)
    if not url or (url[0] == "#" and "/" not in url and "=" not in url):
        return None
    scheme = scheme_of(url) if ":" in url else ""
    if scheme and scheme not in WEB:
        if scheme in NEVER or "." in scheme:
            return None if scheme in NEVER else _host_with_port(url, joiner)
        return ("deep_link", url)
    if scheme:
        url = _SLASHES.sub(lambda found: found[1] + "://", url)
    try:
        return ("link", joiner.join(url).replace(" ", "%20"))
    except ValueError:
        return None


def _host_with_port(url: str, joiner: LinkJoiner) -> tuple[ReferenceKind, str] | None:
    """`com.app.scheme://x` is a deep link, `www.example.com:8080/x` a relative path in browsers."""
    if "://" in url:
        return ("deep_link", url)
    try:
        return ("link", joiner.join(url))
    except ValueError:
        return None


def address_in(text: str) -> str:
    """`text` if, as a whole, it is a web address or deep link (`//host/` counts), else ""."""
    text = text.strip(_EDGES)
    if len(text) > _MAX_URL_CHARS or "/" not in text:
        return ""
    if text[:4].lower() == "http":
        web = _WEB_ADDRESS.match(text)
        return text if web and ("." in web[1].strip(".") or web[1][:9] == "localhost") else ""
    if text[:2] == "//":
        return text if _PROTOCOL_RELATIVE.match(text) else ""
    found = DEEP_LINK.match(text)
    if found is None or found.end() != len(text):
        return ""
    scheme = found[1].lower()
    return "" if scheme in NEVER or scheme in WEB else text


def urls_in(text: str) -> list[str]:
    """Web addresses and deep links written out in running text, in order, without repeats.

    `www.` without a scheme counts and gets `http://`; punctuation and Chinese text that touch the
    address do not belong to it.
    """
    if "://" not in text and "www." not in text and "WWW." not in text:
        return []
    found: dict[str, None] = {}
    for match in BARE_URL.finditer(text):
        url = _trim(match[0])
        found[url if "://" in url else f"http://{url}"] = None
    if text.count("://") > len(found):
        for match in DEEP_LINK.finditer(text):
            scheme = match[1].lower()
            if scheme not in WEB and scheme not in NEVER:
                found[_trim(match[0])] = None
    return list(found)


def _trim(url: str) -> str:
    """Cuts Chinese text that runs on after a host or path, and closing punctuation."""
    if not url.isascii():
        scheme, slashes, rest = url.rpartition("://")
        host, slash, path = rest.partition("/")
        ascii_part = _ASCII_HOST.match(host)
        if ascii_part and ascii_part.end() < len(host):
            host, slash, path = ascii_part[0], "", ""
        url = f"{scheme}{slashes}{host}{slash}{_NOT_URL.sub('', path)}"
    bare = url.rstrip(_TRAILING)
    unclosed = bare.count("(") - bare.count(")")
    closing = len(url) - len(bare) - len(url[len(bare) :].lstrip(")"))
    return bare + ")" * max(min(unclosed, closing), 0)
