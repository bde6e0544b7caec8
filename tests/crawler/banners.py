"""Banners and posters drawn for tests, with Chinese text in any free font that is installed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from tests.crawler.extractors.drawn import encoded

FONTS = {"NotoSansCJK-Regular.ttc": 2, "wqy-microhei.ttc": 0, "NotoSerifCJK-Regular.ttc": 2}
"""File names, and which face in them has simplified Chinese forms (Noto: JP, KR, SC, TC, HK)."""
FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
PROMOTION = ("欧易交易所注册送100USDT", "填邀请码DEMO7788返佣20%", "加微信abc_8899带单进群")
RECIPE = ("山东大饼的做法", "先和面再醒面", "小火烙至金黄")


@cache
def font(pixels: int) -> ImageFont.FreeTypeFont:
    """A font that has Chinese characters. Raises FileNotFoundError when none is installed."""
    found = (
        path for name in FONTS for folder in FOLDERS if folder.is_dir()
        for path in folder.rglob(name)
    )  # fmt: skip
    path = next(found, None)
    if path is None:
        raise FileNotFoundError("no Chinese font; apt-get install fonts-noto-cjk")
    return ImageFont.truetype(str(path), pixels, index=FONTS[path.name])


def banner(
    lines: tuple[str, ...] = PROMOTION,
    size: tuple[int, int] = (1000, 400),
    *,
    ink: str = "white",
    paper: str = "#a02020",
    pixels: int = 48,
) -> Image.Image:
    """`lines` below each other, evenly over the height."""
    picture = Image.new("RGB", size, paper)
    pen = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        top = (2 * number + 1) * size[1] // (2 * len(lines)) - pixels // 2
        pen.text((40, top), line, font=font(pixels), fill=ink)
    return picture


def banner_png(lines: tuple[str, ...] = PROMOTION, size: tuple[int, int] = (1000, 400)) -> bytes:
    """The same as PNG bytes."""
    return encoded(banner(lines, size))
