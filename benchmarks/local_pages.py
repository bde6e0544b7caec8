"""Seeded pages for crawl benchmarks: 20-60 KiB of mixed Chinese HTML, 54 links each, 20 internal.

About one page in thirty carries a planted promotional block. The words are written for this
project; the rest of a page is what portals wrap around them: navigation, cards, icons, buttons, a
sidebar of links to other sites, inline style and script. About a third of the bytes are visible
text; one sentence in a hundred uses a word of ours in another meaning (matcha, a phone contract) or
warns. No page shows a picture, since only one side of the comparison would fetch it; sites of the
style `pictures` show two, and what is planted there stands in a QR code alone. Pages of the style
`scripted` are empty until their script has written them.
"""

from __future__ import annotations

import json
import random
from typing import Literal, NamedTuple

INTERNAL_LINKS = 20
EXTERNAL_LINKS = 34
MIN_BYTES = 20 * 1024
MAX_BYTES = 60 * 1024
PLANTED_SHARE = 0.03
PICTURES = 2
Style = Literal["static", "pictures", "scripted"]
_CHILDREN = 3

_PLACES = (
    "镇东的批发市场", "河边的老码头", "文化路小学", "新修的环镇公路", "县医院门诊楼", "青石岭林场",
    "城南的苗圃", "工业园二期", "老街茶馆", "水厂的泵房", "长途汽车站", "湿地公园", "社区食堂",
    "农机合作社", "图书馆三楼", "豆制品厂", "体育场看台", "公交公司", "气象站", "菜市场的鱼摊",
)  # fmt: skip
_TIMES = (
    "上周三", "清晨六点", "入冬以来", "连着下了两天雨之后", "暑假的头一个周末", "昨天傍晚",
    "从这个月起", "赶集的日子", "停电那天", "国庆前后", "今年第三季度", "春耕开始时", "夜里十一点",
)  # fmt: skip
_EVENTS = (
    "来了一批新设备，老师傅围着看了半天", "把排队的办法改了，取号以后坐着等就行",
    "修好了漏水的屋顶，账目贴在门口的公告栏", "添了两个摊位，一个卖豆腐，一个补鞋",
    "请人来讲怎样看懂体检报告，听的人坐满了过道", "试着把垃圾分成四类，头几天总有人放错",
    "搬走了堆了三年的木料，空地打算种桂花", "组织了一次消防演练，从警铃响到撤空用了四分钟",
    "和邻镇的队伍踢了一场球，二比二打平", "贴出通知，说下个月起延长开放两个小时",
    "办了旧书交换，最先被拿走的是菜谱和武侠小说", "换了节能灯，一个季度省下的电费够买一台饮水机",
)  # fmt: skip
_DETAILS = (
    "负责人说，钱是大家凑的，每一笔都能查到", "有位老人特意走了三里路来看热闹",
    "价格比去年便宜了一成左右，买的人反而更挑了", "具体的时间和地点，以门口的通知为准",
    "几个孩子在旁边数车，数到四十七辆才回家", "如果天气不好，就顺延到下一个星期天",
    "参加的人可以领到一份小礼物，先到先得", "编辑部会继续留意，有了消息再告诉读者",
    "志愿者还缺六名，会用电脑的优先", "按规定要公示七天，有意见的可以写信",
    "网上的传言不准，打电话问过才放心",
)  # fmt: skip
_OTHER_MEANINGS = (
    "抹茶味的点心卖得最快，下午三点就没了", "合约机和新号码一起办，可以少跑一趟",
    "这家公司去年质押的股份已经全部解除", "矿机检修要挂牌，井下不许带火种",
    "警方提醒，打着虚拟货币旗号的群不要进，遇到转账先问家里人",
)  # fmt: skip
OTHER_MEANING_SHARE = 0.01
"""Share of sentences with a word of ours in another meaning: on every other page, about."""
_HEADINGS = ("镇里的事", "今日看点", "读者来信", "数字里的生活", "老照片", "出行提示", "吃在本地")
_TITLES = ("一周见闻", "街坊故事", "便民问答", "现场", "观察", "手记", "回访")

