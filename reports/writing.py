"""The daily report as files."""

from __future__ import annotations

import secrets
from pathlib import Path

from core import StorageError
from reports.render_csv import render_csv
from reports.render_html import render_html
from reports.render_json import render_json
from reports.report import DailyReport
from reports.words import language


def write_daily(report: DailyReport, folder: Path, lang: str) -> tuple[Path, ...]:
    """Write `takedown-<day>.<zh|en>.html`, the same as `.csv`, and `takedown-<day>.json`.

    The JSON file holds both languages. Each file appears whole or not at all, in place of one of
    the same name. `folder` is made if missing. Raises StorageError.
    """
    name = f"takedown-{report.day.isoformat()}"
    tongue = language(lang)
    files = {
        f"{name}.{tongue}.html": render_html(report, tongue).encode(),
        f"{name}.{tongue}.csv": render_csv(report, tongue).encode(),
        f"{name}.json": render_json(report),
    }
    return tuple(_write(folder / file, data) for file, data in files.items())


def _write(path: Path, data: bytes) -> Path:
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_bytes(data)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(
            f"the report {path} was not written ({error.strerror or type(error).__name__})",
            hint="choose another folder with `--out`, or free some space",
        ) from error
    return path
