"""What a link, a QR payload or a deep link leads to, read from its address alone.

Hosts are looked up by registrable domain (private suffixes counted) and by exact host suffix;
paths and parameters are compared with referral templates and host-independent shapes; targets
inside parameters are decoded to a bounded depth. Nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from ahocorasick_rs import AhoCorasick

from classifiers.schema import Catalogue, Entity
from core.nested_targets import target_in
from core.urls import ascii_host, registrable_domain

MAX_DEPTH = 3
"""A link inside a link inside a link; deeper nesting has not been seen."""

MAX_URL_CHARS = 4_096
_PLAIN_SIGNAL = {
    "info": "info_link",
    "mining": "mining_link",
    "rebate": "rebate_link",
    "launchpad": "launchpad_link",
    "wallet": "wallet_link",
}
_PLAIN = re.compile(
    r"(?i)https?://[a-z0-9.-]+(?::\d+)?(?:/(?:[a-z0-9._~/-]*)(?:\.(?:s?html?|php|aspx?|jsp|png|jpe?g|gif|css|js|svg|webp))?)?$"
)
_PLAIN_QUERY = re.compile(
    r"(?i)https?://[a-z0-9.-]+(?::\d+)?(?:/[a-z0-9._~/-]*)?\?([a-z0-9._~=&-]{0,200})$"
)
_LANGUAGE = re.compile(r"^/[a-z]{2}(?:[-_][A-Za-z]{2,4})?(?=/)")
_CODE = re.compile(r"^[A-Za-z0-9_-]{3,40}$")
_SIGN_UP = re.compile(
    r"(?i)/(?:register|signup|sign-up|join|invite|download|referral|landingpage|open-account)(?:[/?#.]|$)"
)
_PACKAGE_FILE = re.compile(r"(?i)\.(?:apk|xapk|apks|mobileconfig|ipa)(?:$|[?#])|/manifest\.plist")
_SWAP = re.compile(
    r"(?i)[?&#/](?:outputcurrency|outputmint|tokenout|buy|to)=?/?(?:0x[0-9a-f]{40}|[1-9a-hj-np-z]{43,44})"
)
_APPLE_ID = re.compile(r"(?i)(?:apps|itunes)\.apple\.com/.*?/?id(\d{6,12})")
_ANDROID_ID = re.compile(
    r"(?i)(?:play\.google\.com/store/apps/details\?[^\s]*?id=|market://details\?[^\s]*?id=|package=)([a-z0-9._]+)"
)
_TELLING = (
    "join", "invit", "/ref", "referr", "/u/", "/bg/", ".apk", ".xapk", ".ipa", "mobileconfig",
    ".plist", "0x", "swap", "appsflyer",
    "package", "t.me", "telegram.", "tg:", "weixin", "wechat", "wxaurl", "wxmpurl", "alipay",
    "snssdk", "sslocal", "baiduboxapp", "kwai:", "wxp", "qq.com", "mqq", "tencent:", "discord",
    "whatsapp", "wa.me", "line.me", "lin.ee", "x.com", "twitter.com", "itms", "testflight", "wc:",
    "wc?uri",
)  # fmt: skip
"""Pieces of which every referral shape told by its path alone, every messaging link and every
package address on an unknown host holds one. An address without any needs no closer look."""


class LinkSignal(NamedTuple):
    """One thing recognised about a link. `target` is the address it was read from."""

    signal: str
    entry: str
    target: str


class _Address(NamedTuple):
    url: str
    host: str
    path: str
    query: dict[str, str]
    fragment: str

    def parameters(self) -> dict[str, str]:
        """Those of the query, and those of a route in the fragment."""
        if "=" not in self.fragment:
            return self.query
        route = self.fragment.partition("?")[2] or self.fragment
        return {**dict(parse_qsl(route)), **self.query}


class _HostFacts(NamedTuple):
    entity: Entity | None
    role: str
    kinds: tuple[tuple[str, str], ...]
    fragments: int
    fragment_names: str


class LinkIndex:
    """The catalogue's facts about links, indexed. Its lookups are pure; results are remembered."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._entities = {entity.id: entity for entity in catalogue.exchanges.entities}
        self._domains: dict[str, tuple[Entity, str]] = {}
        self._schemes: dict[str, Entity] = {}
        self._packages: dict[str, Entity] = {}
        self._apple: dict[str, Entity] = {}
        for entity in catalogue.exchanges.entities:
            self._index_entity(entity)
        self._paths = {
            entity.id: [_template(path) for path in entity.referral_paths]
            for entity in catalogue.exchanges.entities
        }
        self._parameters = frozenset(p.lower() for p in catalogue.exchanges.referral_parameters)
        self._shapes = [
            (
                shape,
                re.compile(shape.path) if shape.path else None,
                {k: re.compile(v) for k, v in shape.query.items()},
                re.compile(shape.fragment) if shape.fragment else None,
            )
            for shape in catalogue.exchanges.shapes
        ]
        self._fragments = catalogue.exchanges.mirror_fragments
        self._host_kinds: dict[str, tuple[str, str]] = {}
        for group in catalogue.redirectors.hosts:
            for host in group.hosts:
                self._host_kinds[host] = (group.kind, group.id)
        self._nested = frozenset(p.lower() for p in catalogue.redirectors.nested_parameters)
        self._telling = (
            self._nested
            | self._parameters
            | {key.lower() for shape in catalogue.exchanges.shapes for key in shape.query}
            | {key for shape in catalogue.exchanges.shapes for key in shape.parameters}
            | {"id", "to", "buy"}
        )
        self._messaging = [
            (link, re.compile(link.pattern, re.IGNORECASE)) for link in catalogue.messaging.links
        ]
        self._messaging_hint = re.compile(
            r"(?i)t\.me|telegram\.|^tg:|weixin|wechat|wxaurl|wxmpurl|alipay|snssdk|sslocal|baiduboxapp|"
            r"kwai:|^wxp|qq\.com|mqq|tencent:|discord|whatsapp|wa\.me|line\.me|lin\.ee|(?:x|twitter)\.com|"
            r"itms|testflight|^wc:|wc\?uri|小程序"
        )
        self._telling_pieces = AhoCorasick(_TELLING, store_patterns=False)
        self._facts = lru_cache(maxsize=20_000)(self._host_facts)
        self.read = lru_cache(maxsize=20_000)(self._read)

    def _index_entity(self, entity: Entity) -> None:
        for role, domains in entity.domains.items():
            for domain in domains:
                self._domains[domain] = (entity, role)
        for host in entity.hosts:
            self._domains[host] = (entity, "mirror")
        for scheme in entity.schemes:
            self._schemes.setdefault(scheme.lower(), entity)
        for package in entity.packages:
            self._packages.setdefault(package.lower(), entity)
        for apple_id in entity.apple_ids:
            self._apple.setdefault(str(apple_id), entity)

    def is_plain(self, url: str) -> bool:
        """Whether `url` cannot carry a signal: unknown host, no parameters, ordinary path."""
        return _PLAIN.match(url) is not None and self._is_mute(url)

    def _is_mute(self, url: str) -> bool:
        """Whether nothing about an ordinary web address is known to be telling."""
        host = url.split("/", 3)[2].lower()
        facts = self._facts(host.partition(":")[0])
        if facts.entity is not None or facts.kinds or facts.fragments:
            return False
        return not self._telling_pieces.find_matches_as_indexes(url.lower())

    def _has_plain_query(self, url: str) -> bool:
        """Whether `url` has an ordinary path and no parameter that promoters use."""
        match = _PLAIN_QUERY.match(url)
        if match is None:
            return False
        keys = {pair.partition("=")[0].lower() for pair in match[1].split("&")}
        return self._telling.isdisjoint(keys)

    def _read(self, url: str, depth: int = 0) -> tuple[LinkSignal, ...]:
        """Everything recognised about `url`, targets inside it included."""
        url = _repair(url[:MAX_URL_CHARS])
        if self._has_plain_query(url) and self._is_mute(url):
            return ()
        found = list(self._messaging_signals(url))
        found += self._app_signals(url)
        try:
            parts = urlsplit(url)
            host = ascii_host(parts.hostname or "")
        except ValueError:
            return tuple(found)
        query = dict(parse_qsl(parts.query)) if parts.query else {}
        address = _Address(url, host, parts.path, query, parts.fragment)
        if host:
            found += self._host_signals(address)
        if depth < MAX_DEPTH:
            for target in self._nested_targets(address):
                inner = self._read(target, depth + 1)
                if inner:
                    found.append(LinkSignal("nested_target", "nested_target", target))
                    found += inner
        return tuple(dict.fromkeys(found))

    def _messaging_signals(self, url: str) -> Iterator[LinkSignal]:
        if self._messaging_hint.search(url):
            for link, pattern in self._messaging:
                if pattern.search(url):
                    signal = (
                        "wallet_pairing" if link.id == "wallet_pairing" else f"{link.kind}_link"
                    )
                    yield LinkSignal(signal, link.id, url)
                    return

    def _app_signals(self, url: str) -> Iterator[LinkSignal]:
        scheme = url.partition(":")[0].lower()
        if scheme in self._schemes:
            yield LinkSignal("exchange_deep_link", self._schemes[scheme].id, url)
        apple = _APPLE_ID.search(url)
        if apple and apple[1] in self._apple:
            yield LinkSignal("exchange_app_link", self._apple[apple[1]].id, url)
        android = _ANDROID_ID.search(url)
        if android and android[1].lower() in self._packages:
            yield LinkSignal("exchange_app_link", self._packages[android[1].lower()].id, url)
        if "appsflyer.com/" in url:
            package = url.partition("appsflyer.com/")[2].partition("?")[0].lower()
            if package in self._packages:
                yield LinkSignal("exchange_app_link", self._packages[package].id, url)
        if _PACKAGE_FILE.search(url):
            yield LinkSignal("package_link", "package_file", url)

    def _host_signals(self, address: _Address) -> Iterator[LinkSignal]:
        url = address.url
        facts = self._facts(address.host)
        for kind, entry in facts.kinds:
            yield LinkSignal(kind, entry, url)
        if _SWAP.search(url):
            yield LinkSignal("dex_swap_link", facts.entity.id if facts.entity else "swap", url)
        if facts.entity is not None:
            if facts.role != "infrastructure":
                yield from self._entity_signals(facts.entity, facts.role, address)
            return
        if facts.fragments:
            yield LinkSignal("mirror_host", facts.fragment_names, url)
        yield from self._shape_signals(address, known_host=bool(facts.fragments))

    def _shape_signals(self, address: _Address, *, known_host: bool) -> Iterator[LinkSignal]:
        query = address.query
        for shape, path, parameters, fragment in self._shapes:
            if path and not path.search(address.path):
                continue
            if fragment and not fragment.search(address.fragment):
                continue
            if shape.parameters and not _holds_code(query, shape.parameters):
                continue
            if all(key in query and p.search(query[key]) for key, p in parameters.items()):
                named = shape.strength == "named" and not known_host
                signal = "named_referral_shape" if named else "referral_shape"
                yield LinkSignal(signal, shape.id, address.url)
                return

    def _entity_signals(self, entity: Entity, role: str, address: _Address) -> Iterator[LinkSignal]:
        signal = _PLAIN_SIGNAL.get(entity.kind, "exchange_link")
        if entity.kind in ("info", "mining", "rebate"):
            yield LinkSignal(signal, entity.id, address.url)
            return
        if self._is_referral(entity, address):
            signal = "exchange_referral"
        elif signal == "exchange_link" and (
            _SIGN_UP.search(address.path) or "onelink" in address.host
        ):
            signal = "exchange_signup_link"
        yield LinkSignal(signal, entity.id, address.url)
        if role in ("mirror", "affiliate") and entity.kind != "wallet":
            yield LinkSignal("exchange_mirror_link", entity.id, address.url)

    def _is_referral(self, entity: Entity, address: _Address) -> bool:
        for key, value in address.parameters().items():
            known = key.lower() in self._parameters or key in entity.referral_parameters
            if known and value.strip("= _"):
                return True
        path = address.path
        bare = _LANGUAGE.sub("", path, count=1)
        return any(
            pattern.match(address.host + path)
            if tied
            else pattern.match(path) or pattern.match(bare)
            for tied, pattern in self._paths[entity.id]
        )

    def _nested_targets(self, address: _Address) -> Iterator[str]:
        for key, value in address.parameters().items():
            if key.lower() in self._nested:
                target = target_in(value)
                if target:
                    yield target

    def _host_facts(self, host: str) -> _HostFacts:
        kinds: list[tuple[str, str]] = []
        entity: Entity | None = None
        role = ""
        labels = host.split(".")
        for start in range(len(labels)):
            suffix = ".".join(labels[start:])
            if entity is None and suffix in self._domains and start < len(labels) - 1:
                entity, role = self._domains[suffix]
            if suffix in self._host_kinds:
                kinds.append(self._host_kinds[suffix])
        if entity is not None and not self._owns(host, entity):
            entity, role = None, ""
        names = [] if entity else [f for f in self._fragments if f in host]
        if names and entity is None:
            names = self._plausible_fragments(host, names)
        return _HostFacts(entity, role, tuple(kinds), len(names), "+".join(names))

    def _owns(self, host: str, entity: Entity) -> bool:
        """Whether the registrable domain of `host` is one of `entity`'s (or a listed full host)."""
        registered = registrable_domain(host)
        if registered in self._domains and self._domains[registered][0] is entity:
            return True
        return any(host == full or host.endswith("." + full) for full in entity.hosts)

    def _plausible_fragments(self, host: str, names: list[str]) -> list[str]:
        """A fragment counts in the registered label, at a border of it or as most of it."""
        registered = registrable_domain(host)
        label = registered.partition(".")[0]
        if registered == host:
            label = host.rpartition(".")[0].rpartition(".")[2] or host
        several = [name for name in names if name in label]
        if len(several) > 1:
            return several
        return [
            name
            for name in names
            if name in label
            and (label.startswith(name) or label.endswith(name))
            and (len(name) >= 5 or len(label) <= len(name) + 4)
        ]


