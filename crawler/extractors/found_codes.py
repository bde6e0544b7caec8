"""What pictures say in codes and words, put into the document beside the text they stand at."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from core import Block, Document, Locator, Reference
from crawler.extractors.banner_text import TextLine
from crawler.extractors.extraction import PictureReference
from crawler.extractors.found_words import word_blocks
from crawler.extractors.links import address_in, urls_in
from crawler.extractors.qr_codes import QrPayload

_SCAN = re.compile(
    r"扫码|扫一扫|扫描|掃碼|掃描|二维码|二維碼|小程序码|长按识别|長按|\bscan\b|\bqr\b",
    re.IGNORECASE,
)
_WITHOUT_SCHEME = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}(?::\d+)?/\S*\Z")
"""`okx.com/join/1`: applications that read codes open it, though it is no address by itself."""


def with_pictures(
    document: Document,
    found: Sequence[tuple[PictureReference, Sequence[QrPayload]]],
    words: Sequence[tuple[PictureReference, Sequence[TextLine]]] = (),
) -> Document:
    """`document` with what the codes and the words in its pictures say.

    A payload that is an address (deep links too) becomes a `qr` reference; any other becomes a
    `qr_text` block after the block its picture stands next to, with a reference for each address
    in it. A line of words becomes an `ocr` block in the same place. Blocks move on to make room,
    and all references with them.
    """
    after: dict[int, list[Block]] = {}
    for picture, lines in words:
        after.setdefault(picture.block, []).extend(word_blocks(picture, lines))
    references: list[Reference] = []
    for picture, payloads in found:
        for payload in payloads:
            where = Locator(picture.address, payload.box)
            addresses = _addresses(payload.text)
            if payload.text and not address_in(payload.text):
                after.setdefault(picture.block, []).append(Block("qr_text", payload.text, where))
            references.extend(
                Reference("qr", address, where, picture.text, picture.block)
                for address in addresses
            )
    blocks, moved = _with_blocks(document, after)
    placed = (
        _moved(reference, moved) if moved else reference
        for reference in (*document.references, *references)
    )
    return msgspec.structs.replace(document, blocks=blocks, references=tuple(placed))


def asks_to_scan(document: Document) -> bool:
    """Whether the page asks its reader to scan a code, so that one is to be expected."""
    return any(_SCAN.search(block.text) for block in document.blocks)


def _with_blocks(
    document: Document, after: dict[int, list[Block]]
) -> tuple[tuple[Block, ...], list[int]]:
    """The blocks with new ones put in, and where each old one has gone (empty: nowhere)."""
    if not after:
        return document.blocks, []
    blocks: list[Block] = []
    moved: list[int] = []
    for index, block in enumerate(document.blocks):
        moved.append(len(blocks))
        blocks.append(block)
        blocks.extend(after.get(index, ()))
    return (*blocks, *after.get(-1, ())), moved


def _moved(reference: Reference, moved: list[int]) -> Reference:
    if reference.block < 0 or moved[reference.block] == reference.block:
        return reference
    return msgspec.structs.replace(reference, block=moved[reference.block])


def _addresses(text: str) -> list[str]:
    address = address_in(text)
    if address:
        return [f"https:{address}" if address.startswith("//") else address]
    if _WITHOUT_SCHEME.match(text):
        return [f"http://{text}"]
    return urls_in(text)
