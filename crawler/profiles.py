"""Requests of a page as some visitor, independent of all other visits."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from scrapy import Request

from core.profile import Profile
from core.target import Limits
from crawler.browser import ONE_VISIT, render_meta


def view_request(url: str, profile: Profile | None) -> Request:
    """One look at `url` as `profile` (None: the product itself); it may end at a page that the
    crawl has seen. robots.txt is asked under the product's own name all the same."""
    meta: dict[str, Any] = {"page": True, "chain": True}
    if profile is None:
        return Request(url, meta=meta)
    meta["profile"] = profile.id
    return Request(url, meta=meta, headers=profile.http_headers(secure=url.startswith("https:")))


def visit_meta(
    admits: Callable[[str], bool], limits: Limits, profile: Profile | None
) -> dict[str, Any]:
    """Request meta that renders a page in a browser context of its own, closed afterwards: no
    cookie and no storage of another visit."""
    return {
        **render_meta(admits, limits, profile),
        ONE_VISIT: f"visit-{secrets.token_hex(6)}",
    }
