"""Capture into document: pure, nothing is fetched here."""

from crawler.extractors.charset import decode_text
from crawler.extractors.extraction import Extraction, PictureReference
from crawler.extractors.found_codes import asks_to_scan, with_pictures
from crawler.extractors.link_hop import next_link_hop
from crawler.extractors.linked import with_links, written_links
from crawler.extractors.nesting import tamed
from crawler.extractors.page import extract
from crawler.extractors.picture_sources import data_uri
from crawler.extractors.qr_codes import (
    MoreReaders,
    PictureTooLarge,
    QrPayload,
    decode_picture,
)

__all__ = [
    "Extraction",
    "MoreReaders",
    "PictureReference",
    "PictureTooLarge",
    "QrPayload",
    "asks_to_scan",
    "data_uri",
    "decode_picture",
    "decode_text",
    "extract",
    "next_link_hop",
    "tamed",
    "with_links",
    "with_pictures",
    "written_links",
]
