"""The scan of an export: its rows on all cores first, then, with the spider, what is left aside."""

from __future__ import annotations

import sys
from pathlib import Path

from core.target import Target
from crawler import ScanRun, run_scan
from crawler.exports.scan import finish_export_scan, run_export_scan
from promowatch import options
from promowatch.progress import ProgressBar, rows_bar


def scan_export(target: Target, data: Path, catalogue: Path, time_zone: str) -> ScanRun:
    """Run the scan; one that was cut off on the same file goes on by itself."""
    shown = sys.stderr.isatty()
    with rows_bar(shown=shown) as told:
        scan = run_export_scan(
            target,
            data=data,
            catalogue=catalogue,
            zone=options.zone(time_zone),
            told=told,
            resumed=_say_resumed,
        )
    reason = "finished" if scan.complete else "shutdown"
    if scan.complete and scan.aside:
        run = run_scan(
            target,
            spider="app_listings",
            data=data,
            catalogue=catalogue,
            extensions={ProgressBar: 500} if shown else None,
            settings={"PROMOWATCH_TIME_ZONE": time_zone, "PROMOWATCH_SCAN": scan.scan_id},
            export_rows=scan.aside,
        )
        if run.failure or run.finish_reason != "finished":
            return run
    finish_export_scan(data, scan.scan_id, complete=scan.complete)
    return ScanRun(scan.scan_id, reason)


def _say_resumed(rows: int) -> None:
    print(
        f"promowatch: this file's last scan was cut off; going on behind row {rows:,}",
        file=sys.stderr,
    )
