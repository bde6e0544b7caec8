"""Which pictures are worth reading first: what a picture is like, before anything is read in it."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

import msgspec

from core import Document
from crawler.extractors import PictureReference

_SMALLEST_SIDE = 48
_SMALLEST_PIXELS = 15_000
"""Icons and buttons; the smallest square banner that advertising standards know has 15,625
pixels (125 x 125, IAB)."""
_LARGE_PIXELS = 90_000
_LITTLE_TEXT_CHARS = 300
_BESIDE_CHARS = 300
_TELLING_TEXT = re.compile(
    r"币|幣|比特|以太|合约|合約|区块链|區塊鏈|链游|挖矿|矿机|矿池|算力|空投|返佣|返利|邀请|邀請|推荐码|注册"
    r"|註冊|开户|開戶|带单|跟单|喊单|交易所|钱包|錢包|出金|入金|稳赚|稳赚|理财|扫码|掃碼|识别|二维码|加微"
    r"|微信|客服|进群|加群|社群|海报|"
    r"usdt|btc|eth\b|crypto|coin|token|airdrop|defi|nft|web3|swap|mining|wallet|invite|referral"
    r"|sign\s?up|telegram|whatsapp",
    re.IGNORECASE,
)
"""Words that promotions stand beside. They only decide what is read first: what was read is judged
by the catalogue's rules."""
_TELLING_SMALL = re.compile(_TELLING_TEXT.pattern)
"""For text in small letters: ten times as fast as one that folds them itself."""
_TELLING_NAME = re.compile(
    r"banner|poster|haibao|promo|advert|(?:^|[^a-z])ads?(?:[^a-z]|$)|qr|erweima|ewm|weixin|wechat"
    r"|usdt|btc|coin|crypto|token|airdrop|invite|referral|yaoqing|mining|hb\d|share",
    re.IGNORECASE,
)


def telling_words(text: str) -> int:
    """How many different words of `text` are such as promotions stand beside."""
    return len(set(_TELLING_SMALL.findall(text.lower())))


class Clues(msgspec.Struct, frozen=True):
    """What is known of a picture before it is read.

    `beside` is the text it stands next to, `page_chars` how much text the page has (None:
    unknown), `has_code` whether a QR code was found in it.
    """

    name: str = ""
    alt: str = ""
    beside: str = ""
    page_chars: int | None = None
    has_code: bool = False


def clues_of(picture: PictureReference, document: Document | None) -> Clues:
    """The clues that `document` gives for one of its pictures."""
    name = unquote(urlsplit(picture.url).path)[-200:]
    if document is None:
        return Clues(name, picture.text)
    near = document.blocks[picture.block : picture.block + 2] if picture.block >= 0 else ()
    chars = sum(len(block.text) for block in document.blocks if block.kind == "visible")
    beside = " ".join(block.text[:_BESIDE_CHARS] for block in near)
    return Clues(name, picture.text, beside, chars)


def suspicion(clues: Clues, size: tuple[int, int] | None) -> int:
    """How much a picture asks to be read: 0 (never) to 14. `size` None: a drawing."""
    told = _told(clues)
    if size is None:
        return told
    width, height = size
    if min(width, height) < _SMALLEST_SIDE or width * height < _SMALLEST_PIXELS:
        return 0
    return 1 + told + _shape(width, height)


def _told(clues: Clues) -> int:
    points = 0
    if _TELLING_TEXT.search(clues.alt) or _TELLING_NAME.search(clues.name):
        points += 3
    if _TELLING_TEXT.search(clues.beside):
        points += 3
    if clues.has_code:
        points += 3
    if clues.page_chars is not None and clues.page_chars < _LITTLE_TEXT_CHARS:
        points += 2
    return points


def _shape(width: int, height: int) -> int:
    """2 for the proportions of a banner or poster, 1 for a large picture, else 0."""
    if width >= 2 * height and width >= 300:
        return 2
    if height >= 1.2 * width and height >= 400:
        return 2
    return 1 if width * height >= _LARGE_PIXELS else 0
