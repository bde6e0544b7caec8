"""Files as bounded byte streams: gzip seen through, damage reported as one kind of error."""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path

from core.errors import BadInput, Unreadable

GZIP_MAGIC = b"\x1f\x8b"
BOMB_RATIO = 300
"""Times a gzip file may grow. Exports and archives grow 3 to 30 times, zeros 1,030 times."""
BOMB_FREE_BYTES = 256 * 1024 * 1024
"""Decompressed bytes below which the ratio is not looked at."""

_CHUNK = 256 * 1024


def open_bytes(path: Path) -> io.BufferedReader:
    """`path` for reading, gzip (also of several members) seen through.

    Raises BadInput where it cannot be opened. Reading raises Unreadable where the gzip data is
    damaged, ends early or grows beyond BOMB_RATIO; what was read before is good.
    """
    try:
        file: io.BufferedReader = io.BufferedReader(io.FileIO(path), _CHUNK)
    except OSError as error:
        raise BadInput(
            f"cannot read {path}: {error.strerror or error}", hint="check the path and its rights"
        ) from error
    head = file.peek(2)[:2]
    if head != GZIP_MAGIC:
        return file
    return io.BufferedReader(_Gunzipped(file), _CHUNK)


def position_of(stream: io.BufferedReader) -> int:
    """Bytes of the file itself that were read for `stream` (from `open_bytes`) so far."""
    raw = stream.raw
    return raw.position if isinstance(raw, _Gunzipped) else raw.tell()


class _Gunzipped(io.RawIOBase):
    """The decompressed side of a gzip file, its errors as Unreadable."""

    def __init__(self, file: io.BufferedReader) -> None:
        self._file = file
        self._unzipped = gzip.GzipFile(fileobj=file)
        self._seen = 0
        self._failed: Unreadable | None = None

    @property
    def position(self) -> int:
        """Bytes of the compressed file that were read."""
        return self._file.tell()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        """Fills `buffer` as far as the data goes; an error waits until the next call, so that
        nothing in front of the damage is lost."""
        view = memoryview(buffer)  # type: ignore[arg-type]
        filled = 0
        while filled < len(view) and self._failed is None:
            data = self._next(len(view) - filled)
            if not data:
                break
            view[filled : filled + len(data)] = data
            filled += len(data)
        if not filled and self._failed is not None:
            raise self._failed
        return filled

    def _next(self, size: int) -> bytes:
        try:
            data = self._unzipped.read1(size)
        except EOFError:
            self._failed = Unreadable("the gzip data ends early")
            return b""
        except (OSError, zlib.error) as error:
            self._failed = Unreadable(f"the gzip data is damaged ({error})")
            return b""
        self._seen += len(data)
        if self._seen > BOMB_FREE_BYTES and self._seen > BOMB_RATIO * self._file.tell():
            reason = f"the gzip data grows more than {BOMB_RATIO} times: a gzip bomb"
            self._failed = Unreadable(reason)
        return data

    def close(self) -> None:
        self._unzipped.close()
        self._file.close()
        super().close()
