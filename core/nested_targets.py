"""Addresses inside addresses: what a query parameter says a link leads to, read without asking."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection
from urllib.parse import parse_qsl, unquote, urlsplit

_ADDRESS = re.compile(
    r"(?i)^(?:https?:)?//[^\s/]+|^[a-z][a-z0-9+.-]{1,20}://|^www\.[^\s]+\.[a-z]{2,}"
)
_BASE64 = re.compile(r"[A-Za-z0-9+/_=-]+")


def target_in(value: str) -> str:
    """The address that `value` holds, plain, percent-encoded (twice) or base64, or ""."""
    for _ in range(3):
        if _ADDRESS.match(value):
            return value
        decoded = unquote(value)
        if decoded == value:
            break
        value = decoded
    if 12 <= len(value) <= 2_048 and _BASE64.fullmatch(value):
        try:
            text = base64.urlsafe_b64decode(
                value.replace("+", "-").replace("/", "_").rstrip("=")
                + "=" * (-len(value.rstrip("=")) % 4)
            ).decode("utf-8")
        except (binascii.Error, ValueError):
            return ""
        return text if _ADDRESS.match(text) else ""
    return ""


def nested_target(url: str, parameters: Collection[str]) -> str:
    """The address in the first of `url`'s query parameters (those of a route in its fragment too)
    whose name in small letters is one of `parameters` and that holds one, or ""."""
    if "=" not in url:
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    route = parts.fragment.partition("?")[2] or parts.fragment
    for key, value in (*parse_qsl(parts.query), *parse_qsl(route)):
        if key.lower() in parameters:
            target = target_in(value)
            if target:
                return target
    return ""
