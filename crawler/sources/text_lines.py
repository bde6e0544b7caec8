"""Lines of a text file of any encoding, streamed, each with its number and bounded in length."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator

import msgspec

from core.errors import Unreadable
from crawler.extractors import decode_text

MAX_ROW_BYTES = 1024 * 1024
"""Bytes of one row of an export; a longer one is reported and skipped."""
TOO_LONG = f"the row is longer than {MAX_ROW_BYTES} bytes"
SAMPLE_BYTES = 256 * 1024

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Line(msgspec.Struct, frozen=True):
    """One line without its line break. `lossy`: not valid in the file's encoding, characters
    were replaced; `too_long`: longer than MAX_ROW_BYTES, `text` is empty."""

    number: int
    text: str
    lossy: bool = False
    too_long: bool = False


class Block(msgspec.Struct, frozen=True):
    """Whole lines as they lie in the file, in the codec `encoding`, the first with its number.

    `lines` counts them. One longer than MAX_ROW_BYTES is there in part, still longer than that.
    """

    number: int
    lines: int
    data: bytes
    encoding: str


def detect_encoding(sample: bytes) -> tuple[str, int]:
    """(codec, bytes of the byte-order mark) of the text that begins with `sample`.

    A byte-order mark decides, else what the extractors would read the sample as.
    """
    for mark, name in _BOMS:
        if sample.startswith(mark):
            return name, len(mark)
    if len(sample) >= SAMPLE_BYTES:  # it may end inside a character
        sample = sample[: sample.rfind(b"\n") + 1] or sample
    return decode_text(sample)[1], 0


def open_text(stream: io.BufferedReader, encoding: str = "") -> tuple[io.BufferedReader, str]:
    """(`stream` from its first character on, codec of its lines).

    `encoding` overrules detection, except for a byte-order mark. UTF-16 and UTF-32 come out as
    UTF-8, because their lines cannot be found by their bytes.
    """
    sample = _peek(stream)
    name, mark_bytes = detect_encoding(sample)
    if encoding and not mark_bytes:
        name = codecs.lookup(encoding).name
    stream.read(mark_bytes)
    if name.startswith(("utf-16", "utf-32")):
        return io.BufferedReader(_AsUtf8(stream, name), 64 * 1024), "utf-8"
    return stream, name


def read_lines(stream: io.BufferedReader, encoding: str) -> Iterator[Line]:
    """The lines of `stream` (from `open_text`). Raises Unreadable where its bytes end in damage.

    A file that seemed UTF-8 because it began in plain ASCII changes over at its first line that
    is not, if none before was truly UTF-8; after that such a line is `lossy`.
    """
    number = 0
    settling = _Settling(encoding)
    while raw := stream.readline(MAX_ROW_BYTES + 1):
        number += 1
        if len(raw) > MAX_ROW_BYTES:
            while not raw.endswith(b"\n") and (raw := stream.readline(MAX_ROW_BYTES)):
                pass
            yield Line(number, "", too_long=True)
            continue
        text, lossy = line_text(raw, settling.encoding_of(raw))
        yield Line(number, text, lossy=lossy)


def line_text(raw: bytes, encoding: str) -> tuple[str, bool]:
    """A line without its break, and whether characters in it had to be replaced."""
    raw = raw.rstrip(b"\r\n")
    try:
        return raw.decode(encoding), False
    except UnicodeDecodeError:
        return raw.decode(encoding, "replace"), True


def read_blocks(stream: io.BufferedReader, encoding: str) -> Iterator[Block]:
    """The lines of `stream` (from `open_text`), as many at once as its buffer holds.

    The same lines, numbers and encodings as `read_lines` gives. Raises Unreadable behind what
    stands in front of the damage.
    """
    number = 1
    settling = _Settling(encoding)
    while data := stream.read1():
        damage: Unreadable | None = None
        if not data.endswith(b"\n"):
            try:
                data += _rest_of_line(stream)
            except Unreadable as error:
                damage = error
                data = data[: data.rfind(b"\n") + 1]
        lines = data.count(b"\n") + (not data.endswith(b"\n") if data else 0)
        if lines:
            yield Block(number, lines, data, settling.encoding_of(data))
        number += lines
        if damage is not None:
            raise damage


def _rest_of_line(stream: io.BufferedReader) -> bytes:
    rest = more = stream.readline(MAX_ROW_BYTES + 1)
    while len(more) > MAX_ROW_BYTES and not more.endswith(b"\n"):
        more = stream.readline(MAX_ROW_BYTES + 1)
    return rest if rest.endswith(b"\n") or len(rest) <= MAX_ROW_BYTES else rest + b"\n"


class _Settling:
    """The codec of a text that seemed UTF-8 because it began in plain ASCII: its first line that
    is not decides."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._settled = encoding != "utf-8"

    def encoding_of(self, raw: bytes) -> str:
        """The codec of the next lines."""
        if not self._settled and not raw.isascii():
            self._settled = True
            telling = next(line for line in raw.split(b"\n") if not line.isascii())
            if not _decodes(telling, "utf-8"):
                self._encoding = detect_encoding(telling.rstrip(b"\r"))[0]
        return self._encoding


def peek_text(stream: io.BufferedReader, encoding: str, size: int = SAMPLE_BYTES) -> str:
    """The beginning of `stream` as text, without moving in it."""
    return stream.peek(size)[:size].decode(encoding, "replace")


def _peek(stream: io.BufferedReader) -> bytes:
    return stream.peek(SAMPLE_BYTES)[:SAMPLE_BYTES]


def _decodes(sample: bytes, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        decoder.decode(sample)
    except UnicodeDecodeError:
        return False
    return True


class _AsUtf8(io.RawIOBase):
    """A byte stream in UTF-16 or UTF-32 as UTF-8; what is invalid becomes U+FFFD."""

    def __init__(self, stream: io.BufferedReader, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        while not self._ready:
            data = self._stream.read1(64 * 1024)
            text = self._decoder.decode(data, final=not data)
            self._ready = text.encode("utf-8", "replace")
            if not data:
                break
        part, self._ready = self._ready[: len(view)], self._ready[len(view) :]
        view[: len(part)] = part
        return len(part)

    def close(self) -> None:
        self._stream.close()
        super().close()
