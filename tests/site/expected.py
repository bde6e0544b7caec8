"""The table of expected verdicts: every page of the demonstration site, by path."""

from __future__ import annotations

from core.document import BlockKind, ReferenceKind
from core.verdict import Service, SignalKind
from tests.site.expectation import Expectation

LINK: tuple[SignalKind, ...] = ("exchange_link", "mirror_host", "referral")
CODE: tuple[SignalKind, ...] = ("code", "referral")
FORWARDING: frozenset[ReferenceKind] = frozenset({"redirect", "meta_refresh", "frame"})


def leads_to(  # one row of the table: a page that leads to an exchange by a reference
    path: str,
    why: str,
    entity: str,
    quote: str,
    *references: ReferenceKind,
    also_seen_as: tuple[str, ...] = (),
    needs_browser: bool = False,
    robots_disallowed: bool = False,
) -> Expectation:
    """A violation whose evidence is a link, QR code, redirect ... to an exchange.

    A page that forwards its reader by itself, or hides the exchange behind a jump page, diverts
    traffic; one that shows the way is marketing.
    """
    diverts = FORWARDING.intersection(references) or not entity
    return Expectation(
        path=path,
        label="violation",
        why=why,
        signals=LINK,
        entity=entity,
        quote=quote,
        references=references or ("link",),
        services=("diversion" if diverts else "marketing",),
        also_seen_as=also_seen_as,
        needs_browser=needs_browser,
        robots_disallowed=robots_disallowed,
    )


def says(
    path: str,
    why: str,
    quote: str,
    *services: Service,
    signals: tuple[SignalKind, ...] = ("term",),
    block: BlockKind = "visible",
) -> Expectation:
    """A violation whose evidence is text."""
    return Expectation(
        path=path,
        label="violation",
        why=why,
        signals=signals,
        quote=quote,
        block=block,
        services=services,
    )


