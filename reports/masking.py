"""Personal data in quotes, masked: a report travels further than the evidence it rests on.

Recognised: mainland China mobile and landline numbers, resident identity numbers (18 digits by
GB 11643-1999, and the 15 of older cards), bank card numbers (16 to 19 digits with the check digit
of ISO/IEC 7812-1, Luhn's) and mail addresses. An identity number is masked by its shape, whatever
its check digit: one that was misread is somebody's all the same. Accounts (QQ, WeChat, Telegram)
are what a promotion leads to and stay, unless they are a phone number. Kept is what lets two
reports be compared: the first and last digits, the domain. The evidence store keeps the original.
"""

from __future__ import annotations

import re

from core.text import one_line

_READ_AT_MOST = 2_000
_SEPARATOR = r"[ \-.·]?"
_BIRTHDAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_IDENTITY = re.compile(
    rf"(?<![0-9A-Za-z])([1-9][0-9]{{5}})"
    rf"((?:18|19|20)[0-9]{{2}}{_BIRTHDAY}[0-9]{{2}}|[0-9]{{2}}{_BIRTHDAY})"
    rf"([0-9][0-9Xx]|[0-9]{{3}})(?![0-9A-Za-z])"
)
_MOBILE = re.compile(
    rf"(?<![0-9])(1[3-9][0-9]){_SEPARATOR}([0-9]{{4}}){_SEPARATOR}([0-9]{{4}})(?![0-9])"
)
_LANDLINE = re.compile(
    r"(?<![0-9])(0[1-9][0-9]{1,2})[ \-)]{1,2}([2-9][0-9]{2,3})([0-9]{4})(?![0-9])"
)
_CARD = re.compile(
    r"(?<![0-9A-Za-z])[3-6][0-9]{3}(?:[ \-]?[0-9]{4}){3}(?:[ \-]?[0-9]{1,3})?(?![0-9A-Za-z])"
)
_MAIL = re.compile(r"(?<![\w.+-])([\w+-])[\w.+-]{0,63}@((?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24})")
_DIGITS = {ord("０") + n: ord("0") + n for n in range(10)}


def _masked_card(written: str) -> str:
    digits = [int(char) for char in written if char.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    if (sum(doubled) + sum(digits[::-2])) % 10:
        return written
    shown = "".join(map(str, digits))
    return f"{shown[:4]}********{shown[-4:]}"


def masked(text: str, limit: int = 240) -> str:
    """`text` as one harmless line with personal data masked, at most `limit` characters.

    Invisible characters go first, so that a number cannot be hidden from the mask by them, and
    the cut comes last. Full-width digits count as digits.
    """
    line = one_line(text, _READ_AT_MOST)
    narrow = line.translate(_DIGITS)
    found = _IDENTITY.sub(r"\1********\3", narrow)
    found = _CARD.sub(lambda card: _masked_card(card[0]), found)
    found = _MOBILE.sub(r"\1****\3", found)
    found = _LANDLINE.sub(r"\1-****\3", found)
    found = _MAIL.sub(r"\1***@\2", found)
    return one_line(found if found != narrow else line, limit)
