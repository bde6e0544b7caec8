"""A made-up catalogue of mini-programs of any size, the same for the same seed.

`python -m benchmarks.listing_export 1000000 export.jsonl`

Typical entries (about 400 characters of text: name, introduction, three pages, notes); one in
fifty talks of virtual currency without promoting it; one in a hundred promotes it, and its app id
begins with PLANTED. Texts are this project's own.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PLANTED = "wxbad"
PLANTED_SHARE = 0.01
NEAR_SHARE = 0.02

_PLACES = ("临禾", "云溪", "青石", "南浦", "北渡", "东篱", "西塘", "安澜", "长汀", "永丰", "清河")
_TRADES = {
    "餐饮": ("豆花店", "面馆", "早餐铺", "火锅", "茶饮", "烘焙坊"),
    "工具": ("记账本", "翻译", "天气", "日历", "扫描", "计算器", "便签"),
    "教育": ("背单词", "口算", "书法课", "题库", "听力", "自习室"),
    "生活": ("家政", "洗衣", "搬家", "维修", "社区团购", "快递代取", "停车"),
    "医疗": ("挂号", "体检", "药房", "问诊", "口腔", "疫苗预约"),
    "出行": ("班车", "骑行", "租车", "车票", "加油", "充电桩"),
    "文娱": ("小说", "听书", "棋牌室预订", "电影票", "摄影", "民谣"),
}
_WHAT = (
    "选好时间下单，门店会在一小时内确认，您可以在订单页里随时查看进度，",
    "支持按拼音、笔画和语音查找，常用的内容会排在最前面，离线也能打开，",
    "老师每天布置三道题，完成后可以看讲解视频，错题自动收进错题本里，",
    "附近的师傅都经过实名登记，价目表公开，做完满意再付款，发票随单开具，",
    "每周三上新，会员积分可以换小礼品，生日当月送一份甜品，",
    "数据只保存在本机，换手机时可以用备份文件恢复，不会上传通讯录，",
    "把想去的地方加进清单，出发前一天提醒您看天气和路况，",
    "家里老人也能用：字号可以放大，页面上只有三个按钮，",
    "支持微信支付和支付宝，退款原路返回，三个工作日内到账，",
    "遇到问题请在“我的”页面联系客服，工作时间是早上九点到晚上六点，",
    "本月新增了夜间模式和分享海报，修复了部分机型闪退的问题，",
    "预约成功后请提前十分钟到店，迟到超过半小时需要重新排号，",
)
_PAGES = (
    "今日推荐 热门分类 附近门店 我的订单 优惠券 收货地址 联系客服 关于我们 意见反馈 设置",
    "全部 待付款 待发货 待收货 待评价 已完成 申请售后 查看物流 再来一单 删除订单",
    "请选择日期和时段 姓名 手机号 人数 备注 提交预约 查看须知 取消预约 历史记录",
    "点加号新建一条，左滑删除，长按排序，右上角可以导出成表格发给家人或者同事",
    "第一章 从零开始 第二章 常见问题 第三章 进阶练习 收藏 下载 夜间模式 目录 书签",
    "隐私政策 用户协议 注销账号 清除缓存 当前版本 检查更新 反馈建议 加入我们 商务合作",
)
_NEAR = (
    "本站提醒：任何以虚拟货币、比特币投资为名的拉人头活动都可能是诈骗，请勿转账，及时报警。",
    "课程第五讲介绍区块链的基本原理，用比特币的账本作例子，不涉及任何买卖。",
    "新闻：警方通报一起以泰达币为幌子的网络诈骗案件，涉案人员已被采取强制措施。",
    "词典：比特币，一种虚拟货币的名称；根据有关规定，虚拟货币不具有与法定货币等同的法律地位。",
)
_LURES = (
    "欧易官方合作，填写邀请码 {code} 注册，返佣四成，入金送盲盒，秒到账",
    "注册币安送 100 USDT，点链接 https://www.okx.com/join/{code} 开户，手续费返 20%",
    "大饼合约带单老师每天三单，跟单包赔，先用邀请码 {code} 到欧易开户，加飞机 @vip{number}",
    "长期收U出U，USDT 泰达币承兑，换人民币秒到账不冻卡，联系 Telegram @usdt_otc{number}",
    "币 安 注册返佣 30%，邀请码：{code}，永续合约一百倍杠杆，首充送 50U",
)


def entries(count: int, seed: int = 20_261_127) -> Iterator[dict[str, Any]]:
    """`count` entries, one after the other."""
    chance = random.Random(seed)
    planted = set(chance.sample(range(count), round(count * PLANTED_SHARE)))
    for number in range(count):
        yield _entry(number, chance, planted=number in planted)


def planted_ids(count: int, seed: int = 20_261_127) -> set[str]:
    """App ids of the entries that promote virtual currency."""
    chance = random.Random(seed)
    return {_app_id(n, True) for n in chance.sample(range(count), round(count * PLANTED_SHARE))}


def write_export(path: Path, count: int, seed: int = 20_261_127) -> None:
    """`count` entries as JSON Lines in `path`."""
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    with path.open("w", encoding="utf-8") as file:
        file.writelines(encode(entry) + "\n" for entry in entries(count, seed))


def _app_id(number: int, planted: bool) -> str:
    return f"{PLANTED if planted else 'wx'}{number:012x}"


def _entry(number: int, chance: random.Random, *, planted: bool) -> dict[str, Any]:
    category = chance.choice(tuple(_TRADES))
    trade = chance.choice(_TRADES[category])
    name = f"{chance.choice(_PLACES)}{trade}{number % 997}"
    texts = chance.sample(_WHAT, 5)
    intro = f"{name}小程序，{''.join(texts[:4])}欢迎常来。"
    pages = [
        {"path": f"pages/p{place}/index", "text": text}
        for place, text in enumerate(chance.sample(_PAGES, 3))
    ]
    if planted:
        lure = chance.choice(_LURES).format(code=f"DEMO{number}", number=1000 + number)
        chance.choice(pages)["text"] = lure
    elif chance.random() < NEAR_SHARE:
        chance.choice(pages)["text"] = chance.choice(_NEAR)
    return {
        "platform": "wechat",
        "app_id": _app_id(number, planted),
        "original_id": f"gh_{number:012x}",
        "name": name,
        "intro": intro,
        "category": category,
        "owner": f"{chance.choice(_PLACES)}镇{trade}工作室{number % 89}号",
        "pages": pages,
        "request_domains": [f"api{number % 5_003}.shop.example"],
        "update_notes": texts[4],
        "version": f"1.{number % 10}.{number % 7}",
        "snapshot_time": "2026-11-21T08:00:00+08:00",
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.listing_export")
    parser.add_argument("entries", type=int)
    parser.add_argument("path", type=Path)
    given = parser.parse_args()
    write_export(given.path, given.entries)


if __name__ == "__main__":
    main()
