"""Whether CSS declarations keep a text from the reader."""

from __future__ import annotations

import re
from functools import lru_cache

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_HIDING_HINT = re.compile(
    r"display|visibility|opacity|font-size|text-indent|position|clip|overflow|color|transform|margin",
    re.IGNORECASE,
)
_NOTHING = re.compile(r"^0*\.?0*(?:px|pt|em|rem|%)?$")
_FAR_OFF = re.compile(r"^-(?:\d{4,}(?:\.\d+)?px|[6-9]\d\d(?:\.\d+)?px|\d{2,}(?:\.\d+)?r?em|"
                      r"(?:[1-9]\d{2,})(?:\.\d+)?(?:%|vw|vh|pt))$")  # fmt: skip
_FAR_SHIFT = re.compile(r"translate[xy3d]*\([^)]*-(?:\d{4,}px|[1-9]\d{2,}v[wh])")
_NO_SCALE = re.compile(r"scale[xy3d]*\(\s*0(?:\.0+)?\s*[,)]")
_CLIPPED = re.compile(
    r"rect\((?:[01](?:px)?|auto)[\s,]+(?:[01](?:px)?|auto)[\s,]+[01](?:px)?[\s,]+[01](?:px)?\s*\)"
    r"|inset\((?:50|[5-9]\d|100)%|circle\(0"
)
_RGB = re.compile(r"rgba?\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)(?:[\s,/]+([\d.]+%?))?\s*\)")
_NAMED = {
    "white": "#ffffff",
    "black": "#000000",
    "red": "#ff0000",
    "gray": "#808080",
    "grey": "#808080",
    "silver": "#c0c0c0",
    "yellow": "#ffff00",
}


@lru_cache(maxsize=4_096)
def hides(style: str) -> bool:
    """Whether an inline style (`display:none; ...`) keeps the element's text from the reader."""
    return hides_or_shows(style) is True


@lru_cache(maxsize=4_096)
def hides_or_shows(style: str) -> bool | None:
    """True: the declarations hide the element; False: they show it; None: they say nothing."""
    if not _HIDING_HINT.search(style):
        return None
    said = _declarations(style)
    display = said.get("display")
    if display == "none" or said.get("visibility") in ("hidden", "collapse"):
        return True
    if any(test(said) for test in _TESTS):
        return True
    return False if display is not None or "visibility" in said else None


def _declarations(style: str) -> dict[str, str]:
    said: dict[str, str] = {}
    for declaration in _COMMENT.sub("", style).split(";"):
        name, colon, value = declaration.partition(":")
        if colon:
            said[name.strip().lower()] = value.replace("!important", "").strip().lower()
    return said


def _is_invisible(said: dict[str, str]) -> bool:
    opacity = said.get("opacity", "1")
    size = said.get("font-size", "1")
    return bool(
        _NOTHING.match(opacity)
        or (_NOTHING.match(size) and size)
        or size in ("1px", "0.1px", "0.01px")
        or _NO_SCALE.search(said.get("transform", ""))
    )


def _is_far_off(said: dict[str, str]) -> bool:
    if _FAR_OFF.match(said.get("text-indent", "")) or _FAR_SHIFT.search(said.get("transform", "")):
        return True
    if said.get("position") in ("absolute", "fixed", "relative"):
        sides = ("left", "top", "right", "bottom", "margin-left", "margin-top")
        return any(_FAR_OFF.match(said.get(side, "")) for side in sides)
    return bool(_FAR_OFF.match(said.get("margin-left", "")))


def _is_clipped(said: dict[str, str]) -> bool:
    if _CLIPPED.search(said.get("clip", "")) or _CLIPPED.search(said.get("clip-path", "")):
        return True
    if not said.get("overflow", "").startswith(("hidden", "clip")):
        return False
    sizes = (said.get(name, "") for name in ("height", "width", "max-height", "max-width"))
    return any(size == "1px" or (size and _NOTHING.match(size)) for size in sizes)


def _is_own_background(said: dict[str, str]) -> bool:
    colour = _colour(said.get("color", ""))
    behind = said.get("background-color") or said.get("background", "")
    if colour == "transparent":
        # Letters cut out of a picture or gradient, a usual way to colour headings.
        return "text" not in said.get(
            "background-clip", said.get("-webkit-background-clip", behind)
        )
    return bool(colour) and colour == _colour(behind)


def _colour(value: str) -> str:
    """`#rrggbb`, `transparent`, or the empty string for what we do not know."""
    match = _RGB.match(value)
    if match:
        if match[4] in ("0", "0.0", "0%", ".0"):
            return "transparent"
        return "#" + "".join(f"{min(int(part[:3]), 255):02x}" for part in match.group(1, 2, 3))
    word = value.partition(" ")[0]
    if word.startswith("#") and len(word) == 4:
        return "#" + "".join(char * 2 for char in word[1:])
    return word if word.startswith("#") or word == "transparent" else _NAMED.get(word, "")


_TESTS = (_is_invisible, _is_far_off, _is_clipped, _is_own_background)
