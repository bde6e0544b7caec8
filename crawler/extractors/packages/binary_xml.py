"""Android's binary XML: a string pool, a map of attribute ids, then start tags, end tags, text."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from core.errors import Unreadable
from crawler.extractors.packages.bounds import PackageBounds
from crawler.extractors.packages.string_pool import POOL, read_pool
from crawler.extractors.packages.xml_element import (
    ATTRIBUTE_IDS,
    MOST_DEPTH,
    MOST_ELEMENTS,
    XmlElement,
)

MAGIC = b"\x03\x00\x08\x00"

_CHUNK = struct.Struct("<HHI")
_MAP, _START, _END, _TEXT = 0x0180, 0x0102, 0x0103, 0x0104
_TAG = struct.Struct("<iiHHH")
_ATTRIBUTE = struct.Struct("<iiiHBBI")
_STRING, _BOOLEAN = 0x03, 0x12


class _Reader:
    def __init__(self, body: bytes, bounds: PackageBounds) -> None:
        self.body = body
        self.bounds = bounds
        self.pool: list[str] = []
        self.ids: tuple[int, ...] = ()
        self.depth = 0

    def string(self, index: int) -> str:
        return self.pool[index] if 0 <= index < len(self.pool) else ""

    def start_tag(self, at: int, end: int) -> XmlElement | None:
        """The element whose extension begins at `at`."""
        if at + _TAG.size > end:
            return None
        _, name, first, size, count = _TAG.unpack_from(self.body, at)
        attributes: dict[str, str] = {}
        step = max(size, _ATTRIBUTE.size)
        for place in range(at + first, min(at + first + step * count, end), step):
            if place + _ATTRIBUTE.size > end:
                break
            _, key, raw, _, _, kind, data = _ATTRIBUTE.unpack_from(self.body, place)
            known = ATTRIBUTE_IDS.get(self.ids[key], "") if 0 <= key < len(self.ids) else ""
            attributes[known or self.string(key)] = self.value(raw, kind, data)
        return XmlElement(self.string(name), self.depth, attributes)

    def value(self, raw: int, kind: int, data: int) -> str:
        if raw >= 0:
            return self.string(raw)
        if kind == _STRING:
            return self.string(data)
        return ("true" if data else "false") if kind == _BOOLEAN else f"@{data:#x}"


def binary_xml(body: bytes, bounds: PackageBounds) -> tuple[list[str], list[XmlElement]]:
    """Every string of the document, and its elements in order. Raises Unreadable."""
    if not body.startswith(MAGIC):
        raise Unreadable("it is no binary XML")
    reader = _Reader(body, bounds)
    elements = [
        element for element, _ in zip(_elements(reader), range(MOST_ELEMENTS), strict=False)
    ]
    return list(dict.fromkeys(reader.pool)), elements


def _elements(reader: _Reader) -> Iterator[XmlElement]:
    body, at = reader.body, 8
    while at + _CHUNK.size <= len(body):
        kind, header, size = _CHUNK.unpack_from(body, at)
        if size < _CHUNK.size:
            return
        end = min(at + size, len(body))
        if kind == POOL and not reader.pool:
            reader.pool = read_pool(body, at, reader.bounds)
        elif kind == _MAP:
            count = max(end - at - 8, 0) // 4
            reader.ids = struct.unpack_from(f"<{count}I", body, at + 8)
        elif kind == _START:
            element = reader.start_tag(at + header, end)
            reader.depth = min(reader.depth + 1, MOST_DEPTH)
            if element is not None:
                yield element
        elif kind == _END:
            reader.depth = max(reader.depth - 1, 0)
        elif kind == _TEXT and at + header + 4 <= end:
            text = reader.string(struct.unpack_from("<i", body, at + header)[0])
            yield XmlElement("", reader.depth, text=text)
        at = end
