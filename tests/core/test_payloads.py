"""What payloads are: shapes of the catalogue, checksums of money, and what comes near."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.document import PayloadType
from core.keccak import keccak_256
from core.payloads import OPAQUE_MINI_PROGRAM, PayloadShapes
from core.payment_code import is_merchant_code
from core.wallet_address import chain_of

CATALOGUE = Path(__file__).resolve().parents[2] / "catalogue"

GENESIS = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
BECH32 = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
TAPROOT = "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"
TRON = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
EVM = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
MERCHANT = (
    "00020101021229300012D156000000000510A93FO3230Q31280012D156000000010308123456785204"
    "41115802CN5914BEST TRANSPORT6007BEIJING64200002ZH0104最佳运输0202北京540523.7253031565502"
    "016233030412340603***0708A60086670902ME91320016A0112233449988770708123456786304A13A"
)
"""The example of the EMV specification, annex A."""

PAYLOADS = {
    "https://www.okx.com/join/1": "url",
    "HTTP://A.EXAMPLE/X": "url",
    "okx://join?code=1": "deep_link",
    "https://a.example/dl/app.apk?v=2": "apk",
    "https://a.example/list?next=app.apk": "url",
    "itms-services://?action=download-manifest&url=https://a.example/m.plist": "apk",
    "market://details?id=com.a": "apk",
    "https://testflight.apple.com/join/AbCd1234": "apk",
    "https://t.me/+AbCdEfGhIjKlMnOp": "messaging",
    "https://weixin.qq.com/g/AQYAAHTnjQabc": "messaging",
    "https://u.wechat.com/MLB4bqkwRqFx4Olc1Y": "messaging",
    "weixin://dl/business/?t=AbC12": "mini_program",
    "alipays://platformapi/startapp?appId=20210012": "mini_program",
    "#小程序://甲/abcdefghijklmno": "mini_program",
    "wxp://f2f0abc": "payment_code",
    "HTTPS://QR.ALIPAY.COM/FKX0123": "payment_code",
    MERCHANT: "payment_code",
    MERCHANT.replace("23.72", "24.72"): "text",
    TRON: "wallet_address",
    f"bitcoin:{BECH32}?amount=0.1": "wallet_address",
    f"ethereum:{EVM}@1": "wallet_address",
    "metamask://wc?uri=abc": "deep_link",
    "wc:" + "a" * 64 + "@2?relay-protocol=irn": "deep_link",
    "bitcoin:bc1qdemo": "text",
    "加微信 demo-88": "text",
    "": "text",
    OPAQUE_MINI_PROGRAM: "opaque",
}


@pytest.fixture(scope="module")
def shapes() -> PayloadShapes:
    return PayloadShapes.load(CATALOGUE)


@pytest.mark.parametrize(("text", "expected"), PAYLOADS.items())
def test_payloads(shapes: PayloadShapes, text: str, expected: str) -> None:
    assert shapes.type_of(text) is PayloadType(expected)


WALLETS = {
    GENESIS: "bitcoin",
    "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy": "bitcoin",
    BECH32: "bitcoin",
    BECH32.upper(): "bitcoin",
    TAPROOT: "bitcoin",
    TRON: "tron",
    f"tron:{TRON}": "tron",
    EVM: "evm",
    EVM.lower(): "evm",
    f"ethereum:pay-{EVM}@1?value=1": "evm",
    # one character off, of either sort of checksum
    GENESIS[:-1] + "b": None,
    TRON[:-1] + "u": None,
    BECH32[:-1] + "p": None,
    TAPROOT.replace("xlx", "xll"): None,
    EVM[:-1] + "D": None,
    # the right checksum of the other version
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd": None,
    "11111111111111111111111111": None,
    "0x" + "1" * 39: None,
    "T" + "1" * 33: None,
    "words": None,
}


@pytest.mark.parametrize(("text", "chain"), WALLETS.items())
def test_wallet_addresses(text: str, chain: str | None) -> None:
    assert chain_of(text) == chain


@pytest.mark.parametrize(
    ("data", "digest"),
    [
        (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
        (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
    ],
)
def test_keccak(data: bytes, digest: str) -> None:
    assert keccak_256(data).hex() == digest


@pytest.mark.parametrize(
    "text", ["", "000201", "0002016304", "00020163041D3D5", "0002019999", "000201" + "x" * 2_000]
)
def test_what_is_no_merchant_code(text: str) -> None:
    assert is_merchant_code(MERCHANT)
    assert not is_merchant_code(text)
