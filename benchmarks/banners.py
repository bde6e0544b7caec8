"""Seeded banners and posters with known words, for the benchmark of reading them."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFilter

from tests.crawler.banners import font

HEADS = (
    "限时福利", "新人专享", "周年庆典", "夏季大促", "会员招募", "直播预告", "课程报名", "新品上市",
    "年度盛典", "社区活动", "免费领取", "合作共赢",
)  # fmt: skip
LINES = (
    "注册即送100USDT", "填写邀请码DEMO7788", "手续费返佣20%", "扫码进群领空投", "合约带单每日收益",
    "加微信abc8899咨询", "全场满300减50", "周末亲子烘焙课", "国产水果产地直发", "图书馆加开夜场",
    "牙科洁治优惠预约", "二手车免费检测", "Trade BTC and ETH", "Sign up and get 50 USDT",
    "Invite code DEMO2026", "Summer sale 30% off", "矿机托管电费低至0.3元", "专业团队一对一指导",
    "老用户推荐奖励翻倍", "交易所上线新币种", "报名截止6月30日", "名额有限先到先得",
)  # fmt: skip
COLOURS = (
    ("white", "#a02020"), ("yellow", "#203080"), ("black", "white"), ("#d02020", "#f4ecd8"),
    ("white", "#101418"), ("#204020", "#e0f0d8"), ("#ffd040", "#000000"), ("white", "#6030a0"),
)  # fmt: skip


class Banner(NamedTuple):
    """One picture and the words that were drawn into it, top to bottom."""

    kind: str
    body: bytes
    said: str


def drawn_set(seed: int, each: int) -> Iterator[Banner]:
    """`each` banners of every kind; the same ones for the same seed."""
    for kind, make in KINDS.items():
        for number in range(each):
            chance = random.Random(f"{seed} {kind} {number}")
            picture, said, quality = make(chance)
            yield Banner(kind, _encoded(picture, quality), said)


Made = tuple[Image.Image, str, int]
"""The picture, its words, and the JPEG quality to keep it with (0: PNG)."""


def _drawn(
    chance: random.Random,
    size: tuple[int, int],
    *,
    pixels: int = 44,
    lines: int = 2,
    paper: Image.Image | None = None,
    colours: tuple[str, str] | None = None,
) -> tuple[Image.Image, str]:
    ink, ground = colours or chance.choice(COLOURS)
    picture = paper or Image.new("RGB", size, ground)
    pen = ImageDraw.Draw(picture)
    texts = [chance.choice(HEADS), *chance.sample(LINES, lines)]
    for number, text in enumerate(texts):
        high = round(pixels * 1.4) if number == 0 else pixels
        top = (2 * number + 1) * size[1] // (2 * len(texts)) - high // 2
        edge = {"stroke_width": 3, "stroke_fill": "black"} if paper is not None else {}
        pen.text((chance.randint(20, 60), top), text, font=font(high), fill=ink, **edge)
    return picture, "".join(texts)


def _clean(chance: random.Random) -> Made:
    return *_drawn(chance, chance.choice([(1000, 400), (1200, 360), (750, 420)])), 0


def _poster(chance: random.Random) -> Made:
    return *_drawn(chance, (1080, 1920), pixels=64, lines=5), 0


def _wide(chance: random.Random) -> Made:
    return *_drawn(chance, (1920, 500), pixels=60), 85


def _small(chance: random.Random) -> Made:
    return *_drawn(chance, (600, 240), pixels=18, lines=3), 0


def _jpeg(chance: random.Random) -> Made:
    return *_drawn(chance, (1000, 400)), 30


def _photo(chance: random.Random) -> Made:
    size = (1000, 500)
    blots = Image.frombytes("L", (50, 25), chance.randbytes(50 * 25)).resize(size)
    tint = Image.new("RGB", size, chance.choice(["#406080", "#805030", "#307040"]))
    paper = Image.blend(blots.convert("RGB").filter(ImageFilter.GaussianBlur(3)), tint, 0.5)
    return *_drawn(chance, size, paper=paper, colours=("white", "")), 80


def _tilted(chance: random.Random) -> Made:
    picture, said = _drawn(chance, (1000, 400), colours=("white", "#a02020"))
    return picture.rotate(chance.choice([-6, 6]), expand=True, fillcolor="#a02020"), said, 85


def _faint(chance: random.Random) -> Made:
    return *_drawn(chance, (1000, 400), colours=("#b0b0b0", "#e0e0e0")), 85


def _long(chance: random.Random) -> Made:
    return *_drawn(chance, (800, 4_800), pixels=36, lines=16), 85


KINDS: dict[str, Callable[[random.Random], Made]] = {
    "clean banner": _clean,
    "poster 1080 x 1920": _poster,
    "wide 1920 x 500": _wide,
    "small text, 18 px": _small,
    "JPEG quality 30": _jpeg,
    "over a picture": _photo,
    "tilted 6 degrees": _tilted,
    "grey on grey": _faint,
    "long, 800 x 4,800": _long,
}
CLEAN = ("clean banner", "poster 1080 x 1920", "wide 1920 x 500")


def _encoded(picture: Image.Image, quality: int) -> bytes:
    target = io.BytesIO()
    if quality:
        picture.save(target, "JPEG", quality=quality)
    else:
        picture.save(target, "PNG")
    return target.getvalue()
