"""What single HTML elements contribute: one small reader per tag."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from crawler.extractors import picture_sources
from crawler.extractors.blocks import BREAK, Mention
from crawler.extractors.frame import Frame
from crawler.extractors.html_page import HAN, Attributes, Handler, HtmlPage
from crawler.extractors.links import address_in, resolve, urls_in

_META_TEXT = re.compile(
    r"^(?:description|keywords|subject|abstract|author|copyright|application-name|"
    r"(?:og|twitter|article|product|itemprop):?(?:.*:)?(?:title|description|site_name|name|tag)|"
    r"apple-mobile-web-app-title|apple-itunes-app|name|headline)$"
)
_MOUNTS = frozenset({"app", "root", "__next", "__nuxt", "__layout", "app-root", "react-root",
                     "main-app", "q-app", "svelte", "___gatsby", "vue-app", "mount", "ice-container"})  # fmt: skip
_REFRESH = re.compile(r"^\s*(\d*)(?:\.\d*)?\s*(?:[;,]\s*|\s+)?(?:url\s*=\s*)?[\"']?(.*?)[\"']?\s*$",
                      re.IGNORECASE | re.DOTALL)  # fmt: skip
_NEEDS_SCRIPT = re.compile("javascript|脚本|js", re.IGNORECASE)
_JSON_TYPE = re.compile(r"json", re.IGNORECASE)
_SCRIPT_TYPE = re.compile(r"^(?:$|module$|.*(?:java|ecma|js|type)script)", re.IGNORECASE)
_LONGEST_DELAY_SECONDS = 5


def _title(
    page: HtmlPage, node: LexborNode, attributes: Attributes, frame: Frame
) -> LexborNode | None:
    text = " ".join(node.text().split())
    in_picture = frame.parent is not None and frame.parent.tag == "svg"
    if text and (page.title or in_picture):
        page.add("alt" if in_picture else "hidden", text, frame.path)
    elif text:
        page.title = text
        page.add("title", text, frame.path)
    return None


def _meta(
    page: HtmlPage, node: LexborNode, attributes: Attributes, frame: Frame
) -> LexborNode | None:
    content = attributes.get("content") or ""
    if not content:
        return None
    if (attributes.get("http-equiv") or "").lower() == "refresh":
        _refresh(page, content, frame)
        return None
    name = (attributes.get("name") or attributes.get("property") or attributes.get("itemprop")
            or "").lower()  # fmt: skip
    address = address_in(content)
    if address:
        if name == "og:url":
            page.add_reference("canonical", address, frame)
        elif name.startswith("al:") or "player" in name or "app:url" in name:
            page.add_reference("link", address, frame)
    elif _META_TEXT.match(name) or HAN.search(content):
        page.add("meta", " ".join(content.split()), frame.path)
        for url in urls_in(content):
            page.add_reference("link", url, frame)
    return None


def _refresh(page: HtmlPage, content: str, frame: Frame) -> None:
    match = _REFRESH.match(content[:4_000])
    if match is None or not match[2]:
        return
    mention = page.add_reference("meta_refresh", match[2], frame)
    delay = int(match[1] or 0)
    if mention and delay <= _LONGEST_DELAY_SECONDS and not page.noscript and not page.embedded:
        page.refresh = page.refresh or mention.url


def _link(
    page: HtmlPage, node: LexborNode, attributes: Attributes, frame: Frame
) -> LexborNode | None:
    rel = (attributes.get("rel") or "").lower()
    href = attributes.get("href") or ""
    if rel == "canonical":
        page.add_reference("canonical", href, frame)
    elif "alternate" in rel and address_in(href) and not href.startswith(("http", "//")):
        page.add_reference("deep_link", href, frame)
    return None


def _base(
    page: HtmlPage, node: LexborNode, attributes: Attributes, frame: Frame
) -> LexborNode | None:
    href = attributes.get("href")
    if href and not page.based and not page.embedded:
        page.rebase(href)
    return None


def _anchor(
    page: HtmlPage, node: LexborNode, attributes: Attributes, frame: Frame
) -> LexborNode | None:
    href = attributes.get("href") or attributes.get("xlink:href")
    title = attributes.get("title") or ""
    resolved = resolve(href, page.joiner) if href else None
    if resolved is not None:
        mention = Mention(resolved[0], resolved[1], frame.path, page.hidden)
        mention.title = title
        page.open(mention, frame)
        return node.first_child
    if title:
        page.add_attribute(title, frame)
    if href and href.lstrip()[:11].lower() == "javascript:":
        page.read_script(href.lstrip()[11:], frame)
    return node.first_child


def _area(
    page: HtmlPage, node: LexborNode, attributes: Attributes, frame: Frame
) -> LexborNode | None:
    href = attributes.get("href")
    if href:
        page.add_reference("link", href, frame, attributes.get("alt") or "")
    return None


def _image(
    page: HtmlPage, node: LexborNode, attributes: Attributes, frame: Frame
) -> LexborNode | None:
    alt = " ".join((attributes.get("alt") or "").split())
    title = " ".join((attributes.get("title") or "").split())
    for text, kind in ((alt, "alt"), (title if title != alt else "", "attribute")):
        if len(text) > 1:
            page.add(kind, text, frame.path)  # type: ignore[arg-type]
    mention = page.open_mention
    if mention is not None and mention.room > 0 and (alt or title):
        mention.add(f" {alt or title} ")
    if attributes.get("width") in ("0", "1") or attributes.get("height") in ("0", "1"):
        return None
    around = "".join(mention.pieces) if mention is not None else ""
    text = alt or title or " ".join(around.split())
    for address in _image_addresses(attributes):
        page.add_picture(address, frame.path, text)
    return None


def _image_addresses(attributes: Attributes) -> list[str]:
    found = [attributes.get("src") or ""]
    srcset = attributes.get("srcset") or attributes.get("data-srcset")
    if srcset:
        found.append(picture_sources.largest_candidate(srcset))
    if len(attributes) > 1:
        found.extend(attributes.get(name) or "" for name in picture_sources.LAZY)
    return [address for address in found if address]


def _source(
    page: HtmlPage, node: LexborNode, attributes: Attributes, frame: Frame
) -> LexborNode | None:
    srcset = attributes.get("srcset") or attributes.get("data-srcset")
    if srcset and frame.parent is not None and frame.parent.tag == "picture":
        page.add_picture(picture_sources.largest_candidate(srcset), frame.path, "")
    return None


def _video(
    page: HtmlPage, node: LexborNode, attributes: Attributes, frame: Frame
) -> LexborNode | None:
    poster = attributes.get("poster")
    if poster:
        page.add_picture(poster, frame.path, "")
    return node.first_child


def _svg(
    page: HtmlPage, node: LexborNode, attributes: Attributes, frame: Frame
) -> LexborNode | None:
    markup = node.html or ""
    if picture_sources.may_hold_code(markup):
        if "xmlns=" not in markup[:2_000]:
            markup = markup.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
        page.add_picture_bytes(markup.encode("utf-8", "replace"), "image/svg+xml", frame.path, "")
    if any(part in markup for part in ("<text", "<a ", "<title", "<foreignObject", "<script")):
        return node.first_child
    return None


def _frame(
    page: HtmlPage, node: LexborNode, attributes: Attributes, frame: Frame
) -> LexborNode | None:
    source = attributes.get("src") or attributes.get("data-src") or attributes.get("data") or ""
    if source:
        page.add_reference("frame", source, frame)
    inner = attributes.get("srcdoc")
    if inner and page.embedded < 2:
        page.embed(inner, frame)
    return node.first_child if frame.tag in ("object", "frameset") else None


def _form(
    page: HtmlPage, node: LexborNode, attributes: Attributes, frame: Frame
) -> LexborNode | None:
    action = attributes.get("action")
    if action:
        page.add_reference("form_action", action, frame)
    return node.first_child


def _button(
    page: HtmlPage, node: LexborNode, attributes: Attributes, frame: Frame
) -> LexborNode | None:
    action = attributes.get("formaction")
    if action:
        mention = page.add_reference("form_action", action, frame)
        if mention is not None:
            page.open_mention = mention
    return node.first_child


def _input(
    page: HtmlPage, node: LexborNode, attributes: Attributes, frame: Frame
) -> LexborNode | None:
    sort = (attributes.get("type") or "text").lower()
    value = " ".join((attributes.get("value") or "")[:4_000].split())
    if sort == "image" and attributes.get("src"):
        page.add_picture(attributes["src"] or "", frame.path, attributes.get("alt") or "")
    if attributes.get("formaction"):
        page.add_reference("form_action", attributes["formaction"] or "", frame, value)
    if len(value) < 2 or sort in ("password", "radio", "checkbox", "color", "range", "date"):
        return None
    if sort == "hidden":
        address = address_in(value)
        if address:
            page.add_reference("link", address, frame)
        elif HAN.search(value):
            page.add("hidden", value, frame.path, role="form")
        return None
    page.add("hidden" if page.hidden else "visible", value, frame.path, role="form")
    for url in urls_in(value):
        page.add_reference("link", url, frame)
    return None


def _textarea(
    page: HtmlPage, node: LexborNode, attributes: Attributes, frame: Frame
) -> LexborNode | None:
    page.preserve = True
    return node.first_child


def _preserved(
    page: HtmlPage, node: LexborNode, attributes: Attributes, frame: Frame
) -> LexborNode | None:
    page.preserve = True
    return node.first_child


def _option(
    page: HtmlPage, node: LexborNode, attributes: Attributes, frame: Frame
) -> LexborNode | None:
    page.pieces.append(BREAK)
    value = attributes.get("value")
    if value and address_in(value):
        page.add_reference("link", value, frame, " ".join(node.text().split())[:300])
    return node.first_child


def _line_break(
    page: HtmlPage, node: LexborNode, attributes: Attributes, frame: Frame
) -> LexborNode | None:
    pieces = page.pieces
    if pieces and (pieces[-1] == BREAK or (len(pieces) > 1 and pieces[-2] == BREAK
                                           and pieces[-1].isspace())):  # fmt: skip
        page.flush()
    else:
        pieces.append(BREAK)
    if page.open_mention is not None:
        page.open_mention.add(" ")
    return None


def _script(
    page: HtmlPage, node: LexborNode, attributes: Attributes, frame: Frame
) -> LexborNode | None:
    if attributes.get("src"):
        page.outer_scripts += 1
        return None
    text = node.text()
    sort = attributes.get("type") or ""
    if _JSON_TYPE.search(sort):
        page.read_json(text, frame) or page.read_script(text, frame)
    elif _SCRIPT_TYPE.match(sort):
        page.scripts.append(text)
        page.read_script(text, frame)
    elif "<" in text and page.embedded < 2:
        page.embed(text, frame, hidden=True)
    return None


def _noscript(
    page: HtmlPage, node: LexborNode, attributes: Attributes, frame: Frame
) -> LexborNode | None:
    page.noscript += 1
    page.hidden = True
    if not page.asks_for_scripts and _NEEDS_SCRIPT.search(node.text()[:2_000]):
        page.asks_for_scripts = True
    return node.first_child


def _template(
    page: HtmlPage, node: LexborNode, attributes: Attributes, frame: Frame
) -> LexborNode | None:
    page.hidden = page.hidden or "shadowrootmode" not in attributes
    fragments = node.template_fragments()
    return fragments[0].first_child if fragments else None


def _skip(
    page: HtmlPage, node: LexborNode, attributes: Attributes, frame: Frame
) -> LexborNode | None:
    return None


def _division(
    page: HtmlPage, node: LexborNode, attributes: Attributes, frame: Frame
) -> LexborNode | None:
    if "id" in attributes and attributes["id"] in _MOUNTS:
        page.mount_point = True
    return node.first_child


HANDLERS: dict[str, Handler] = {
    "a": _anchor,
    "area": _area,
    "base": _base,
    "br": _line_break,
    "button": _button,
    "div": _division,
    "embed": _frame,
    "form": _form,
    "frame": _frame,
    "iframe": _frame,
    "img": _image,
    "input": _input,
    "link": _link,
    "listing": _preserved,
    "meta": _meta,
    "noscript": _noscript,
    "object": _frame,
    "option": _option,
    "plaintext": _preserved,
    "pre": _preserved,
    "script": _script,
    "source": _source,
    "style": _skip,
    "svg": _svg,
    "template": _template,
    "textarea": _textarea,
    "title": _title,
    "video": _video,
    "xmp": _preserved,
}
