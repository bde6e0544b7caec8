"""How a listing or a saved capture is read. Pure parsing: no fetching, judging or storing."""

from crawler.sources.check import check_source
from crawler.sources.entries import EntryFields, ListingPage
from crawler.sources.export_check import check_export
from crawler.sources.export_file import read_export
from crawler.sources.file_kind import FileKind, sniff
from crawler.sources.html_listing import read_html_listing
from crawler.sources.json_listing import read_json_listing
from crawler.sources.listing_document import entry_id, listing_document
from crawler.sources.package_file import app_id_in, packages_in, read_package_file
from crawler.sources.saved_page import read_saved_page
from crawler.sources.warc_file import read_warc

__all__ = [
    "EntryFields",
    "FileKind",
    "ListingPage",
    "app_id_in",
    "check_export",
    "check_source",
    "entry_id",
    "listing_document",
    "packages_in",
    "read_export",
    "read_html_listing",
    "read_json_listing",
    "read_package_file",
    "read_saved_page",
    "read_warc",
    "sniff",
]
