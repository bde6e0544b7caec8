"""The table of expected verdicts for the listings: entries by app id."""

from __future__ import annotations

from core.document import BlockKind, ReferenceKind
from core.verdict import Service, SignalKind
from tests.site.expectation import Expectation
from tests.site.expected import LINK


def offers(
    app_id: str,
    why: str,
    quote: str,
    *services: Service,
    signals: tuple[SignalKind, ...] = (),
    block: BlockKind = "listing_field",
) -> Expectation:
    """A violation by what the entry's texts say, in its fields or on its own page."""
    return Expectation(
        path=app_id,
        label="violation",
        why=why,
        signals=signals,
        quote=quote,
        block=block,
        services=services,
    )


def points_to(
    app_id: str, why: str, entity: str, quote: str, *references: ReferenceKind
) -> Expectation:
    """A violation by where the entry leads."""
    return Expectation(
        path=app_id,
        label="violation",
        why=why,
        signals=LINK,
        entity=entity,
        quote=quote,
        references=references,
    )


def harmless(*app_ids: str) -> tuple[Expectation, ...]:
    """Entries that must stay clear."""
    return tuple(Expectation(path=app_id, label="clear") for app_id in app_ids)


MARKET = (
    offers(
        "net.linhe.ledger",
        "renamed app: trading behind a ledger",
        "永续合约",
        "venue",
        block="visible",
    ),
    offers("net.linhe.boat_wallet", "wallet with swap and fiat", "闪兑", "venue", block="visible"),
    offers(
        "net.linhe.grid_bot", "trading bot and copy trading", "跟单", "marketing", block="visible"
    ),
    points_to("net.linhe.poster_wall", "QR code in a screenshot", "okx", "/join/DEMO5588", "qr"),
    *harmless(
        "net.linhe.weather",
        "net.linhe.matcha_menu",
        "net.linhe.ranch",
        "net.linhe.contract_desk",
        "net.linhe.merch_helper",
        "net.linhe.ecny_hall",
        "net.linhe.trace",
        "net.linhe.pit_log",
        "net.linhe.bill_box",
        "net.linhe.rebate_bag",
    ),
)

API = (
    offers("wx25e66594d0ddfe5c", "rebate and code behind a calculator", "DEMOC101", "marketing"),
    points_to(
        "wx9fd804b52234f47a", "web view of a mirror", "okx", "chouyi.world", "declared_domain"
    ),
    offers("wxc2418c3a54b87ed3", "mining by phone", "挖矿", "marketing"),
    offers("wx1c4d0663efb6829b", "leads into a trading group", "返佣", "marketing"),
    *harmless(
        "wxb5865c54766cf28b",
        "wx87a0c147a1107475",
        "wx3a7961e9924eb814",
        "wx8fc5a78c4c0ec14d",
        "wx6f51f7e817b8b6e0",
        "wxa8adb7858be02015",
        "wx4c8a54eb3921b60d",
        "wx0813320ef43cc334",
        "wx6bf5775e5a51b85e",
    ),
)

EXPORT = (
    offers("wx5eed2690be457f52", "renamed app: trading behind a ledger", "永续合约", "venue"),
    points_to("wx8d300e0391eeed07", "web view of a mirror", "okx", "okex.me", "declared_domain"),
    offers("wx2e13517b1cce0bbe", "wallet with swap and fiat", "闪兑", "venue"),
    points_to("wx91cfee52ebe5b5b0", "QR code in a picture", "binance", "ref=DEMO7711", "qr"),
    offers("wx832b775eb6f5bd8e", "OTC dealer", "收U", "marketing"),
    *harmless(
        "wxaa82317240aa8186",
        "wx1cbca7e8a1293beb",
        "wxfe8a442f477e5f7a",
        "wx96385db70714d32c",
        "wx4b3d25420749824a",
        "wx1395adeae3ac86b5",
        "wxd1baa6eca3707980",
        "wx56ca278a88445054",
        "wxa6bf07848abc8582",
    ),
)

LISTINGS: dict[str, dict[str, Expectation]] = {
    "demonstration-market": {one.path: one for one in MARKET},
    "demonstration-api": {one.path: one for one in API},
    "demonstration-export": {one.path: one for one in EXPORT},
    "demonstration-export-csv": {one.path: one for one in EXPORT},
}
"""By target id of `catalogue/targets/demonstration.yaml`."""
