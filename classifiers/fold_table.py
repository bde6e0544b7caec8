"""The folding table: what one written character becomes before words are looked for.

`data/fold.npz` is built once by `python -m classifiers.fold_table` and committed, because building
asks `opencc` (a development dependency) about every character and takes seconds, loading takes
milliseconds. The table joins four facts about a code point: Unicode compatibility form and case
(NFKC, casefold), its base letter without marks, the simplified form of a traditional character
(OpenCC `t2s`, character by character: patterns and text are folded alike, so phrase-level choices
do not matter), and the Latin letter that a Greek, Cyrillic or small-capital letter imitates.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

UInt8 = npt.NDArray[np.uint8]
UInt32 = npt.NDArray[np.uint32]

TABLE_FILE = Path(__file__).parent / "data" / "fold.npz"
CODE_POINTS = 0x110000

OTHER, WORD, IDEOGRAPH, SEPARATOR, INVISIBLE, BREAK, SYMBOL = range(7)
"""Kinds of a folded character. WORD: letters and digits of scripts that put blanks between words.
IDEOGRAPH: scripts that do not. SYMBOL: signs that carry meaning for us and are never skipped."""

EXPANDS = 0x80
"""Bit in the kind of a code point that folds to several characters."""

SYMBOLS = "+$@%π₿🪜✈"
_LOOK_ALIKE = str.maketrans(
    "АВЕКМНОРСТХУІЈЅԌԚԜаеорсухіјѕԁԛԝһӏΑΒΕΖΗΙΚΜΝΟΡΤΥΧοανικρτυχϲᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢıøđłɑɡℓ⓿🄋🄌",
    "abekmhopctxyijsgqwaeopcyxijsdqwhlabezhikmnoptyxoavikptuxcabcdefghijklmnoprstuvwyziodlagl000",
)
_SYMBOL_SET = frozenset(SYMBOLS)
_ALSO_PLUS = "➕✚✛"
_DOTS = "…‥⋯"
_FILLED = (
    (0x1F150, "a", 26),
    (0x1F170, "a", 26),
    (0x2776, "1", 9),
    (0x2780, "1", 9),
    (0x278A, "1", 9),
    (0x24F5, "1", 9),
)


class FoldTable(NamedTuple):
    """`fold[c]` is what code point `c` becomes, `kind[c]` which kind it is (EXPANDS as a flag).

    `expansions` holds the several characters of those that expand. `assigned` marks the code
    points that the builder's Unicode version knew.
    """

    fold: UInt32
    kind: UInt8
    expansions: dict[int, str]
    assigned: npt.NDArray[np.bool_]


@lru_cache(maxsize=1)
def fold_table() -> FoldTable:
    """The committed table, read once per process (about 15 ms)."""
    with np.load(TABLE_FILE, allow_pickle=False) as stored:
        fold = np.arange(CODE_POINTS, dtype=np.uint32)
        fold[stored["changed"]] = stored["target"]
        kind = np.repeat(stored["kind_value"], stored["kind_run"])
        assigned = np.repeat(stored["assigned_value"], stored["assigned_run"])
        keys, texts = stored["expands"].tolist(), str(stored["expansion"]).split("\n")
    return FoldTable(fold, kind, dict(zip(keys, texts, strict=True)), assigned)


def build_table() -> FoldTable:
    """Compute the table from `unicodedata` and OpenCC. Needs the development dependencies."""
    import opencc

    simplify = opencc.OpenCC("t2s").convert
    fold = np.arange(CODE_POINTS, dtype=np.uint32)
    kind = np.zeros(CODE_POINTS, dtype=np.uint8)
    assigned = np.zeros(CODE_POINTS, dtype=np.bool_)
    expansions: dict[int, str] = {}
    for code in range(CODE_POINTS):
        char = chr(code)
        category = unicodedata.category(char)
        assigned[code] = category != "Cn"
        text = _fold_char(char, category, simplify)
        if not text:
            kind[code] = INVISIBLE
            continue
        kind[code] = _kind_of(text[0])
        fold[code] = ord(text[0])
        if len(text) > 1:
            kind[code] |= EXPANDS
            expansions[code] = text
    return FoldTable(fold, kind, expansions, assigned)


def write_table(table: FoldTable, path: Path = TABLE_FILE) -> None:
    """Store `table` compactly: only what changes, and kinds as runs."""
    changed = np.flatnonzero(table.fold != np.arange(CODE_POINTS, dtype=np.uint32))
    kind_value, kind_run = _runs(table.kind)
    assigned_value, assigned_run = _runs(table.assigned)
    path.parent.mkdir(exist_ok=True)
    np.savez_compressed(
        path,
        changed=changed.astype(np.uint32),
        target=table.fold[changed],
        kind_value=kind_value,
        kind_run=kind_run,
        assigned_value=assigned_value,
        assigned_run=assigned_run,
        expands=np.array(list(table.expansions), dtype=np.uint32),
        expansion=np.array("\n".join(table.expansions.values())),
    )


def _runs(values: npt.NDArray[np.generic]) -> tuple[npt.NDArray[np.generic], UInt32]:
    starts = np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))
    return values[starts], np.diff(np.append(starts, len(values))).astype(np.uint32)


def _fold_char(char: str, category: str, simplify: Callable[[str], str]) -> str:
    """What `char` folds to; empty when it is dropped."""
    code = ord(char)
    if char in "\n\r\x0b\x0c\x85\u2028\u2029":
        return "\n"
    if category == "Cs" or char == "\0":
        return " "
    if _is_invisible(code, category):
        return ""
    if char in _ALSO_PLUS:
        return "+"
    if char in _DOTS:
        return "."
    imitated = char.translate(_LOOK_ALIKE)
    if imitated != char:
        return imitated
    negative = _negative_letter(code)
    if negative:
        return negative
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", char).casefold())
    text = "".join(_base_letter(part) for part in text)
    text = text.translate(_LOOK_ALIKE)
    if any(unicodedata.category(part) == "Lo" for part in text):
        text = simplify(text)
    return "".join(part for part in text if part != "\n" and not _is_mark(part)) or " "


def _is_invisible(code: int, category: str) -> bool:
    if category in ("Cf", "Mn", "Me"):
        # Marks of Indic and other scripts are letters to their readers: those stay.
        return category == "Cf" or not (0x0590 <= code < 0x1DC0 or code > 0x10000) or code > 0xE0000
    if category == "Cc":
        return code not in (9, 10, 11, 12, 13, 0x85)
    return code in (0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800)


def _is_mark(char: str) -> bool:
    return unicodedata.category(char) in ("Mn", "Me") and ord(char) < 0x0590


def _negative_letter(code: int) -> str:
    """Letters and digits in filled circles or squares, which have no compatibility form."""
    for first, base, count in _FILLED:
        if first <= code < first + count:
            return chr(ord(base) + code - first)
    return ""


def _base_letter(char: str) -> str:
    parts = unicodedata.normalize("NFD", char)
    if len(parts) > 1 and unicodedata.name(parts[0], "").startswith(("LATIN", "GREEK", "CYRILLIC")):
        return parts[0]
    return char


def _kind_of(char: str) -> int:
    if char == "\n":
        return BREAK
    if char in _SYMBOL_SET:
        return SYMBOL
    category = unicodedata.category(char)
    if category[0] in "LN" or category in ("Mc", "Mn"):
        name = unicodedata.name(char, "")
        if name.startswith(("CJK", "HIRAGANA", "KATAKANA", "BOPOMOFO", "IDEOGRAPHIC")):
            return IDEOGRAPH
        return WORD
    if category in ("Co", "Cn"):
        return OTHER
    return SEPARATOR


if __name__ == "__main__":
    write_table(build_table())
    sys.stdout.write(f"wrote {TABLE_FILE}: {TABLE_FILE.stat().st_size:,} bytes\n")
