"""Which links hide where they lead, and which places are known already: from the catalogue.

The crawler may not import the classifiers, whose schema checks these files; of what they say it
needs hosts and parameters alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import msgspec

from core.nested_targets import nested_target
from core.strict_yaml import load_yaml
from core.urls import split_host

_OPAQUE = frozenset({"short_link", "promoter_link", "app_link"})
"""Kinds of hosts that show nothing of their own: they only lead on."""


class _HostGroup(msgspec.Struct, frozen=True):
    kind: str
    hosts: tuple[str, ...]


class _Redirector(msgspec.Struct, frozen=True):
    kind: str
    path: str
    parameter: str
    host: str = ""


class _Redirectors(msgspec.Struct, frozen=True):
    hosts: tuple[_HostGroup, ...]
    nested_parameters: tuple[str, ...]
    redirectors: tuple[_Redirector, ...]


class _Entity(msgspec.Struct, frozen=True):
    domains: dict[str, tuple[str, ...]] = {}
    hosts: tuple[str, ...] = ()


class _Exchanges(msgspec.Struct, frozen=True):
    entities: tuple[_Entity, ...]


class _Message(msgspec.Struct, frozen=True):
    pattern: str


class _Messaging(msgspec.Struct, frozen=True):
    links: tuple[_Message, ...]


_REMEMBERED_HOSTS = 50_000


class LinkHosts:
    """Opaque hosts, redirectors, and hosts of listed entities. Cheap: answers are kept by host."""

    def __init__(
        self,
        opaque: Iterable[str],
        listed: Iterable[str],
        redirectors: Iterable[_Redirector] = (),
        nested_parameters: Iterable[str] = (),
        messaging: Iterable[str] = (),
    ) -> None:
        self._opaque = frozenset(opaque)
        self._listed = frozenset(listed)
        self.nested_parameters = frozenset(name.lower() for name in nested_parameters)
        self._redirectors: dict[str, list[_Redirector]] = {}
        self._anywhere: list[tuple[re.Pattern[str], str]] = []
        for one in redirectors:
            if one.host:
                self._redirectors.setdefault(one.host, []).append(one)
            elif one.path.startswith("^"):
                self._anywhere.append((re.compile(one.path), one.parameter.lower()))
        self._messaging = [re.compile(pattern, re.IGNORECASE) for pattern in messaging]
        names = {name for _, name in self._anywhere}
        names |= {one.parameter for group in self._redirectors.values() for one in group}
        self._redirecting = re.compile(
            f"[?&#](?:{'|'.join(map(re.escape, sorted(names)))})=", re.IGNORECASE
        )
        self._known: dict[str, bool] = {}

    @classmethod
    def load(cls, catalogue: Path) -> LinkHosts:
        """From three files of `catalogue`. Raises CatalogueError."""
        links = load_yaml(catalogue / "redirectors.yaml", _Redirectors).value
        entities = load_yaml(catalogue / "exchanges.yaml", _Exchanges).value.entities
        messaging = load_yaml(catalogue / "messaging.yaml", _Messaging).value.links
        return cls(
            (host for group in links.hosts if group.kind in _OPAQUE for host in group.hosts),
            (
                host
                for one in entities
                for hosts in (*one.domains.values(), one.hosts)
                for host in hosts
            ),
            (one for one in links.redirectors if one.kind == "redirector"),
            links.nested_parameters,
            (one.pattern for one in messaging),
        )

    def hiding(self, urls: Iterable[str]) -> list[str]:
        """Those of `urls` (absolute) of which nobody can tell where they lead in the end.

        A redirector whose address names its target hides no more than that target does.
        """
        found = []
        known = self._known
        for url in urls:
            pieces = url.split("/", 3)
            if len(pieces) < 3 or pieces[0][:4] not in ("http", "HTTP"):
                continue
            opaque = known.get(pieces[2])
            if opaque is None:
                if len(known) >= _REMEMBERED_HOSTS:
                    known.clear()
                opaque = known[pieces[2]] = self._is_opaque(split_host(url))
            if opaque or ("=" in url and self._redirects_on(url)):
                found.append(url)
        return found

    def _is_opaque(self, host: str) -> bool:
        return _covers(self._opaque, host) and not _covers(self._listed, host)

    def _redirects_on(self, url: str) -> bool:
        """Whether `url` is a redirector's and leads to an opaque host, or its target is coded."""
        if not self._redirecting.search(url):
            return False
        parameters = self._redirects_by(url)
        target = nested_target(url, parameters) if parameters else ""
        if target:
            return self._is_opaque(split_host(target))
        return split_host(url) in self._redirectors and _holds(url, parameters)

    def is_listed(self, url: str) -> bool:
        """Whether the catalogue knows what `url` is: on a host of an exchange, wallet or other
        entity, or an invitation to a private channel."""
        if _covers(self._listed, split_host(url)):
            return True
        return any(pattern.search(url) for pattern in self._messaging)

    def redirector_target(self, url: str) -> str:
        """Where a known redirector sends `url`, read from its address; "" for other addresses."""
        return nested_target(url, self._redirects_by(url)) if "=" in url else ""

    def _redirects_by(self, url: str) -> tuple[str, ...]:
        """Names of the parameters that hold the target of `url` if it is a known redirector's."""
        try:
            path = urlsplit(url).path or "/"
        except ValueError:
            return ()
        for one in self._redirectors.get(split_host(url), ()):
            if path.startswith(one.path):
                return (one.parameter.lower(),)
        return tuple(name for pattern, name in self._anywhere if pattern.search(path))


def _holds(url: str, parameters: tuple[str, ...]) -> bool:
    keys = {key.lower() for key, _ in parse_qsl(urlsplit(url).query)}
    return not keys.isdisjoint(parameters)


def _covers(hosts: frozenset[str], host: str) -> bool:
    """Whether `host` is one of `hosts` or below one."""
    while host:
        if host in hosts:
            return True
        host = host.partition(".")[2]
    return False
