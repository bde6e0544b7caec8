"""A day as a safety team would have it, every text written for this test."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from core import Evidence, Gap, GapKind, LegalBasis, ServiceFinding, Verdict, Words
from core.document import Surface
from core.verdict import Asset, Label
from storage import EvidenceFile, Look, Store, surface_key

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 3, 2)
EARLIER = datetime(2026, 2, 27, 1, 0, tzinfo=UTC)
TODAY = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)

BASIS = LegalBasis("sample-2026", "关于示例事项的通知", "示发〔2026〕7号", 3)
UNCONFIRMED = LegalBasis("sample-2025", "关于另一示例事项的通知", "示发〔2025〕12号")

REFERRAL = Evidence(
    rule="referral_link",
    points=3.2,
    title=Words("交易所推荐链接", "exchange referral link"),
    quote="https://www.okx.com/join/71402938",
)
REWARD = Evidence(
    rule="promo_reward",
    points=1.4,
    title=Words("注册返佣", "rebate for signing up"),
    quote="用我的邀请码开户，手续费终身返佣 30%，首充再送盲盒",
)
GROUP = Evidence(
    rule="messaging_group",
    points=1.1,
    title=Words("带单交流群", "trading group"),
    quote="加客服 13800001234 或发信 helper.wang@mail.example 进群，链接 t.me/sample_signal_room",
)
WARNING = Evidence(
    rule="warning_words",
    points=-0.9,
    title=Words("风险提示用语", "risk-warning words"),
    quote="投资有风险，请勿轻信高收益承诺",
)
QR = Evidence(
    rule="qr_to_exchange",
    points=2.7,
    title=Words("二维码指向交易所", "QR code leads to an exchange"),
    quote="https://accounts.binance.com/register?ref=SAMPLE88",
)
MARKETING = ServiceFinding(
    "marketing", Words("招揽开户并许诺返佣", "asks to open an account for a rebate")
)
DIVERSION = ServiceFinding("diversion", Words("推荐链接计酬", "the referral link pays its owner"))
DISPLAY = ServiceFinding("display", Words("展示交易产品", "shows trading products"))


def files(name: str, *, screenshot: bool = False) -> tuple[EvidenceFile, ...]:
    kinds = ("response", "document", "verdict") + (("screenshot",) if screenshot else ())
    return tuple(
        EvidenceFile(kind, hashlib.sha256(f"{name}{kind}".encode()).hexdigest(), 20_480)  # type: ignore[arg-type]
        for kind in kinds
    )


def verdict(
    label: Label,
    score: float,
    *evidence: Evidence,
    services: tuple[ServiceFinding, ...] = (),
    assets: tuple[Asset, ...] = ("virtual_currency",),
    legal_basis: tuple[LegalBasis, ...] = (BASIS,),
    conflict: bool = False,
    degraded: bool = False,
) -> Verdict:
    return Verdict(
        label=label,
        score=score,
        on=DAY,
        ruleset_version="2026.03-sample",
        evidence=evidence,
        services=services,
        assets=assets if evidence else (),
        legal_basis=legal_basis if evidence else (),
        conflict=conflict,
        degraded=degraded,
    )


def look(
    url: str,
    title: str,
    judged: Verdict | None,
    seen_at: datetime,
    *,
    surface: Surface = "marketing_page",
    platform: str = "",
    app_id: str = "",
    screenshot: bool = False,
) -> Look:
    return Look(
        key=surface_key(surface, url, platform, app_id),
        surface=surface,
        url=url,
        title=title,
        platform=platform,
        app_id=app_id,
        seen_at=seen_at,
        status=(404 if judged is None else None if platform else 200),
        content_sha256=hashlib.sha256(f"{url}{title}".encode()).hexdigest(),
        verdict=judged,
        evidence=files(url, screenshot=screenshot) if judged and judged.evidence else (),
    )


OFFER = verdict(
    "violation",
    0.97,
    REFERRAL,
    REWARD,
    GROUP,
    WARNING,
    services=(MARKETING, DIVERSION),
    conflict=True,
)
POSTER = verdict("violation", 0.91, QR, REWARD, services=(MARKETING,))
MINI = verdict(
    "violation", 0.88, QR, services=(DISPLAY, MARKETING), assets=("virtual_currency", "stablecoin")
)
HINT = verdict(
    "review",
    0.58,
    REWARD,
    WARNING,
    services=(MARKETING,),
    legal_basis=(UNCONFIRMED,),
    degraded=True,
)
CALM = verdict("clear", 0.02)


def fill(store: Store) -> None:
    """Two scans some days ago and three on `DAY`: every kind of event, gaps, one unseen."""
    _scan(
        store,
        "blog-platform",
        "示例博客平台 · 推广专区",
        EARLIER,
        [
            look(
                "https://blog.sample.test/post/1888",
                "稳赚理财日记",
                POSTER,
                EARLIER,
                screenshot=True,
            ),
            look("https://blog.sample.test/post/2001", "老用户带你上车", OFFER, EARLIER),
            look("https://blog.sample.test/post/2040", "内部福利限时领取", POSTER, EARLIER),
            look("https://blog.sample.test/post/2077", "挖矿机托管收益表", HINT, EARLIER),
        ],
    )
    _scan(
        store,
        "blog-platform",
        "示例博客平台 · 推广专区",
        EARLIER + timedelta(days=1),
        [
            look(
                "https://blog.sample.test/post/2040",
                "页面不存在",
                None,
                EARLIER + timedelta(days=1),
            )
        ],
    )
    slow = Gap(GapKind.TIMEOUT, "https://blog.sample.test/post/2077", "no answer within 30 s")
    pages = [
        look(f"https://blog.sample.test/daily/{n}", f"日常 {n}", CALM, TODAY) for n in range(214)
    ]
    _scan(
        store,
        "blog-platform",
        "示例博客平台 · 推广专区",
        TODAY,
        [
            *pages,
            look(
                "https://blog.sample.test/post/1888", "稳赚理财日记", POSTER, TODAY, screenshot=True
            ),
            look("https://blog.sample.test/post/2001", "页面不存在", None, TODAY),
            look("https://blog.sample.test/post/2040", "内部福利限时领取", POSTER, TODAY),
            look(
                "https://blog.sample.test/post/3120?from=feed",
                "三步开通海外账户，返佣到账看得见",
                OFFER,
                TODAY,
                screenshot=True,
            ),
            look("https://blog.sample.test/post/3133", "这个币圈周报值得订阅吗？", HINT, TODAY),
        ],
        [
            slow,
            Gap(GapKind.TIMEOUT, "https://blog.sample.test/post/3301", "no answer within 30 s"),
            Gap(
                GapKind.ROBOTS_DISALLOWED,
                "https://blog.sample.test/private/",
                "robots.txt: /private/",
            ),
            Gap(
                GapKind.PICTURE_TOO_LARGE,
                "https://img.sample.test/poster.png",
                "50000 x 50000 pixels",
            ),
        ],
        notes=["politeness relaxed (obey_robots): 本平台自查，已获授权"],
    )
    _scan(
        store,
        "mini-programs",
        "小程序目录导出",
        TODAY + timedelta(hours=3),
        [
            look(
                "export.jsonl",
                "行情宝盒 Pro",
                MINI,
                TODAY,
                surface="mini_program",
                platform="sample-mini",
                app_id="wx7f00demo12",
            ),
            *[
                look(
                    "export.jsonl",
                    f"工具 {n}",
                    CALM,
                    TODAY,
                    surface="mini_program",
                    platform="sample-mini",
                    app_id=f"wx{n}",
                )
                for n in range(96)
            ],
        ],
        [Gap(GapKind.BAD_ROW, "export.jsonl, line 44", "not JSON: unexpected end")],
    )
    _scan(
        store,
        "partner-site",
        "合作伙伴活动页",
        TODAY + timedelta(hours=5),
        [],
        [Gap(GapKind.UNREACHABLE, "https://partner.sample.test/", "connection refused")],
        state="failed",
    )


def _scan(
    store: Store,
    target_id: str,
    title: str,
    started_at: datetime,
    looks: list[Look],
    gaps: list[Gap] | None = None,
    *,
    notes: list[str] | None = None,
    state: str = "finished",
) -> None:
    scan_id = store.begin_scan(target_id, title, started_at=started_at, notes=notes or [])
    store.record(scan_id, looks, [(gap, started_at) for gap in gaps or []])
    store.finish_scan(scan_id, state=state, finished_at=started_at + timedelta(minutes=12))  # type: ignore[arg-type]
