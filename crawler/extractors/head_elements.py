"""What the elements of a page's head contribute: title, meta, link, base."""

from __future__ import annotations

import re

from crawler.extractors.element import Element, Reader
from crawler.extractors.frame import Frame
from crawler.extractors.html_page import HtmlPage
from crawler.extractors.links import address_in, urls_in
from crawler.extractors.prose import HAN

_TEXTS = re.compile(
    r"(?:^|[:.])(?:description|keywords|subject|abstract|author|copyright|application-name|title|"
    r"site_name|name|tag|apple-mobile-web-app-title|headline|label1|data1)$"
)
_PICTURE = re.compile(
    r"(?:og:image(?::(?:secure_)?url)?|og:video:(?:image|thumbnail)|twitter:image(?::src)?|image|"
    r"thumbnail(?:url)?)\Z"
)
"""Names under which a page gives the picture that stands for it where it is shared, or the still of
its film."""

_APP_ADDRESS = re.compile(r"^al:|app:|player|deeplink|app-argument")
_REFRESH = re.compile(
    r"^\s*(\d{0,6})(?:\.\d*)?\s*(?:[;,]\s*|\s)?(?:url\s*=\s*)?(\"[^\"]*|'[^']*|.*)",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST_DELAY_SECONDS = 5


def _title(page: HtmlPage, element: Element) -> None:
    text = element.text()
    if not text:
        return
    if element.parent_tag in ("svg", "g", "path"):
        page.add("alt", text, element.path)
    elif page.title:
        page.add("hidden", text, element.path)
    else:
        page.title = text[: page.bounds.title_chars]
        page.add("title", text, element.path)


def _meta(page: HtmlPage, element: Element) -> None:
    content = element.get("content").strip()
    if not content:
        return
    if element.get("http-equiv").strip().lower() == "refresh":
        _refresh(page, content, element.frame)
        return
    name = element.get("name") or element.get("property") or element.get("itemprop")
    if _PICTURE.match(name.lower()):
        page.add_picture(content, element.path, placed=False)
        return
    address = address_in(content)
    if address:
        if name.lower() == "og:url":
            page.add_reference("canonical", address, element.frame)
        elif _APP_ADDRESS.search(name.lower()):
            page.add_reference("link", address, element.frame)
    elif _TEXTS.search(name.lower()) or HAN.search(content):
        page.add("meta", " ".join(content.split()), element.path)
        for url in urls_in(content):
            page.add_reference("link", url, element.frame)


def _refresh(page: HtmlPage, content: str, frame: Frame) -> None:
    match = _REFRESH.match(content[:8_000])
    written = match[2].strip("\"' \t\r\n") if match else ""
    if match is None or not written:
        return
    mention = page.add_reference("meta_refresh", written, frame)
    if mention is None or page.embedded or page.refresh:
        return
    if int(match[1] or 0) <= _LONGEST_DELAY_SECONDS and mention.kind == "meta_refresh":
        page.refresh = mention.url


def _link(page: HtmlPage, element: Element) -> None:
    relation = element.get("rel").lower()
    address = element.get("href")
    if relation == "image_src" or _PICTURE.match(element.get("itemprop").lower()):
        page.add_picture(address, element.path, placed=False)
    elif relation == "canonical":
        page.add_reference("canonical", address, element.frame)
    elif "alternate" in relation and "://" in address and not address.startswith("http"):
        page.add_reference("deep_link", address, element.frame)


def _base(page: HtmlPage, element: Element) -> None:
    if element.get("href") and not page.is_rebased and not page.embedded:
        page.rebase(element.get("href"))


def _style(page: HtmlPage, element: Element) -> None:
    """Style sheets are read before the walk, because their rules hide text before them too."""


HEAD: dict[str, Reader] = {
    "base": _base,
    "link": _link,
    "meta": _meta,
    "style": _style,
    "title": _title,
}
