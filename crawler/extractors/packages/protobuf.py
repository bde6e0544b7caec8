"""Protocol buffers as AAPT2 writes them into app bundles (Resources.proto): manifest, resources."""

from __future__ import annotations

from collections.abc import Iterator

from core.errors import Unreadable
from crawler.extractors.packages.bounds import PackageBounds
from crawler.extractors.packages.xml_element import MOST_DEPTH, MOST_ELEMENTS, XmlElement

_Tree = dict[int, "_Tree | None"]

_TEXTS: _Tree = {2: {1: None}, 3: {1: None}, 4: {1: None}}
"""An Item's `str`, `raw_str` and `styled_str`, each with its `value`."""
_RESOURCES: _Tree = {
    2: {3: {3: {6: {2: {4: _TEXTS, 5: {4: {1: {3: _TEXTS}}, 5: {1: {4: _TEXTS}}}}}}}}
}
"""From ResourceTable over package, type, entry, config_value, value to item, array and plural."""


def bundle_strings(body: bytes, bounds: PackageBounds) -> list[str]:
    """The string resources of a `resources.pb`. Raises Unreadable."""
    found: dict[str, None] = {}
    room = bounds.member_chars
    waiting: list[tuple[bytes, _Tree]] = [(body, _RESOURCES)]
    while waiting:
        message, tree = waiting.pop()
        for number, value in _fields(message):
            if number not in tree or not isinstance(value, bytes):
                continue
            below = tree[number]
            if below is not None:
                waiting.append((value, below))
                continue
            room -= len(value) + 1
            if room < 0 or len(found) >= bounds.strings:
                return list(found)
            found[value[: 4 * bounds.string_chars].decode("utf-8", "ignore")] = None
    return list(found)


def bundle_xml(body: bytes) -> list[XmlElement]:
    """The elements of an XML document (`XmlNode`) in order. Raises Unreadable."""
    found: list[XmlElement] = []
    waiting: list[tuple[bytes, int]] = [(body, 0)]
    while waiting and len(found) < MOST_ELEMENTS:
        node, depth = waiting.pop()
        if depth > MOST_DEPTH:
            raise Unreadable("its elements are nested too deeply")
        for number, value in _fields(node):
            if number == 1 and isinstance(value, bytes):
                element, children = _element(value, depth)
                found.append(element)
                waiting.extend((child, depth + 1) for child in reversed(children))
            elif number == 2 and isinstance(value, bytes):
                found.append(XmlElement("", depth, text=value.decode("utf-8", "ignore")))
    return found


def _element(message: bytes, depth: int) -> tuple[XmlElement, list[bytes]]:
    name, attributes, children = "", dict[str, str](), list[bytes]()
    for number, value in _fields(message):
        if not isinstance(value, bytes):
            continue
        if number == 3:
            name = value.decode("utf-8", "ignore")
        elif number == 4:
            parts = {n: v for n, v in _fields(value) if isinstance(v, bytes)}
            key = parts.get(2, b"").decode("utf-8", "ignore")
            attributes[key] = parts.get(3, b"").decode("utf-8", "ignore")
        elif number == 5:
            children.append(value)
    return XmlElement(name, depth, attributes), children


def _fields(message: bytes) -> Iterator[tuple[int, bytes | int]]:
    """Number and value of each field; raises Unreadable where the message breaks off."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(message, at)
            yield number, value
            continue
        if wire == 2:
            size, at = _varint(message, at)
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
        else:
            raise Unreadable("it is no protocol buffer")
        if at + size > len(message):
            raise Unreadable("it breaks off within a field: truncated")
        yield number, message[at : at + size]
        at += size


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(message) and shift < 70:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7
    raise Unreadable("it breaks off within a number: truncated")
