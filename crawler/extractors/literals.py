"""What inline scripts say: string literals, joined and unescaped, and where they send the reader.

No script is run. Literals that are only added up (`'https://' + 'www' + '.example'`), joined,
decoded with `atob` or `decodeURIComponent`, or built with `fromCharCode`, are put together; what
is computed otherwise needs a browser.
"""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import unquote

import msgspec

_TOKEN = re.compile(
    r"//[^\n]*|/\*.*?(?:\*/|\Z)"
    r"|\"[^\"\\\n]*(?:\\.[^\"\\\n]*)*(?:\"|\\?\Z|(?=\n))"
    r"|'[^'\\\n]*(?:\\.[^'\\\n]*)*(?:'|\\?\Z|(?=\n))"
    r"|`[^`\\]*(?:\\.[^`\\]*)*(?:`|\\?\Z)",
    re.DOTALL,
)
_ESCAPE = re.compile(
    r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|.))", re.DOTALL
)
_SIMPLE = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "b": "",
    "f": "",
    "v": "",
    "0": "",
    "\n": "",
    "\r\n": "",
}
_GLUE = re.compile(
    r"[\s)]*(?:\+|\.concat\()\s*(?:(?:atob|decodeURIComponent|decodeURI|unescape)\s*\()?\s*\Z"
)
_REVERSED = re.compile(r"\s*\.split\(\s*(?:''|\"\")\s*\)\s*\.reverse\(\)\s*\.join\(\s*(?:''|\"\")")
_CALL = re.compile(r"(?:\b(atob|decodeURIComponent|decodeURI|unescape)\s*\(\s*)+\Z")
_CALLS = re.compile("atob|decodeURI|unescape")
_CODES = re.compile(r"fromCharCode\(\s*((?:(?:0x[0-9a-fA-F]{1,4}|\d{1,5})\s*,?\s*){1,2000})\)")
_SENDS = re.compile(
    r"(?:(?:location|window|top|self|parent|document)(?:\.href)?\s*=|location\.(?:replace|assign)\s*\("
    r"|\bopen\s*\(|\.(?:href|src|action)\s*=|(?:navigateTo|redirectTo|reLaunch)\s*\(\s*\{\s*url\s*:)"
    r"\s*\Z"
)
_SENDING = ("=", "(", ":")
_LOOK_BACK = 80
_MAX_LITERAL = 20_000
_SHORTEST = 2


class Literal(msgspec.Struct, frozen=True):
    """One string of a script as it is at run time. `sends`: the page is sent to it, as in
    `location.href = ...`. `start` is where it begins in the script."""

    text: str
    sends: bool
    start: int


def literals(script: str) -> list[Literal]:
    """The strings of `script` in order, neighbours that are only added up as one."""
    found: list[Literal] = []
    parts: list[str] = []
    first = last = -1
    adds_up = "+" in script or "concat" in script
    calls = _CALLS.search(script) is not None
    for token in _TOKEN.finditer(script):
        raw = token[0]
        if raw[0] == "/":
            continue
        start = token.start()
        raw = raw[1:-1] if raw[-1] == raw[0] and len(raw) > 1 else raw[1:]
        text = unescape(raw[:_MAX_LITERAL]) if "\\" in raw else raw[:_MAX_LITERAL]
        if calls:
            text = _decoded(script, start, text)
        if adds_up and parts and len(parts) < 500 and _continues(script, last, start):
            parts.append(text)
        else:
            _finish(found, script, parts, first, last)
            parts, first = [text], start
        last = token.end()
    _finish(found, script, parts, first, last)
    for codes in _CODES.finditer(script) if "fromCharCode" in script else ():
        text = _from_codes(codes[1])
        found.append(Literal(text, _sends(script, codes.start()), codes.start()))
    return found


def _decoded(script: str, start: int, text: str) -> str:
    """`text` as the function that is called on it returns it, where we know the function."""
    before = script[max(start - _LOOK_BACK, 0) : start]
    call = _CALL.search(before) if before.rstrip()[-1:] == "(" else None
    if call is None:
        return text
    return _atob(text) if "atob" in call[0] else unquote(text)


def _continues(script: str, end: int, start: int) -> bool:
    return start - end <= _LOOK_BACK and _GLUE.match(script[end:start]) is not None


def _finish(found: list[Literal], script: str, parts: list[str], first: int, last: int) -> None:
    if not parts:
        return
    text = parts[0] if len(parts) == 1 else "".join(parts)
    if len(text) < _SHORTEST:
        return
    if script[last : last + 6] == ".split" and _REVERSED.match(script, last):
        text = text[::-1]
    found.append(Literal(text[:_MAX_LITERAL], _sends(script, first), first))


def _sends(script: str, start: int) -> bool:
    before = script[max(start - _LOOK_BACK, 0) : start].rstrip()
    return before[-1:] in _SENDING and _SENDS.search(before) is not None


def unescape(raw: str) -> str:
    r"""JavaScript's escapes resolved: `\/`, `\n`, `\xXX`, `\uXXXX`, `\u{...}`; lone halves of
    surrogate pairs are dropped."""
    text = _ESCAPE.sub(_unescaped, raw)
    if any("\ud800" <= char <= "\udfff" for char in text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
    return text


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code:
        number = int(code, 16)
        return chr(number) if number <= 0x10FFFF else ""
    return _SIMPLE.get(match[4], match[4])


def _atob(text: str) -> str:
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return text
    return unquote(decoded.decode("utf-8", "replace"))


def _from_codes(codes: str) -> str:
    numbers = (int(code.strip(), 0) for code in codes.split(",") if code.strip())
    return "".join(chr(n) for n in numbers if n < 0xD800 or 0xDFFF < n < 0x10000)
