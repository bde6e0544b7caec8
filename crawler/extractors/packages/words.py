"""The catalogue's words about packages: hosts that are noise, flags that are remote switches."""

from __future__ import annotations

import re
from functools import cached_property

import msgspec


class PackageWords(msgspec.Struct, frozen=True, dict=True, forbid_unknown_fields=True):
    """`catalogue/packages.yaml`: see there for what the lists mean."""

    noise_hosts: tuple[str, ...] = ()
    remote_switches: tuple[str, ...] = ()

    def is_noise(self, host: str) -> bool:
        """Whether `host`, or a host above it, stands in the code of every framework."""
        labels = host.split(".")
        return any(".".join(labels[at:]) in self._hosts for at in range(len(labels)))

    @cached_property
    def _hosts(self) -> frozenset[str]:
        return frozenset(self.noise_hosts)

    @cached_property
    def switches(self) -> re.Pattern[str] | None:
        """Finds a flag as a name of its own: `isAudit` in `e.isAudit`, not in `isAuditorium`."""
        if not self.remote_switches:
            return None
        names = "|".join(map(re.escape, sorted(self.remote_switches, key=len, reverse=True)))
        return re.compile(rf"(?<![A-Za-z0-9])(?:{names})(?![a-z0-9])")
