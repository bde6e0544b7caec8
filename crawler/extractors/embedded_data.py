"""Strings inside embedded data: JSON-LD, `__NEXT_DATA__` and other JSON in scripts or bodies."""

from __future__ import annotations

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
