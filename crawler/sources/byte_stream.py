"""Files as bounded byte streams: gzip and Zstandard seen through, damage reported as one kind of
error."""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from core.errors import BadInput, Unreadable

if sys.version_info >= (3, 14):
    from compression.zstd import DecompressionParameter, ZstdError, ZstdFile
else:
    from backports.zstd import DecompressionParameter, ZstdError, ZstdFile

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
ZSTD_WINDOW_LOG = 27
"""Memory that a Zstandard file may ask for, as a power of two: 128 MB, what its own program takes
without being asked (`zstd --long` needs no more)."""
BOMB_RATIO = 300
"""Times a compressed file may grow. Exports and archives grow 3 to 30 times, zeros 1,030 times."""
BOMB_FREE_BYTES = 256 * 1024 * 1024
"""Decompressed bytes below which the ratio is not looked at."""

_CHUNK = 256 * 1024


def open_bytes(path: Path) -> io.BufferedReader:
    """`path` for reading, gzip and Zstandard (also of several members or frames) seen through.

    Raises BadInput where it cannot be opened. Reading raises Unreadable where the compressed data
    is damaged, ends early or grows beyond BOMB_RATIO; what was read before is good.
    """
    try:
        file: io.BufferedReader = io.BufferedReader(io.FileIO(path), _CHUNK)
    except OSError as error:
        raise BadInput(
            f"cannot read {path}: {error.strerror or error}", hint="check the path and its rights"
        ) from error
    head = file.peek(4)[:4]
    if head.startswith(GZIP_MAGIC):
        return io.BufferedReader(_Decompressed(file, _gunzipped, "gzip"), _CHUNK)
    if head == ZSTD_MAGIC:
        return io.BufferedReader(_Decompressed(file, _unzstd, "Zstandard"), _CHUNK)
    return file


def position_of(stream: io.BufferedReader) -> int:
    """Bytes of the file itself that were read for `stream` (from `open_bytes`) so far."""
    raw = stream.raw
    return raw.position if isinstance(raw, _Decompressed) else raw.tell()


class _Unzipping(Protocol):
    """What both decompressors have."""

    def read1(self, size: int, /) -> bytes: ...

    def close(self) -> None: ...


def _gunzipped(file: io.BufferedReader) -> _Unzipping:
    return gzip.GzipFile(fileobj=file)


def _unzstd(file: io.BufferedReader) -> _Unzipping:
    return ZstdFile(file, options={DecompressionParameter.window_log_max: ZSTD_WINDOW_LOG})


class _Decompressed(io.RawIOBase):
    """The decompressed side of a file, its errors as Unreadable."""

    def __init__(
        self, file: io.BufferedReader, open_: Callable[[io.BufferedReader], _Unzipping], name: str
    ) -> None:
        self._file = file
        self._name = name
        self._unzipped = open_(file)
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
            self._failed = Unreadable(f"the {self._name} data ends early")
            return b""
        except (OSError, zlib.error, ZstdError) as error:
            self._failed = Unreadable(f"the {self._name} data is damaged ({error})")
            return b""
        self._seen += len(data)
        if self._seen > BOMB_FREE_BYTES and self._seen > BOMB_RATIO * self._file.tell():
            reason = (
                f"the {self._name} data grows more than {BOMB_RATIO} times: a {self._name} bomb"
            )
            self._failed = Unreadable(reason)
        return data

    def close(self) -> None:
        self._unzipped.close()
        self._file.close()
        super().close()
