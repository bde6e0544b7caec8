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
_SAMPLE_BYTES = 16 * 1024
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
    valid sequences (a fifth of its characters by chance), real UTF-8 consists of them."""
    sample = _sample(body)
    text = sample.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(1 for char in text if char > "\u007f") - bad
    return good >= 2 * bad


def _sample(body: bytes) -> bytes:
    """A part of `body` that begins with its first byte outside ASCII."""
    first = _WIDE.search(body)
    start = first.start() if first else 0
    return body[start : start + _SAMPLE_BYTES]


def _legacy_encoding(body: bytes, content_type: str) -> str:
    declared = _declared(body, content_type)
    sample = _sample(body)
    scores = {name: _chinese_score(sample, name) for name in _EVERYDAY}
    best = max(scores, key=lambda name: scores[name])
    if declared in scores and scores[declared] >= max(scores[best] - 0.15, 0.4):
        return declared
    says_little = declared in ("", "utf-8", "cp1252", *scores)
    if scores[best] > 0.7 and (says_little or not _reads_cleanly(sample, declared)):
        return best
    return _guess(sample) if says_little and declared != "cp1252" else declared


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
    return found.name if getattr(found, "_is_text_encoding", False) else ""


def _reads_cleanly(sample: bytes, encoding: str) -> bool:
    text = sample.decode(encoding, "replace")
    return text.count("\ufffd") <= max(1, len(text) // 200)


def _chinese_score(sample: bytes, encoding: str) -> float:
    """How much of the non-ASCII part of `sample` is everyday Chinese when read as `encoding`.

    Korean in EUC-KR uses the same bytes; its pages say so, and what says nothing is taken for
    Chinese.
    """
    wide = [char for char in sample.decode(encoding, "replace") if char > "\u007f"]
    if not wide:
        return 0.0
    everyday = _EVERYDAY[encoding]
    return sum(char in everyday for char in wide) / len(wide)


def _guess(sample: bytes) -> str:
    """Encoding of something that is neither UTF-8 nor Chinese; Windows-1252 when nothing fits.

    In Western languages few letters have accents; elsewhere nearly all are outside ASCII.
    """
    letters = len(sample.translate(None, _NO_LETTERS))
    wide = len(sample.translate(None, bytes(range(128))))
    if wide * 4 < letters:
        return "cp1252"
    text = re.sub(rb"<[^<>]*>", b" ", sample)
    best = from_bytes(text[:8_192], steps=3, chunk_size=512, cp_isolation=_ELSEWHERE).best()
    return best.encoding if best else "cp1252"


def _characters(encoding: str, leads: range, trails: list[int]) -> frozenset[str]:
    table = bytes(byte for lead in leads for trail in trails for byte in (lead, trail))
    return frozenset(table.decode(encoding, "ignore"))


_NO_LETTERS = bytes(byte for byte in range(128) if not chr(byte).isalpha())
_ELSEWHERE = ["cp1251", "koi8_r", "cp949", "cp932", "euc_jp", "cp1253", "cp874", "cp1256"]
_TRAILS = [*range(0x40, 0x7F), *range(0xA1, 0xFF)]
_BIG5 = _characters("big5", range(0xA1, 0xC7), _TRAILS)
_GB2312 = _characters("gb2312", range(0xA1, 0xA4), _TRAILS) | _characters(
    "gb2312", range(0xB0, 0xD8), _TRAILS
)
_EVERYDAY = {"gb18030": _GB2312 | _BIG5, "big5hkscs": _BIG5}
"""The first level of each standard: GB 2312 rows 16 to 55 (and traditional text in GBK), Big5 up
to C67E, with their punctuation."""
