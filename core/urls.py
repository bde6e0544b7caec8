"""URLs: joining links fast, canonical forms, registrable domains.

`LinkJoiner` is the hot path of a crawl: most links on a page are plain, and for those a string
operation gives what `urljoin` + `urldefrag` give. Anything odd goes down the slow, canonical path;
the tests hold both against each other.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote, urljoin, urlsplit

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
_ROUTE_FRAGMENT = re.compile(r"^!?/|^/?\?|^(?!:~:)[^=]*=")
_PLAIN_HOST = re.compile(r"https?://([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?:[/?#]|\Z)")
_ALL_BLANKS = (
    _EDGES
    + "\x7f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000"
    + "".join(map(chr, range(0x2000, 0x200B)))
)
_HOST_END = ".\u3002\uff0e\uff61" + _ALL_BLANKS
_HOST = re.compile(r"[^\s/?#@\\:%<>\[\]^|\x00-\x20\x7f]+\Z")
_MAX_HOST_CHARS = 500
"""Names have at most 253; what is longer is not worth a place in a cache."""

_WIRE_HOST = re.compile(r"[a-z0-9._-]+\Z")
_SEPARATE = re.compile(r"%([0-9A-Fa-f]{2})|[^A-Za-z0-9._~!$&'()*+,;=:@/-]")
_SEPARATE_IN_QUERY = re.compile(r"%([0-9A-Fa-f]{2})|[^A-Za-z0-9._~!$&'()*+,;=:@/?-]")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

_extract = tldextract.TLDExtract(
    suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True
)


def scheme_of(url: str) -> str:
    """The scheme in lower case (`https`, `okx`, `javascript`), or "" for a relative reference."""
    match = _SCHEME.match(url)
    return match[1].lower() if match else ""


def split_host(url: str) -> str:
    """Host of an absolute URL in lower case, IDNA encoded to ASCII, without port or last dot.

    Like a browser, it takes `\\` for `/` and resolves percent escapes. "" when there is none.
    """
    plain = _PLAIN_HOST.match(url)
    if plain:
        return plain[1]
    try:
        host = urlsplit(url.replace("\\", "/")).hostname or ""
    except ValueError:
        return ""
    return ascii_host(host)


def ascii_host(host: str) -> str:
    """`host` as it goes on the wire: lower case, punycode, no trailing dot."""
    return _ascii_host(host) if len(host) <= _MAX_HOST_CHARS else host.lower()


@lru_cache(maxsize=20_000)
def _ascii_host(host: str) -> str:
    host = host.strip(_ALL_BLANKS).lower()
    if "%" in host:
        plain = unquote(host).lower()
        host = plain if _HOST.match(plain) else host
    host = host.rstrip(_HOST_END)
    if host.isascii():
        return host
    try:
        wire = host.encode("idna").decode("ascii").lower().rstrip(".")
    except UnicodeError:
        return host
    return wire if _WIRE_HOST.match(wire) else host


def registrable_domain(host: str) -> str:
    """The part of `host` that somebody registered, private suffixes counted (`huobi.br.com`).

    An IP address or a host without a known suffix is its own domain. Offline: the list is the
    snapshot that ships with tldextract.
    """
    return _registrable_domain(host) if len(host) <= _MAX_HOST_CHARS else host


@lru_cache(maxsize=20_000)
def _registrable_domain(host: str) -> str:
    return _extract(host).top_domain_under_public_suffix or host


def canonical_url(url: str) -> str:
    """One spelling for one surface: the key under which candidates are kept.

    Lower-case scheme and host, no default port, no user info, no tracking parameters, no dot
    segments, percent escapes made uniform (RFC 3986, 6.2.2: escaped reserved characters stay
    escaped), and no fragment unless it is a route (`#/join?ref=`). What is no web address comes
    back as it is, without blanks around it. Canonical forms are their own canonical form.
    """
    url = url.strip(_ALL_BLANKS)
    try:
        parts = urlsplit(url.replace("\\", "/", url.count("\\", 0, _query_start(url))))
        port = parts.port
        host = ascii_host(parts.hostname or "")
    except ValueError:
        return url
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or not host:
        return url
    netloc = f"[{host}]" if ":" in host else host
    if port is not None and port != _DEFAULT_PORTS[scheme]:
        netloc = f"{netloc}:{port}"
    path = _without_dots(_uniform(parts.path, _SEPARATE))
    query = _without_tracking(parts.query)
    fragment = parts.fragment if _ROUTE_FRAGMENT.search(parts.fragment) else ""
    return (
        f"{scheme}://{netloc}{path or '/'}"
        f"{'?' if query else ''}{query}"
        f"{'#' if fragment else ''}{_uniform(fragment, _SEPARATE_IN_QUERY)}"
    )


def _query_start(url: str) -> int:
    """Where path and host end and query or fragment begin."""
    found = re.search(r"[?#]", url)
    return found.start() if found else len(url)


def _uniform(part: str, separate: re.Pattern[str]) -> str:
    """`part` with escapes in capitals, nothing escaped that need not be, all else escaped."""
    return separate.sub(_escaped, part)


def _escaped(match: re.Match[str]) -> str:
    if match[1]:
        char = chr(int(match[1], 16))
        return char if char in _UNRESERVED else f"%{match[1].upper()}"
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "surrogatepass"))


def _without_dots(path: str) -> str:
    """`path` with `.` and `..` segments resolved; empty segments stay, servers tell them apart."""
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            if kept:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def _without_tracking(query: str) -> str:
    if not query:
        return ""
    kept = (pair for pair in query.split("&") if pair and not _tracks(pair))
    return _uniform("&".join(kept), _SEPARATE_IN_QUERY)


def _tracks(pair: str) -> bool:
    return _TRACKING.match(unquote(pair.partition("=")[0]).lower()) is not None


class LinkJoiner:
    """Joins the links of one page to its base URL. `join` equals `urljoin`, cheaply.

    Blanks and control characters around a link are not part of it, as in a browser.
    """

    def __init__(self, base: str) -> None:
        self.base = base
        try:
            parts = urlsplit(base)
        except ValueError:  # then only absolute links can be joined
            parts = urlsplit("")
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
