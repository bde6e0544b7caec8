"""Property lists of iOS: `Info.plist`, and `.strings` of its languages."""

from __future__ import annotations

import plistlib
from collections.abc import Iterator
from typing import Any

from core.errors import Unreadable
from crawler.extractors.packages.contents import Contents
from crawler.extractors.prose import is_prose

MAGIC = b"bplist00"
_MOST_BYTES = 8 * 1024 * 1024
_MOST_LEAVES = 50_000


def read_plist(contents: Contents, body: bytes, member: str, *, is_info: bool) -> None:
    """Texts and addresses of a property list; of `Info.plist` identity, schemes and domains too.

    Raises Unreadable.
    """
    if len(body) > _MOST_BYTES:
        raise Unreadable(f"a property list of more than {_MOST_BYTES // 2**20} MB")
    try:
        data = plistlib.loads(body)
    except Exception as error:
        raise Unreadable(f"the property list is damaged ({type(error).__name__})") from error
    if is_info and isinstance(data, dict):
        _read_info(contents, data, member)
    for place, text in _leaves(data):
        if "://" in text or "www." in text:
            contents.add_addresses(text, member)
        if is_prose(text):
            contents.add_text("structured_data", text, member, place)


def _read_info(contents: Contents, info: dict[str, Any], member: str) -> None:
    bundle = _text(info.get("CFBundleIdentifier"))
    if bundle and not contents.identity.app_id:
        contents.identity.platform, contents.identity.app_id = "ios", bundle
        contents.add_reference("package", bundle, member, "CFBundleIdentifier")
        name = _text(info.get("CFBundleDisplayName")) or _text(info.get("CFBundleName"))
        contents.identity.name = name
        contents.add_text("title", name, member, "CFBundleDisplayName")
    for kind in _list(info.get("CFBundleURLTypes")):
        if isinstance(kind, dict):
            _schemes(contents, kind.get("CFBundleURLSchemes"), member, "CFBundleURLTypes", "")
    asked = info.get("LSApplicationQueriesSchemes")
    _schemes(contents, asked, member, "LSApplicationQueriesSchemes", "looks for it on the phone")
    security = info.get("NSAppTransportSecurity")
    domains = security.get("NSExceptionDomains") if isinstance(security, dict) else None
    for domain in domains if isinstance(domains, dict) else ():
        host = _text(domain).lower()
        contents.add_reference(
            "declared_domain", f"https://{host}", member, "NSExceptionDomains", host
        )


def _schemes(contents: Contents, schemes: Any, member: str, place: str, text: str) -> None:
    for scheme in _list(schemes)[:500]:
        if _text(scheme):
            contents.add_reference("deep_link", f"{_text(scheme)}://", member, place, text)


def _text(value: Any) -> str:
    return value.strip()[:200] if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _leaves(data: Any) -> Iterator[tuple[str, str]]:
    """Place and value of every string. A binary list may hold one object in a million places, so
    each container is looked into once."""
    waiting: list[tuple[str, Any]] = [("", data)]
    seen: set[int] = set()
    given = 0
    while waiting and given < _MOST_LEAVES:
        place, value = waiting.pop()
        given += 1
        if isinstance(value, str):
            yield place, value
        elif isinstance(value, dict | list) and id(value) not in seen:
            seen.add(id(value))
            pairs = value.items() if isinstance(value, dict) else enumerate(value)
            waiting.extend((f"{place}.{key}".lstrip(".")[:80], inner) for key, inner in pairs)
