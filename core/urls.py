"""URLs: joining links fast, canonical forms, registrable domains.

`LinkJoiner` is the hot path of a crawl: most links on a page are plain, and for those a string
operation gives what `urljoin` + `urldefrag` give. Anything odd goes down the slow, canonical path;
the tests hold both against each other.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

import tldextract

_DEFAULT_PORTS = {"http": 80, "https": 443}
_TRACKING = re.compile(r"^(utm_[a-z]+|spm|scm|gclid|fbclid|yclid|msclkid|_hsenc|_hsmi|mc_[ce]id)$")
# What `urljoin` leaves as it is: no empty or dotted segments, no `;` (urllib takes parameters
# apart), no blanks or backslashes, no empty query or fragment.
_TAIL = r"(?:\?[^#\\\s\x00-\x20]+)?(?:#[^\\\s\x00-\x20]+)?\Z"
_SEGMENTS = r"[^/.?#;\\\s\x00-\x20][^/?#;\\\s\x00-\x20]*"
_PLAIN_ABSOLUTE = re.compile(r"https?://[a-z0-9.-]+(?::\d{1,5})?(?:/[^?#;\\\s\x00-\x20]*)?" + _TAIL)
_PLAIN_PATH = re.compile(rf"/(?:{_SEGMENTS}(?:/{_SEGMENTS})*/?)?" + _TAIL)
_PLAIN_RELATIVE = re.compile(
    rf"[^/.?#;:\\\s\x00-\x20][^/?#;:\\\s\x00-\x20]*(?:/{_SEGMENTS})*/?" + _TAIL
)
_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]{0,31}):")
_ODD_PATH = re.compile(r"/\.|//|;")
_EDGES = "".join(map(chr, range(33)))
_ROUTE_FRAGMENT = re.compile(r"^!?/|^/?\?|=")

_extract = tldextract.TLDExtract(
    suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True
)


def scheme_of(url: str) -> str:
    """The scheme in lower case (`https`, `okx`, `javascript`), or "" for a relative reference."""
    match = _SCHEME.match(url)
    return match[1].lower() if match else ""


def split_host(url: str) -> str:
    """Host of an absolute URL in lower case, IDNA decoded to ASCII, without port or last dot."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return ascii_host(host)


@lru_cache(maxsize=20_000)
def ascii_host(host: str) -> str:
    """`host` as it goes on the wire: lower case, punycode, no trailing dot."""
    host = host.strip().rstrip(".").lower()
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


@lru_cache(maxsize=20_000)
def registrable_domain(host: str) -> str:
    """The part of `host` that somebody registered, private suffixes counted (`huobi.br.com`).

    An IP address or a host without a known suffix is its own domain. Offline: the list is the
    snapshot that ships with tldextract.
    """
    return _extract(host).top_domain_under_public_suffix or host


def canonical_url(url: str) -> str:
    """One spelling for one surface: the key under which candidates are kept.

    Lower-case scheme and host, no default port, no user info, no tracking parameters, percent
    escapes made uniform, and no fragment unless it is a route (`#/join?ref=`).
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return url.strip()
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS:
        return url.strip()
    host = ascii_host(parts.hostname or "")
    netloc = f"[{host}]" if ":" in host else host
    if port is not None and port != _DEFAULT_PORTS[scheme]:
        netloc = f"{netloc}:{port}"
    path = quote(
        unquote(parts.path, errors="surrogateescape"), "/~!$&'()*+,;=:@", errors="surrogateescape"
    )
    query = parts.query
    if query:
        pairs = parse_qsl(query, keep_blank_values=True)
        kept = [(key, value) for key, value in pairs if not _TRACKING.match(key.lower())]
        query = urlencode(kept) if len(kept) != len(pairs) else query
    fragment = parts.fragment if _ROUTE_FRAGMENT.search(parts.fragment) else ""
    return urlunsplit((scheme, netloc, path or "/", query, fragment))


class LinkJoiner:
    """Joins the links of one page to its base URL. `join` equals `urljoin`, cheaply.

    Blanks and control characters around a link are not part of it, as in a browser.
    """

    def __init__(self, base: str) -> None:
        self.base = base
        parts = urlsplit(base)
        is_web = bool(parts.netloc) and parts.scheme in _DEFAULT_PORTS
        self._root = f"{parts.scheme}://{parts.netloc}" if is_web else ""
        directory = parts.path.rpartition("/")[0]
        is_plain = bool(self._root) and not _ODD_PATH.search(parts.path)
        self._directory = f"{self._root}{directory}/" if is_plain else ""

    def join(self, link: str) -> str:
        """Absolute form of `link`, fragment kept. Raises ValueError on what is no URL at all."""
        return self.plain(link) or urljoin(self.base, link.strip(_EDGES))

    def plain(self, link: str) -> str:
        """Absolute form of `link` if it is written plainly (see above), else the empty string."""
        if link[:4] == "http":
            if _PLAIN_ABSOLUTE.match(link):
                return link
        elif link[:1] == "/":
            if self._root and _PLAIN_PATH.match(link):
                return self._root + link
        elif self._directory and _PLAIN_RELATIVE.match(link):
            return self._directory + link
        return ""


def without_fragment(url: str) -> str:
    """`url` up to its `#`."""
    return url.partition("#")[0]
