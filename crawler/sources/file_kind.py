"""What a file given on the command line is: by its content first, then by its name."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path
from typing import Literal

from core.errors import BadInput, Unreadable
from crawler.extractors import is_pdf
from crawler.sources.byte_stream import open_bytes
from crawler.sources.csv_rows import guess_delimiter
from crawler.sources.entries import field_name, is_known
from crawler.sources.export_rows import is_json_lines
from crawler.sources.package_file import is_package
from crawler.sources.parquet_rows import PARQUET_MAGIC
from crawler.sources.text_lines import SAMPLE_BYTES, detect_encoding

FileKind = Literal["html", "pdf", "warc", "csv", "json", "jsonl", "parquet", "package"]

EXPORT_FORMATS: dict[FileKind, Literal["csv", "jsonl", "parquet"]] = {
    "csv": "csv",
    "json": "jsonl",
    "jsonl": "jsonl",
    "parquet": "parquet",
}
"""Kinds that are exports, and the format that a target calls them by."""

ACCEPTED = (
    "HTML page, PDF, WARC archive, CSV, JSON or JSON Lines export "
    "(each may be compressed with gzip or Zstandard), Parquet export, "
    "mini-program or application package"
)

_WARC = re.compile(rb"\s*WARC/[01]\.\d")
_PAGE = re.compile(
    r"<(?:!doctype\s+html|html|head|body|title|meta|div|p|a|table|script|!--)\b", re.I
)
_BINARY = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"RIFF", "a WebP picture or a RIFF file"),
    (b"PK\x03\x04", "a zip file (an APK, a spreadsheet, a document)"),
    (b"V1MMWX", "an encrypted mini-program package"),
    (b"\xbe", "a mini-program package"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3", "an SQLite database"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ", "an xz file"),
)


def sniff(path: Path) -> FileKind:
    """The kind of `path`, looking through gzip and Zstandard.

    Raises BadInput, one line, when it is nothing this program reads: a directory, an empty or
    missing file, a picture, a binary. The message names what is accepted.
    """
    if path.is_dir():
        raise BadInput(f"{path} is a folder", hint=f"give a file: {ACCEPTED}")
    with closing(open_bytes(path)) as stream:
        try:
            sample = stream.peek(SAMPLE_BYTES)[:SAMPLE_BYTES]
        except Unreadable as error:
            raise BadInput(f"{path}: {error}", hint="download it again") from error
    if not sample.strip():
        raise BadInput(f"{path} is empty", hint=f"give a file: {ACCEPTED}")
    kind = _by_content(sample, path.name.lower())
    if kind is None:
        raise BadInput(f"{path} is {_what(sample)}", hint=f"accepted are: {ACCEPTED}")
    return kind


def _by_content(sample: bytes, name: str) -> FileKind | None:
    if _WARC.match(sample):
        return "warc"
    if is_pdf(sample):
        return "pdf"
    if sample.startswith(PARQUET_MAGIC):
        return "parquet"
    if is_package(sample, name):
        return "package"
    if any(sample.startswith(mark) for mark, _ in _BINARY):
        return None
    encoding, mark_bytes = detect_encoding(sample)
    text = sample[mark_bytes:].decode(encoding, "replace").lstrip()
    if text.count("\x00") > len(text) // 20:
        return None
    named = _by_name(name)
    if text[:1] in ("{", "["):
        return "jsonl" if is_json_lines(text) else "json"
    if text[:1] == "<" and (named == "html" or _PAGE.search(text[:20_000])):
        return "html"
    if _is_heading(text.partition("\n")[0]):
        return "csv"
    return "html" if _PAGE.search(text[:20_000]) else named if named in ("csv", "html") else None


def _by_name(name: str) -> FileKind | None:
    stem = name.removesuffix(".gz").removesuffix(".zst")
    suffixes: dict[str, FileKind] = {
        ".html": "html",
        ".htm": "html",
        ".xhtml": "html",
        ".shtml": "html",
        ".csv": "csv",
        ".tsv": "csv",
    }
    return suffixes.get(Path(stem).suffix)


def _is_heading(line: str) -> bool:
    """Whether `line` reads as the heading of an export: a `name` and another known column."""
    cells = [cell.strip().strip('"') for cell in line[:20_000].split(guess_delimiter(line))]
    names = [field_name(cell) for cell in cells]
    return line.startswith("sep=") or ("name" in names and sum(map(is_known, names)) > 1)


def _what(sample: bytes) -> str:
    for mark, what in _BINARY:
        if sample.startswith(mark):
            return what
    if b"\x00" in sample[:4096]:
        return "a binary file of an unknown kind"
    return "neither a page nor an export (no markup, no JSON, no heading with a `name` column)"
