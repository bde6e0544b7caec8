"""Circular mini-program codes of WeChat, which no reader but the platform's opens: recognised by
their shape, so that a page is not called clear whose code nobody could read.

The shape is public: three ringed dots at the corners of an isosceles right triangle, the middle of
its longest side the middle of the code, 36, 54 or 72 rays around it, a logo in the fourth corner
(https://minapp.com/article/17131/, a talk of the platform's designers). Both are asked for: dots
alone stand on wheels and watches, rays on suns and clocks.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from core.payloads import OPAQUE_MINI_PROGRAM
from crawler.extractors.qr_codes import QrPayload

Pixels = NDArray[np.float32]
Marks = NDArray[np.float64]
"""Rows of (x, y, diameter), in pixels."""

RAYS = (36, 54, 72)

_SEARCHED_SIDE = 1_280
"""Pixels; larger pictures are reduced to look for dots, and the rays counted in the original. So a
code on a poster of 1080 x 1920 is recognised from 180 pixels on, alone from 90."""

_SMALLEST_SIDE = 60
"""Pixels: no dot or ray can be told apart in less."""

_CONTRAST = 10
"""Of 255: what a pixel differs from its surroundings to be ink."""

_SMALLEST_DOT = 7
_MOST_RUNS = 1_200
_MOST_MARKS = 300
_MOST_DOTS = 24
_LEAST_ROUNDNESS = 0.38
"""Of the contrast inside a dot, what depends on the distance from its middle alone; measured: dots
0.42 (15 pixels wide) to 0.93, crossing spokes at most 0.31."""

_DOT_TO_LEG = (0.13, 0.45)
"""Diameter of a dot to the distance of neighbouring ones."""

_RINGS = np.linspace(0.72, 1.18, 12)
"""Radii at which rays are counted, in those of the dots' centres."""

_ANGLES = np.arange(1_440) * (2 * np.pi / 1_440)
_FREQUENCIES = np.arange(20, 91)
_LEAST_RAYS = 0.18
"""Strength of the rays' frequency in the contrast of all angles; measured: drawn codes 0.2 (100
pixels wide) to 0.47, specks and grain between three dots at most 0.17."""

_LEAST_LEAD = 1.6
"""How much stronger than any other frequency the rays' one is."""


def opaque_codes(picture: Image.Image) -> list[QrPayload]:
    """The circular mini-program code in the grey `picture`, with its box; empty without one."""
    if min(picture.size) < _SMALLEST_SIDE:
        return []
    scale = min(_SEARCHED_SIDE / max(picture.size), 1.0)
    searched = picture
    if scale < 1:
        size = (round(picture.width * scale), round(picture.height * scale))
        if min(size) < 1:
            return []
        searched = picture.resize(size, Image.Resampling.BOX)
    grey = np.asarray(picture, dtype=np.float32)
    for ink in _inks(searched):
        for middle_x, middle_y, radius, corners in _triangles(_dots(ink)):
            place = (middle_x / scale, middle_y / scale)
            if _has_rays(grey, place, radius / scale, corners):
                return [_code(place, radius / scale, picture.size)]
    return []


def _code(middle: tuple[float, float], radius: float, size: tuple[int, int]) -> QrPayload:
    reach = radius * 1.3
    left, top = max(int(middle[0] - reach), 0), max(int(middle[1] - reach), 0)
    right, bottom = (min(int(at + reach), side) for at, side in zip(middle, size, strict=True))
    return QrPayload(OPAQUE_MINI_PROGRAM, (left, top, right - left, bottom - top))


