"""What belongs to a crawl: host, depth and path rules of a target."""

from __future__ import annotations

import re

from core.errors import BadInput
from core.target import Target
from core.urls import registrable_domain, split_host

_SKIPPED_SUFFIXES = re.compile(
    r"\.(?:png|jpe?g|gif|webp|avif|bmp|ico|svg|css|js|mjs|map|woff2?|ttf|eot|mp[34]|m4[av]|avi|mov|"
    r"webm|zip|rar|7z|gz|tgz|bz2|xz|exe|msi|dmg|iso|pdf|docx?|xlsx?|pptx?|apk|ipa)$",
    re.IGNORECASE,
)


class ScopeGate:
    """Says whether a URL belongs to a target's crawl. Cheap: answers are kept by host."""

    def __init__(self, target: Target) -> None:
        self._stay_on = target.scope.stay_on
        self._include = _patterns(target, "include")
        self._exclude = _patterns(target, "exclude")
        self._homes = {self._home(split_host(seed)) for seed in target.seeds}
        self._homes |= {self._home(host) for host in target.network.allow}
        self._known: dict[str, bool] = {}

    def _home(self, host: str) -> str:
        return host if self._stay_on == "host" else registrable_domain(host)

    def admits(self, url: str) -> bool:
        """Whether `url` (absolute) may be fetched as a surface of this target."""
        scheme, separator, rest = url.partition("://")
        if not separator or scheme not in ("http", "https"):
            return False
        authority = rest.partition("/")[0]
        known = self._known.get(authority)
        if known is None:
            host = split_host(url)
            known = bool(host) and (self._stay_on == "anywhere" or self._home(host) in self._homes)
            self._known[authority] = known
        if not known:
            return False
        if any(pattern.search(url) for pattern in self._exclude):
            return False
        return not self._include or any(pattern.search(url) for pattern in self._include)


def looks_like_page(url: str) -> bool:
    """False for links that lead to pictures, scripts, archives and documents."""
    path = url.partition("?")[0].partition("#")[0]
    return not _SKIPPED_SUFFIXES.search(path[-6:])


def _patterns(target: Target, name: str) -> list[re.Pattern[str]]:
    compiled = []
    for pattern in getattr(target.scope, name):
        try:
            compiled.append(re.compile(pattern))
        except re.error as error:
            raise BadInput(
                f"target `{target.id}`: scope.{name}: bad pattern `{pattern}`: {error}"
            ) from error
    return compiled
