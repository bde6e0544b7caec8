"""One entry of a listing, whatever it was read from: named texts and the addresses it declares."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

import msgspec

from core.gap import Gap
from core.urls import LinkJoiner, scheme_of
from crawler.sources.json_text import decode_json
from crawler.sources.markup import MarkupText, read_markup

MAX_ENTRIES_PER_PAGE = 10_000
MAX_NAME = 120
"""Characters of a field name: nested keys are joined, and a hostile key may be long."""
MAX_DEPTH = 8
"""Levels of nested JSON that get field names of their own; deeper texts share the last one."""

PICTURE_FIELDS = ("icon", "screenshots", "qr_pictures")
DOMAIN_FIELDS = ("request_domains", "webview_domains")
LINK_FIELDS = ("links",)
EXPORT_FIELDS = (
    "platform",
    "app_id",
    "original_id",
    "name",
    "intro",
    "category",
    "owner",
    "icon",
    "pages",
    "screenshots",
    "qr_pictures",
    "request_domains",
    "webview_domains",
    "links",
    "update_notes",
    "package",
    "version",
    "url",
    "snapshot_time",
)
"""The field names of docs/listing-export.md, in its order."""

ALIASES = {
    "introduction": "intro",
    "description": "intro",
    "releasenotes": "update_notes",
    "packagename": "package",
    "平台": "platform",
    "应用id": "app_id",
    "小程序id": "app_id",
    "原始id": "original_id",
    "名称": "name",
    "小程序名称": "name",
    "应用名称": "name",
    "简介": "intro",
    "介绍": "intro",
    "类目": "category",
    "分类": "category",
    "主体": "owner",
    "主体名称": "owner",
    "开发者": "owner",
    "图标": "icon",
    "页面": "pages",
    "截图": "screenshots",
    "二维码": "qr_pictures",
    "请求域名": "request_domains",
    "业务域名": "webview_domains",
    "链接": "links",
    "更新说明": "update_notes",
    "包名": "package",
    "版本": "version",
    "网址": "url",
    "快照时间": "snapshot_time",
}
"""Other headings an export may use, folded: lower case, without blanks, `_` and `-`."""

_FOLD = re.compile(r"[\s_-]+")
_LIST_BREAK = re.compile(r"[\s|]+|,(?=(?:[A-Za-z][A-Za-z0-9+.-]*:)?//|data:|weixin:)")
_DOMAIN_BREAK = re.compile(r"[\s|,;,;、]+")
_MARKUP = re.compile(r"</?[A-Za-z][^<>]{0,2000}>|&(?:[A-Za-z]{2,8}|#\d{1,7}|#x[0-9A-Fa-f]{1,6});")

_KNOWN = {_FOLD.sub("", name): name for name in EXPORT_FIELDS}


class EntryFields(msgspec.Struct, frozen=True):
    """One app or mini-program as a listing tells it.

    `fields` maps a field name (`docs/listing-export.md`, or a column's own name) to its text, in
    the order of the source; the texts of page i are `pages[i].path` and `pages[i].text`.
    `follow` is the absolute URL of the entry's own page, to be fetched and joined, or "".
    `pictures` are absolute URLs or `data:` URIs; `domains` the declared request and web-view
    domains as written; `links` absolute where they have a web scheme, else as written.
    """

    fields: dict[str, str]
    follow: str = ""
    pictures: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    """Fields that the target expects of every entry and this one lacks."""


class ListingPage(msgspec.Struct, frozen=True):
    """One page of a listing. `next_page` is an absolute URL, or "" at the end; `next_body` the JSON
    to be posted there, or "" for a GET. `more_pages` are the pages that an index names."""

    entries: tuple[EntryFields, ...]
    next_page: str = ""
    gaps: tuple[Gap, ...] = ()
    next_body: str = ""
    more_pages: tuple[str, ...] = ()


def field_name(heading: str) -> str:
    """Our name for a column or key: `App ID`, `appId` and `小程序ID` are `app_id`.

    An unknown heading is kept as it is (blanks trimmed, at most MAX_NAME characters).
    """
    return _field_name(heading[: MAX_NAME * 2])


@lru_cache(maxsize=4_096)
def _field_name(heading: str) -> str:
    folded = _FOLD.sub("", heading).casefold()
    return _KNOWN.get(folded) or ALIASES.get(folded) or heading.strip()[:MAX_NAME]


def is_known(name: str) -> bool:
    """Whether `name` is a field of docs/listing-export.md."""
    return name in EXPORT_FIELDS


def entry_from_record(
    record: Mapping[str, object],
    base_url: str = "",
    *,
    rename: Mapping[str, str] | None = None,
) -> EntryFields:
    """An entry from a row or a JSON object. `rename` maps the source's names to ours.

    Nested values become fields of their own (`developer.name`, `tags[0]`); markup in a text is
    read as a browser would show it, its links and pictures kept. Relative addresses are joined
    to `base_url`.
    """
    gathered = _Gathered(base_url)
    for key, value in record.items():
        renamed = rename.get(key) if rename else None
        gathered.take(renamed or field_name(key), value)
    return gathered.entry()


def split_list(name: str, value: object) -> list[str]:
    """The members of a list field: a JSON list, JSON text, or text with the usual separators."""
    if isinstance(value, str):
        if value.lstrip().startswith("["):
            decoded = decode_json(value.encode("utf-8", "replace"))
            if isinstance(decoded, list):
                return split_list(name, decoded)
        pattern = _DOMAIN_BREAK if name in DOMAIN_FIELDS else _LIST_BREAK
        return [part for part in pattern.split(value) if part]
    members = value if isinstance(value, list | tuple) else [value]
    return [text for member in members for text in _member_texts(member)]


def joiner_for(url: str) -> LinkJoiner:
    """A joiner for `url`; one that leaves addresses as written where `url` is no URL."""
    try:
        return LinkJoiner(url)
    except ValueError:
        return LinkJoiner("")


def absolute(joiner: LinkJoiner, address: str) -> str:
    """`address` joined to the page's URL where it is relative; as written if it is no URL."""
    scheme = scheme_of(address)
    if scheme and scheme not in ("http", "https"):
        return address
    try:
        return joiner.join(address)
    except ValueError:
        return address


class _Gathered:
    """Collects the texts of one entry; lists, because joining strings piecemeal is quadratic."""

    def __init__(self, base_url: str) -> None:
        self._joiner = joiner_for(base_url)
        self._texts: dict[str, list[str]] = {}
        self._pictures: dict[str, None] = {}
        self._domains: dict[str, None] = {}
        self._links: dict[str, None] = {}

    def take(self, name: str, value: object) -> None:
        if name in PICTURE_FIELDS:
            self._addresses(name, value, self._pictures)
        elif name in LINK_FIELDS:
            self._addresses(name, value, self._links)
        elif name in DOMAIN_FIELDS:
            members = split_list(name, value)
            self._domains.update(dict.fromkeys(members))
            self._add(name, "\n".join(members))
        elif name == "pages":
            for position, page in enumerate(_pages(value)):
                for part, text in page.items():
                    for leaf, inner in _leaves(f"pages[{position}].{part}", text, 2):
                        self._text(leaf, inner)
        elif name == "url" and isinstance(value, str) and value:
            self._add(name, absolute(self._joiner, value.strip()))
        else:
            for leaf, text in _leaves(name, value, 0):
                self._text(leaf, text)

    def entry(self) -> EntryFields:
        return EntryFields(
            fields={name: "\n".join(texts) for name, texts in self._texts.items()},
            pictures=tuple(self._pictures),
            domains=tuple(self._domains),
            links=tuple(self._links),
        )

    def _addresses(self, name: str, value: object, kept: dict[str, None]) -> None:
        members = [absolute(self._joiner, member) for member in split_list(name, value)]
        kept.update(dict.fromkeys(members))
        self._add(name, "\n".join(members))

    def _text(self, name: str, text: str) -> None:
        if "<" in text or "&" in text:
            read = read_markup(text) if _MARKUP.search(text) else MarkupText(text)
            self._links.update(dict.fromkeys(absolute(self._joiner, u) for u in read.links))
            self._pictures.update(dict.fromkeys(absolute(self._joiner, u) for u in read.pictures))
            text = read.text
        self._add(name, text)

    def _add(self, name: str, text: str) -> None:
        clean = _storable(text).strip()
        if clean:
            self._texts.setdefault(_storable(name), []).append(clean)


def _storable(text: str) -> str:
    """`text` without lone surrogates (an export that cut an emoji in half), which no file takes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def _pages(value: object) -> Iterator[Mapping[str, object]]:
    """Pages as {path, text}: a list of objects or texts, a mapping path -> text, or one text."""
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        decoded = decode_json(value.encode("utf-8", "replace"))
        value = value if decoded is None else decoded
    if isinstance(value, Mapping):
        if "text" in value or "path" in value:
            yield value
        else:
            yield from ({"path": str(path), "text": text} for path, text in value.items())
    elif isinstance(value, list | tuple):
        for page in value:
            yield page if isinstance(page, Mapping) else {"text": page}
    else:
        yield {"text": value}


def _member_texts(member: object) -> Iterable[str]:
    """A list member's texts; of an object (`{"url": ...}`) those of its values."""
    return [text for _, text in _leaves("", member, MAX_DEPTH - 3) if text]


def _leaves(name: str, value: object, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif value is None:
        return
    elif isinstance(value, bool):
        yield name, "true" if value else "false"
    elif isinstance(value, Mapping | list | tuple) and depth >= MAX_DEPTH:
        yield from ((name, text) for text in _deep_texts(value))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(f"{name}.{key[:MAX_NAME]}"[:MAX_NAME], inner, depth + 1)
    elif isinstance(value, list | tuple):
        for position, inner in enumerate(value):
            yield from _leaves(f"{name[:MAX_NAME]}[{position}]", inner, depth + 1)
    else:
        yield name, str(value)


def _deep_texts(value: object) -> Iterator[str]:
    """All texts below `value`, in order, without recursion: nesting may be hostile."""
    waiting = [value]
    while waiting:
        current = waiting.pop()
        if isinstance(current, Mapping):
            waiting.extend(reversed(list(current.values())))
        elif isinstance(current, list | tuple):
            waiting.extend(reversed(current))
        elif current is not None:
            yield str(current)
