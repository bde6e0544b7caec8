"""Capture into document: pure, nothing is fetched here."""

from crawler.extractors.banner_text import (
    HOW_TO_INSTALL,
    TextLine,
    WordsUnavailable,
    is_installed,
    load_engine,
    read_lines,
    reader_version,
)
from crawler.extractors.charset import decode_text
from crawler.extractors.extraction import Extraction, PictureReference
from crawler.extractors.found_codes import asks_to_scan, with_pictures
from crawler.extractors.link_hop import next_link_hop
from crawler.extractors.linked import with_links, written_links
from crawler.extractors.mini_programs import with_mini_programs
from crawler.extractors.nesting import tamed
from crawler.extractors.page import extract
from crawler.extractors.pdf_document import PdfReading, is_pdf, with_pdfs
from crawler.extractors.picture_hash import picture_hash
from crawler.extractors.picture_sources import data_uri
from crawler.extractors.qr_codes import MoreReaders, QrPayload, decode_picture
from crawler.extractors.raster import PictureTooLarge, picture_size
from crawler.extractors.shown_frame import shown_frame

__all__ = [
    "HOW_TO_INSTALL",
    "Extraction",
    "MoreReaders",
    "PdfReading",
    "PictureReference",
    "PictureTooLarge",
    "QrPayload",
    "TextLine",
    "WordsUnavailable",
    "asks_to_scan",
    "data_uri",
    "decode_picture",
    "decode_text",
    "extract",
    "is_installed",
    "is_pdf",
    "load_engine",
    "next_link_hop",
    "picture_hash",
    "picture_size",
    "read_lines",
    "reader_version",
    "shown_frame",
    "tamed",
    "with_links",
    "with_mini_programs",
    "with_pdfs",
    "with_pictures",
    "written_links",
]