_PLANTED = (
    '<p>想入门的看这里：<a href="https://www.okx.com/join/{code}">欧易注册通道</a>，邀请码 {code}，'
    "手续费永久返佣四成，入金再送盲盒。</p>",
    "<p>币安新人福利：注册时填写邀请码 {code}，现货合约手续费立减两成，错过不能补填。</p>",
    '<p>比特币永续合约带单群，老师每天喊单，进群免费：<a href="https://t.me/+{code}Group00001">'
    "点击加入电报群</a>，用我的链接开交易所账户再返手续费。</p>",
    '<p>打不开原来的网址就走备用：<a href="https://www.binance.com/zh-CN/join?ref={code}">币安最新'
    "入口</a>，注册即送一百 USDT，大陆可用。</p>",
)


class Picture(NamedTuple):
    """A picture of a page: its path, and what its QR code says (nothing: it holds none)."""

    path: str
    payload: str


class LocalPage(NamedTuple):
    """One page: its path, its bytes, and whether a violation was planted in it."""

    path: str
    body: bytes
    planted: bool
    pictures: tuple[Picture, ...] = ()


def path_of(number: int) -> str:
    """Path of page `number`; page 0 is the home page."""
    return "/" if number == 0 else f"/channel{number % 40}/article-{number}.html"


def planted_numbers(count: int, seed: int) -> frozenset[int]:
    """Which of `count` pages carry a planted block."""
    chosen = random.Random(seed).sample(range(1, count), max(1, int(count * PLANTED_SHARE)))
    return frozenset(chosen)


