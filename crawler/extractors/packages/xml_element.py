"""An XML element as both Android encodings (binary XML and protobuf) give it."""

from __future__ import annotations

import msgspec


class XmlElement(msgspec.Struct, frozen=True):
    """A start tag at `depth` with its attributes by local name, or (no `name`) a piece of text."""

    name: str
    depth: int
    attributes: dict[str, str] = {}
    text: str = ""


MOST_ELEMENTS = 50_000
MOST_DEPTH = 60

ATTRIBUTE_IDS = {
    0x01010001: "label",
    0x01010003: "name",
    0x01010024: "value",
    0x01010026: "mimeType",
    0x01010027: "scheme",
    0x01010028: "host",
    0x01010029: "port",
    0x0101002A: "path",
    0x0101002B: "pathPrefix",
}
"""Resource ids of the attributes we read (android.R.attr): shell builders empty the names."""
