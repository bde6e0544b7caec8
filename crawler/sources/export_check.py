"""Validating an export against docs/listing-export.md before it is scanned."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from core.errors import BadInput
from core.target import ExportListing
from core.text import one_line
from core.urls import scheme_of
from crawler.sources.entries import EntryFields
from crawler.sources.export_file import NumberedEntry, read_numbered
from crawler.sources.file_kind import EXPORT_FORMATS, sniff

_HOST = re.compile(r"^(?:(?:https?|wss?|tcp|udp)://)?(?:[\w*-]+\.)+[\w-]{2,}(?::\d{1,5})?/?$")
_SHOWN = 80


def check_export(path: Path, source: ExportListing | None = None) -> Iterator[str]:
    """What is wrong with the export at `path`: one line each, `file:line: what`, in its order.

    Nothing comes when it is in order. `source` gives format, encoding and columns where they
    differ from what the file's content says. Take as many as you want to show: the file is read
    as the lines are asked for. Raises BadInput when the file is no export.
    """
    if source is None:
        kind = sniff(path)
        if kind not in EXPORT_FORMATS:
            raise BadInput(
                f"{path} is not an export but {kind}",
                hint="an export is CSV, JSON, JSON Lines or Parquet",
            )
        source = ExportListing(format=EXPORT_FORMATS[kind])
    for item in read_numbered(path, source):
        if isinstance(item, NumberedEntry):
            for problem in _problems(item.entry):
                yield f"{path}:{item.line}: {problem}"
        else:
            yield f"{item.subject}: {item.reason}"


def _problems(entry: EntryFields) -> Iterator[str]:
    fields = entry.fields
    if not any(fields.get(name) for name in ("app_id", "original_id", "package")):
        yield "no `app_id`, `original_id` or `package`: a renamed app could not be followed"
    taken = fields.get("snapshot_time", "")
    if taken and not _is_time(taken):
        yield f"`snapshot_time` is `{one_line(taken, _SHOWN)}`, expected 2026-11-21T08:00:00+08:00"
    for domain in entry.domains:
        if not _HOST.match(domain):
            yield f"`{one_line(domain, _SHOWN)}` is no domain"
    for picture in entry.pictures:
        if scheme_of(picture) not in ("http", "https", "data"):
            yield f"picture `{one_line(picture, _SHOWN)}` is neither a URL nor a data: URI"
    address = fields.get("url", "")
    if address and scheme_of(address) not in ("http", "https"):
        yield f"`url` is `{one_line(address, _SHOWN)}`, no web address"


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text.strip())
    except ValueError:
        return False
    return True
