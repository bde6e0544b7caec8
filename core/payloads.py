"""What the payload of a code is: an address, an app, a private channel, money, or words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import msgspec

from core.document import PayloadType
from core.payment_code import is_merchant_code
from core.strict_yaml import load_yaml
from core.urls import scheme_of
from core.wallet_address import chain_of

OPAQUE_MINI_PROGRAM = "opaque:mini-program-code"
"""Stands as the address of a circular mini-program code, of which the platform alone can tell where
it leads."""

_OF_KIND = {
    "group": PayloadType.MESSAGING,
    "channel": PayloadType.MESSAGING,
    "person": PayloadType.MESSAGING,
    "bot": PayloadType.MESSAGING,
    "mini_program": PayloadType.MINI_PROGRAM,
    "payment": PayloadType.PAYMENT_CODE,
    "install": PayloadType.APK,
}
_PACKAGE = re.compile(r"[^?#]*\.(?:apk|apks|xapk|ipa|mobileconfig)(?:[?#]|\Z)", re.IGNORECASE)
_INSTALLS = frozenset({"market", "itms-services", "itms-apps"})
_WEB = frozenset({"http", "https"})
_DEEP = re.compile(r"(?:[a-z][a-z0-9+.-]{1,31}://|wc:[0-9a-f]{64}@[12]\?)\S+\Z", re.IGNORECASE)


class _Link(msgspec.Struct, frozen=True):
    kind: str
    platform: str
    pattern: str


class _Links(msgspec.Struct, frozen=True):
    links: tuple[_Link, ...]


class PayloadShapes:
    """Tells payloads apart: by their own format, and by the shapes of links the catalogue lists."""

    def __init__(self, links: Iterable[tuple[str, str]] = ()) -> None:
        self._links = [
            (re.compile(pattern, re.IGNORECASE), _OF_KIND[kind])
            for kind, pattern in links
            if kind in _OF_KIND
        ]

    @classmethod
    def load(cls, catalogue: Path) -> PayloadShapes:
        """From `messaging.yaml` of the catalogue. Raises CatalogueError."""
        links = load_yaml(catalogue / "messaging.yaml", _Links).value.links
        return cls((link.kind, link.pattern) for link in links if link.platform != "wallet")

    def type_of(self, text: str) -> PayloadType:
        """What `text` is; the first that holds, from the most particular to plain text."""
        if text == OPAQUE_MINI_PROGRAM:
            return PayloadType.OPAQUE
        money = money_type(text)
        if money is not None:
            return money
        for pattern, sort in self._links:
            if pattern.search(text):
                return sort
        scheme = scheme_of(text)
        if scheme in _INSTALLS or (scheme and _PACKAGE.match(text)):
            return PayloadType.APK
        if scheme in _WEB:
            return PayloadType.URL
        return PayloadType.DEEP_LINK if _DEEP.match(text) else PayloadType.TEXT


def money_type(text: str) -> PayloadType | None:
    """`wallet_address` or `payment_code` where `text` is one by its own format and checksum."""
    if chain_of(text) is not None:
        return PayloadType.WALLET_ADDRESS
    return PayloadType.PAYMENT_CODE if is_merchant_code(text) else None
