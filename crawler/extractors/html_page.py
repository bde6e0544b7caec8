"""One walk over an HTML page, without recursion: blocks, references and pictures in order."""

from __future__ import annotations

import re
from collections.abc import Callable

from selectolax.lexbor import LexborHTMLParser, LexborNode

from core.document import BlockRole, ReferenceKind
from core.urls import LinkJoiner
from crawler.extractors import picture_sources
from crawler.extractors.blocks import BREAK, Blocks, Mention
from crawler.extractors.extraction import BOUNDS, Bounds
from crawler.extractors.frame import Frame
from crawler.extractors.hidden import HidingRules, hides
from crawler.extractors.links import address_in, resolve
from crawler.extractors.scripts import literals
from crawler.extractors.structured import strings_in

Attributes = dict[str, str | None]
Handler = Callable[["HtmlPage", LexborNode, Attributes, Frame], "LexborNode | None"]

BLOCK_TAGS = frozenset(
    ["html", "body", "address", "article", "aside", "blockquote", "center", "dd", "details", "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "legend", "li", "listing", "main", "menu", "nav", "ol", "optgroup", "p", "plaintext", "pre", "search", "section", "select", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "xmp", "button", "caption", "marquee", "text", "foreignObject", "noframes", "noembed", "noscript", "template", "textarea"]
)
_ROLES: dict[str, BlockRole] = {
    "nav": "navigation",
    "menu": "navigation",
    "footer": "footer",
    "pre": "code",
    "xmp": "code",
    "listing": "code",
    "blockquote": "quote",
    "button": "form",
    "select": "form",
    "legend": "form",
    "label": "form",
} | {f"h{level}": "heading" for level in range(1, 7)}  # type: ignore[dict-item]
_ARIA_ROLES: dict[str, BlockRole] = {
    "navigation": "navigation",
    "menubar": "navigation",
    "menu": "navigation",
    "contentinfo": "footer",
    "heading": "heading",
}
_OUTWEIGHS = ("navigation", "footer")
_PLAIN = frozenset(
    ["class", "id", "href", "target", "rel", "src", "alt", "width", "height", "type", "name", "content", "style", "value", "lang", "dir", "charset", "colspan", "rowspan", "align", "valign", "border", "cellpadding", "cellspacing", "for", "method", "action", "srcset", "sizes", "loading", "media", "property", "http-equiv", "role", "tabindex", "hidden", "async", "defer", "crossorigin", "integrity", "placeholder-shown", "autocomplete", "maxlength", "checked", "selected", "disabled", "readonly", "bgcolor", "color", "size", "face", "rows", "cols", "wrap", "nowrap", "start", "reversed", "decoding", "fetchpriority", "itemprop", "itemscope", "itemtype", "aria-hidden", "aria-expanded", "aria-controls", "aria-labelledby", "aria-haspopup", "data-id"]
)
HAN = re.compile("[\u3400-\u9fff]")
_SENTENCE = re.compile(r"[A-Za-z]{2,}(?:[ ,]+[A-Za-z]{2,}){3}")
_PARAGRAPH = re.compile(r"\n[ \t\r]*\n")
_TAG = re.compile(r"<[^<>]{0,2000}>")
_TEXT_ATTRIBUTES = frozenset({"title", "aria-label", "placeholder", "label", "summary", "alt"})
_MAX_ATTRIBUTE_CHARS = 4_000


class HtmlPage(Blocks):
    """Reads one page. Use: `HtmlPage(text, url)`, then `read()`, then its attributes."""

    def __init__(self, text: str, url: str, handlers: dict[str, Handler], bounds: Bounds = BOUNDS):
        self.root = Frame(None, "")
        super().__init__(self.root, bounds)
        self.url = url
        self.joiner = LinkJoiner(url)
        self.handlers = handlers
        self.title = ""
        self.open_mention: Mention | None = None
        self.preserve = False
        self.noscript = 0
        self.embedded = 0
        self.based = False
        self.hiding = HidingRules()
        self.scripts: list[str] = []
        self.script_chars = 0
        self.outer_scripts = 0
        self.script_urls: set[str] = set()
        self.script_blocks = 0
        self.data_strings = 0
        self.mount_point = False
        self.asks_for_scripts = False
        self.refresh = ""
        self.seen_pictures: set[object] = set()
        self._nodes_left = bounds.nodes
        self._text = text

    def read(self) -> None:
        """Walks the whole page."""
        self.read_tree(self._text, self.root)
        self.finish()

    def read_tree(self, html: str, parent: Frame) -> None:
        """Walks one HTML document whose elements hang below `parent`."""
        tree = LexborHTMLParser(html)
        root = tree.root
        if root is None:
            return
        has_style = "<style" in html or "<STYLE" in html
        sheets = [sheet.text() for sheet in tree.css("style")] if has_style else []
        self.hiding = HidingRules(sheets)
        for sheet in sheets:
            for address in picture_sources.css_pictures(sheet):
                self.add_picture(address, "style", "")
        self._walk(root.first_child, parent)

    def embed(self, html: str, frame: Frame, *, hidden: bool = False) -> None:
        """Walks HTML that stands in an attribute or template of the element `frame`."""
        self.flush()
        outer = (self.hidden, self.role, self.block_frame, self.open_mention, self.hiding,
                 self.preserve)  # fmt: skip
        self.embedded += 1
        self.hidden, self.open_mention, self.preserve = self.hidden or hidden, None, False
        self.block_frame = frame
        self.read_tree(html, frame)
        self.flush()
        self.embedded -= 1
        (self.hidden, self.role, self.block_frame, self.open_mention, self.hiding,
         self.preserve) = outer  # fmt: skip

    def rebase(self, href: str) -> None:
        """Takes `<base href>` as what relative addresses are joined to."""
        resolved = resolve(href, self.joiner)
        if resolved is not None and resolved[0] == "link":
            self.based = True
            self.joiner = LinkJoiner(resolved[1])

    def _walk(self, node: LexborNode | None, parent: Frame) -> None:
        stack: list[tuple[LexborNode, Frame, Frame]] = []
        base = self.depth
        while node is not None:
            tag = node.tag
            if tag == "-text":
                self.add_text(node.text_content or "")
            elif tag and tag[0] != "-":
                if self._nodes_left <= 0:
                    self.cut["elements"] = None
                    break
                self._nodes_left -= 1
                frame = Frame(parent, tag)
                child = self._enter(node, tag, frame)
                if child is not None:
                    stack.append((node, frame, parent))
                    self.depth += 1
                    node, parent = child, frame
                    continue
                if frame.saved is not None:
                    self._leave(frame)
            following = node.next
            while following is None and stack:
                node, frame, parent = stack.pop()
                if frame.saved is not None:
                    self.depth = base + len(stack)
                    self._leave(frame)
                self.rise(base + len(stack))
                following = node.next
            node = following
        while stack:
            _, frame, _ = stack.pop()
            if frame.saved is not None:
                self._leave(frame)
        self.rise(base)

    def add_text(self, text: str) -> None:
        """Takes text of the page into the current block."""
        if self.preserve and "\n" in text:
            paragraphs = _PARAGRAPH.split(text)
            for paragraph in paragraphs[:-1]:
                self._append(paragraph.replace("\n", BREAK))
                self.flush()
            text = paragraphs[-1].replace("\n", BREAK)
        self._append(text)

    def _append(self, text: str) -> None:
        self.pieces.append(text)
        if not self.has_text and not text.isspace() and text:
            self.has_text = True
        mention = self.open_mention
        if mention is not None and mention.room > 0:
            mention.add(text)

    def _enter(self, node: LexborNode, tag: str, frame: Frame) -> LexborNode | None:
        """Opens an element; returns the first child to walk, None when there is none."""
        attributes = node.attributes
        is_block = tag in BLOCK_TAGS
        conceals = bool(attributes) and not self.hidden and self._conceals(tag, attributes)
        role = _ROLES.get(tag) if is_block else None
        if attributes and is_block and "role" in attributes:
            role = _ARIA_ROLES.get(attributes["role"] or "", role)
        if is_block or conceals:
            self._open(frame, is_block, conceals, role)
        if attributes and not _PLAIN.issuperset(attributes):
            self._read_attributes(tag, attributes, frame)
        handler = self.handlers.get(tag)
        if handler is not None:
            return handler(self, node, attributes, frame)
        return node.first_child

    def _open(self, frame: Frame, is_block: bool, conceals: bool, role: BlockRole | None) -> None:
        pieces: list[str] | None = None
        had_text = self.has_text
        if is_block:
            self.flush()
        else:
            pieces, self.pieces, self.has_text = self.pieces, [], False
        frame.saved = (is_block, self.hidden, self.role, self.block_frame, self.open_mention,
                       pieces, had_text)  # fmt: skip
        self.block_frame = frame
        if conceals:
            self.hidden = True
        if role is not None and self.role not in _OUTWEIGHS:
            self.role = role

    def save(self, frame: Frame) -> None:
        """Makes leaving `frame` restore the state, for elements that are not blocks."""
        if frame.saved is None:
            frame.saved = (False, self.hidden, self.role, self.block_frame, self.open_mention,
                           None, False)  # fmt: skip

    def _leave(self, frame: Frame) -> None:
        assert frame.saved is not None  # noqa: S101
        is_block, hidden, role, block_frame, mention, pieces, had_text = frame.saved
        if self.open_mention is not None and self.open_mention is not mention:
            self._close_mention(mention)
        if frame.tag == "noscript":
            self.noscript -= 1
        if frame.tag in ("pre", "textarea", "xmp", "listing", "plaintext"):
            self.preserve = False
        if is_block:
            self.flush()
        elif pieces is not None:
            self.flush()
            self.pieces, self.has_text = pieces, had_text
        self.hidden, self.role, self.block_frame = hidden, role, block_frame

    def _close_mention(self, outer: Mention | None) -> None:
        mention = self.open_mention
        assert mention is not None  # noqa: S101
        mention.text = " ".join("".join(mention.pieces).split())[:300] or mention.text
        if mention.title and mention.title != mention.text:
            self.add("attribute", mention.title, mention.path)
            mention.text = mention.text or mention.title
        mention.pieces = []
        self.open_mention = outer
        if outer is not None and outer.room > 0:
            outer.add(mention.text)

    def open(self, mention: Mention, frame: Frame) -> None:
        """Adds a reference that collects the text of the element `frame` until it closes."""
        self.save(frame)
        self.mention(mention)
        self.open_mention = mention

    def _conceals(self, tag: str, attributes: Attributes) -> bool:
        if "hidden" in attributes and tag not in ("embed", "object"):
            return True
        style = attributes.get("style")
        if style and hides(style[:2_000]):
            return True
        return bool(self.hiding) and self.hiding.hides(attributes)

    # ---- attributes -------------------------------------------------------------------------

    def _read_attributes(self, tag: str, attributes: Attributes, frame: Frame) -> None:
        for name, value in attributes.items():
            if not value or name in _PLAIN:
                continue
            if name in _TEXT_ATTRIBUTES:
                if name != "title" or tag not in ("a", "img"):
                    self.add_attribute(value, frame)
            elif name.startswith("data-"):
                self._read_data(name, value, tag, frame)
            elif name.startswith("on"):
                self.read_script(value, frame)

    def add_attribute(self, value: str, frame: Frame) -> None:
        """Adds text that an attribute holds, if it is text."""
        text = " ".join(value[:_MAX_ATTRIBUTE_CHARS].split())
        if len(text) > 1:
            self.add("attribute", text, frame.path)

    def _read_data(self, name: str, value: str, tag: str, frame: Frame) -> None:
        if tag == "img" and name in picture_sources.LAZY:
            return
        if value[0] in "{[" and self.read_json(value, frame):
            return
        value = value[:_MAX_ATTRIBUTE_CHARS]
        address = address_in(value)
        if address:
            self.add_reference("link", address, frame)
        elif name in ("data-href", "data-url", "data-link"):
            self.add_reference("link", value, frame)
        if "clipboard" in name or "copy" in name or (not address and HAN.search(value)):
            self.add_attribute(value, frame)

    # ---- references -------------------------------------------------------------------------

    def add_reference(
        self, kind: ReferenceKind, written: str, frame: Frame, text: str = ""
    ) -> Mention | None:
        """Adds the address `written`, if it leads anywhere; deep links get their own kind."""
        resolved = resolve(written, self.joiner)
        if resolved is None:
            if written.lstrip()[:11].lower() == "javascript:":
                self.read_script(written.lstrip()[11:], frame)
            return None
        sort, url = resolved
        mention = Mention(sort if sort == "deep_link" else kind, url, frame.path, self.hidden)
        mention.text = text
        self.mention(mention)
        return mention

    def add_picture(self, written: str, path: str, text: str) -> None:
        """Adds a picture by address or `data:` URI; each one once a page."""
        if written[:5].lower() == "data:":
            found = picture_sources.data_uri(written)
            if found:
                self.add_picture_bytes(found[1], found[0], path, text)
            return
        resolved = resolve(written, self.joiner)
        if resolved is None or resolved[0] != "link" or resolved[1] in self.seen_pictures:
            return
        url = resolved[1].partition("#")[0]
        self.seen_pictures.add(url)
        mention = Mention(None, url, path, self.hidden)
        mention.text = text
        self.picture(mention)
        payload = picture_sources.payload_in_url(url)
        if payload:
            code = Mention("qr", payload, path, self.hidden)
            code.text = text
            self.mention(code)

    def add_picture_bytes(self, data: bytes, media_type: str, path: str, text: str) -> None:
        """Adds a picture whose bytes stand in the page."""
        if data in self.seen_pictures:
            return
        self.seen_pictures.add(data)
        mention = Mention(None, "", path, self.hidden)
        mention.data, mention.media_type, mention.text = data, media_type, text
        self.picture(mention)

    # ---- scripts and data -------------------------------------------------------------------

    def read_script(self, script: str, frame: Frame) -> None:
        """Takes URLs and texts out of a script."""
        room = self.bounds.script_chars - self.script_chars
        if len(script) > room:
            self.cut["scripts"] = None
            script = script[:room]
        self.script_chars += len(script)
        for literal in literals(script):
            text = literal.text
            if len(text) < 4:
                continue
            address = address_in(text)
            if address or (literal.sends and not text.startswith("#")):
                self._add_script_url(address or text, frame)
            elif HAN.search(text) or text.count(" ") > 3:
                self._read_script_text(text, frame)
            elif "://" in text:
                self._add_urls_of(text, frame)

    def _read_script_text(self, text: str, frame: Frame) -> None:
        if "://" in text:
            self._add_urls_of(text, frame)
        plain = " ".join(_TAG.sub(" ", text).split()) if "<" in text else text.strip()
        if len(plain) < 2 or not (HAN.search(plain) or _SENTENCE.search(plain)):
            return
        if self.script_blocks >= self.bounds.script_blocks:
            self.cut["script texts"] = None
            return
        self.script_blocks += 1
        self.add("script", plain[:_MAX_ATTRIBUTE_CHARS], frame.path)

    def _add_urls_of(self, text: str, frame: Frame) -> None:
        from crawler.extractors.links import urls_in

        for url in urls_in(text):
            self._add_script_url(url, frame)

    def _add_script_url(self, url: str, frame: Frame) -> None:
        url = url.partition("${")[0]
        if url not in self.script_urls:
            self.script_urls.add(url)
            self.add_reference("script_url", url, frame)

    def read_json(self, text: str, frame: Frame) -> bool:
        """Takes URLs and texts out of embedded JSON; False when it is none."""
        found = strings_in(text, self.bounds.data_strings - self.data_strings)
        if found is None:
            return False
        strings, was_cut = found
        if was_cut:
            self.cut["embedded data"] = None
        self.data_strings += len(strings)
        for text in strings:
            address = address_in(text)
            if address:
                if "schema.org" not in address[:24] and address not in self.script_urls:
                    self.script_urls.add(address)
                    self.add_reference("structured_data", address, frame)
            elif HAN.search(text) or _SENTENCE.search(text):
                plain = " ".join(_TAG.sub(" ", text).split())
                if len(plain) > 1:
                    self.add("structured_data", plain, frame.path)
        return True
