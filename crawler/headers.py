"""Headers as evidence keeps them."""

from __future__ import annotations

from collections.abc import Container

from scrapy.http.headers import Headers


def header_pairs(headers: Headers, secret: Container[str] = ()) -> tuple[tuple[str, str], ...]:
    """Names in lower case with their values, in the order they came; bytes read as Latin-1, which
    loses none. The values of those called in `secret` are left out."""
    return tuple(
        (low, "(not kept)" if low in secret else value.decode("latin-1"))
        for name, values in headers.items()
        for value in values
        if (low := name.decode("latin-1").lower())
    )
