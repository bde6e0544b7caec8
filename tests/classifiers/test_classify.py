"""What decides is what the text drives its reader to do: whole documents, all written for this."""

from __future__ import annotations

from datetime import date

import pytest

from classifiers import Ruleset, classify, document_from_text
from core import Block, Document, ListingEntry, Locator, Reference, Verdict

BEFORE_ANY = date(2021, 9, 23)
UNDER_THE_FIRST = date(2026, 2, 5)
UNDER_THE_SECOND = date(2026, 2, 6)

PROMOTION = {
    "referral link": "新手从这里开户：https://www.okx.com/join/5566778，认证后就能交易。",
    "mirror with a code": "主站打不开就走这条线 https://www.chouyi.world/zh-hans/join/55667788",
    "code in text only": "注册币安时把邀请码填成 QX7788ZZ，以后每笔手续费都便宜。",
    "english code": "Open a Bybit account with referral code QX77ZZ and trade with lower fees.",
    "dealer": "本地可面交，长期收U出U，量大价优，需要的加微信 coinman8899",
    "signals group": "比特币合约策略群，每晚老师喊单，进群看点位 https://t.me/+QwErTyUiOpAs12",
    "presale": "Token presale stage 3 is live! Price goes up in 2 days, buy now with USDT: "
    "0x00112233445566778899aabbccddeeff00112233",
    "cloud mining": "免费领取云算力体验包，注册即送，每日产出到账，立即注册开始挖矿",
    "app download": "欧易安卓安装包 https://cdn.example.com/okx-6.apk 点击下载，需关闭纯净模式",
    "route round a block": "国内用户上币安要开梯子，用备用域名，注册时填写邀请码，完成实名认证",
    "hidden target": "[福利](/302.html?target=https%253A%252F%252Fokx.com%252Fjoin%252F5566778)",
}  # fmt: skip

CLEAR = {
    "court": "法院审理查明，被告人利用比特币转移赃款，判处有期徒刑三年，并处罚金。",
    "police": "警方提醒：近期有人以炒币稳赚不赔为诱饵拉人进群，均为诈骗，切勿转账。",
    "news": "据报道，比特币跌破九万美元，分析师称情绪转弱。来源 https://www.okx.com/markets",
    "digital yuan": "市民可在数字人民币钱包内领取消费红包，扫码即可支付。",
    "consortium chain": "联盟链采用可插拔共识，节点部署前请先安装依赖并修改配置文件。",
    "matcha": "周末做抹茶蛋糕，配一杯抹茶拿铁，比山东大饼轻盈多了。",
    "other referral": "云主机用我邀请链接 https://vps.example.com/register?ref=abcd1234 可得优惠券",
    "footer": "扫描二维码关注我们的公众号，下载APP，联系客服。版权所有。",
    "developer": "pip install exchange-client 后写好 api key，即可调用 Binance 接口。",
    "bank": "银行理财产品年化收益率 3%，投资有风险，新客户注册送积分。",
    "game": "游戏内测开放注册，填写邀请码可得金币礼包。",
}  # fmt: skip


def judge(text: str, ruleset: Ruleset, on: date = UNDER_THE_SECOND) -> Verdict:
    return classify(document_from_text(text), ruleset, on)


@pytest.mark.parametrize("text", PROMOTION.values(), ids=PROMOTION.keys())
def test_what_drives_its_reader_to_the_business_is_a_violation(text: str, ruleset: Ruleset) -> None:
    verdict = judge(text, ruleset)
    assert verdict.label == "violation", verdict
    assert verdict.blocks
    assert verdict.services


@pytest.mark.parametrize("text", CLEAR.values(), ids=CLEAR.keys())
def test_what_only_talks_about_it_is_clear(text: str, ruleset: Ruleset) -> None:
    verdict = judge(text, ruleset)
    assert verdict.label == "clear", verdict
    assert verdict.blocks == ()
    assert verdict.legal_basis == ()


ARTICLE = "\n".join(
    (
        "七部门通报整治虚拟货币交易炒作情况",
        "记者从有关部门获悉，今年以来各地公安机关立案侦办一批案件，依法查处非法金融活动。",
        "中国人民银行有关负责人表示，虚拟货币不具有法偿性，相关业务活动属于非法金融活动。",
        "专家指出，投资者应提高警惕，谨防以高收益为诱饵的骗局，切勿参与炒作。",
        "监管部门将继续完善政策，保持高压态势，维护金融秩序稳定。",
    )
)
FOOTER = "\n".join(
    (
        "加入社群一起进步",
        "官方电报群：https://t.me/example_cn_group",
        "币安福利群：https://links.example.com/chat?cid=aa11",
    )
)


