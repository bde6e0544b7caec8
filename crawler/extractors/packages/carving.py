"""Finding pictures, addresses and Chinese text in bytes whose order is not known."""

from __future__ import annotations

import re
from collections.abc import Iterator

from crawler.extractors.packages.bounds import PackageBounds

_START = re.compile(
    rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff[\xc0-\xef]|GIF8[79]a|RIFF....WEBPVP8", re.DOTALL
)
_ENDS = {0x89: b"IEND\xaeB`\x82", 0xFF: b"\xff\xd9"}
_ADDRESS = re.compile(rb"://[\x21\x23-\x26\x28-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]{4,2000}")
_SCHEME = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]{1,30}\Z")
_HAN = re.compile(
    rb"(?:[\xe4-\xe9][\x80-\xbf]{2}){4}(?:[\x20-\x7e]|[\xe3-\xe9\xef][\x80-\xbf]{2}){0,6000}"
)
_MOST_PICTURE = 10 * 1024 * 1024

_Span = tuple[int, int]


class _Marks:
    """Finds end marks in `body` for starts that only go up.

    Bytes known to hold none are not searched again: a body full of starts without an end would
    cost the square of its length.
    """

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._none_before: dict[bytes, int] = {}

    def find(self, mark: bytes, start: int, stop: int) -> int:
        """As bytes.find."""
        begin = max(start, self._none_before.get(mark, 0))
        found = self._body.find(mark, begin, stop)
        if found < 0:
            self._none_before[mark] = max(begin, stop - len(mark) + 1)
        return found


def picture_kind(body: bytes) -> str:
    """Media type of the picture `body` by its first bytes, or ""."""
    match = _START.match(body)
    if match is None:
        return ""
    return {0x89: "image/png", 0xFF: "image/jpeg", 0x47: "image/gif"}.get(body[0], "image/webp")


def carved_pictures(body: bytes, bounds: PackageBounds) -> tuple[list[_Span], bool]:
    """Where pictures stand in `body`, and whether there are more than may be read."""
    spans: list[_Span] = []
    marks = _Marks(body)
    at = 0
    while match := _START.search(body, at):
        end = _picture_end(body, match.start(), marks)
        if end <= match.start():
            at = match.end()
            continue
        if len(spans) >= bounds.pictures:
            return spans, True
        spans.append((match.start(), end))
        at = end
    return spans, False


def _picture_end(body: bytes, start: int, marks: _Marks) -> int:
    if body[start] == 0x52:
        size = 8 + int.from_bytes(body[start + 4 : start + 8], "little")
        return start + size if size < _MOST_PICTURE else -1
    if body[start] == 0x47:
        return _gif_end(start, marks)
    mark = _ENDS[body[start]]
    end = marks.find(mark, start, start + _MOST_PICTURE)
    if body[start] == 0xFF and end >= 0:
        end = _jpeg_end(body, start, end, marks)
    return end + len(mark) if end >= 0 else -1


def _jpeg_end(body: bytes, start: int, end: int, marks: _Marks) -> int:
    """The end mark behind the last thumbnail: the next picture or text begins after it."""
    for _ in range(4):
        inner = body.count(b"\xff\xd8\xff", start, end)
        if inner <= body.count(b"\xff\xd9", start, end) + 1:
            return end
        further = marks.find(b"\xff\xd9", end + 2, start + _MOST_PICTURE)
        if further < 0:
            return end
        end = further
    return end


def _gif_end(start: int, marks: _Marks) -> int:
    """A GIF ends with `00 3B`; frames may hold it by chance, so that the picture may be cut."""
    end = marks.find(b"\x00\x3b", start + 13, start + _MOST_PICTURE)
    return end + 2 if end >= 0 else -1


def without(body: bytes, spans: list[_Span]) -> bytes:
    """`body` with `spans` cut out, a line break in the place of each."""
    pieces: list[bytes] = []
    at = 0
    for start, end in spans:
        pieces.append(body[at:start])
        at = end
    pieces.append(body[at:])
    return b"\n".join(pieces)


def carved_strings(body: bytes, bounds: PackageBounds) -> Iterator[str]:
    """Addresses and Chinese texts (UTF-8, four characters and more) in a file whose format is not
    read: native code, snapshots, byte code."""
    room = bounds.member_chars
    for match in _ADDRESS.finditer(body):
        scheme = _SCHEME.search(body[max(match.start() - 31, 0) : match.start()])
        room -= len(match[0])
        if scheme is not None and room > 0:
            yield (scheme[0] + match[0]).decode("ascii")
    for match in _HAN.finditer(body):
        room -= len(match[0])
        if room > 0:
            yield match[0].decode("utf-8", "ignore")
