"""A mini-program's configuration: `app-config.json`, `app.json` and their like."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from crawler.extractors.packages.contents import Contents

NAMES = frozenset({"app-config.json", "app.json", "appConfig.json", "tabBar.json", "game.json"})
_TITLES = frozenset({"navigationBarTitleText", "defaultTitle"})
_MOST = 4_000


def read_app_config(contents: Contents, text: str, member: str) -> None:
    """Window titles, tab texts, pages, applications it navigates to. No JSON is no matter: the
    text is read by others too."""
    try:
        config = msgspec.json.decode(text.encode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError):
        return
    if not isinstance(config, dict):
        return
    for place, key, value in _leaves(config):
        if key in _TITLES:
            contents.add_text("title", value, member, place)
            if place.startswith(("global.", "window.")) and not contents.identity.name:
                contents.identity.name = value.strip()[:200]
        elif key == "text" and "list[" in place:
            contents.add_text("visible", value, member, place, "navigation")
        elif "navigateToMiniProgramAppIdList[" in place:
            contents.add_reference("package", value, member, place, "navigates to it")
        elif key in ("extAppid", "appid", "appId") and not contents.identity.app_id:
            contents.identity.app_id = value[:64]
    pages = [page for page in _list(config.get("pages")) if isinstance(page, str)]
    for number, page in enumerate(pages[:_MOST]):
        contents.add_text("attribute", page, member, f"pages[{number}]", "code")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _leaves(config: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Place, key and value of the strings, in order, without recursion, at most `_MOST`."""
    waiting: list[tuple[str, str, Any]] = [("", "", config)]
    given = 0
    while waiting and given < _MOST:
        place, key, value = waiting.pop()
        if isinstance(value, str):
            given += 1
            yield place, key, value
        elif isinstance(value, dict) and len(place) < 300:
            inner = [(f"{place}.{k}".lstrip("."), k, v) for k, v in value.items()]
            waiting.extend(reversed(inner))
        elif isinstance(value, list) and len(place) < 300:
            waiting.extend(reversed([(f"{place}[{n}]", key, v) for n, v in enumerate(value)]))