def test_promotional_footer_of_a_news_article_is_found_and_only_it(ruleset: Ruleset) -> None:
    document = document_from_text(f"{ARTICLE}\n{FOOTER}")
    verdict = classify(document, ruleset, UNDER_THE_SECOND)
    assert verdict.label == "violation"
    assert verdict.blocks == (5, 6, 7)
    assert any(e.points < 0 for e in verdict.evidence), "the article must count against"


def test_the_article_alone_is_clear(ruleset: Ruleset) -> None:
    assert judge(ARTICLE, ruleset).label == "clear"


def test_warning_beside_an_actionable_lure_is_a_conflict_not_an_excuse(ruleset: Ruleset) -> None:
    verdict = judge("谨防骗局，切勿相信陌生人。正规注册：https://www.okx.com/join/5566778", ruleset)
    assert verdict.label == "violation"
    assert verdict.conflict


def test_score_is_the_logistic_of_bias_and_points(ruleset: Ruleset) -> None:
    import math

    verdict = judge(PROMOTION["dealer"], ruleset)
    total = ruleset.weights.bias + sum(e.points for e in verdict.evidence)
    assert verdict.score == pytest.approx(1 / (1 + math.exp(-total)), abs=1e-4)


@pytest.mark.parametrize(
    ("on", "instrument"),
    [
        (BEFORE_ANY, None),
        (UNDER_THE_FIRST, "yinfa-2021-237"),
        (UNDER_THE_SECOND, "yinfa-2026-42"),
    ],
)
def test_legal_basis_is_the_one_in_force_on_the_day(
    on: date, instrument: str | None, ruleset: Ruleset
) -> None:
    basis = judge(PROMOTION["referral link"], ruleset, on).legal_basis
    assert [b.instrument for b in basis] == ([instrument] if instrument else [])


def test_empty_degraded_document_is_undetermined(ruleset: Ruleset) -> None:
    document = Document(
        surface="domain", url="https://example.com/", degraded=("body was cut off",)
    )
    assert classify(document, ruleset, UNDER_THE_SECOND).label == "undetermined"


def test_empty_document_is_clear(ruleset: Ruleset) -> None:
    assert classify(Document(surface="domain", url=""), ruleset, UNDER_THE_SECOND).label == "clear"


def entry(name: str, owner: str, intro: str) -> Document:
    fields = {"name": name, "owner": owner, "intro": intro}
    return Document(
        surface="mini_program",
        url="",
        entry=ListingEntry(platform="demo", app_id="wx1", name=name, owner=owner),
        blocks=tuple(
            Block("listing_field", text, Locator(field)) for field, text in fields.items()
        ),
    )


@pytest.mark.parametrize(
    ("name", "owner", "intro", "label", "block"),
    [
        ("行情助手", "某某科技公司", "支持比特币、以太坊永续合约交易", "violation", 2),
        ("小草生活", "某某科技公司", "手机挖矿，派币每日签到领取", "violation", 2),
        ("记账本", "某某虚拟货币服务公司", "记录每天的开销", "violation", 1),
        ("天天食谱", "某某餐饮公司", "学做山东大饼和抹茶蛋糕", "clear", None),
        ("城市钱包", "某某银行", "数字人民币钱包，绑定银行卡即可支付", "clear", None),
    ],
)
def test_listing_entries(
    name: str, owner: str, intro: str, label: str, block: int | None, ruleset: Ruleset
) -> None:
    verdict = classify(entry(name, owner, intro), ruleset, UNDER_THE_SECOND)
    assert verdict.label == label, verdict
    if block is not None:
        assert block in verdict.blocks


def test_qr_payload_and_forwarding_count_as_ways_to_the_exchange(ruleset: Ruleset) -> None:
    block = Block("visible", "周末活动海报", Locator("p"))
    for kind, rule, service in (
        ("qr", "qr_beside_venue", "marketing"),
        ("meta_refresh", "forwarded_to_venue", "diversion"),
        ("redirect", "forwarded_to_venue", "diversion"),
    ):
        reference = Reference(kind, "https://www.okx.com/join/5566778", Locator("img"), "", 0)  # type: ignore[arg-type]
        verdict = classify(
            Document(surface="marketing_page", url="", blocks=(block,), references=(reference,)),
            ruleset,
            UNDER_THE_SECOND,
        )
        assert verdict.label == "violation"
        assert rule in {e.rule for e in verdict.evidence}
        assert service in {s.service for s in verdict.services}


def test_words_about_tokens_on_real_assets_are_for_a_person(ruleset: Ruleset) -> None:
    verdict = judge("茶园 RWA 代币份额认购开启，年化12%，立即参与", ruleset)
    assert verdict.label == "review"
    assert "rwa" in verdict.assets


def test_a_lure_beside_them_is_a_violation(ruleset: Ruleset) -> None:
    text = "茶园 RWA 代币认购，先注册 https://www.okx.com/join/5566778"
    assert judge(text, ruleset).label == "violation"
