"""The state of one HTML page while it is read: what the readers of single elements add to."""

from __future__ import annotations

from core.document import ReferenceKind
from core.urls import LinkJoiner
from crawler.extractors import picture_sources
from crawler.extractors.blocks import BREAK, Blocks
from crawler.extractors.element import Rule
from crawler.extractors.extraction import BOUNDS, Bounds
from crawler.extractors.frame import Frame, Saved, path_of
from crawler.extractors.hidden import HidingRules
from crawler.extractors.links import resolve
from crawler.extractors.mention import Mention


class HtmlPage(Blocks):
    """Blocks, references, pictures and scripts of one page, filled by `walk`."""

    def __init__(self, url: str, rules: dict[str, Rule], bounds: Bounds = BOUNDS) -> None:
        super().__init__(bounds)
        self.url = url
        self.joiner = LinkJoiner(url)
        self.rules = rules
        self.title = ""
        self.open_mention: Mention | None = None
        self.preserve = False
        self.embedded = 0
        self.is_rebased = False
        self.hiding = HidingRules()
        self.nodes_left = bounds.nodes
        self.scripts: list[str] = []
        self.script_chars = 0
        self.script_blocks = 0
        self.outer_scripts = 0
        self.data_strings = 0
        self.seen_urls: set[str] = set()
        self.seen_pictures: set[object] = set()
        self.has_mount_point = False
        self.asks_for_scripts = False
        self.refresh = ""

    # What changes with the element the walk is in.

    def save(self, frame: Frame, *, is_block: bool = False) -> Saved:
        """Makes leaving `frame` restore the present state."""
        saved = frame.saved
        if saved is None:
            saved = frame.saved = Saved(
                is_block,
                self.hidden,
                self.preserve,
                self.role,
                self.block_frame,
                self.open_mention,
            )
        return saved

    def leave(self, saved: Saved) -> None:
        """Ends an element: its mention, its block, its state."""
        if self.open_mention is not saved.mention:
            if self.open_mention is not None:
                self._close_mention(self.open_mention, saved.mention)
            self.open_mention = saved.mention
        if saved.is_block and self.pieces:
            self.flush()
        if saved.pieces is not None:
            self.flush()
            self.pieces = saved.pieces
        self.hidden = saved.hidden
        self.preserve = saved.preserve
        self.role = saved.role
        self.block_frame = saved.block_frame

    def open(self, mention: Mention, frame: Frame) -> None:
        """Adds a reference that collects the text of the element `frame` until it ends."""
        self.save(frame)
        self.mention(mention)
        self.open_mention = mention

    def _close_mention(self, mention: Mention, outer: Mention | None) -> None:
        mention.close()
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
        resolved = resolve(written, self.joiner)
        if resolved is None:
            return None
        sort, url = resolved
        mention = Mention(
            sort if sort == "deep_link" else kind, url, path_of(frame), self.hidden, text[:300]
        )
        self.mention(mention)
        return mention

    def add_address(self, kind: ReferenceKind, written: str, frame: Frame) -> None:
        """Like `add_reference`, once a page: for scripts and data, which repeat themselves."""
        if written not in self.seen_urls:
            self.seen_urls.add(written)
            self.add_reference(kind, written, frame)

    def add_picture(self, written: str, path: str, text: str = "") -> None:
        """Adds a picture by address or `data:` URI; each one once a page."""
        if written[:5].lower() == "data:":
            found = picture_sources.data_uri(written)
            if found is not None:
                self.add_picture_bytes(found[1], found[0], path, text)
            return
        resolved = resolve(written, self.joiner)
        if resolved is None or resolved[0] != "link":
            return
        url = resolved[1].partition("#")[0]
        if url in self.seen_pictures:
            return
        self.seen_pictures.add(url)
        self.mention_picture(Mention("link", url, path, self.hidden, text[:300]))
        payload = picture_sources.payload_in_url(url)
        if payload:
            self.mention(Mention("qr", payload, path, self.hidden, text[:300]))

    def add_picture_bytes(self, data: bytes, media_type: str, path: str, text: str = "") -> None:
        """Adds a picture whose bytes stand in the page."""
        if data in self.seen_pictures:
            return
        self.seen_pictures.add(data)
        picture = Mention("link", "", path, self.hidden, text[:300])
        picture.data, picture.media_type = data, media_type
        self.mention_picture(picture)
