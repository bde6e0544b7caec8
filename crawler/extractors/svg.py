"""SVG into pixels, as far as a code needs it.

resvg (0.5.0 of its Python package) draws whatever it is given in our own process: 100,000 nested
groups overflow its stack, a pattern or picture of claimed size aborts on memory, a turbulence
filter runs for hours. So a drawing is first rebuilt from the few elements and attributes that codes
are made of, within bounds. Pictures inside it are handed out, to be decoded like any other.
"""

from __future__ import annotations

import re
import zlib
from html import escape

import msgspec
import resvg_py
from selectolax.lexbor import LexborHTMLParser, LexborNode

from core import Unreadable
from crawler.extractors.nesting import tamed
from crawler.extractors.picture_sources import data_uri
from crawler.extractors.style_sheets import rules_of

_SIDE_PIXELS = 800
_WITHOUT_SIZE = 1_000.0
_MAX_CHARS = 10_000_000
_MAX_DEPTH = 40
_MAX_ELEMENTS = 50_000
"""A code of the largest version (177 x 177 modules) has 31,329 squares."""
_MAX_OUTLINE_CHARS = 400_000
_MAX_CLIPS = 200
_MAX_RATIO = 20.0
_MAX_PICTURES = 8

_START = re.compile(rb"^(?:\xef\xbb\xbf)?\s*(?:<\?xml|<!--|<!DOCTYPE\s+svg|<svg)", re.IGNORECASE)
_NUMBER = re.compile(r"^\s*(\d{1,9}(?:\.\d{1,9})?|\.\d{1,9})\s*(?:px|pt|mm|cm|in|em)?\s*$")
_GROUPS = {"svg": "g", "a": "g", "switch": "g", "g": "g"}
_ELEMENTS = frozenset(
    {
        "path", "rect", "circle", "ellipse", "polygon", "polyline", "line", "use", "symbol", "defs",
        "clipPath", "linearGradient", "radialGradient", "stop",
    }
)  # fmt: skip
_ATTRIBUTES = frozenset(
    {
        "x", "y", "width", "height", "d", "points", "cx", "cy", "r", "rx", "ry", "x1", "y1", "x2",
        "y2", "fill", "fill-rule", "clip-rule", "fill-opacity", "transform", "class", "id",
        "viewBox", "preserveAspectRatio", "stroke", "stroke-width", "clipPathUnits", "offset",
        "stop-color", "gradientUnits", "gradientTransform", "display", "visibility",
        "shape-rendering",
    }
)  # fmt: skip
_DECLARATION = re.compile(
    r"(?:^|(?<=[;{\s]))(fill|fill-rule|display|visibility|stroke|stroke-width|stop-color)"
    r"\s*:\s*([^;{}]{1,200})"
)
_MAX_RULES = 200
_ASTRONOMIC = re.compile(r"(?<![\d.])\d{7}|\d[eE]\+?\d")
"""Numbers of a million and more, at some of which the rasteriser panics."""

_NOT_GEOMETRY = frozenset({"fill", "stroke", "stop-color", "class", "id"})


class Drawing(msgspec.Struct):
    """What was taken over of an SVG: its markup, piece by piece, and the pictures in it."""

    parts: list[str] = []
    pictures: list[bytes] = []
    elements: int = 0
    outline_chars: int = 0
    clips: int = 0


def is_svg(body: bytes, media_type: str = "") -> bool:
    """Whether `body` is SVG, plain or compressed, by its beginning."""
    if body[:2] == b"\x1f\x8b":
        return True
    if _START.match(body[:512]) and b"<svg" in body[:8_192]:
        return True
    return "svg" in media_type and b"<svg" in body


def draw(body: bytes) -> list[bytes]:
    """A PNG of the SVG `body`, its longer side 800 pixels, and the pictures inside the drawing.

    Raises Unreadable when it is no SVG, or one too large or too deep to be drawn.
    """
    markup, _ = tamed(_markup(body))
    root = LexborHTMLParser(markup).css_first("svg")
    if root is None:
        raise Unreadable("the picture is no SVG drawing")
    drawing = Drawing()
    _take_over(root, drawing)
    head = _head(root)
    svg = f"{head}{''.join(drawing.parts)}</svg>"
    try:
        rendered = resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True)
    except ValueError as error:
        raise Unreadable("the SVG picture cannot be drawn") from error
    except BaseException as error:
        # A Rust panic arrives as pyo3's PanicException, which is no Exception and has no module
        # to import it from.
        if type(error).__name__ != "PanicException":
            raise
        raise Unreadable("the SVG picture cannot be drawn") from None
    return [rendered, *drawing.pictures]


def _markup(body: bytes) -> str:
    if body[:2] == b"\x1f\x8b":
        try:
            body = zlib.decompressobj(wbits=31).decompress(body, _MAX_CHARS)
        except zlib.error as error:
            raise Unreadable("the compressed SVG picture cannot be unpacked") from error
    return body[:_MAX_CHARS].decode("utf-8", "replace")


