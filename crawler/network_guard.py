"""Which addresses may be reached, for HTTP and browser alike.

A crawler that opens hostile pages can be steered at its own network: a link, a redirect or a DNS
answer that points at loopback, a private range or a cloud's metadata service. The policy is asked
about the address that is actually connected to, so that a name which changes its answer between
check and connect gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import unicodedata
from collections.abc import Iterable
from typing import Any

from scrapy.resolver import CachingHostnameResolver
from twisted.internet.interfaces import IHostResolution, IResolutionReceiver
from zope.interface import implementer

from core.errors import AddressRefused, BadInput
from core.urls import ascii_host

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_NOT_PUBLIC_EITHER = tuple(
    map(
        ipaddress.ip_network,
        (
            "168.63.129.16/32",  # Azure's host, which answers its virtual machines
            "192.0.0.0/24",  # RFC 6890; 192.0.0.192 is a metadata service
            "192.88.99.0/24",  # 6to4 relays, RFC 7526
            "64:ff9b:1::/48",  # NAT64 of the local network, RFC 8215
            "3fff::/20",  # documentation, RFC 9637
            "5f00::/16",  # segment routing, RFC 9602
            "fec0::/10",  # site-local, RFC 3879
        ),
    )
)
"""Networks that some Python releases of those we support call global, and are not for us."""


class AddressPolicy:
    """Public addresses, and what the target names: hosts, addresses or networks.

    `refused` remembers, by host, why an address was refused, so that a failed look-up can be
    told from a refusal.
    """

    def __init__(self, allow: Iterable[str] = ()) -> None:
        self._hosts: set[str] = set()
        self._networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
        self.refused: dict[str, str] = {}
        for entry in allow:
            self._add(entry)

    def _add(self, entry: str) -> None:
        if "/" in entry:
            try:
                self._networks.append(ipaddress.ip_network(entry, strict=False))
            except ValueError as error:
                raise BadInput(f"network.allow: `{entry}` is no network: {error}") from error
            return
        literal = literal_address(entry)
        if literal is None:
            self._hosts.add(ascii_host(entry))
        else:
            self._networks.append(ipaddress.ip_network(literal))

    def check(self, host: str, address: IpAddress) -> None:
        """Raise AddressRefused unless `address`, found for `host`, may be connected to."""
        if is_public(address) or ascii_host(host) in self._hosts:
            return
        plain = _unmapped(address)
        if any(plain.version == network.version and plain in network for network in self._networks):
            return
        reason = (
            f"{address} is not a public address"
            if literal_address(host) == address
            else f"{host} leads to {address}, which is not a public address"
        )
        self.refused[ascii_host(host)] = reason
        raise AddressRefused(
            reason, hint="name it under `network: allow:` of the target, or use --allow-address"
        )

    def check_literal(self, host: str) -> None:
        """Like `check` for a host that is itself an address in any spelling; names pass."""
        address = literal_address(host)
        if address is not None:
            self.check(host, address)


def literal_address(host: str) -> IpAddress | None:
    """The address that `host` spells, or None for a name.

    Knows what resolvers and browsers accept: dotted, octal (0177.0.0.1), hexadecimal (0x7f.1),
    a single number (2130706433), brackets, a trailing dot, and digits and dots of other scripts.
    """
    if not host.isascii():
        host = unicodedata.normalize("NFKC", host).replace("\u3002", ".")
    host = host.strip("[]").rstrip(".")
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    if not host or not all(c in "0123456789abcdefxABCDEFX." for c in host):
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None


def is_public(address: IpAddress) -> bool:
    """Whether `address` is globally reachable, also when an IPv4 address hides in an IPv6 one."""
    plain = _unmapped(address)
    if any(plain.version == odd.version and plain in odd for odd in _NOT_PUBLIC_EITHER):
        return False
    return plain.is_global and not plain.is_multicast and not plain.is_reserved


def _unmapped(address: IpAddress) -> IpAddress:
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


_active = AddressPolicy()


def active_policy() -> AddressPolicy:
    """The policy of this process. One crawl is one process, so there is one."""
    return _active


def activate(policy: AddressPolicy) -> None:
    """Make `policy` the one that resolver, middleware and browser proxy ask."""
    global _active  # noqa: PLW0603  (Twisted's resolver is one per process, and so is this)
    _active = policy


@implementer(IResolutionReceiver)
class _CheckedReceiver:
    """Passes on only the addresses that may be connected to."""

    def __init__(self, receiver: Any, host: str) -> None:
        self._receiver = receiver
        self._host = host

    def resolutionBegan(self, resolution: IHostResolution) -> None:
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:
        literal = literal_address(address.host)
        try:
            if literal is not None:
                active_policy().check(self._host, literal)
        except AddressRefused:
            return  # no address is left, the look-up fails, `refused` says why
        self._receiver.addressResolved(address)

    def resolutionComplete(self) -> None:
        self._receiver.resolutionComplete()


class GuardedResolver(CachingHostnameResolver):
    """Scrapy's caching resolver that hands out no address the policy refuses.

    Twisted connects to the very address the resolver returned. Cached answers are checked again.
    """

    def resolveHostName(
        self, resolutionReceiver: Any, hostName: str, *args: Any, **kwargs: Any
    ) -> Any:
        checked: Any = _CheckedReceiver(resolutionReceiver, hostName)
        return super().resolveHostName(checked, hostName, *args, **kwargs)
