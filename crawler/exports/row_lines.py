"""The lines of a chunk, each with what is known of it before it is taken apart."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from core.gap import Gap, GapKind
from crawler.exports.protocol import Chunk
from crawler.sources.text_lines import MAX_ROW_BYTES, TOO_LONG, line_text


class RowLine(msgspec.Struct, frozen=True):
    """One row as JSON in UTF-8, its line's number and its place among the rows. `odd`: characters
    in it were replaced."""

    number: int
    place: int
    text: bytes
    odd: bool = False


def read_lines_of(chunk: Chunk, gaps: list[Gap]) -> Iterator[RowLine]:
    """The rows of `chunk`; what cannot be one is added to `gaps`."""
    if chunk.numbers is None:
        yield from _file_lines(chunk, gaps)
    elif chunk.numbers:
        odd = frozenset(chunk.odd)
        texts = enumerate(chunk.texts.split(b"\n"))
        for at, text in texts:
            yield RowLine(chunk.numbers[at], chunk.places[at], text, at in odd)


def _file_lines(chunk: Chunk, gaps: list[Gap]) -> Iterator[RowLine]:
    is_utf8 = chunk.encoding == "utf-8" and _decodes(chunk.texts)
    for number, raw in enumerate(chunk.texts.split(b"\n"), start=chunk.number):
        line = raw.rstrip(b"\r")
        if len(raw) >= MAX_ROW_BYTES:
            gaps.append(Gap(GapKind.BAD_ROW, f"{chunk.name}:{number}", TOO_LONG))
        elif is_utf8:
            if line and not (line.isspace() or (line[0] > 0x7F and line.decode().isspace())):
                yield RowLine(number, number, line)
        else:
            text, lossy = line_text(line, chunk.encoding)
            if text and not text.isspace():
                if lossy:
                    reason = "some characters are not valid in the file's encoding"
                    place = f"{chunk.name}:{number}"
                    gaps.append(Gap(GapKind.UNDECODABLE, place, f"{reason} and were replaced"))
                yield RowLine(number, number, text.encode("utf-8", "replace"), lossy)


def _decodes(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
