"""How a page of a listing is asked for: method, body, headers with their secrets, browser."""

from __future__ import annotations

import os
from typing import Any

import msgspec

from core.credentials import check_present, filled, filled_json
from core.listing_source import HtmlListing, JsonListing
from core.target import Target
from crawler.browser import render_meta
from crawler.browser_lists import with_more
from crawler.scope import ScopeGate
from crawler.sources import Asked

WITHHELD = "withheld_headers"
"""Request meta: names (small letters) of headers that evidence leaves out."""


class ListingRequests:
    """Keyword arguments of the requests for one target's listing pages.

    Raises BadInput where the target names an environment variable that is not set.
    """

    def __init__(self, target: Target, scope: ScopeGate) -> None:
        self._target, self._scope, self._source = target, scope, target.source
        self._headers: dict[str, str] = {}
        self.first_body = ""
        if isinstance(self._source, JsonListing):
            self._headers = self._source.headers
            if self._source.body is not None:
                self.first_body = msgspec.json.encode(self._source.body).decode()
            named = (*self._headers.values(), self.first_body)
            check_present(named, os.environ, target.id)

    def arguments(self, asked: Asked, *, render: bool = False) -> dict[str, Any]:
        """What `scrapy.Request` needs besides URL and callbacks to ask for `asked`."""
        source = self._source
        meta: dict[str, Any] = {}
        if isinstance(source, HtmlListing) and (
            render or source.scrolls or self._target.rendering == "always"
        ):
            meta = with_more(
                render_meta(self._scope.admits, self._target.limits, wanted=None), source
            )
        headers = {name: filled(text, os.environ) for name, text in self._headers.items()}
        if headers or asked.body:
            secret = [name.lower() for name, text in self._headers.items() if "${" in text]
            meta |= {WITHHELD: tuple(secret), "dont_redirect": True}
        if not asked.body:
            return {"meta": meta, "headers": headers}
        headers.setdefault("Content-Type", "application/json")
        body = filled_json(asked.body, os.environ)
        return {"meta": meta, "headers": headers, "method": "POST", "body": body}
