"""What was found in a package so far, within bounds: blocks, references, pictures, gaps."""

from __future__ import annotations

import hashlib
from urllib.parse import urlsplit

import msgspec

from core import Block, Gap, GapKind, Locator, Reference
from core.document import BlockKind, BlockRole, ReferenceKind
from crawler.extractors.extraction import PictureReference
from crawler.extractors.html_page import HtmlPage
from crawler.extractors.links import urls_in
from crawler.extractors.packages.bounds import PackageBounds
from crawler.extractors.packages.member import Damage, label
from crawler.extractors.packages.words import PackageWords

_OF_CODE = frozenset({"link", "script_url", "structured_data"})
_SMALLEST_PICTURE_BYTES = 100


class Identity(msgspec.Struct):
    """Who the package says it is. `part` tells several packages of one application apart."""

    platform: str = ""
    app_id: str = ""
    name: str = ""
    owner: str = ""
    part: str = ""


class Contents:
    """Collects; every find names the file inside the package that it stands in."""

    def __init__(self, subject: str, bounds: PackageBounds, words: PackageWords) -> None:
        self.bounds = bounds
        self.words = words
        self.identity = Identity()
        self.blocks: list[Block] = []
        self.references: list[Reference] = []
        self.pictures: list[PictureReference] = []
        self.gaps: list[Gap] = []
        self.degraded: dict[str, None] = {}
        self.switches: dict[str, str] = {}
        self.chars_left = bounds.text_chars
        self._subject = subject
        self._block_chars = bounds.block_chars
        self._picture_bytes = bounds.picture_bytes
        self._known: set[object] = set()
        self._cut: set[str] = set()
        self._unnamed = 0

    def add_text(
        self, kind: BlockKind, text: str, member: str, place: str = "", role: BlockRole = "content"
    ) -> None:
        """Adds one text, once a package."""
        text = " ".join(text[: self.bounds.string_chars].split())
        if len(text) < 2 or text in self._known:
            return
        if len(self.blocks) >= self.bounds.blocks or len(text) > self._block_chars:
            self.cut("texts")
            return
        self._known.add(text)
        self._block_chars -= len(text)
        self.blocks.append(Block(kind, text, _locator(member, place), role))

    def add_reference(
        self, kind: ReferenceKind, url: str, member: str, place: str = "", text: str = ""
    ) -> None:
        """Adds something that leads away, once a package; what every framework holds is noise."""
        if url.startswith("//"):
            url = f"https:{url}"
        if (kind, url) in self._known or (kind in _OF_CODE and self._is_noise(url)):
            return
        if len(self.references) >= self.bounds.references:
            self.cut("addresses")
            return
        self._known.add((kind, url))
        self.references.append(Reference(kind, url, _locator(member, place), text[:300]))

    def add_code_address(self, url: str, member: str) -> None:
        """Adds an address written in code, unless it is known as something better."""
        kind: ReferenceKind = "script_url" if url[:4].lower() == "http" else "deep_link"
        if not any((known, url) in self._known for known in ("frame", "link", "structured_data")):
            self.add_reference(kind, url, member)

    def add_addresses(self, text: str, member: str) -> None:
        """Adds every address written out in `text`."""
        for url in urls_in(text):
            self.add_code_address(url, member)

    def add_picture(self, data: bytes, media_type: str, member: str, place: str = "") -> None:
        """Adds a picture for the readers of codes, each content once."""
        digest = hashlib.sha256(data).digest()
        if len(data) < _SMALLEST_PICTURE_BYTES or digest in self._known:
            return
        if len(self.pictures) >= self.bounds.pictures or len(data) > self._picture_bytes:
            self.cut("pictures")
            return
        self._known.add(digest)
        self._picture_bytes -= len(data)
        where = _locator(member, place)
        self.pictures.append(PictureReference("", where, data=data, media_type=media_type))

    def is_new(self, body: bytes) -> bool:
        """Whether no file with this content was read yet: a copy says nothing new, and an archive
        can list one file a million times."""
        digest = (b"file", hashlib.sha256(body).digest())
        if digest in self._known:
            return False
        self._known.add(digest)
        return True

    def take(self, page: HtmlPage, member: str) -> None:
        """Adds all that a page or script held, block indices moved to their new places."""
        for block in page.blocks:
            self.add_text(block.kind, block.text, member, block.locator.path, block.role)
        for mention in page.references:
            if "://" in mention.url or mention.url.startswith("//") or mention.kind == "deep_link":
                self.add_reference(mention.kind, mention.url, member, mention.path, mention.text)
        for picture in page.pictures:
            if picture.data is not None:
                self.add_picture(picture.data, picture.media_type, member, picture.path)
            elif "://" in picture.url:
                self.add_reference("link", picture.url, member, picture.path)
        for what in page.cut:
            self.cut(what)

    def room_for(self, size: int) -> int:
        """How many of `size` characters of text may still be read; counts them."""
        given = min(size, self.chars_left, self.bounds.member_chars)
        self.chars_left -= given
        if given < size:
            self.cut("code")
        return given

    def cut(self, what: str) -> None:
        """More of `what` than one package may hold: said once."""
        if what not in self._cut:
            self._cut.add(what)
            self.note(GapKind.BUDGET_REACHED, f"more {what} than are read of one package")

    def damage(self, damage: Damage) -> None:
        """Part of the package was not read."""
        self.note(damage.kind, damage.reason, damage.name)

    def note(self, kind: GapKind, reason: str, name: str = "") -> None:
        """A gap, with the file inside the package it concerns; beyond a bound only counted."""
        subject = f"{self._subject}!{label(name)}" if name else self._subject
        if len(self.gaps) < self.bounds.gaps:
            self.gaps.append(Gap(kind, subject, reason))
            self.degraded[f"{label(name)}: {reason}" if name else reason] = None
        else:
            self._unnamed += 1

    def all_gaps(self) -> tuple[Gap, ...]:
        """Every gap, and how many were not named."""
        if not self._unnamed:
            return tuple(self.gaps)
        reason = f"{self._unnamed:,} more parts were not read"
        return (*self.gaps, Gap(GapKind.BUDGET_REACHED, self._subject, reason))

    def _is_noise(self, url: str) -> bool:
        try:
            host = (urlsplit(url).hostname or "").lower()
        except ValueError:
            return False
        return self.words.is_noise(host)


def _locator(member: str, place: str) -> Locator:
    name = label(member)
    return Locator(f"{name}#{place}" if place else name)
