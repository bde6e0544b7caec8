"""Ways of writing past word lists, applied to whole sentences, and what they must not catch."""

from __future__ import annotations

import re
from collections.abc import Callable

import opencc

_TRADITIONAL = opencc.OpenCC("s2t")
_WORDS = (
    "币安", "欧易", "火币", "比特币", "泰达币", "以太坊", "返佣", "邀请码", "合约", "空投",
    "挖矿", "带单", "跟单",
    "交易所", "微信", "电报", "收U", "出U", "注册", "预售", "矿机", "云算力", "炒币", "币圈",
    "进群",
    "USDT", "BTC", "Binance", "OKX", "Bitget", "Bybit", "airdrop", "presale", "crypto", "Telegram",
)  # fmt: skip
_HOMOPHONES = str.maketrans("币安欧易佣约投矿带跟微报册售", "必按鸥意拥悦偷旷戴根薇抱测收")
_SYLLABLES = {
    "币": "bi", "安": "an", "欧": "ou", "易": "yi", "返": "fan", "佣": "yong", "合": "he",
    "约": "yue",
    "空": "kong", "投": "tou", "挖": "wa", "矿": "kuang", "带": "dai", "单": "dan", "跟": "gen",
    "微": "wei",
    "信": "xin", "注": "zhu", "册": "ce", "码": "ma", "邀": "yao", "请": "qing", "群": "qun",
    "进": "jin",
    "交": "jiao", "所": "suo", "特": "te", "比": "bi", "火": "huo",
}  # fmt: skip
_PARTS = str.maketrans(
    {
        "币": "丿巾",
        "欧": "区欠",
        "佣": "亻用",
        "码": "石马",
        "矿": "石广",
        "群": "君羊",
        "投": "扌殳",
    }
)
_LOOK_ALIKES = str.maketrans("BOKeopcaxyTS", "ВОКеорсахуТЅ")
_INITIALS = {"欧易": "OY", "火币": "HB", "返佣": "FY", "邀请码": "YQM", "交易所": "JYS"}
_DIGITS = str.maketrans("oOiIeEsS", "00113355")


def _inside_words(change: Callable[[str], str]) -> Callable[[str], str]:
    def apply(text: str) -> str:
        for word in _WORDS:
            text = text.replace(word, change(word))
        return text

    return apply


def _full_width(text: str) -> str:
    return "".join(
        chr(ord(c) + 0xFEE0) if "!" <= c <= "~" and c not in ":/?=&.@" else c for c in text
    )


def _styled(text: str) -> str:
    return "".join(
        chr(0x1D400 + ord(c) - 65)
        if "A" <= c <= "Z"
        else chr(0x1D41A + ord(c) - 97)
        if "a" <= c <= "z"
        else c
        for c in text
    )


def _circled(word: str) -> str:
    return "".join(
        chr(0x24B6 + ord(c.upper()) - 65) if c.isascii() and c.isalpha() else c for c in word
    )


def _tone_marked(word: str) -> str:
    marked = str.maketrans("aeiou", "āéǐòū")
    return "".join(
        _SYLLABLES.get(c, c).translate(marked) if i == 0 else c for i, c in enumerate(word)
    )


def _partial_pinyin(word: str) -> str:
    return _SYLLABLES.get(word[0], word[0]) + word[1:]


def _full_pinyin(word: str) -> str:
    if len(word) < 2 or any(c not in _SYLLABLES for c in word):
        return word
    return " " + "".join(_SYLLABLES[c] for c in word) + " "


def _numerals(text: str) -> str:
    """Codes in circled, full-width and negative circled digits by turns."""
    styles = ("⓪①②③④⑤⑥⑦⑧⑨", "０１２３４５６７８９", "⓿❶❷❸❹❺❻❼❽❾")
    if "://" in text or "t.me" in text or "@" in text:
        return text
    return re.sub(
        r"(?<=码 )[A-Z]{0,2}\d+|(?<=code )[A-Z]*\d+",
        lambda code: "".join(
            styles[place % 3][int(char)] if char.isdigit() else char
            for place, char in enumerate(code[0])
        ),
        text,
    )


def _chinese_numerals(text: str) -> str:
    styles = ("零一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖", "〇一二三四五六七八九")
    return re.sub(
        r"(?<=码 )\d{6,}",
        lambda code: "".join(styles[i % 3][int(c)] for i, c in enumerate(code[0])),
        text,
    )