def _inks(picture: Image.Image) -> list[NDArray[np.bool_]]:
    """Where the picture is darker than its surroundings, and where it is lighter."""
    around = picture.filter(ImageFilter.BoxBlur(max(12, max(picture.size) // 14)))
    differs = np.asarray(picture, dtype=np.int16) - np.asarray(around, dtype=np.int16)
    return [differs < -_CONTRAST, differs > _CONTRAST]


def _dots(ink: NDArray[np.bool_]) -> Marks:
    """Ringed dots: places where a row and a column both cross ring, gap, dot, gap and ring."""
    across = _crossings(ink)
    down = _crossings(np.ascontiguousarray(ink.T))[:, [1, 0, 2]]
    if not len(across) or not len(down):
        return np.empty((0, 3))
    apart = np.maximum(across[:, None, 2] / 8, 1.5)
    near = np.abs(across[:, None, 0] - down[None, :, 0]) <= apart
    near &= np.abs(across[:, None, 1] - down[None, :, 1]) <= apart
    near &= np.abs(across[:, None, 2] - down[None, :, 2]) <= across[:, None, 2] * 0.25 + 1
    first, second = np.nonzero(near)
    found = np.column_stack([across[first, 0], down[second, 1], across[first, 2]])
    return _round_ones(ink, _each_once(found))


def _crossings(ink: NDArray[np.bool_]) -> Marks:
    """(x, y, length) of the places in rows where five runs look like a cut through a ringed dot."""
    height, width = ink.shape
    padded = np.zeros((height, width + 2), dtype=bool)
    padded[:, 1:-1] = ink
    flat = padded.ravel()
    edges = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    if len(edges) < 6:
        return np.empty((0, 3))
    runs = np.diff(edges).astype(np.float64)
    ring, gap, dot, gap_2, ring_2 = (runs[at : len(runs) - 4 + at] for at in range(5))
    start, end = edges[:-5], edges[5:]
    length = ring + gap + dot + gap_2 + ring_2
    fits = flat[start] & (start // (width + 2) == end // (width + 2))
    fits &= (length >= _SMALLEST_DOT) & (length <= min(height, width) * 0.3)
    fits &= np.abs(ring - ring_2) <= np.maximum(ring, ring_2) * 0.45 + 1
    fits &= np.abs(gap - gap_2) <= np.maximum(gap, gap_2) * 0.45 + 1
    fits &= (dot >= length * 0.15) & (dot <= length * 0.65)
    fits &= np.maximum(ring, ring_2) <= length * 0.32
    at = np.flatnonzero(fits)
    if len(at) > _MOST_RUNS:
        at = at[np.argsort(-length[at])[:_MOST_RUNS]]
    middle = (start[at] + ring[at] + gap[at] + dot[at] / 2) % (width + 2) - 1
    return np.column_stack([middle, start[at] // (width + 2), length[at]])


def _each_once(found: Marks) -> Marks:
    """One mark, the mean one, for all that lie on one dot; those crossed most often first."""
    dots: list[tuple[int, Marks]] = []
    left = found
    while len(left) and len(dots) < _MOST_MARKS:
        on = np.hypot(*(left[:, :2] - left[0, :2]).T) <= left[0, 2] / 2
        dots.append((int(on.sum()), np.median(left[on], axis=0)))
        left = left[~on]
    dots.sort(key=lambda dot: -dot[0])
    return np.array([mark for _, mark in dots]).reshape(-1, 3)


def _round_ones(ink: NDArray[np.bool_], dots: Marks) -> Marks:
    """Those of `dots` that look alike in all directions; crossing stripes do not."""
    if not len(dots):
        return dots
    angles = np.arange(24) * (2 * np.pi / 24)
    reach = np.linspace(0.0, 0.46, 12)[None, :, None] * dots[:, 2][:, None, None]
    x = np.rint(dots[:, 0][:, None, None] + reach * np.cos(angles)).astype(int)
    y = np.rint(dots[:, 1][:, None, None] + reach * np.sin(angles)).astype(int)
    height, width = ink.shape
    seen = ink[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)].astype(np.float64)
    around = seen.mean(axis=2)
    likeness = around.var(axis=1) / np.maximum(seen.var(axis=(1, 2)), 1e-9)
    dipped = around.min(axis=1) < 0.3
    kept: Marks = dots[(likeness >= _LEAST_ROUNDNESS) & dipped][:_MOST_DOTS]
    return kept


def _triangles(dots: Marks) -> list[tuple[float, float, float, Marks]]:
    """(x, y, radius, angles of the dots) of the circles on which three dots stand as in a code."""
    found = []
    for corner in dots:
        sides = dots[:, :2] - corner[:2]
        legs = np.hypot(*sides.T)
        alike = (dots[:, 2] < corner[2] * 1.45) & (dots[:, 2] > corner[2] / 1.45)
        fits = alike & (corner[2] > legs * _DOT_TO_LEG[0]) & (corner[2] < legs * _DOT_TO_LEG[1])
        for one, other in zip(*np.nonzero(np.triu(fits[:, None] & fits[None, :], 1)), strict=True):
            longer = max(legs[one], legs[other])
            if abs(legs[one] - legs[other]) > longer * 0.1:
                continue
            if abs(sides[one] @ sides[other]) > longer**2 * 0.12:
                continue
            middle = corner[:2] + (sides[one] + sides[other]) / 2
            away = np.array([corner, dots[one], dots[other]])[:, :2] - middle
            radius = float(np.hypot(*away.T).mean())
            found.append((*middle.tolist(), radius, np.arctan2(away[:, 1], away[:, 0])))
    return found


def _has_rays(grey: Pixels, middle: tuple[float, float], radius: float, dots: Marks) -> bool:
    """Whether around `middle` one of `RAYS` is the beat of light and dark, in step at all radii."""
    counted = _beside(dots)
    rings = []
    for ring in _RINGS * radius:
        x = np.rint(middle[0] + ring * np.cos(_ANGLES)).astype(int)
        y = np.rint(middle[1] + ring * np.sin(_ANGLES)).astype(int)
        if x.min() >= 0 and y.min() >= 0 and x.max() < grey.shape[1] and y.max() < grey.shape[0]:
            rings.append(grey[y, x])
    if len(rings) < len(_RINGS) // 2:
        return False
    seen = np.array(rings)
    seen -= seen[:, counted].mean(axis=1, keepdims=True)
    spread = float(np.sqrt((seen[:, counted] ** 2).mean()))
    if spread < _CONTRAST / 2:
        return False
    beats = np.abs(np.fft.rfft(seen.mean(axis=0) * counted)) / (counted.sum() * spread)
    strength = beats[_FREQUENCIES]
    best = int(np.argmax(strength))
    rays = int(_FREQUENCIES[best])
    others = strength[np.abs(_FREQUENCIES - rays) > 4]
    is_beat = min(abs(rays - one) for one in RAYS) <= 1
    lead = float(strength[best]) >= others.max() * _LEAST_LEAD
    return is_beat and lead and float(strength[best]) >= _LEAST_RAYS


def _beside(dots: Marks) -> NDArray[np.bool_]:
    """Which angles are neither at a dot nor at the logo, opposite the dot at the right angle."""
    corners = np.append(dots, dots[0] + np.pi)
    turned = np.abs((_ANGLES[:, None] - corners[None, :] + np.pi) % (2 * np.pi) - np.pi)
    counted: NDArray[np.bool_] = (turned > np.radians([16.0, 16.0, 16.0, 22.0])).all(axis=1)
    return counted
