"""JSON that every database and every file takes, whatever a page had in it."""

from __future__ import annotations

from typing import Any

import msgspec

from storage.records import storable


def portable_json(value: Any) -> bytes:
    """`value` (structures included) as UTF-8 JSON without NUL and without lone surrogates.

    Plain `msgspec.json.encode` raises on a lone surrogate, which any page can plant with a script
    or JSON escape, and PostgreSQL refuses NUL; both become replacement characters here.
    """
    try:
        data = msgspec.json.encode(value)
    except UnicodeEncodeError:
        return msgspec.json.encode(_cleaned(msgspec.to_builtins(value)))
    if b"\\u0000" in data:
        return msgspec.json.encode(_cleaned(msgspec.to_builtins(value)))
    return data


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {_cleaned(key): _cleaned(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(inner) for inner in value]
    return value