def _holds_code(query: dict[str, str], names: tuple[str, ...]) -> bool:
    """Whether a parameter called one of `names` (small letters) holds what may be a code."""
    return any(key.lower() in names and _CODE.match(value) for key, value in query.items())


def _template(path: str) -> tuple[bool, re.Pattern[str]]:
    """A referral path template as (tied to a host, pattern)."""
    pattern = re.escape(path).replace(r"\{code\}", r"[A-Za-z0-9_-]{3,40}")
    return not path.startswith("/"), re.compile(
        rf"^{pattern}(?:/[A-Za-z0-9]{{1,12}})?/?$", re.IGNORECASE
    )


def _repair(url: str) -> str:
    """Payloads and texts write addresses loosely: upper case, no scheme, doubled `=`."""
    url = url.strip().strip("\u200b").replace("&amp;", "&").replace("?ref==", "?ref=")
    if url.startswith("//"):
        return f"https:{url}"
    if url[:8].upper() in ("HTTPS://", "HTTP://T") or url[:7].upper() == "HTTP://":
        head, separator, rest = url.partition("://")
        return f"{head.lower()}{separator}{rest}"
    if "://" not in url[:40] and re.match(
        r"(?i)^(?:www\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:[/?#]|$)", url
    ):
        return f"https://{url}"
    return url
