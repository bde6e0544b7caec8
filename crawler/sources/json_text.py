"""JSON as platforms send it: fast where it is clean, forgiving where an export bent it."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

_GUARD = re.compile(rb"^\)\]\}',?\s*")
_CALLBACK = re.compile(rb"^(?:/\*\*/)?\s*[A-Za-z_$][\w$.]{0,200}\s*\(")
_BOM = b"\xef\xbb\xbf"


def decode_json(data: bytes) -> Any:
    """The value of one JSON text in UTF-8, or None when it is none.

    Forgives what exports do: a byte-order mark, `NaN`, raw control characters and half surrogate
    pairs inside strings, bytes that are not UTF-8 (replaced).
    """
    data = data.removeprefix(_BOM)
    try:
        return msgspec.json.decode(data)
    except RecursionError:
        return None
    except (msgspec.MsgspecError, ValueError):
        pass
    try:
        return json.loads(data.decode("utf-8", "replace"), strict=False)
    except (ValueError, RecursionError):
        return None


def strip_wrapping(body: bytes) -> bytes:
    """`body` without byte-order mark, the guard line `)]}'` and a JSONP callback around it."""
    body = body.removeprefix(_BOM).strip()
    body = _GUARD.sub(b"", body)
    callback = _CALLBACK.match(body)
    if callback and body.rstrip(b"; \r\n").endswith(b")"):
        body = body[callback.end() :].rstrip(b"; \r\n")[:-1]
    return body
