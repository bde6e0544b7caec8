"""What the demonstration site answers with: bytes made ready before the first request."""

from __future__ import annotations

from typing import NamedTuple

HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"


class Answer(NamedTuple):
    """One response. `location` is set for redirects."""

    body: bytes
    content_type: str = HTML
    status: int = 200
    location: str = ""


Routes = dict[str, Answer]
"""Answers by path, or by path and query (`/news?page=2`) where the query matters."""