def _head(root: LexborNode) -> str:
    """The opening tag: a canvas of bounded size on which the whole drawing is seen."""
    attributes = root.attributes
    box = _numbers(attributes.get("viewBox") or "")
    width = _length(attributes.get("width")) or (box[2] if box else _WITHOUT_SIZE)
    height = _length(attributes.get("height")) or (box[3] if box else _WITHOUT_SIZE)
    if not box:
        box = [0.0, 0.0, width, height]
    ratio = width / height
    if not 1 / _MAX_RATIO <= ratio <= _MAX_RATIO:
        raise Unreadable("the SVG picture is a mere line")
    wide = round(_SIDE_PIXELS * min(ratio, 1.0))
    high = round(_SIDE_PIXELS / max(ratio, 1.0))
    view = " ".join(f"{number:.6f}" for number in box)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{wide}" height="{high}" viewBox="{view}">'
    )


def _length(written: str | None) -> float:
    match = _NUMBER.match(written or "")
    return float(match[1]) if match else 0.0


def _numbers(view: str) -> list[float]:
    """The four numbers of a viewBox; empty when it is not one, or has no area."""
    try:
        box = [float(part) for part in re.split(r"[\s,]+", view.strip())]
    except ValueError:
        return []
    usable = len(box) == 4 and box[2] > 0 and box[3] > 0 and all(abs(one) < 1e6 for one in box)
    return box if usable else []


def _take_over(root: LexborNode, drawing: Drawing) -> None:
    """Writes the elements below `root` that we know into `drawing`."""
    node = root.first_child
    stack: list[tuple[LexborNode, str]] = []
    while node is not None:
        tag = _opened(node, drawing, len(stack))
        child = node.first_child if tag else None
        if tag and child is not None:
            stack.append((node, tag))
            node = child
            continue
        if tag:
            drawing.parts.append(f"</{tag}>")
        following = node.next
        while following is None and stack:
            node, tag = stack.pop()
            drawing.parts.append(f"</{tag}>")
            following = node.next
        node = following


def _opened(node: LexborNode, drawing: Drawing, depth: int) -> str:
    """Writes the opening tag of `node`; the tag's name, or "" when it is left out."""
    name = node.tag or ""
    if name == "style":
        drawing.parts.append(_style_sheet(node.text()))
    if name == "image":
        _take_picture(node, drawing)
    tag = _GROUPS.get(name, name if name in _ELEMENTS else "")
    if not tag or depth >= _MAX_DEPTH:
        return ""
    drawing.elements += 1
    if drawing.elements > _MAX_ELEMENTS:
        raise Unreadable(f"the SVG picture has more than {_MAX_ELEMENTS:,} elements")
    attributes = node.attributes
    if (attributes.get("opacity") or "1").strip() in ("0", "0.0", "0%"):
        return ""
    written = " ".join(_attributes(attributes, drawing, name == "svg"))
    drawing.parts.append(f"<{tag} {written}>" if written else f"<{tag}>")
    return tag


def _attributes(attributes: dict[str, str | None], drawing: Drawing, inner: bool) -> list[str]:
    found: list[str] = []
    for name, value in attributes.items():
        if not value:
            continue
        if name in _ATTRIBUTES and not (inner and name in ("width", "height", "viewBox")):
            drawing.outline_chars += len(value)
            if drawing.outline_chars > _MAX_OUTLINE_CHARS:
                raise Unreadable("the SVG picture has too long outlines to be drawn")
            if name not in _NOT_GEOMETRY and _ASTRONOMIC.search(value):
                continue
            found.append(f'{name}="{escape(value)}"')
        elif name in ("href", "xlink:href") and value.startswith("#"):
            found.append(f'xlink:href="{escape(value[:200])}"')
        elif name == "style":
            found.append(f'style="{escape(_declarations(value))}"')
        elif name == "clip-path" and drawing.clips < _MAX_CLIPS:
            drawing.clips += 1
            found.append(f'clip-path="{escape(value[:200])}"')
    return found


def _declarations(style: str) -> str:
    said = _DECLARATION.findall(style[:2_000])
    return ";".join(
        f"{name}:{value}"
        for name, value in said
        if name in _NOT_GEOMETRY or not _ASTRONOMIC.search(value)
    )


def _style_sheet(sheet: str) -> str:
    rules = rules_of(sheet[:50_000], _MAX_RULES)
    kept = "".join(f"{selector}{{{_declarations(style)}}}" for selector, style in rules)
    return f"<style>{escape(kept, quote=False)}</style>"


def _take_picture(node: LexborNode, drawing: Drawing) -> None:
    attributes = node.attributes
    address = attributes.get("href") or attributes.get("xlink:href") or ""
    if address[:5].lower() == "data:" and len(drawing.pictures) < _MAX_PICTURES:
        found = data_uri(address)
        if found is not None and not is_svg(found[1], found[0]):
            drawing.pictures.append(found[1])
