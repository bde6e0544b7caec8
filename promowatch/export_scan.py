"""The scan of an export: its rows on all cores first, then, with the spider, what is left aside."""

from __future__ import annotations

import sys
from pathlib import Path, PurePosixPath
from typing import Literal

from core.target import ExportListing, Limits, Target
from crawler import ScanRun, run_scan, spared_collector
from crawler.exports.fetch import OBJECT_STORAGE, Fetched, fetched
from crawler.exports.scan import ExportScan, alone, finish_export_scan, run_export_scan
from promowatch import options
from promowatch.progress import ProgressBar, rows_bar

ExportFormat = Literal["csv", "jsonl", "parquet"]
_SUFFIXES: dict[str, ExportFormat] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}


def named_export(url: str) -> Target | None:
    """The export that an address names by its scheme (object storage) or its ending; None where it
    is something else. In object storage whatever has another ending is taken for JSON."""
    scheme, separator, _ = url.partition("://")
    path = url.partition("?")[0].lower().removesuffix(".gz").removesuffix(".zst")
    format_ = _SUFFIXES.get(PurePosixPath(path).suffix)
    if scheme in OBJECT_STORAGE and separator:
        return ad_hoc_export(url, url, format_ or "jsonl")
    if scheme in ("http", "https") and format_ is not None:
        return ad_hoc_export(url, url, format_)
    return None


def ad_hoc_export(name: str, seed: str, format_: ExportFormat) -> Target:
    """A target for an export that none of the catalogue names. Its texts alone are judged, and the
    pictures it holds itself: nothing but the file is fetched. Clear entries leave no state."""
    return Target(
        id=name,
        title=name,
        surface="mini_program",
        seeds=(seed,),
        source=ExportListing(format=format_, keep_entries=False),
        rendering="never",
        pictures=False,
        limits=Limits(max_link_hops=0),
    )


def reads_rows(target: Target) -> bool:
    """Whether a target's seeds are exports."""
    return isinstance(target.source, ExportListing)


def scan_export(
    target: Target, data: Path, catalogue: Path, time_zone: str, app_id: str = ""
) -> ScanRun:
    """Run the scan; one that was cut off on the same file goes on by itself. `app_id` opens
    encrypted packages that entries link."""
    settings = {"PROMOWATCH_TIME_ZONE": time_zone, "PROMOWATCH_APP_ID": app_id}
    with alone(data, target.id), fetched(target, data) as exports:
        with rows_bar(shown=sys.stderr.isatty()) as told, spared_collector():
            scan = run_export_scan(
                target,
                exports,
                data=data,
                catalogue=catalogue,
                zone=options.zone(time_zone),
                told=told,
                resumed=_say_resumed,
            )
        if scan.complete and scan.aside:
            run = _look_closely(target, exports, scan, data, catalogue, settings)
            if run.failure or run.finish_reason != "finished":
                return run
    finish_export_scan(data, scan.scan_id, complete=scan.complete)
    return ScanRun(scan.scan_id, "finished" if scan.complete else "shutdown")


def _look_closely(
    target: Target,
    exports: Fetched,
    scan: ExportScan,
    data: Path,
    catalogue: Path,
    settings: dict[str, str],
) -> ScanRun:
    """The rows with pictures, packages and links that hide where they lead, in the same scan."""
    return run_scan(
        target,
        spider="app_listings",
        data=data,
        catalogue=catalogue,
        extensions={ProgressBar: 500} if sys.stderr.isatty() else None,
        settings={**settings, "PROMOWATCH_SCAN": scan.scan_id},
        export_rows={
            one.seed: (str(one.path), scan.aside[one.seed])
            for one in exports.exports
            if one.seed in scan.aside
        },
    )


def _say_resumed(rows: int) -> None:
    print(
        f"promowatch: this file's last scan was cut off; going on behind row {rows:,}",
        file=sys.stderr,
    )