def _tripled(word: str) -> str:
    return re.sub("[aeiouAEIOU]", lambda vowel: vowel[0] * 3, word)


def _fixed(piece: str) -> bool:
    code = piece.isascii() and any(c.isdigit() for c in piece)
    return code or any(mark in piece for mark in ("://", "@", "t.me"))


def _outside_links(change: Callable[[str], str]) -> Callable[[str], str]:
    """Addresses and codes are left alone: they work only as they are."""

    def apply(text: str) -> str:
        return " ".join(piece if _fixed(piece) else change(piece) for piece in text.split(" "))

    return apply


def _in_tags(word: str) -> str:
    """Every letter in an element of its own."""
    tags = ("b", "i", "span", "font")
    return "".join(f"<{tags[i % 4]}>{c}</{tags[i % 4]}>" for i, c in enumerate(word))


HTML_EVASIONS: dict[str, Callable[[str], str]] = {
    "letters in separate tags": _outside_links(_inside_words(_in_tags)),
    "soft hyphens": _outside_links(_inside_words("&shy;".join)),
    "hexadecimal entities": _outside_links(
        _inside_words(lambda w: "".join(f"&#x{ord(c):X};" for c in w))
    ),
    "decimal entities": _outside_links(_inside_words(lambda w: "".join(f"&#{ord(c)};" for c in w))),
    "comments between": _outside_links(_inside_words("<!-- -->".join)),
    "word breaks": _outside_links(_inside_words("<wbr>".join)),
}

EVASIONS: dict[str, Callable[[str], str]] = {
    "full width": _outside_links(_full_width),
    "upper case": _outside_links(str.upper),
    "traditional": _outside_links(_TRADITIONAL.convert),
    "zero width": _outside_links(_inside_words("\u200b".join)),
    "soft hyphen": _outside_links(_inside_words("\u00ad".join)),
    "variation selector": _outside_links(_inside_words("\ufe0f".join)),
    "bidi marks": _outside_links(_inside_words("\u200e".join)),
    "spaces": _outside_links(_inside_words(" ".join)),
    "hyphens": _outside_links(_inside_words("-".join)),
    "middle dots": _outside_links(_inside_words("·".join)),
    "emoji between": _outside_links(_inside_words("⭐".join)),
    "CJK marks between": _outside_links(_inside_words("「".join)),
    "bold letters": _outside_links(_styled),
    "circled letters": _outside_links(_inside_words(_circled)),
    "look-alikes": _outside_links(_inside_words(lambda w: w.translate(_LOOK_ALIKES))),
    "digits for letters": _outside_links(
        _inside_words(lambda w: w.translate(_DIGITS) if w.isascii() and len(w) < 8 else w)
    ),
    "doubled": _outside_links(
        _inside_words(lambda w: "".join(c * 2 for c in w) if not w.isascii() else w)
    ),
    "repeated letters": _outside_links(_inside_words(_tripled)),
    "commas": _outside_links(_inside_words("，".join)),
    "numerals in codes": _numerals,
    "Chinese numerals in codes": _chinese_numerals,
    "initials": _outside_links(_inside_words(lambda w: _INITIALS.get(w, w))),
    "homophones": _outside_links(_inside_words(lambda w: w.translate(_HOMOPHONES))),
    "partial pinyin": _outside_links(_inside_words(_partial_pinyin)),
    "tone-marked pinyin": _outside_links(_inside_words(_tone_marked)),
    "full pinyin": _outside_links(_inside_words(_full_pinyin)),
    "split characters": _outside_links(_inside_words(lambda w: w.translate(_PARTS))),
    "emoji words": lambda text: text.replace("加", "➕").replace("梯子", "🪜"),
}

