"""The listings of the demonstration site: an app market in HTML, an API, two export files.

`/market/` pages through the entries of `content/market.jsonl`, each with a page of its own;
`/api/miniprograms?page=1` answers with those of `content/api.jsonl`; `/exports/` serves the files
of `exports/`, which hold one set of mini-programs as JSON Lines and as CSV (lists as JSON in a
cell).
"""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any

from tests.site.answers import HTML, JSON, Answer, Routes
from tests.site.pictures import banner_png, qr_png

FOLDER = Path(__file__).parent
EXPORTS = FOLDER / "exports"
MARKET_PAGE_SIZE = 5
API_PAGE_SIZE = 6


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON Lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def listing_routes() -> Routes:
    """Everything the listings serve, by path."""
    return {
        **_market(read_lines(FOLDER / "content" / "market.jsonl")),
        **_api(read_lines(FOLDER / "content" / "api.jsonl")),
        "/exports/miniprograms.jsonl": Answer(
            (EXPORTS / "miniprograms.jsonl").read_bytes(), "application/x-ndjson"
        ),
        "/exports/miniprograms.csv": Answer(
            (EXPORTS / "miniprograms.csv").read_bytes(), "text/csv; charset=utf-8"
        ),
    }


def _market(entries: list[dict[str, Any]]) -> Routes:
    routes: Routes = {}
    parts = _parts(entries, MARKET_PAGE_SIZE)
    for number, part in enumerate(parts, 1):
        items = "\n".join(_market_item(entry) for entry in part)
        following = (
            f'<a class="next" href="/market/?page={number + 1}">下一页</a>'
            if number < len(parts)
            else ""
        )
        answer = _page(
            "应用广场", f'<ul class="apps">\n{items}\n</ul>\n<p class="pages">{following}</p>'
        )
        routes[f"/market/?page={number}"] = answer
        if number == 1:
            routes["/market/"] = answer
    for entry in entries:
        routes[f"/market/app/{entry['slug']}"] = _market_entry(entry, routes)
    return routes


def _market_item(entry: dict[str, Any]) -> str:
    return (
        f'<li class="app" data-id="{escape(entry["app_id"])}">'
        f'<a class="name" href="/market/app/{escape(entry["slug"])}">{escape(entry["name"])}</a>'
        f'<p class="intro">{escape(entry["intro"])}</p>'
        f'<span class="category">{escape(entry["category"])}</span>'
        f'<span class="owner">{escape(entry["owner"])}</span></li>'
    )


def _market_entry(entry: dict[str, Any], routes: Routes) -> Answer:
    shots = []
    for number, caption in enumerate(entry["screens"], 1):
        address = f"/market/shots/{entry['slug']}-{number}.png"
        payload = entry.get("qr_payload")
        body = qr_png(payload) if payload and number == 1 else banner_png(180, 320)
        routes[address] = Answer(body, "image/png")
        shots.append(f'<img class="shot" src="{escape(address)}" alt="{escape(caption)}">')
    return _page(
        entry["name"],
        f'<h1 class="name">{escape(entry["name"])}</h1>\n'
        f'<p class="owner">{escape(entry["owner"])}</p>\n'
        f'<section class="description"><p>{escape(entry["text"])}</p></section>\n'
        f'<div class="shots">{"".join(shots)}</div>\n<p><a href="/market/">返回应用广场</a></p>',
    )


def _api(entries: list[dict[str, Any]]) -> Routes:
    routes: Routes = {}
    parts = _parts(entries, API_PAGE_SIZE)
    for number, part in enumerate([*parts, []], 1):
        following = f"/api/miniprograms?page={number + 1}" if number < len(parts) else None
        answer = {
            "code": 0,
            "data": {"items": part, "page": number, "total": len(entries)},
            "paging": {"next": following},
        }
        routes[f"/api/miniprograms?page={number}"] = Answer(
            json.dumps(answer, ensure_ascii=False).encode(), JSON
        )
    return routes


def _parts(entries: list[dict[str, Any]], size: int) -> list[list[dict[str, Any]]]:
    return [entries[start : start + size] for start in range(0, len(entries), size)]


def _page(title: str, body: str) -> Answer:
    text = (
        '<!DOCTYPE html>\n<html lang="zh-CN">\n<head><meta charset="utf-8">'
        f"<title>{escape(title)} - 应用广场</title></head>\n<body>\n{body}\n</body>\n</html>\n"
    )
    return Answer(text.encode(), HTML)
