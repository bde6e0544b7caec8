"""Words in the bytes of a picture: banners and posters, read line by line.

The reader (rapidocr on onnxruntime) is the optional extra `ocr`; its models are part of its wheel,
and are named by path here because rapidocr downloads models that it has to look for itself.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from PIL import Image

from core.errors import PromowatchError
from core.target import Limits
from core.text import one_line
from crawler.extractors.raster import check_bytes, opened
from crawler.extractors.svg import draw, is_svg

HOW_TO_INSTALL = "install the extra: pip install -e '.[ocr]' in the project's folder"

_READING = 1
"""Counted up when lines would come out differently, so that memorised ones are not used."""
_DETECTOR = "PP-OCRv6_det_small.onnx"
_RECOGNISER = "PP-OCRv6_rec_small.onnx"
_SIDE_PIXELS = 960
"""Longest side at which lines are looked for; they are then read at up to 2,000 pixels."""
_LEAST_CONFIDENCE = 0.5
_TALL = 2.5
"""A picture this many times as high as wide is read in tiles: shrunk to 960 pixels as a whole, a
poster of 800 x 6,000 pixels would have lines three pixels high."""
_TILE_RATIO = 1.6
_OVERLAP = 120
_MARGIN = 30
"""Rows beyond its own in which a part may still find lines: the same line is found a few pixels
higher in one part than in the next, and at the border would be lost otherwise."""
_NEAR = 40
_MAX_TILES = 8
_MAX_LINES = 200
_MAX_CHARS = 300
_MAX_DRAWINGS = 2


class WordsUnavailable(PromowatchError):
    """The extra `ocr` is not installed, or its models are not where its wheel puts them."""


class TextLine(msgspec.Struct, frozen=True):
    """One line of text: its (left, top, width, height) in picture pixels, confidence in [0, 1]."""

    text: str
    box: tuple[int, int, int, int]
    confidence: float


def is_installed() -> bool:
    """Whether words can be read here; imports nothing."""
    try:
        return all(importlib.util.find_spec(name) for name in ("rapidocr", "onnxruntime"))
    except ImportError:
        return False


def reader_version() -> str:
    """What read the words: lines of another reader may differ."""
    try:
        return f"rapidocr {version('rapidocr')} reading {_READING}"
    except PackageNotFoundError:
        return "none"


def read_lines(body: bytes, limits: Limits, media_type: str = "") -> tuple[TextLine, ...]:
    """The lines of text in the picture `body`, top to bottom; of an animation, its first frame's.

    Raises PictureTooLarge or core.Unreadable as `decode_picture` does, WordsUnavailable when the
    extra is missing. Takes 0.1 to 0.5 s a picture and one core (benchmarks/ocr.py).
    """
    check_bytes(body, limits)
    rasters = draw(body)[:_MAX_DRAWINGS] if is_svg(body, media_type) else [body]
    engine = load_engine()
    found: list[TextLine] = []
    for raster in rasters:
        with opened(raster, limits) as picture:
            for top, tile, own in _tiles(_in_colour(picture)):
                for line in _lines(engine, tile, top, own):
                    if not any(_same_place(line.box, other.box) for other in found[-_NEAR:]):
                        found.append(line)
    return tuple(found[:_MAX_LINES])


@cache
def load_engine(models: Path | None = None) -> Any:
    """The reader, which loads its models over its first picture (0.4 s); `models` is a folder
    other than the wheel's.

    Raises WordsUnavailable; never downloads anything.
    """
    try:
        import cv2
        import rapidocr
    except ImportError as error:
        reason = f"words in pictures cannot be read ({one_line(str(error))})"
        raise WordsUnavailable(reason, hint=HOW_TO_INSTALL) from error
    cv2.setNumThreads(1)
    folder = models or Path(rapidocr.__file__).parent / "models"
    for name in (_DETECTOR, _RECOGNISER):
        if not (folder / name).is_file():
            raise WordsUnavailable(
                f"the model {name} is missing from the rapidocr package",
                hint="reinstall it: pip install --force-reinstall 'rapidocr==3.10.*'",
            )
    return rapidocr.RapidOCR(params=_parameters(folder))


def _parameters(models: Path) -> dict[str, object]:
    """One thread: two are slower for pictures of this size (0.2 against 0.4 s a banner)."""
    return {
        "Global.use_cls": False,
        "Global.text_score": _LEAST_CONFIDENCE,
        "Global.log_level": "critical",
        "Det.limit_type": "max",
        "Det.limit_side_len": _SIDE_PIXELS,
        "Det.model_path": str(models / _DETECTOR),
        "Rec.model_path": str(models / _RECOGNISER),
        "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    }


def _in_colour(picture: Image.Image) -> Image.Image:
    """The picture as RGB; transparent parts become white, or black under light ink."""
    if picture.mode not in ("RGBA", "LA", "PA") and "transparency" not in picture.info:
        return picture.convert("RGB")
    layered = picture.convert("RGBA")
    opacity = layered.getchannel("A")
    light, _ = np.histogram(
        np.asarray(layered.convert("L")), bins=2, range=(0, 256), weights=np.asarray(opacity)
    )
    paper = "black" if light[1] > light[0] else "white"
    sheet = Image.new("RGB", layered.size, paper)
    sheet.paste(layered, mask=opacity)
    return sheet


def _tiles(picture: Image.Image) -> Iterator[tuple[int, Image.Image, tuple[int, int]]]:
    """Parts of a tall picture: top, pixels, and which rows of the picture are this part's own.

    Parts overlap, so that no line up to 180 pixels high is cut; a line belongs to the part in
    whose own rows its middle lies, and one at the border to the part that found it first.
    """
    width, height = picture.size
    if height <= _TALL * max(width, _SIDE_PIXELS // 2):
        yield 0, picture, (0, height)
        return
    step = max(int(_TILE_RATIO * width), _SIDE_PIXELS, -(-height // _MAX_TILES))
    for top in range(0, height, step):
        start, end = max(top - _OVERLAP, 0), min(top + step + _OVERLAP, height)
        own = (top - _MARGIN, min(top + step, height) + _MARGIN)
        yield start, picture.crop((0, start, width, end)), own


def _same_place(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    """Whether two boxes share most of the smaller one."""
    wide = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    high = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    smaller = min(one[2] * one[3], other[2] * other[3])
    return wide > 0 and high > 0 and wide * high > smaller / 2


def _lines(engine: Any, picture: Image.Image, top: int, own: tuple[int, int]) -> Iterator[TextLine]:
    """Lines of one part whose middle lies in its `own` rows."""
    blue_first = np.ascontiguousarray(np.asarray(picture)[:, :, ::-1])
    read = engine(blue_first)
    if read.boxes is None or read.txts is None:
        return
    for corners, text, confidence in zip(read.boxes, read.txts, read.scores, strict=True):
        left, upper = corners.min(axis=0)
        right, lower = corners.max(axis=0)
        said = one_line(text, _MAX_CHARS)
        if said and own[0] <= top + (upper + lower) / 2 < own[1]:
            box = (int(left), top + int(upper), int(right - left), int(lower - upper))
            yield TextLine(said, box, round(float(confidence), 3))
