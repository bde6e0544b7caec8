"""Which scans may not run at once: those that fetch from one site."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core import Target
from core.urls import registrable_domain, split_host


def locks_of(targets: Iterable[Target], known: Iterable[Target] = ()) -> Mapping[str, str]:
    """The lock of each of `targets`, by its id.

    A job of the queue has one lock, a target may have several sites. So sites that occur together
    in a target, of `targets` or of the catalogue's `known` ones, are one group, and a lock is the
    first site of its group: targets that share a site, directly or over others, have the same.
    Without a site of its own (files) a target is locked against itself.
    """
    wanted = tuple(targets)
    leader: dict[str, str] = {}
    for target in (*known, *wanted):
        sites = sites_of(target)
        for site in sites:
            leader.setdefault(site, site)
        for site in sites[1:]:
            first, second = sorted((_leader(leader, sites[0]), _leader(leader, site)))
            leader[second] = first
    return {target.id: _lock(target, leader) for target in wanted}


def sites_of(target: Target) -> tuple[str, ...]:
    """The registrable domains (or addresses) of the seeds of a target, in order."""
    hosts = (split_host(seed) for seed in target.seeds if "://" in seed)
    return tuple(dict.fromkeys(registrable_domain(host) or host for host in hosts if host))


def _lock(target: Target, leader: Mapping[str, str]) -> str:
    sites = sites_of(target)
    return f"site:{_leader(leader, sites[0])}" if sites else f"target:{target.id}"


def _leader(leader: Mapping[str, str], site: str) -> str:
    while leader[site] != site:
        site = leader[site]
    return site
