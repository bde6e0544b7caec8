"""How a listing or a saved capture is read. Pure parsing: no fetching, judging or storing."""

from crawler.sources.check import check_source
from crawler.sources.entries import EntryFields, ListingPage
from crawler.sources.export_check import check_export
from crawler.sources.export_file import read_export, row_capture
from crawler.sources.file_kind import EXPORT_FORMATS, FileKind, sniff
from crawler.sources.html_listing import read_html_listing
from crawler.sources.json_listing import read_json_listing
from crawler.sources.listing_document import listing_document
from crawler.sources.saved_page import read_saved_page
from crawler.sources.warc_file import read_warc

__all__ = [
    "EXPORT_FORMATS",
    "EntryFields",
    "FileKind",
    "ListingPage",
    "check_export",
    "check_source",
    "listing_document",
    "read_export",
    "read_html_listing",
    "read_json_listing",
    "read_saved_page",
    "read_warc",
    "row_capture",
    "sniff",
]
