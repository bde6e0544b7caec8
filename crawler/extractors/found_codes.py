"""What QR codes say, put into the document beside the text they stand next to."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from core import Block, Document, Locator, Reference
from crawler.extractors.extraction import PictureReference
from crawler.extractors.links import address_in, urls_in
from crawler.extractors.qr_codes import QrPayload

_WITHOUT_SCHEME = ("www.", "WWW.")


def with_pictures(
    document: Document, found: Sequence[tuple[PictureReference, Sequence[QrPayload]]]
) -> Document:
    """`document` with a `qr` reference for every payload that is an address (deep links too) and
    a `qr_text` block for every other text; addresses inside such a text are references as well."""
    blocks: list[Block] = []
    references: list[Reference] = []
    for picture, payloads in found:
        for payload in payloads:
            where = Locator(picture.address, payload.box)
            addresses = _addresses(payload.text)
            if addresses != [payload.text] and payload.text:
                blocks.append(Block("qr_text", payload.text, where))
            references.extend(
                Reference("qr", address, where, picture.text, picture.block)
                for address in addresses
            )
    return msgspec.structs.replace(
        document,
        blocks=(*document.blocks, *blocks),
        references=(*document.references, *references),
    )


def _addresses(text: str) -> list[str]:
    address = address_in(text)
    if address:
        return [f"https:{address}" if address.startswith("//") else address]
    return urls_in(text)
