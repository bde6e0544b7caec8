"""Merchant codes of EMV QRCPS (`000201...`), which UnionPay, PIX, PromptPay and others print."""

from __future__ import annotations

import re

_START = re.compile(r"000201[\x20-\U0010ffff]*6304[0-9A-Fa-f]{4}\Z")
_MOST_CHARS = 1_000
"""The specification allows 512."""

_POLYNOMIAL = 0x1021


def is_merchant_code(text: str) -> bool:
    """Whether `text` is a merchant-presented payment code: fields of two digits id, two digits
    length and that many characters, the last one a CRC over all before it.

    EMV QR Code Specification for Payment Systems, Merchant-Presented Mode 1.1, chapters 3 and 4.
    """
    if len(text) > _MOST_CHARS or not _START.match(text):
        return False
    return _is_made_of_fields(text) and f"{_crc(text[:-4].encode()):04X}" == text[-4:].upper()


def _is_made_of_fields(text: str) -> bool:
    at = 0
    while at < len(text):
        length = text[at + 2 : at + 4]
        if not (length.isascii() and length.isdigit()):
            return False
        at += 4 + int(length)
    return at == len(text)


def _crc(data: bytes) -> int:
    """CRC-16 of ISO/IEC 13239 with the start value FFFF."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1) ^ (_POLYNOMIAL if crc & 0x8000 else 0)
        crc &= 0xFFFF
    return crc
