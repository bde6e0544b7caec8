"""What pictures say in codes and words, put into the document beside the text they stand at."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from core import Block, Document, Locator, Reference
from core.payloads import OPAQUE_MINI_PROGRAM, PayloadShapes, money_type
from crawler.extractors.banner_text import TextLine
from crawler.extractors.extraction import PictureReference
from crawler.extractors.found_words import word_blocks
from crawler.extractors.links import address_in, urls_in
from crawler.extractors.qr_codes import QrPayload

SCAN = re.compile(
    r"扫码|扫一扫|扫描|掃碼|掃描|二维码|二維碼|小程序码|长按识别|長按|\bscan\b|\bqr\b",
    re.IGNORECASE,
)
_WITHOUT_SCHEME = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}(?::\d+)?/\S*\Z")
"""`okx.com/join/1`: applications that read codes open it, though it is no address by itself."""


def with_pictures(
    document: Document,
    found: Sequence[tuple[PictureReference, Sequence[QrPayload]]],
    words: Sequence[tuple[PictureReference, Sequence[TextLine]]] = (),
    shapes: PayloadShapes | None = None,
) -> Document:
    """`document` with what the codes and the words in its pictures say.

    A payload that is an address (deep links too) becomes a `qr` reference; any other becomes a
    `qr_text` block after the block its picture stands next to, with a reference for each address
    in it, or for the wallet or payment code that it is. A line of words becomes an `ocr` block in
    the same place. Blocks move on to make room, and all references with them. `shapes` tell what
    each payload is.
    """
    shapes = shapes or PayloadShapes()
    after: dict[int, list[Block]] = {}
    for picture, lines in words:
        after.setdefault(picture.block, []).extend(word_blocks(picture, lines))
    references: list[Reference] = []
    for picture, payloads in found:
        for payload in payloads:
            where = Locator(picture.address, payload.box)
            block = code_block(payload.text, where)
            if block is not None:
                after.setdefault(picture.block, []).append(block)
            references += code_references(payload.text, where, picture.text, picture.block, shapes)
    blocks, moved = _with_blocks(document, after)
    known = (_typed(reference, shapes) for reference in document.references)
    placed = (
        _moved(reference, moved) if moved else reference for reference in (*known, *references)
    )
    return msgspec.structs.replace(document, blocks=blocks, references=tuple(placed))


def code_block(payload: str, where: Locator) -> Block | None:
    """The block that a payload with words in it adds; None for a mere address."""
    if not payload or payload == OPAQUE_MINI_PROGRAM or address_in(payload):
        return None
    return Block("qr_text", payload, where)


def code_references(
    payload: str, where: Locator, text: str, block: int, shapes: PayloadShapes
) -> list[Reference]:
    """The references of a code: to itself where it is an address, a wallet, a payment code or
    opaque, else to each address in its words."""
    is_one = payload == OPAQUE_MINI_PROGRAM or money_type(payload) is not None
    return [
        Reference("qr", url, where, text, block, payload=shapes.type_of(url))
        for url in ([payload] if is_one else _addresses(payload))
    ]


def _typed(reference: Reference, shapes: PayloadShapes) -> Reference:
    """A code that the page itself names (a drawing service's address) is told apart too."""
    if reference.kind != "qr" or reference.payload is not None:
        return reference
    return msgspec.structs.replace(reference, payload=shapes.type_of(reference.url))


def asks_to_scan(document: Document) -> bool:
    """Whether the page asks its reader to scan a code, so that one is to be expected."""
    return any(SCAN.search(block.text) for block in document.blocks)


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
