"""The state of one HTML page while it is read: what the readers of single elements add to."""

from __future__ import annotations

from core.document import BlockRole, ReferenceKind
from core.urls import LinkJoiner
from crawler.extractors import picture_sources
from crawler.extractors.blocks import BREAK, Blocks
from crawler.extractors.element import Rule
from crawler.extractors.extraction import BOUNDS, Bounds
from crawler.extractors.frame import Frame, Mode, path_of
from crawler.extractors.links import resolve
from crawler.extractors.mention import Mention
from crawler.extractors.prose import HAN
from crawler.extractors.style_sheets import StyleRules

LITTLE_TEXT = 200
"""Visible characters. The static part of a page that scripts build is a title and a loading line,
and a page that only sends its reader on says no more."""

MOUNT_POINTS = ", ".join(
    f"#{name}"
    for name in (
        "app", "root", "__next", "__nuxt", "__layout", "app-root", "react-root", "main-app",
        "q-app", "svelte", "___gatsby", "vue-app", "mount", "ice-container", "app-container",
        "appRoot",
    )
)  # fmt: skip
"""Selector of the elements into which the usual frameworks build a page."""


class HtmlPage(Blocks):
    """Blocks, references, pictures and scripts of one page, filled by `walk`."""

    # More than thirty attributes: without slots CPython 3.11 would look each up in a dictionary.
    __slots__ = (
        "asks_for_scripts", "data_strings", "drawing_chars", "embedded", "has_canvas",
        "has_mount_point", "is_rebased",
        "joiner", "outer_scripts", "refresh", "rules",
        "script_blocks", "script_chars", "scripts", "seen_pictures", "seen_urls", "styles", "title",
        "url",
    )  # fmt: skip

    def __init__(self, url: str, rules: dict[str, Rule], bounds: Bounds = BOUNDS) -> None:
        super().__init__(bounds)
        self.url = url
        self.joiner = LinkJoiner(url)
        self.rules = rules
        self.title = ""
        self.embedded = 0
        self.is_rebased = False
        self.styles: StyleRules | None = None
        self.scripts: list[str] = []
        self.script_chars = 0
        self.script_blocks = 0
        self.outer_scripts = 0
        self.data_strings = 0
        self.drawing_chars = 0
        self.seen_urls: set[str] = set()
        self.seen_pictures: set[object] = set()
        self.has_canvas = False
        self.has_mount_point = False
        self.asks_for_scripts = False
        self.refresh = ""

    # What changes with the element the walk is in.

    @property
    def hidden(self) -> bool:
        """Whether readers do not see what stands here."""
        return self.mode.hidden

    def keep(self, frame: Frame) -> None:
        """Makes leaving `frame`, which is no block, restore the present state."""
        if frame.mode is None:
            frame.mode, frame.mention = self.mode, self.open_mention

    def hide(self) -> None:
        """From here to the end of the element, text is hidden."""
        self.mode = Mode(True, self.mode.preserve, self.mode.role)

    def preserve_lines(self) -> None:
        """From here to the end of the element, line breaks count."""
        self.mode = Mode(self.mode.hidden, True, self.mode.role)

    def take_role(self, role: BlockRole) -> None:
        """The role of the text in the element; all in a menu or footer belongs to that."""
        if self.mode.role not in ("navigation", "footer"):
            self.mode = Mode(self.mode.hidden, self.mode.preserve, role)

    def set_apart(self, frame: Frame) -> None:
        """Starts a text of its own inside a line, so that hidden text does not mix with it."""
        self.keep(frame)
        if frame.outer is None:
            frame.outer, self.block_frame = self.block_frame, frame
            frame.pieces, self.pieces = self.pieces, []
            self.open_mention = None

    def open(self, mention: Mention, frame: Frame) -> None:
        """Adds a reference that collects the text of the element `frame` until it ends."""
        self.keep(frame)
        self.mention(mention, placed=False)
        self.open_mention = mention

    def leave(self, frame: Frame) -> None:
        """Ends an element that changed the state: its mention, its block, its mode."""
        if self.open_mention is not frame.mention:
            self._close_mention(frame.mention)
        if frame.outer is not None:
            if self.pieces:
                self.flush()
            self.block_frame = frame.outer
            if frame.pieces is not None:
                self.pieces = frame.pieces
        if frame.mode is not None:
            self.mode = frame.mode

    def _close_mention(self, outer: Mention | None) -> None:
        mention, self.open_mention = self.open_mention, outer
        if mention is None:
            return
        mention.close()
        if mention.block < 0:
            self.place(mention)
        if mention.title and mention.title != mention.text:
            self.add("attribute", mention.title, mention.path)
        if outer is not None and outer.room > 0:
            outer.add(mention.text)

    def add_text(self, text: str) -> None:
        """Takes text into the current block."""
        if not self.pieces and (not text or text.isspace()):
            return
        self.pieces.append(text)
        mention = self.open_mention
        if mention is not None and mention.room > 0:
            mention.add(text)

    def add_lines(self, text: str) -> None:
        """Takes preformatted text: its line breaks count, a blank line ends the block."""
        for line in text.splitlines(keepends=True):
            if line.isspace():
                self.flush()
            else:
                self.add_text(line.rstrip())
                self.pieces.append(BREAK)

    def rebase(self, href: str) -> None:
        """Takes `<base href>` as what relative addresses are joined to."""
        resolved = resolve(href, self.joiner)
        if resolved is not None and resolved[0] == "link":
            self.is_rebased = True
            self.joiner = LinkJoiner(resolved[1])

    # What an element may add.

    def add_attribute(self, value: str, frame: Frame) -> None:
        """Adds text that an attribute holds."""
        text = " ".join(value[: self.bounds.attribute_chars].split())
        if len(text) > 1:
            self.add("attribute", text, path_of(frame))

    def add_reference(
        self, kind: ReferenceKind, written: str, frame: Frame, text: str = ""
    ) -> Mention | None:
        """Adds the address `written` if it leads anywhere; deep links get their own kind."""
        resolved = resolve(written, self.joiner) if written else None
        if resolved is None:
            return None
        sort, url = resolved
        mention = Mention(
            sort if sort == "deep_link" else kind, url, path_of(frame), self.mode.hidden, text[:300]
        )
        self.mention(mention)
        return mention

    def add_address(self, kind: ReferenceKind, written: str, frame: Frame) -> None:
        """Like `add_reference`, once a page: for scripts and data, which repeat themselves."""
        if written not in self.seen_urls:
            self.seen_urls.add(written)
            self.add_reference(kind, written, frame)

    def add_picture(self, written: str, path: str, text: str = "", *, placed: bool = True) -> None:
        """Adds a picture by address or `data:` URI, each one once a page. `placed`: it stands
        where the walk is now, and so has a neighbouring block."""
        if written[:5].lower() == "data:":
            found = picture_sources.data_uri(written)
            if found is not None:
                self.add_picture_bytes(found[1], found[0], path, text, placed=placed)
            return
        resolved = resolve(written, self.joiner)
        if resolved is None or resolved[0] != "link":
            return
        url = resolved[1].partition("#")[0]
        if url in self.seen_pictures:
            return
        self.seen_pictures.add(url)
        picture = Mention("link", url, path, self.mode.hidden, text[:300])
        self.mention_picture(picture, placed=placed)
        payload = picture_sources.payload_in_url(url)
        if payload:
            self.mention(Mention("qr", payload, path, self.mode.hidden, text[:300]))

    def add_picture_bytes(
        self, data: bytes, media_type: str, path: str, text: str = "", *, placed: bool = True
    ) -> None:
        """Adds a picture whose bytes stand in the page."""
        if data in self.seen_pictures:
            return
        self.seen_pictures.add(data)
        picture = Mention("link", "", path, self.mode.hidden, text[:300])
        picture.data, picture.media_type = data, media_type
        self.mention_picture(picture, placed=placed)

    def add_style_sheet(self, styles: StyleRules) -> None:
        """Adds what style sheets show that belongs to no element we know."""
        for text in styles.texts:
            if HAN.search(text):
                self.add("hidden" if self.hidden else "visible", text, "style")
        for address in styles.pictures:
            self.add_picture(address, "style", placed=False)
