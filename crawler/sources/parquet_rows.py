"""Rows of a Parquet export, a few hundred at a time. Needs pyarrow, the extra `parquet`."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from core.errors import BadInput, Unreadable

PARQUET_MAGIC = b"PAR1"
HOW_TO_INSTALL = "install the extra: pip install -e '.[parquet]' in the project's folder"

_BATCH_ROWS = 500
_BUFFER_BYTES = 1024 * 1024


class ParquetRows:
    """An open Parquet file: `titles` of its columns, `count` of its rows. A context manager."""

    def __init__(self, path: Path) -> None:
        """Raises BadInput where pyarrow is missing, Unreadable where the file is damaged."""
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError as error:
            raise BadInput(f"{path} is a Parquet file", hint=HOW_TO_INSTALL) from error
        self._errors = (pyarrow.ArrowException, OSError)
        try:
            # pre_buffer (default true) would hold a whole row group, which may be the whole file
            self._file = pyarrow.parquet.ParquetFile(
                path, buffer_size=_BUFFER_BYTES, pre_buffer=False
            )
        except self._errors as error:
            raise Unreadable(f"the Parquet file is damaged ({error})") from error
        self.titles: list[str] = list(self._file.schema_arrow.names)
        self.count: int = self._file.metadata.num_rows

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()

    def rows(self) -> Iterator[tuple[int, str]]:
        """Each row's number (from 1) and its cells as JSON text; empty ones are left out.

        Raises Unreadable where the file is damaged.
        """
        number = 0
        try:
            for batch in self._file.iter_batches(_BATCH_ROWS, use_threads=False):
                for row in batch.to_pylist():
                    number += 1
                    yield number, _json(row)
        except self._errors as error:
            raise Unreadable(f"the Parquet file is damaged ({error})") from error


def _json(row: dict[str, Any]) -> str:
    cells = {title: _plain(cell) for title, cell in row.items() if cell is not None}
    return msgspec.json.encode(cells).decode()


def _plain(cell: Any) -> Any:
    """What JSON has no type for, as text. Text is often stored as bytes without saying so."""
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace")
    if isinstance(cell, float):
        return cell if math.isfinite(cell) else None
    if isinstance(cell, dict):
        return {str(key): _plain(inner) for key, inner in cell.items()}
    if isinstance(cell, list | tuple):
        return [_plain(inner) for inner in cell]
    if isinstance(cell, bool | int | str) or cell is None:
        return cell
    return cell.isoformat() if hasattr(cell, "isoformat") else str(cell)
