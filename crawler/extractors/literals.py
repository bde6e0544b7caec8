"""What inline scripts say: string literals, joined and unescaped, and where they send the reader.

No script is run. Literals that are only added up (`'https://' + 'www' + '.example'`), joined,
decoded with `atob` or `decodeURIComponent`, or built with `fromCharCode`, are put together; what
is computed otherwise needs a browser.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from urllib.parse import unquote

import msgspec

from crawler.extractors.additions import LOOK_BACK, Token, added_up, sends

_TOKEN = re.compile(
    r"//[^\n]*|/\*.*?(?:\*/|\Z)"
    r"|(?<=[(,=:\[!&|?;])/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.){0,100}+\]){1,300}+/"
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
_REVERSED = re.compile(r"\.split\(\s*(?:''|\"\")\s*\)\s*\.reverse\(\)\s*\.join\(\s*(?:''|\"\")")
_COMMA = re.compile(r"\s*,\s*\Z")
_JOIN = re.compile(r"\s*,?\s*\]\s*\.\s*join\s*\(\s*\Z")
_CALL = re.compile(r"(?:\b(atob|decodeURIComponent|decodeURI|unescape)\s*\(\s*)+\Z")
_CALLS = re.compile("atob|decodeURI|unescape")
_CODE = r"(?:0x[0-9a-fA-F]{1,4}|\d{1,5})"
_CODES = re.compile(rf"fromCharCode\(\s*({_CODE}(?:\s*,\s*{_CODE}){{0,2000}})\s*\)")
_ADDS_UP = re.compile(r"\+|concat\s*\(|location|open\s*\(|\.(?:href|src|action)\s*=")
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
    tokens = list(_tokens(script))
    if "join" in script:
        tokens = _joined(script, tokens)
    if "fromCharCode" in script:
        tokens += [Token(*m.span(), _from_codes(m[1])) for m in _CODES.finditer(script)]
        tokens.sort(key=lambda token: token.start)
    if _ADDS_UP.search(script):
        tokens = added_up(script, tokens)
    return [
        Literal(token.text[:_MAX_LITERAL], sends(script, token.start), token.start)
        for token in tokens
        if len(token.text) >= _SHORTEST
    ]


def _tokens(script: str) -> Iterator[Token]:
    calls = _CALLS.search(script) is not None
    for match in _TOKEN.finditer(script):
        raw = match[0]
        if raw[0] == "/":
            continue
        start, end = match.span()
        closed = raw[-1] == raw[0] and len(raw) > 1
        raw = raw[1:-1] if closed else raw[1:].removesuffix("\\")
        text = unescape(raw[:_MAX_LITERAL]) if "\\" in raw else raw[:_MAX_LITERAL]
        if calls:
            text = _decoded(script, start, text)
        if script.startswith(".split", end) and _REVERSED.match(script, end):
            text = text[::-1]
        yield Token(start, end, text)


def _decoded(script: str, start: int, text: str) -> str:
    """`text` as the function that is called on it returns it, where we know the function."""
    before = script[max(start - LOOK_BACK, 0) : start]
    call = _CALL.search(before) if before.rstrip()[-1:] == "(" else None
    if call is None:
        return text
    return _atob(text) if "atob" in call[0] else unquote(text)


def _joined(script: str, tokens: list[Token]) -> list[Token]:
    """`["a", "b"].join("")` as one string."""
    found: list[Token] = []
    for token in tokens:
        if found and _JOIN.match(script, found[-1].end, token.start):
            items = [found.pop()]
            while found and _COMMA.match(script, found[-1].end, items[-1].start):
                items.append(found.pop())
            text = token.text.join(item.text for item in reversed(items))
            found.append(Token(items[-1].start, token.end, text))
        else:
            found.append(token)
    return found


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
        packed = "".join(text.split())
        decoded = base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
    except (binascii.Error, ValueError):
        return text
    return unquote(decoded.decode("utf-8", "replace"))


def _from_codes(codes: str) -> str:
    numbers = (int(code.strip(), 0) for code in codes.split(",") if code.strip())
    return "".join(chr(n) for n in numbers if n < 0xD800 or 0xDFFF < n < 0x10000)
