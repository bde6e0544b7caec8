"""Objects of a JSON export, streamed with bounded memory."""

from __future__ import annotations

import codecs
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from crawler.sources.text_lines import MAX_ROW_BYTES

_READ_BYTES = 64 * 1024
_MAX_WRAPPING = 4
_BETWEEN = re.compile(r"[\s,]*+")
_STRING_OR_LIST = re.compile(r'"(?:[^"\\]++|\\.)*+"|\[\s*+\{|["\[]', re.S)
_BLANK_TO_END = re.compile(r"\s*+\Z")
_ANY_OBJECT = re.compile(r"[}\]]\s*+,?\s*+(?=\{)|\n[ \t]*+(?=\{)")
_decoder = json.JSONDecoder(strict=False)

Naming = Callable[[str], str]
"""From a key of the file to our field name."""


class JsonRow(msgspec.Struct, frozen=True):
    """One object: the number of the line it begins on, and its members, or what is wrong."""

    number: int
    record: dict[str, Any] = {}
    problem: str = ""
    lossy: bool = False


def read_json_objects(
    stream: io.BufferedReader, encoding: str, naming: Naming
) -> Iterator[JsonRow]:
    """The objects of one JSON text, wherever its list of entries stands.

    `[{...}, ...]`, `{"data": {"list": [{...}, ...]}}` of any length, and objects one behind
    another (pretty-printed) are read. A broken object is reported, and reading goes on at the
    next object that begins with the same key as the good ones.
    """
    text = _Text(stream, encoding)
    open_lists = 0
    started = wrapped = False
    while char := text.skip_between():
        if char == "{":
            number = text.line
            record = text.take_object()
            if record is not None:
                yield from _rows_of(number, record, naming, text, wrapped=wrapped)
            elif started or not text.enter_wrapping():
                yield JsonRow(number, problem="not valid JSON, or too long")
                text.skip_to_next_object()
            else:
                open_lists, wrapped = 1, True
        elif char in "[]":
            text.advance(1)
            open_lists += 1 if char == "[" else -1
            if char == "]" and wrapped:
                open_lists = int(text.skip_to_list())
        else:
            yield JsonRow(text.line, problem="not a JSON object")
            text.skip_to_next_object()
        started = True
    if open_lists > 0:
        yield JsonRow(text.line, problem="the file ends inside its list of entries")


def _rows_of(
    number: int, record: dict[str, Any], naming: Naming, text: _Text, *, wrapped: bool
) -> Iterator[JsonRow]:
    alone = any(naming(key) == "app_id" for key in record)
    inner = [] if alone else list(_lists_of_entries(record, naming, _MAX_WRAPPING))
    if inner:
        for entries in inner:
            for entry in entries:
                problem = "" if isinstance(entry, dict) else "not a JSON object"
                yield JsonRow(number, {} if problem else entry, problem, text.lossy)
        return
    if wrapped and not _is_entry(record, naming):
        return  # some other list of the answer, such as its categories
    text.first_key = text.first_key or next(iter(record), "")
    yield JsonRow(number, record, lossy=text.lossy)


def _lists_of_entries(value: Any, naming: Naming, depth: int) -> Iterator[list[Any]]:
    """Lists below `value` whose first member is an entry: `value` only wraps them."""
    if not isinstance(value, Mapping) or depth == 0:
        return
    for inner in value.values():
        if isinstance(inner, list) and inner and _is_entry(inner[0], naming):
            yield inner
        else:
            yield from _lists_of_entries(inner, naming, depth - 1)


def _is_entry(value: Any, naming: Naming) -> bool:
    return isinstance(value, Mapping) and any(naming(key) in ("name", "app_id") for key in value)


class _Text:
    """A window of at most about MAX_ROW_BYTES characters that moves over a long text."""

    def __init__(self, stream: io.BufferedReader, encoding: str) -> None:
        self._stream = stream
        self._decode = codecs.getincrementaldecoder(encoding)("replace").decode
        self._window = ""
        self._at = 0
        self._ended = False
        self.line = 1
        self.lossy = False
        self.first_key = ""

    def skip_between(self) -> str:
        """Over blanks and commas to the next character, or "" at the end of the text."""
        while True:
            match = _BETWEEN.match(self._window, self._at)
            self.advance(match.end() - self._at if match else 0)
            if self._at < len(self._window):
                return self._window[self._at]
            if not self._fill():
                return ""

    def advance(self, count: int) -> None:
        self.line += self._window.count("\n", self._at, self._at + count)
        self._at += count

    def take_object(self) -> dict[str, Any] | None:
        """The object that begins here; None (and no step forward) if it is broken or too long."""
        while True:
            try:
                value, end = _decoder.raw_decode(self._window, self._at)
            except json.JSONDecodeError as error:
                if not self._may_be_cut(error) or not self._fill():
                    return None
                continue
            except (ValueError, RecursionError):
                return None
            self.lossy = "\ufffd" in self._window[self._at : end]
            self.advance(end - self._at)
            return value if isinstance(value, dict) else None

    def _may_be_cut(self, error: json.JSONDecodeError) -> bool:
        """Whether more text could mend the error: it is at the window's end, or a string is open.

        An error further in front is final, so that broken text is not read again and again.
        """
        if len(self._window) - self._at > MAX_ROW_BYTES:
            return False
        return error.msg.startswith("Unterminated") or error.pos >= len(self._window) - 16

    def enter_wrapping(self) -> bool:
        """From the outer object's `{` into its first list of objects."""
        self.advance(1)
        return self.skip_to_list()

    def skip_to_list(self) -> bool:
        """To the first object of the next list of objects; strings are stepped over."""
        while True:
            match = _STRING_OR_LIST.search(self._window, self._at)
            if match is None:
                self.advance(len(self._window) - self._at)
            elif len(match[0]) > 1:
                is_list = match[0][0] == "["
                self.advance(match.end() - self._at - is_list)
                if is_list:
                    return True
                continue
            elif self._is_whole(match):
                self.advance(match.end() - self._at)
                continue
            if not self._fill():
                self.advance(len(self._window) - self._at)
                return False

    def _is_whole(self, match: re.Match[str]) -> bool:
        """Whether a lone `[` or quote stays what it is however much text follows the window."""
        if match[0] == "[":
            return _BLANK_TO_END.match(self._window, match.end()) is None
        return len(self._window) - match.start() > MAX_ROW_BYTES

    def skip_to_next_object(self) -> None:
        """Past a broken object, to the next that begins with the key the good ones begin with."""
        key = json.dumps(self.first_key, ensure_ascii=False)
        pattern = re.compile(r"\{\s*+" + re.escape(key)) if self.first_key else _ANY_OBJECT
        self.advance(1)
        while True:
            match = pattern.search(self._window, self._at)
            if match is not None:
                self.advance((match.start() if self.first_key else match.end()) - self._at)
                return
            kept = min(len(self._window) - self._at, 1_024)
            self.advance(len(self._window) - self._at - kept)
            if not self._fill():
                self.advance(kept)
                return

    def _fill(self) -> bool:
        if self._ended:
            return False
        data = self._stream.read(_READ_BYTES)
        self._ended = not data
        self._window = self._window[self._at :] + self._decode(data, final=self._ended)
        self._at = 0
        return True
