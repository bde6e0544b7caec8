"""Bytes that are not text at all: archives, pictures, films served as pages."""

from __future__ import annotations

_MAGIC = (
    (b"PK\x03\x04", "a ZIP archive or application package"),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF87a", "a GIF picture"),
    (b"GIF89a", "a GIF picture"),
    (b"\x7fELF", "an ELF program"),
    (b"MZ\x90\x00", "a Windows program"),
    (b"\x1f\x8b\x08", "gzip data"),
    (b"BZh9", "bzip2 data"),
    (b"\xfd7zXZ\x00", "xz data"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"ID3", "an MP3 file"),
    (b"OggS", "an Ogg file"),
    (b"\x1aE\xdf\xa3", "a Matroska film"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
    (b"\x00asm", "WebAssembly"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"SQLite format 3\x00", "an SQLite database"),
)
_MAGIC_STARTS = frozenset(magic[:2] for magic, _ in _MAGIC)
_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\0\t\n\x0c\r\x1b") + b"\x7f"
_SAMPLE_BYTES = 2_048


def binary_kind(body: bytes) -> str:
    """What `body` is when it cannot be a page ("a ZIP archive ..."), else the empty string."""
    if body[:2] in _MAGIC_STARTS:
        for magic, name in _MAGIC:
            if body.startswith(magic):
                return name
    if body[4:8] == b"ftyp":
        return "an MP4 film"
    if body[:4] == b"RIFF" and body[8:12] in (b"WEBP", b"AVI ", b"WAVE"):
        return "a RIFF file (WebP, AVI or WAVE)"
    sample = body[:_SAMPLE_BYTES]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    if controls * 20 > len(sample) or _is_mostly_nul(sample):
        return "binary data (control characters)"
    return ""


def _is_mostly_nul(sample: bytes) -> bool:
    """More NULs than UTF-16 can have: there, one half of the bytes is free of them."""
    nul = sample.count(0)
    if nul * 20 < len(sample):
        return False
    return min(sample[::2].count(0), sample[1::2].count(0)) * 20 > len(sample)
