"""Links that open a mini-program: which one and which page, read from the link alone.

Shapes as the platforms document them (WeChat `generatescheme` and `genwxashortlink`) or public code
uses them. Links with a ticket instead of an id (`?t=`, wxaurl.cn, `#小程序://`) tell only their
platform where they lead: they are `opaque`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

MAX_DECODINGS = 3
_HINT = re.compile(
    r"(?i)weixin://dl/business|wxa?(?:mp)?url\.cn/|小程序://|alipays?://|\b(?:ds|render|ur)\.alipay\.com|"
    r"://(?:microapp|openplatform/share)|baiduboxapp://swan/|kwai://miniapp|//m\.q\.qq\.com/a/"
)
_SHORT_TEXT = re.compile(r"#?小程序://(?P<name>[^/\s]{1,60})/(?P<token>[\w-]{8,40})")
_ADDRESS = re.compile(r"(?i)\b[a-z][a-z0-9+.-]{1,20}://[^\s\"'<>\\^`{|}]+")
_ORIGINAL_ID = re.compile(r"(?<![0-9A-Za-z])gh_[0-9a-f]{12}(?![0-9a-f])")
_APP_ID = re.compile(r"[A-Za-z0-9_-]{2,64}")
_LIFE_ACCOUNT = "20000042"
_WRAPPERS = ("ds.alipay.com", "render.alipay.com", "ur.alipay.com")


class MiniProgramLink(msgspec.Struct, frozen=True):
    """What a link says about the mini-program that it opens.

    `page` is its path with query, decoded; `name` what a share text calls it; `nested` the
    addresses inside page and query. `opaque`: the platform alone knows which one it is.
    """

    platform: str
    app_id: str = ""
    page: str = ""
    name: str = ""
    nested: tuple[str, ...] = ()
    opaque: bool = False

    @property
    def address(self) -> str:
        """Stable name of what is opened, the same however a link writes it; "" where opaque."""
        if not self.app_id:
            return ""
        page = f"/{self.page.lstrip('/')}" if self.page else ""
        return f"mini-program:{self.platform}/{self.app_id}{page}"


def may_hold_link(text: str) -> bool:
    """Whether `text` holds anything that `mini_program_link` could read. Cheap."""
    return _HINT.search(text) is not None


def mini_program_link(url: str) -> MiniProgramLink | None:
    """What `url` (or a share text `#小程序://...`) opens, or None where it opens none."""
    if not may_hold_link(url):
        return None
    short = _SHORT_TEXT.search(url)
    if short:
        return MiniProgramLink("wechat", name=short["name"], opaque=True)
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    read = _READERS.get(parts.scheme.lower()) or _WEB.get(host)
    if read is None and re.fullmatch(r"snssdk\d{1,6}", parts.scheme.lower()):
        read = _douyin
    return read(_Parts(host, parts.path, dict(parse_qsl(parts.query)))) if read else None


def original_ids(text: str) -> tuple[str, ...]:
    """WeChat original account ids (`gh_` and 12 hexadecimal digits) in `text`, each once: saved
    pictures of codes are called by them."""
    return tuple(dict.fromkeys(_ORIGINAL_ID.findall(text)))


def addresses_in(text: str) -> tuple[str, ...]:
    """Addresses in `text`, plain or percent-encoded up to MAX_DECODINGS times, each once."""
    found: dict[str, None] = {}
    for _ in range(MAX_DECODINGS + 1):
        for match in _ADDRESS.finditer(text):
            found.setdefault(match[0].rstrip(".,;:!?)"))
        decoded = unquote(text)
        if decoded == text or found:
            break
        text = decoded
    return tuple(found)


class _Parts(msgspec.Struct, frozen=True):
    host: str
    path: str
    query: dict[str, str]


_Reader = Callable[[_Parts], MiniProgramLink | None]


def _opened(platform: str, app_id: str, page: str, *more: str) -> MiniProgramLink | None:
    if not _APP_ID.fullmatch(app_id):
        return None
    written = "?".join(filter(None, (page, *more)))
    nested = tuple(
        dict.fromkeys(address for part in (page, *more) for address in addresses_in(part))
    )
    return MiniProgramLink(platform, app_id, _decoded(written), nested=nested)


def _decoded(text: str) -> str:
    """`text` decoded as far as it is encoded, at most MAX_DECODINGS times in all (the query's own
    decoding was the first)."""
    for _ in range(MAX_DECODINGS - 1):
        plain = unquote(text)
        if plain == text:
            break
        text = plain
    return text[:1_000]


def _wechat(at: _Parts) -> MiniProgramLink | None:
    if at.host != "dl" or at.path.rstrip("/") != "/business":
        return None
    if at.query.get("appid"):
        return _opened(
            "wechat", at.query["appid"], at.query.get("path", ""), at.query.get("query", "")
        )
    return MiniProgramLink("wechat", opaque=True) if at.query.get("t") else None


def _wechat_ticket(at: _Parts) -> MiniProgramLink | None:
    return MiniProgramLink("wechat", opaque=True) if at.path.strip("/") else None


def _alipay(at: _Parts) -> MiniProgramLink | None:
    app_id = at.query.get("appId") or at.query.get("appid") or at.query.get("saId") or ""
    if at.host != "platformapi" or not app_id:
        return None
    if app_id == _LIFE_ACCOUNT and at.query.get("publicId"):
        return _opened("alipay-life-account", at.query["publicId"], "")
    return _opened("alipay", app_id, at.query.get("page", ""), at.query.get("query", ""))


def _alipay_wrapped(at: _Parts) -> MiniProgramLink | None:
    scheme = _decoded(at.query.get("scheme", ""))
    if scheme and not scheme.lower().startswith(("http:", "https:")):
        return mini_program_link(at.query["scheme"]) or mini_program_link(scheme)
    short = at.host == "ur.alipay.com" and at.path.strip("/")
    return MiniProgramLink("alipay", opaque=True) if short else None


def _douyin(at: _Parts) -> MiniProgramLink | None:
    if at.host == "microapp":
        page = at.query.get("start_page", "")
        return _opened("douyin", at.query.get("app_id", ""), page, at.query.get("query", ""))
    if at.host == "openplatform" and at.query.get("micro_app_info"):
        shared = _object(at.query["micro_app_info"])
        opened = _opened("douyin", str(shared.get("appId") or ""), str(shared.get("appUrl") or ""))
        title = str(shared.get("appTitle") or "")[:120]
        return msgspec.structs.replace(opened, name=title) if opened else None
    return None


def _baidu(at: _Parts) -> MiniProgramLink | None:
    """The app key is case-sensitive, so it is not taken from where a host would stand."""
    if at.host != "swan":
        return None
    key, _, page = at.path.lstrip("/").partition("/")
    options = _object(at.query.pop("_baiduboxapp", "{}"))
    inner = [str(value) for value in options.values() if isinstance(value, str)]
    rest = "&".join(f"{name}={value}" for name, value in at.query.items())
    opened = _opened("baidu", key.partition("_dev")[0], page, rest)
    if opened is None:
        return None
    more = tuple(address for text in inner for address in addresses_in(text))
    return msgspec.structs.replace(opened, nested=tuple(dict.fromkeys((*opened.nested, *more))))


def _kuaishou(at: _Parts) -> MiniProgramLink | None:
    return (
        _opened("kuaishou", at.query.get("appId", ""), at.query.get("path", ""))
        if (at.host == "miniapp")
        else None
    )


def _qq(at: _Parts) -> MiniProgramLink | None:
    match = re.match(r"/a/[ps]/([A-Za-z0-9]{2,64})", at.path)
    return MiniProgramLink("qq", match[1]) if match else None


def _object(text: str) -> dict[str, object]:
    """The JSON object in `text`, encoded or not; empty where there is none."""
    for candidate in _levels(text):
        try:
            data = json.loads(candidate)
        except (ValueError, RecursionError):
            continue
        return data if isinstance(data, dict) else {}
    return {}


def _levels(text: str) -> Iterator[str]:
    for _ in range(MAX_DECODINGS):
        yield text
        text = unquote(text)


_READERS: dict[str, _Reader] = {
    "weixin": _wechat,
    "alipay": _alipay,
    "alipays": _alipay,
    "sslocal": _douyin,
    "baiduboxapp": _baidu,
    "kwai": _kuaishou,
}
_WEB: dict[str, _Reader] = {
    "wxaurl.cn": _wechat_ticket,
    "wxmpurl.cn": _wechat_ticket,
    "m.q.qq.com": _qq,
    **dict.fromkeys(_WRAPPERS, _alipay_wrapped),
}