def make_page(
    number: int, count: int, seed: int, *, planted: bool, style: Style = "static"
) -> LocalPage:
    """Page `number` of a site of `count` pages; the same arguments give the same bytes."""
    chance = random.Random(f"{seed}/{count}/{number}")
    links = _internal_links(number, count, chance)
    wanted = chance.randint(MIN_BYTES + 2_048, MAX_BYTES - 2_048)
    title = f"{chance.choice(_PLACES)}{chance.choice(_TITLES)}（{number}）"
    opening = _opening(title, links[:10])
    closing = _closing(number, links[10:], chance)
    size = len(opening.encode()) + len(closing.encode())
    cards: list[str] = []
    while size < wanted:
        card = _card(len(cards), chance)
        cards.append(card)
        size += len(card.encode())
    code = f"DEMO{10_000 + number}"
    pictures: tuple[Picture, ...] = ()
    if style == "pictures":
        pictures = _pictures(number, f"https://www.okx.com/join/{code}" if planted else "")
        cards.insert(len(cards) // 2, _gallery(pictures))
    elif planted:
        block = chance.choice(_PLANTED).format(code=code)
        cards.insert(len(cards) // 2, f'<div class="card partner">{block}</div>\n')
    if style == "scripted":
        opening, cards = _scripted(opening, cards)
    body = "".join([opening, *cards, closing]).encode()
    return LocalPage(path_of(number), body, planted, pictures)


def _pictures(number: int, payload: str) -> tuple[Picture, ...]:
    chosen = number % PICTURES
    return tuple(
        Picture(f"/pictures/{number}-{index}.png", payload if index == chosen else "")
        for index in range(PICTURES)
    )


def _gallery(pictures: tuple[Picture, ...]) -> str:
    shown = "".join(f'<img src="{picture.path}" width="480" height="640">' for picture in pictures)
    return f'<div class="card gallery">{shown}</div>\n'


def _scripted(opening: str, cards: list[str]) -> tuple[str, list[str]]:
    """The same page, its cards written by a script into an element that is empty at first."""
    written = json.dumps("".join(cards), ensure_ascii=False).replace("</", "<\\/")
    mount = '<div id="app"></div>\n<script>'
    return opening, [f"{mount}document.getElementById('app').innerHTML = {written};</script>\n"]


def _internal_links(number: int, count: int, chance: random.Random) -> list[int]:
    """A tree over all pages, so that every one is reachable, filled up with links at random."""
    first = number * _CHILDREN + 1
    tree = [child for child in range(first, first + _CHILDREN) if child < count]
    rest = [chance.randrange(count) for _ in range(INTERNAL_LINKS - len(tree))]
    mixed = tree + rest
    chance.shuffle(mixed)
    return mixed


def _opening(title: str, links: list[int]) -> str:
    rules = "".join(
        f".card-{n}{{margin:{n}px auto;padding:{n * 2}px;border-radius:{n}px}}\n" for n in range(10)
    )
    menu = "".join(
        f'<li class="menu-item"><a href="{path_of(n)}">栏目 {i}</a></li>'
        for i, n in enumerate(links)
    )
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{title}</title>\n"
        f'<meta name="description" content="{title}，本地消息与便民信息">\n'
        f'<meta property="og:title" content="{title}">\n'
        f"<style>\n{rules}</style>\n</head>\n<body>\n"
        f'<header class="top"><nav><ul class="menu">{menu}</ul></nav></header>\n'
        f'<main class="container"><h1 class="headline">{title}</h1>\n'
    )


def _card(position: int, chance: random.Random) -> str:
    paragraphs = "".join(
        f'<p class="text text--body mb-{n + 1} leading-7" data-index="{position}-{n}">'
        f"{_sentence(chance)}{_sentence(chance)}</p>\n"
        for n in range(2)
    )
    strokes = " ".join(f"L{chance.randrange(24)} {chance.randrange(24)}" for _ in range(12))
    return (
        f'<section class="card card-{position % 10} shadow-sm rounded-lg border border-gray-200" '
        f'id="card-{position}" data-track="feed:{position}:{chance.randrange(10**9)}" '
        f'data-expose="list" role="article">\n'
        '<div class="card-head flex items-center justify-between px-4 py-2">'
        f'<svg class="icon" viewBox="0 0 24 24" width="16" height="16" fill="none">'
        f'<path d="M2 2 {strokes} Z" stroke="currentColor" stroke-width="1.5"/></svg>'
        f'<h2 class="card-title text-lg font-medium">{chance.choice(_HEADINGS)}</h2>'
        f'<time class="date text-sm text-gray-500">2026-0{chance.randint(1, 6)}-'
        f"{chance.randint(10, 28)}</time></div>\n"
        f'<div class="card-body px-4 py-3">\n{paragraphs}</div>\n'
        '<div class="card-tools flex gap-2 px-4 pb-3">'
        f'<button type="button" class="tool tool--like" data-id="{chance.randrange(10**9)}">赞 '
        f"{chance.randrange(300)}</button>"
        f'<button type="button" class="tool tool--share" data-id="{chance.randrange(10**9)}">分享'
        "</button></div>\n</section>\n"
    )


def _sentence(chance: random.Random) -> str:
    pick = chance.choice
    details = _OTHER_MEANINGS if chance.random() < OTHER_MEANING_SHARE else _DETAILS
    return f"{pick(_TIMES)}，{pick(_PLACES)}{pick(_EVENTS)}。{pick(details)}。"


def _closing(number: int, links: list[int], chance: random.Random) -> str:
    related = "".join(f'<li><a href="{path_of(n)}">相关阅读 {n}</a></li>' for n in links)
    outside = "".join(
        f'<li><a rel="nofollow" href="https://site{chance.randrange(400)}.example/item/'
        f'{chance.randrange(10**6)}?from=linhe">外部资讯 {n}</a></li>\n'
        for n in range(EXTERNAL_LINKS)
    )
    state = {
        "page": number,
        "items": [{"id": chance.randrange(10**8), "name": _sentence(chance)} for _ in range(8)],
    }
    return (
        f'</main>\n<aside><ul class="related">{related}</ul>\n<ul class="outside">{outside}</ul>'
        "</aside>\n<footer><p>扫码关注本站公众号，每天收到镇上的消息。</p></footer>\n"
        f"<script>window.pageState = {json.dumps(state, ensure_ascii=False)};</script>\n"
        "</body>\n</html>\n"
    )
