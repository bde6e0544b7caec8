"""What the demonstration site answers with: bytes made ready before the first request."""

from __future__ import annotations

from typing import NamedTuple

HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"


class Answer(NamedTuple):
    """One response. `location` is set for redirects. Visitors whose user agent holds `only_for`
    get the body `to_them`."""

    body: bytes
    content_type: str = HTML
    status: int = 200
    location: str = ""
    only_for: str = ""
    to_them: bytes = b""

    def for_visitor(self, user_agent: str) -> Answer:
        """What a visitor with `user_agent` gets."""
        meant = bool(self.only_for) and self.only_for in user_agent
        return self._replace(body=self.to_them) if meant else self


Routes = dict[str, Answer]
"""Answers by path, or by path and query (`/news?page=2`) where the query matters."""
