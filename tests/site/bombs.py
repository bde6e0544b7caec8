"""Bodies that cost their reader far more than their sender."""

from __future__ import annotations

import gzip
import random
import struct
import zlib
from functools import cache

INFLATED_BYTES = 1_200_000_000
HUGE_PAGE_BYTES = 200_000_000
PICTURE_SIDE = 50_000
NESTED_ELEMENTS = 100_000
MANY_LINKS = 20_000

_BLOCK_BYTES = 16_000_000


@cache
def gzip_bomb() -> bytes:
    """About 1.2 MB of gzip that inflate to `INFLATED_BYTES` blanks inside one HTML page.

    One block of blanks is compressed and repeated: a full flush ends it on a byte border with no
    reference to what came before (RFC 1951), so that copies of it make a valid stream.
    """
    blanks = b" " * _BLOCK_BYTES
    count = INFLATED_BYTES // _BLOCK_BYTES
    opening = b"<!DOCTYPE html><title>bomb</title><p>"
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    first = packer.compress(opening) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(blanks) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = zlib.crc32(opening)
    for _ in range(count):
        checksum = zlib.crc32(blanks, checksum)
    trailer = struct.pack("<II", checksum, len(opening) + count * _BLOCK_BYTES)
    head = b"\x1f\x8b\x08\0\0\0\0\0\2\xff"
    return head + first + block * count + packer.flush(zlib.Z_FINISH) + trailer


@cache
def nested_gzip_bomb() -> bytes:
    """The same once more through gzip: a few kilobytes, for `Content-Encoding: gzip, gzip`."""
    return gzip.compress(gzip_bomb(), 9, mtime=0)


def huge_png() -> bytes:
    """A PNG of under 100 bytes whose header says 50,000 x 50,000 pixels."""
    header = struct.pack(">IIBBBBB", PICTURE_SIDE, PICTURE_SIDE, 8, 6, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 64)), (b"IEND", b"")]
    chunks = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + chunks


def binary() -> bytes:
    """64 KB that begin like a Linux program and go on at random."""
    return b"\x7fELF\x02\x01\x01\0" + random.Random(7).randbytes(64 * 1024)


def nested_elements() -> bytes:
    """100,000 `<div>` inside one another, with a sentence at the bottom."""
    depth = NESTED_ELEMENTS
    text = "最里面的一句话。".encode()
    return b"<!DOCTYPE html><title>deep</title>" + b"<div>" * depth + text + b"</div>" * depth


def many_links() -> bytes:
    """One page with 20,000 links to pages that do not exist."""
    links = "".join(f'<a href="/missing/{n}">{n}</a>\n' for n in range(MANY_LINKS))
    return f"<!DOCTYPE html><title>many</title>{links}".encode()


def long_word() -> bytes:
    """Five million characters without a blank."""
    return b"<!DOCTYPE html><title>long</title><p>" + b"ab" * 2_500_000


def unclosed() -> bytes:
    """Markup that never closes: 200,000 opened tags, attributes and comments."""
    return b"<!DOCTYPE html><title>open</title>" + b'<a href="x<b <!-- <script "' * 200_000
