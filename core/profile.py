"""Client profiles: the visitor as whom a page is seen, in HTTP and in a browser alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

import msgspec

from core.capture import OWN_PROFILE
from core.errors import BadInput
from core.strict_yaml import did_you_mean, load_yaml

System = Literal["Windows", "Android"]
_ID = re.compile(r"[a-z][a-z0-9_]{0,31}")
_MAJOR = re.compile(r"Chrome/(\d+)\.")
_SCRIPT_PLATFORMS: dict[System, str] = {"Windows": "Win", "Android": "Linux "}
"""How `navigator.platform` begins on each system."""


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind of visitor. What is sent and what scripts see is derived from these few facts, so
    that it agrees; a profile that contradicts itself is refused (ValueError).

    `viewport` is (width, height) in CSS pixels. `script_platform` is `navigator.platform`.
    `brands` are name and version of `Sec-CH-UA`, in order. `source` says where the facts are from.
    """

    id: str
    source: str
    user_agent: str
    system: System
    system_version: str
    script_platform: str
    viewport: tuple[int, int]
    device_scale: float
    languages: tuple[str, ...]
    accept: str
    brands: tuple[tuple[str, str], ...]
    model: str = ""
    touch: bool = False
    referer: str = ""
    headers: dict[str, str] = {}

    def __post_init__(self) -> None:
        contradiction = next(self._contradictions(), "")
        if contradiction:
            raise ValueError(f"profile `{self.id}`: {contradiction}")

    def _contradictions(self) -> Iterator[str]:
        agent, mobile = self.user_agent, "Mobile" in self.user_agent
        if not _ID.fullmatch(self.id) or self.id == OWN_PROFILE:
            yield "its id is taken or not made of a-z, 0-9 and _"
        if self.system not in agent:
            yield f"its user agent does not name {self.system}"
        if mobile != self.touch or mobile != (self.system == "Android"):
            yield "user agent, system and touch disagree on whether it is a phone"
        if not self.script_platform.startswith(_SCRIPT_PLATFORMS[self.system]):
            yield f"script_platform does not fit {self.system}"
        if (self.viewport[0] < self.viewport[1]) != mobile:
            yield "the viewport's shape does not fit"
        major = _MAJOR.search(agent)
        if major is None or ("Chromium", major[1]) not in self.brands:
            yield "user agent and brands name different versions of Chromium"
        if not self.languages:
            yield "it has no language"

    @property
    def accept_language(self) -> str:
        """As Chromium writes it: weights fall by 0.1."""
        weighted = [
            language if not place else f"{language};q={max(0.1, 1 - place / 10):.1f}"
            for place, language in enumerate(self.languages)
        ]
        return ",".join(weighted)

    def http_headers(self, *, secure: bool) -> dict[str, str]:
        """What the visitor sends with a page request. Hints (`Sec-...`) go over TLS alone, as in
        Chromium."""
        sent = {
            "User-Agent": self.user_agent,
            "Accept": self.accept,
            "Accept-Language": self.accept_language,
            "Upgrade-Insecure-Requests": "1",
            **self.headers,
        }
        if self.referer:
            sent["Referer"] = self.referer
        if secure:
            brands = ", ".join(f'"{name}";v="{version}"' for name, version in self.brands)
            sent |= {
                "Sec-CH-UA": brands,
                "Sec-CH-UA-Mobile": "?1" if self.touch else "?0",
                "Sec-CH-UA-Platform": f'"{self.system}"',
                "Sec-Fetch-Site": "cross-site" if self.referer else "none",
                "Sec-Fetch-Mode": "navigate",
                "Sec-Fetch-User": "?1",
                "Sec-Fetch-Dest": "document",
            }
        return sent


class _ProfilesFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    profiles: tuple[Profile, ...]


def load_profiles(catalogue: Path) -> dict[str, Profile]:
    """All profiles of `catalogue`/profiles.yaml, by id. Raises CatalogueError on the first wrong
    line."""
    source = load_yaml(catalogue / "profiles.yaml", _ProfilesFile)
    found: dict[str, Profile] = {}
    for position, profile in enumerate(source.value.profiles):
        if profile.id in found:
            raise source.error(f"duplicate profile id `{profile.id}`", "profiles", position, "id")
        found[profile.id] = profile
    return found


def profiles_named(names: Iterable[str], catalogue: Path) -> tuple[Profile, ...]:
    """The profiles a target names, in its order. Raises BadInput for an unknown one."""
    wanted = tuple(names)
    known = load_profiles(catalogue) if wanted else {}
    for name in wanted:
        if name not in known:
            raise BadInput(
                f"unknown client profile `{name}`{did_you_mean(name, known)}",
                hint=f"catalogue/profiles.yaml has {', '.join(known)}",
            )
    return tuple(known[name] for name in wanted)
