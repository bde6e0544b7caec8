"""A hash of what a picture shows, nearly the same for a copy that was scaled or compressed anew.

The signs of the 16 x 16 lowest frequencies of a discrete cosine transform against their median, as
in pHash (Zauner, "Implementation and benchmarking of perceptual image hash functions", 2010) and in
PDQ (Facebook, 2019), whose grid, length and bound on the distance these are; not bit for bit it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.fingerprint import PICTURE_BITS

_SIDE = 64
_LOWEST = round(PICTURE_BITS**0.5)
_PLAIN = 4.0
"""Grey levels (of 255) by which neighbours on the grid differ on average in a picture that shows
something; below that a hash says little."""


def _basis() -> npt.NDArray[np.float64]:
    """Rows 1 to 16 of the DCT-II over 64 samples; row 0 is the brightness alone."""
    frequency = np.arange(1, _LOWEST + 1, dtype=np.float64)[:, None]
    sample = 2 * np.arange(_SIDE, dtype=np.float64)[None, :] + 1
    waves: npt.NDArray[np.float64] = np.cos(np.pi * frequency * sample / (2 * _SIDE))
    scaled: npt.NDArray[np.float64] = waves * np.sqrt(2 / _SIDE)
    return scaled


_BASIS = _basis()


def picture_hash(picture: Image.Image) -> str:
    """256 bits as 64 hex digits; "" for a picture too plain to be told from others."""
    grey = picture.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX)
    levels = np.asarray(grey, dtype=np.float64)
    if np.abs(np.diff(levels)).mean() + np.abs(np.diff(levels, axis=0)).mean() < 2 * _PLAIN:
        return ""
    lowest = _BASIS @ levels @ _BASIS.T
    bits = (lowest > np.median(lowest)).ravel()
    return np.packbits(bits).tobytes().hex()
