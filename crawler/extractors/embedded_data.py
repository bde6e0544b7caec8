"""Strings inside embedded data: JSON-LD, `__NEXT_DATA__` and other JSON in scripts or bodies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

import msgspec


def strings_in(text: str, limit: int) -> tuple[list[str], bool] | None:
    """String values of the JSON `text` in reading order, at most `limit`, and whether cut.

    None when `text` is no JSON. Keys are left out.
    """
    try:
        data = msgspec.json.decode(text.encode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError):
        return None
    found: list[str] = []
    todo: list[Any] = [data]
    while todo:
        value = todo.pop()
        if isinstance(value, str):
            if len(found) == limit:
                return found, True
            found.append(value)
        elif isinstance(value, dict):
            todo.extend(reversed(value.values()))
        elif isinstance(value, list):
            todo.extend(reversed(value))
    return found, False


_THUMBNAIL = re.compile(r'"thumbnailUrl"\s*:\s*("[^"\n]{1,4000}"|\[[^\[\]{}]{1,20000}\])')
_MOST_THUMBNAILS = 20


def thumbnails(text: str) -> Iterator[str]:
    """Addresses of the stills of films that the JSON-LD `text` describes
    (https://schema.org/thumbnailUrl: one address, or a list)."""
    for match in islice(_THUMBNAIL.finditer(text), _MOST_THUMBNAILS):
        try:
            found = msgspec.json.decode(match[1], type=str | list[str])
        except msgspec.DecodeError:
            continue
        yield from [found] if isinstance(found, str) else found[:_MOST_THUMBNAILS]
