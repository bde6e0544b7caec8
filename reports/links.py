"""Links as they stand in a report: readable, and opened by nobody by accident."""

from __future__ import annotations

from core.text import defang, defang_text


def defanged_url(url: str) -> str:
    """An address as it was found, defanged: with a scheme, or a host without one."""
    return defang(url) if "://" in url else defang_text(defang(url))