PROMOTIONS = (
    "币安新用户注册送体验金，填写邀请码 KX7788 返佣20%",
    "欧易注册链接 https://www.okx.com/join/77001122 永久减手续费",
    "火币开户返佣，加微信 coin8899 领取新人礼包",
    "长期收U出U，当面现金，需要的加微信 usdt9988",
    "比特币合约带单群，老师每天实盘策略，进群 https://t.me/+AbCdEfGhIjKlMn",
    "欧易下载不了加我微信 okx7788 发安装包，注册填邀请码 889900",
    "币安合约返佣60%，注册填邀请码 ZX8899",
    "云算力套餐每日产出比特币，立即注册送体验算力",
    "矿机现货出售，托管挖矿电费低，加微信 kuang666",
    "泰达币大量回收，USDT换人民币秒到账，加微信 huishou88",
    "代币预售第二轮，用USDT立即购买，加电报 @presale_cn",
    "领取空投请连接钱包，币圈新项目，进群了解 https://t.me/+QwErTyUiOpAs",
    "币圈跟单平台，一键跟单交易所大神，注册送20USDT",
    "国内注册币安要开梯子，备用域名在这里，填写邀请码 AB12CD",
    "欧易新人盲盒，点击链接注册 https://okx.com/join/55667788",
    "以太坊质押年化20%，在交易所注册后参与，邀请码 QQ8899",
    "手机挖矿派币，下载App填写邀请码 pipi88 开始挖矿",
    "炒币带单老师，胜率高，加微信 laoshi668 免费跟单",
    "Bitget注册返佣50%，点击注册 https://partner.bitget.com/bg/ABC123",
    "比特币交易所哪家好？推荐欧易，注册送盲盒",
    "OKX账号注册教程：输入邮箱，填写邀请码 77889900，完成实名认证",
    "Bybit新人福利3万USDT，点击注册领取体验金",
    "出U收U，BTC、USDT都做，加微信 otc5588",
    "欧易交易所官网入口，立即注册下载安卓安装包",
    "空投教程：注册币安，完成任务领取BTC奖励，邀请码 GH7788",
    "合约带单，欧易返佣70%，加电报 @daidan_cn",
    "币安C2C买币教程，用支付宝购买USDT，先注册填邀请码 PP9900",
    "炒币稳赚不赔，币圈内部群进群看点位，加微信 bitou99",
    "交易所返佣导航：币安、欧易、火币注册链接，返佣最高60%",
    "比特币矿机托管，矿场直招，挖矿收益日结，加微信 minerok1",
    "Join Binance with my referral code ZX77QQ and get a 20% fee discount on crypto trading",
    "Sign up on OKX now and claim your BTC mystery box, referral code 77001122",
    "Crypto presale is live, buy now with USDT before the price increases",
    "Free crypto signals on Telegram, join our VIP channel t.me/+AbCdEfGhIjKl",
    "Buy and sell USDT for cash, message me on Telegram @otcdesk99",
    "Bybit welcome bonus up to 30,000 USDT, register now with code BB7788",
    "Claim your airdrop, connect wallet and get free BTC tokens",
    "Copy trading on Bitget, copy my trades and earn USDT, sign up with code CT7788",
    "Cloud mining: mine BTC daily, register today and get a free bonus in crypto",
    "Trade BTC futures on Bybit with 100x leverage, sign up bonus in USDT for new users",
)  # fmt: skip

ORDINARY = (
    "这可真是个大麻烦，谁也没想到", "路口交通事故，请绕行", "人民币安全防伪知识讲座",
    "双币赢是银行的一种结构性存款",
    "seagate.com 的硬盘质保三年", "姨太太在民国小说里很常见", "山东大饼配羊汤",
    "抹茶蛋糕第二份半价",
    "合约机办理须知：在网两年", "挖矿工程招标公告", "填写邀请码即可加入读书打卡", "OK，我知道了",
    "U盘里有开会资料",
    "币种：人民币", "货币按汇率折算", "硬币按面额分类", "本币比外币更稳", "必安装的软件有三个",
    "外币安检规定",
    "他比特意赶来的人还早", "火必须扑灭", "活必须干完", "旧必新", "这饭用微波炉热一下",
    "威信很高的老校长",
    "卫星发射成功", "维新变法的历史", "跟丹尼一起去", "代笔写信", "戴单层口罩", "空头支票",
    "运算力很强的电脑",
    "运算速度提升", "和约的签订", "河约谈判", "主测与副测", "注测绘仪器", "欧意式家具",
    "偶遇老友", "意大利面",
    "yi an jing hua yuan 是拼音作业", "ou yi 这个词怎么读", "他叫 oy，是挪威人", "hb 铅笔",
    "fy 2024 annual report",
    "The gate to the park opens at nine", "Phantom of the Opera tickets on sale",
    "a curve in the road", "He is a backpacker",
    "Trust your wallet to no stranger", "register for the library", "sign up for the newsletter",
    "referral to a doctor",
    "airdrop of food to villages", "gold mining in the north", "copy of the contract",
    "the exchange student", "crypt of the church",
    "presale of concert tickets", "hello wooorld", "哈哈哈哈笑死我了", "天天开心，妈妈爸爸",
    "看看这个，试试那个", "人人都要安安全全",
)  # fmt: skip
