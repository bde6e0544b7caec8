"""Headers as evidence keeps them."""

from __future__ import annotations

from scrapy.http.headers import Headers


def header_pairs(headers: Headers) -> tuple[tuple[str, str], ...]:
    """Names in lower case with their values, in the order they came; bytes read as Latin-1, which
    loses none."""
    return tuple(
        (name.decode("latin-1").lower(), value.decode("latin-1"))
        for name, values in headers.items()
        for value in values
    )
