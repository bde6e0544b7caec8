"""What lies behind the links of a page, put into the document where the links stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from core.document import HOP, Document, Locator, Reference
from core.link_chain import LinkChain
from core.text import one_line
from crawler.extractors.links import urls_in

_WRITTEN = frozenset(
    {"title", "meta", "visible", "hidden", "alt", "attribute", "listing_field", "ocr", "qr_text"}
)


def written_links(document: Document) -> Iterator[Reference]:
    """The web addresses in the texts of `document`, as references from where they stand."""
    for number, block in enumerate(document.blocks):
        if "://" in block.text and block.kind in _WRITTEN:
            for url in urls_in(block.text):
                yield Reference("link", url, block.locator, url, number, block.kind == "hidden")


def with_links(document: Document, chains: Mapping[str, LinkChain]) -> Document:
    """`document` with a `redirect` reference for each hop behind its links, in the block of the
    link; `chains` is by the link's address.

    The locator continues that of the link: `body/p[1]/a[1]/hop[2]:meta_refresh`. An opaque
    link whose end is not known makes the document degraded.
    """
    references: list[Reference] = []
    done: set[tuple[str, int]] = set()
    for reference in (*document.references, *written_links(document)):
        chain = chains.get(reference.url)
        if chain is None or (reference.url, reference.block) in done:
            continue
        done.add((reference.url, reference.block))
        references += _hops(reference, chain)
    unresolved = tuple(
        f"where {one_line(chain.link, 200)} leads is not known: {chain.gap.reason}"
        for chain in chains.values()
        if chain.gap is not None and chain.opaque
    )
    if not references and not unresolved:
        return document
    return msgspec.structs.replace(
        document,
        references=(*document.references, *references),
        degraded=(*document.degraded, *unresolved),
    )


def _hops(reference: Reference, chain: LinkChain) -> list[Reference]:
    where = reference.locator
    return [
        Reference(
            "redirect",
            hop.url,
            Locator(f"{where.path}{HOP}{number}]:{hop.step}", where.box),
            reference.text,
            reference.block,
            reference.hidden,
        )
        for number, hop in enumerate(chain.hops, 1)
    ]
