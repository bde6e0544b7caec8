"""Bytes to text: what the body is, not what its label claims.

Order: byte order mark, valid UTF-8, UTF-16 without a mark, UTF-8 with a few bad bytes, then the
labels (HTTP header, `<meta>`), held against the shape of GB 18030 and Big5, which are the ones that
are mislabelled in practice. See https://encoding.spec.whatwg.org/ for what a label means.
"""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LABEL = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
_XML_LABEL = re.compile(rb"""^\s*<\?xml[^>]{0,200}encoding\s*=\s*["']([A-Za-z0-9_.:-]{2,40})""")
_PRESCAN_BYTES = 4_096
_SAMPLE_BYTES = 64 * 1024
_WIDE = re.compile(rb"[\x80-\xff]")

# WHATWG labels that mean a larger encoding than their name says.
_MEANT = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "ms936": "gb18030",
    "chinese": "gb18030",
    "hz-gb-2312": "hz",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "big5-tw": "big5hkscs",
    "cn-big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "cp950": "big5hkscs",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
}


def decode_text(body: bytes, content_type: str = "") -> tuple[str, str, bool]:
    """Text of `body`, the encoding it was read as, and whether characters were lost.

    `content_type` is the HTTP header's value or the empty string. NUL characters are removed.
    Never raises: what cannot be read becomes U+FFFD and `lossy` is true.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_other(body, content_type)
    if "\0" in text:
        wide = _unmarked_utf16(body)
        if wide:
            return _read(body, wide)
        text = text.replace("\0", "")
    return (text[1:] if text.startswith("\ufeff") else text), "utf-8", False


def _decode_other(body: bytes, content_type: str) -> tuple[str, str, bool]:
    for mark, name in _MARKS:
        if body.startswith(mark):
            return _read(body[len(mark) :], name)
    if b"\0" in body:
        wide = _unmarked_utf16(body)
        if wide:
            return _read(body, wide)
    if _is_damaged_utf8(body):
        return _read(body, "utf-8")
    return _read(body, _legacy_encoding(body, content_type))


def _read(body: bytes, encoding: str) -> tuple[str, str, bool]:
    text = body.decode(encoding, "replace").replace("\0", "")
    return text, encoding, "\ufffd" in text


def _unmarked_utf16(body: bytes) -> str:
    """UTF-16's name if every second byte of the markup is NUL, else the empty string."""
    sample = body[:_PRESCAN_BYTES]
    half = max(len(sample) // 2, 1)
    if sample[1::2].count(0) > half * 0.3 and sample[::2].count(0) < half * 0.05:
        return "utf-16-le"
    if sample[::2].count(0) > half * 0.3 and sample[1::2].count(0) < half * 0.05:
        return "utf-16-be"
    return ""


def _is_damaged_utf8(body: bytes) -> bool:
    """Whether `body` is UTF-8 apart from a few bytes: legacy double-byte text almost never forms
    valid three-byte sequences, real UTF-8 in Chinese consists of them."""
    sample = body[: _SAMPLE_BYTES * 4]
    text = sample.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(1 for char in text if char > "\u007f") - bad
    return good >= 4 * bad


def _legacy_encoding(body: bytes, content_type: str) -> str:
    declared = _declared(body, content_type)
    sample = body[:_SAMPLE_BYTES]
    scores = {name: _han_score(sample, name) for name in ("gb18030", "big5hkscs")}
    best = max(scores, key=lambda name: scores[name])
    if declared in scores:
        return declared if scores[declared] >= scores[best] - 0.15 else best
    weak = declared in ("", "utf-8", "cp1252")
    if scores[best] > (0.75 if weak else 0.95) and (weak or not _reads_cleanly(sample, declared)):
        return best
    if declared and declared != "utf-8":
        return declared
    return _guess(sample)


def _declared(body: bytes, content_type: str) -> str:
    """Python's name for the encoding that the header, else the markup, claims."""
    head = body[:_PRESCAN_BYTES]
    header = _LABEL.search(content_type.encode("ascii", "replace"))
    for match in (header, _LABEL.search(head), _XML_LABEL.search(head)):
        if match is None:
            continue
        name = _known(match[1].decode("ascii"))
        if name and name != "utf-8":
            return name
    return ""


def _known(label: str) -> str:
    label = label.lower()
    name = _MEANT.get(label, label)
    try:
        found = codecs.lookup(name)
        b"a".decode(found.name)
    except (LookupError, ValueError):
        return ""
    return name if getattr(found, "_is_text_encoding", False) else ""


def _reads_cleanly(sample: bytes, encoding: str) -> bool:
    text = sample.decode(encoding, "replace")
    return text.count("\ufffd") <= max(1, len(text) // 200)


def _han_score(sample: bytes, encoding: str) -> float:
    """How much of the non-ASCII part of `sample` is everyday Chinese when read as `encoding`.

    Everyday is the first level of each standard: GB 2312 rows 16 to 55 and Big5 A440 to C67E,
    with their punctuation.
    """
    text = sample.decode(encoding, "replace")
    wide = [char for char in text if char > "\u007f"]
    if not wide:
        return 0.0
    everyday = _GB_EVERYDAY if encoding == "gb18030" else _BIG5_EVERYDAY
    return sum(char in everyday for char in wide) / len(wide)


def _guess(sample: bytes) -> str:
    """Encoding of something that is neither UTF-8 nor Chinese; Windows-1252 when nothing fits."""
    best = from_bytes(sample[:8_192], steps=3, chunk_size=512, threshold=0.3).best()
    return _known(best.encoding) or "cp1252" if best else "cp1252"


def _characters(encoding: str, leads: range, trails: list[int]) -> frozenset[str]:
    table = bytes(byte for lead in leads for trail in trails for byte in (lead, trail))
    return frozenset(table.decode(encoding, "ignore"))


_GB_EVERYDAY = _characters("gb2312", range(0xB0, 0xD8), list(range(0xA1, 0xFF))) | _characters(
    "gb2312", range(0xA1, 0xA4), list(range(0xA1, 0xFF))
)
_BIG5_TRAILS = [*range(0x40, 0x7F), *range(0xA1, 0xFF)]
_BIG5_EVERYDAY = _characters("big5", range(0xA4, 0xC7), _BIG5_TRAILS) | _characters(
    "big5", range(0xA1, 0xA4), _BIG5_TRAILS
)