VIOLATIONS = (
    leads_to("/guide/okx-register", "exchange link with invite code", "okx", "/join/DEMO3301"),
    says("/bbs/thread-3021", "code in text, no link", "DEMO8K66", "marketing", signals=CODE),
    leads_to("/poster/weekend", "QR code only in a picture", "okx", "/join/DEMO4402", "qr"),
    leads_to("/poster/autumn", "QR code in inline SVG", "bitget", "/bg/demo20261", "qr"),
    leads_to("/poster/night", "QR code in a data: URI", "htx", "invite_code=demo5678", "qr"),
    leads_to("/poster/corner", "QR code, background of a style rule", "bybit", "ref=DEMO77", "qr"),
    leads_to("/poster/frame", "QR code, background of a style attribute", "gate", "DEMO7788", "qr"),
    says("/poster/tea", "group of signal sellers by QR code", "合约带单群", "marketing"),
    leads_to("/life/summer-noodles", "shown in WeChat alone", "okx", "/join/DEMO7070", "link"),
    leads_to("/jump/button", "address in a script", "okx", "/join/DEMO9024", "script_url"),
    leads_to("/spa/", "script-built page", "okx", "/join/DEMO2733", "link", needs_browser=True),
    leads_to(
        "/refresh/1",
        "two meta refreshes, then an exchange",
        "binance",
        "ref=DEMO10086",
        "meta_refresh",
        "redirect",
        also_seen_as=("/refresh/2",),
    ),
    says("/campaign/short-link", "call to register behind a short link", "注册", "marketing"),
    leads_to(
        "/s/a",
        "short link, two hops, then an exchange",
        "okx",
        "/join/DEMO4821",
        "redirect",
        also_seen_as=("/s/b",),
    ),
    says(
        "/life/sports-quiz",
        "hidden text on a harmless page",
        "DEMO6611",
        "marketing",
        signals=("code", "term", "referral"),
        block="hidden",
    ),
    leads_to("/embed/activity", "frame whose address nests one", "okx", "DEMO5150", "frame"),
    leads_to(
        "/frames/bonus?target=https%3A%2F%2Fwww.okx.com%2Fjoin%2FDEMO5150",
        "promotion inside a frame",
        "okx",
        "/join/DEMO5150",
        also_seen_as=("/frames/bonus",),
    ),
    leads_to("/notice/risk-reminder", "block at the end of a warning", "okx", "/join/DEMO2088"),
    leads_to("/news/market-weekly", "block inside a news article", "bitget", "clacCode=DEMO4TGX"),
    leads_to(
        "/go/partner",
        "redirect to another host",
        "okx",
        "/join/38817204",
        "redirect",
        "link",
        also_seen_as=("/zh-hans/join/38817204",),
    ),
    leads_to("/go/friend", "redirect to an exchange", "okx", "/join/DEMO7316", "redirect"),
    Expectation(
        path="/app/open",
        label="violation",
        why="deep link into an exchange's app",
        signals=("deep_link",),
        entity="okx",
        quote="okx://",
        references=("deep_link",),
        services=("marketing",),
    ),
    Expectation(
        path="/bbs/thread-3107",
        label="violation",
        why="trading group on Telegram",
        signals=("messaging",),
        quote="https://t.me/+DemoTradeRoom00001",
        references=("link",),
        services=("marketing",),
    ),
    says("/service/exchange-desk", "OTC dealer", "收U", "marketing"),
    says("/shop/cloud-hash", "cloud mining and hosted machines", "比特币挖矿收益", "marketing"),
    says("/bbs/thread-3188", "leads into a copy-trading group", "跟单", "marketing"),
    says(
        "/token/harvest",
        "token presale",
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "marketing",
        signals=("chain_address", "term"),
    ),
    says("/phone/pick-coin", "mining by phone, with a code", "demoseed77", "marketing"),
    says("/claim/season-two", "claim page of an airdrop", "空投", "marketing"),
    leads_to("/en/fee-discount", "English referral page", "bybit", "ref=DEMOEN1"),
    leads_to("/tw/open-account", "traditional Chinese", "binance", "ref=DEMOTW88"),
    leads_to("/old/gb", "GB18030 served as UTF-8", "htx", "invite_code=demo9012"),
    leads_to("/old/big5", "Big5 without a charset", "mexc", "inviteCode=mexc-DEMO1B5"),
    leads_to("/old/reverse", "UTF-8 served as GBK", "kucoin", "/r/rf/DEMO5KCS"),
    leads_to("/links/backup-address", "mirrors on unknown hosts", "okx", "/join/41770925"),
    leads_to("/links/jump-list", "nested target", "", "DEMO5512"),
    leads_to("/links/return", "base64 return_to on an unknown host", "binance", "DEMO9021"),
    says("/guide/overseas-id", "way round a block to an exchange", "美区 Apple ID", "marketing"),
    Expectation(
        path="/bbs/thread-3240",
        label="violation",
        why="names and codes in disguise",
        signals=("term", "code"),
        entity="okx",
        quote="欧\u200b易",
        block="visible",
        services=("marketing",),
    ),
    leads_to("/app/next", "embedded state", "okx", "DEMO6180", "structured_data", "script_url"),
    leads_to(
        "/open/form", "form that registers", "mexc", "inviteCode=mexc-DEMO12AB", "form_action"
    ),
    leads_to(
        "/private/draft", "only for who may look", "binance", "ref=DEMOPRIV", robots_disallowed=True
    ),
)

CLEAR_PATHS = (
    "/",
    "/news",
    "/news?page=1",
    "/news?page=2",
    "/news?page=3",
    "/life",
    "/bbs",
    "/tech",
    "/shop",
    "/notice/official-warning",
    "/news/court-ruling",
    "/news/police-case",
    "/news/digital-yuan",
    "/tech/consortium-chain",
    "/shop/savings-referral",
    "/shop/game-coins",
    "/life/flatbread",
    "/life/matcha-cake",
    "/life/library-opening",
    "/tech/docs/node-api",
    "/tech/docs/token",
    "/news/stock-exchange",
    "/shop/phone-plan",
    "/news/share-pledge",
    "/news/mining-engineering",
    "/shop/job-merchandiser",
    "/news/gold-exchange",
    "/shop/rebate",
    "/life/game-invite",
    "/news/exchange-fined",
    "/tech/encyclopedia-blockchain",
    "/tech/compute-rental",
    "/life/otc-medicine",
    "/life/event-poster",
    "/notice/anti-fraud-u",
    "/news/vpn-policy",
    "/about",
    "/contact",
    "/login",
    "/tech/disk-share",
    "/life/course-join",
    "/news/relief-airdrop",
    "/news/bank-draft",
    "/news/stablecoin-research",
    "/tw/library",
    "/en/visitor-guide",
    "/old/gbk-letter",
    "/shop/leather-wallet",
)

CLEAR = tuple(Expectation(path=path, label="clear") for path in CLEAR_PATHS)

JUMP_PAGES = (
    Expectation(path="/302.html", label="any", why="what it jumps to stands in the page before"),
)

PAGES: dict[str, Expectation] = {one.path: one for one in (*VIOLATIONS, *CLEAR, *JUMP_PAGES)}
