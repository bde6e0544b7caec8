"""How a listing or a saved capture is read. Pure parsing: no fetching, judging or storing."""

from crawler.sources.check import check_source
from crawler.sources.entries import EntryFields, ListingPage
from crawler.sources.export_check import check_export
from crawler.sources.export_file import read_export, row_capture
from crawler.sources.feed import read_feed
from crawler.sources.file_kind import EXPORT_FORMATS, FileKind, sniff
from crawler.sources.html_listing import read_html_listing, read_page_fields
from crawler.sources.json_listing import read_json_listing
from crawler.sources.listing_document import entry_id, entry_platform, listing_document
from crawler.sources.package_file import app_id_in, packages_in, read_package_file
from crawler.sources.page_data import read_page_data
from crawler.sources.paging import Asked, counted, page_number
from crawler.sources.saved_page import read_saved_page
from crawler.sources.shape import marked, missing_fields
from crawler.sources.sitemap import read_sitemap
from crawler.sources.warc_file import read_warc
from crawler.sources.xpath_listing import read_xpath_listing

__all__ = [
    "EXPORT_FORMATS",
    "Asked",
    "EntryFields",
    "FileKind",
    "ListingPage",
    "app_id_in",
    "check_export",
    "check_source",
    "counted",
    "entry_id",
    "entry_platform",
    "listing_document",
    "marked",
    "missing_fields",
    "packages_in",
    "page_number",
    "read_export",
    "read_feed",
    "read_html_listing",
    "read_json_listing",
    "read_package_file",
    "read_page_data",
    "read_page_fields",
    "read_saved_page",
    "read_sitemap",
    "read_warc",
    "read_xpath_listing",
    "row_capture",
    "sniff",
]
