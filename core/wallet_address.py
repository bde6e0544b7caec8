"""Addresses of wallets, told from look-alikes by the checksum that each format carries."""

from __future__ import annotations

import hashlib
import re
from typing import Literal

from core.keccak import keccak_256

Chain = Literal["bitcoin", "evm", "tron"]

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32_STEPS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_PLAIN_BECH32, _BECH32M = 1, 0x2BC830A3
_BYTES_OF_BASE58 = 25
_VERSIONS: dict[int, Chain] = {0x00: "bitcoin", 0x05: "bitcoin", 0x41: "tron"}

_BY_BASE58 = re.compile(rf"[13T][{_BASE58}]{{24,34}}\Z")
_BY_BECH32 = re.compile(rf"(?:bc1[{_BECH32}]{{11,71}}|BC1[{_BECH32.upper()}]{{11,71}})\Z")
_BY_HEX = re.compile(r"0x[0-9a-fA-F]{40}\Z")
_URI = re.compile(r"(bitcoin|ethereum|tron):(?://)?(?:pay-)?([0-9A-Za-z]{20,90})", re.IGNORECASE)


def chain_of(text: str) -> Chain | None:
    """The chain of the wallet address that `text` is, alone or as a `bitcoin:`, `ethereum:` or
    `tron:` URI; None when it is none, or its checksum is wrong.

    Bitcoin: Base58Check and BIP 173/350 (bech32, bech32m) on the main network. TRON: Base58Check.
    EVM chains: EIP-55 where letters are in both cases; an address all in one case has no checksum.
    URIs: BIP 21, EIP-681.
    """
    uri = _URI.match(text)
    address = uri[2] if uri else text
    if _BY_BASE58.match(address):
        return _base58_chain(address)
    if _BY_BECH32.match(address):
        return "bitcoin" if _is_bech32(address.lower()) else None
    if _BY_HEX.match(address):
        return "evm" if _is_evm(address[2:]) else None
    return None


def _base58_chain(address: str) -> Chain | None:
    number = 0
    for char in address:
        number = number * 58 + _BASE58.index(char)
    if number >= 1 << (8 * _BYTES_OF_BASE58):
        return None
    raw = number.to_bytes(_BYTES_OF_BASE58, "big")
    zeros = len(address) - len(address.lstrip("1"))
    if zeros != len(raw) - len(raw.lstrip(b"\0")):
        return None
    digest = hashlib.sha256(hashlib.sha256(raw[:-4]).digest()).digest()
    return _VERSIONS.get(raw[0]) if digest[:4] == raw[-4:] else None


def _is_bech32(address: str) -> bool:
    """Whether the checksum is that of the witness version: 0 has bech32, later ones bech32m."""
    values = [_BECH32.index(char) for char in address[3:]]
    spread = [*(ord(char) >> 5 for char in "bc"), 0, *(ord(char) & 31 for char in "bc"), *values]
    check = 1
    for value in spread:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, step in enumerate(_BECH32_STEPS):
            check ^= step if top >> bit & 1 else 0
    return check == (_PLAIN_BECH32 if values[0] == 0 else _BECH32M)


def _is_evm(digits: str) -> bool:
    if digits in (digits.lower(), digits.upper()):
        return True
    digest = keccak_256(digits.lower().encode()).hex()
    return all(
        (char.isupper() if int(nibble, 16) >= 8 else char.islower()) or char.isdigit()
        for char, nibble in zip(digits, digest, strict=False)
    )
