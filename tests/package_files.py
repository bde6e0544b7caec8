"""Synthetic packages of every kind, written byte by byte: `python -m tests.package_files FOLDER`.

Texts and addresses are our own; nothing of a real application is in them.
"""

from __future__ import annotations

import hashlib
import io
import json
import plistlib
import struct
import sys
import tarfile
import zipfile
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.package_formats import (
    Tag,
    binary_xml,
    dex,
    field,
    manifest,
    protobuf_resources,
    protobuf_xml,
    resources,
    zipped,
)
from tests.site.pictures import qr_data_uri, qr_png

APP_ID = "wx0123456789abcdef"
WRONG_ID = "wxfedcba9876543210"
INVITATION = "https://www.okx.com/join/DEMO7788"
QR_TEXT = "https://www.okx.com/join/QRCODE1"
TITLE = "欧易注册返佣"
MEMBERS = {
    "/app-config.json": json.dumps(
        {
            "pages": ["pages/index/index"],
            "global": {"window": {"navigationBarTitleText": "记账小工具"}},
            "navigateToMiniProgramAppIdList": ["wx1111111111111111"],
            "tabBar": {"list": [{"pagePath": "pages/index/index", "text": "首页"}]},
        },
        ensure_ascii=False,
    ).encode(),
    "/app-service.js": (
        'define("pages/index/index.js",function(){Page({t:"今天花了多少？"});});'.encode()
    ),
    "/page-frame.html": "<html><body><script>var a='记一笔';</script></body></html>".encode(),
}
PADDING = "".join(f'define("utils/{n}.js",function(){{var a="{n}";}});' for n in range(60)).encode()
PROMOTION = f'define("a.js",function(){{var u="{INVITATION}",t="注册欧易领返佣";}});'.encode()
_ESCAPED_URL = "".join(f"\\u{ord(char):04x}" for char in INVITATION).encode()
_ESCAPED_WORDS = b'",t="\\u6ce8\\u518c\\u6b27\\u6613\\u9886\\u8fd4\\u4f63",x="\\x41\\x42";});'
ESCAPED = b'define("a.js",function(){var u="' + _ESCAPED_URL + _ESCAPED_WORDS


# -- .wxapkg ------------------------------------------------------------------------------


def wxapkg(members: dict[str, bytes]) -> bytes:
    """A plain package (listing_formats.md, 1.1)."""
    names = [name.encode() for name in members]
    index_bytes = 4 + sum(12 + len(name) for name in names)
    offset = 14 + index_bytes
    entries = b""
    for name, body in zip(names, members.values(), strict=True):
        entries += struct.pack(">I", len(name)) + name + struct.pack(">II", offset, len(body))
        offset += len(body)
    bodies = b"".join(members.values())
    head = struct.pack(">BIIIB", 0xBE, 0, index_bytes, len(bodies), 0xED)
    return head + struct.pack(">I", len(members)) + entries + bodies


def encrypted(plain: bytes, app_id: str = APP_ID) -> bytes:
    """`plain` as the Windows client stores it (1.2)."""
    key = hashlib.pbkdf2_hmac("sha1", app_id.encode(), b"saltiest", 1_000, 32)
    encryptor = Cipher(algorithms.AES(key), modes.CBC(b"the iv: 16 bytes")).encryptor()
    head = encryptor.update(plain[:1_023].ljust(1_023, b"\0") + b"\x01") + encryptor.finalize()
    return b"V1MMWX" + head + bytes(byte ^ ord(app_id[-2]) for byte in plain[1_023:])


def _entry_at(package: bytes, name: bytes) -> int:
    return package.index(name) + len(name)


def _with(package: bytes, at: int, value: int) -> bytes:
    return package[:at] + struct.pack(">I", value) + package[at + 4 :]


def wxapkg_fixtures() -> dict[str, bytes]:
    """The fixtures of listing_formats.md 1.6, by letter."""
    plain = wxapkg(MEMBERS)
    promoting = wxapkg({**MEMBERS, "/app-service.js": PADDING + PROMOTION})
    frame = f"<html><img src='{qr_data_uri(QR_TEXT)}'></html>".encode()
    titled = {**MEMBERS, "/app-config.json": json.dumps(
        {"page": {"pages/a.html": {"window": {"navigationBarTitleText": TITLE}}}}
    ).encode()}  # fmt: skip
    return {
        "a_clean.wxapkg": plain,
        "b_address.wxapkg": promoting,
        "c_escaped.wxapkg": wxapkg({**MEMBERS, "/app-service.js": ESCAPED}),
        "d_qr_picture.wxapkg": wxapkg({**MEMBERS, "/images/qr.png": qr_png(QR_TEXT)}),
        "e_data_uri.wxapkg": wxapkg({**MEMBERS, "/page-frame.html": frame}),
        "f_title.wxapkg": wxapkg(titled),
        "g_encrypted.wxapkg": encrypted(promoting),
        "i_truncated.wxapkg": promoting[: len(promoting) - 300],
        "j_offset_past_end.wxapkg": _with(plain, _entry_at(plain, b"/app-service.js"), 2**31),
        "k_traversal.wxapkg": wxapkg({**MEMBERS, "/../../x": PROMOTION}),
        "l_file_count.wxapkg": _with(promoting, 14, 2**32 - 1),
        "m_one_mark.wxapkg": plain[:13] + b"\x00" + plain[14:],
        "n_zero_bytes.wxapkg": b"",
    }


# -- Android and iOS ----------------------------------------------------------------------


def info_plist(form: plistlib.PlistFormat = plistlib.FMT_BINARY) -> bytes:
    """An Info.plist with a scheme of its own and one it looks for."""
    return plistlib.dumps(
        {
            "CFBundleIdentifier": "com.example.hangqing",
            "CFBundleDisplayName": "行情助手",
            "CFBundleURLTypes": [{"CFBundleURLSchemes": ["hangqing"]}],
            "LSApplicationQueriesSchemes": ["okx", "weixin"],
            "NSAppTransportSecurity": {"NSExceptionDomains": {"api.jiaoyi.example.net": {}}},
        },
        fmt=form,
    )


def apk() -> bytes:
    """An application with a promotion in every place a reader looks at."""
    app = manifest("com.jiaoyi.hangqing", ["hangqing", "https"], ["open"], "com.okinc.okex.gp")
    rules: Tag = ("network-security-config", {}, [("domain", {}, ["api.jiaoyi.example.net"])])
    return zipped(
        {
            "AndroidManifest.xml": binary_xml(app),
            "classes.dex": dex(["<init>", INVITATION, "合约带单😀返佣", "https://www.w3.org/a"]),
            "resources.arsc": resources(["注册即领新人礼包", "res/layout/a.xml"]),
            "res/xml/net.xml": binary_xml(rules),
            "assets/apps/H5/www/index.html": b"<iframe src='https://h5.jiaoyi.test/'></iframe>",
            "lib/arm64/libapp.so": b"\x7fELF"
            + bytes(40)
            + b"\0https://so.jiaoyi.test/x\0"
            + "下载即送体验金".encode()
            + bytes(9),
        }
    )


def aab() -> bytes:
    """An app bundle."""
    app = manifest("com.jiaoyi.bundle", ["bundlego"], [], "com.binance.dev")
    return zipped(
        {
            "BundleConfig.pb": field(1, b"x"),
            "base/manifest/AndroidManifest.xml": protobuf_xml(app),
            "base/resources.pb": protobuf_resources(
                ["注册送礼包", f"看 {INVITATION} 哦", "数组里的文字"]
            ),
            "base/dex/classes.dex": dex(["https://dex.jiaoyi.test/"]),
        }
    )


def ipa() -> bytes:
    """An iOS application with a hybrid page."""
    return zipped(
        {
            "Payload/H.app/Info.plist": info_plist(),
            "Payload/H.app/zh.lproj/L.strings": plistlib.dumps(
                {"join": "邀请好友返佣"}, fmt=plistlib.FMT_BINARY
            ),
            "Payload/H.app/H": b"\xcf\xfa\xed\xfe" + bytes(60) + INVITATION.encode() + bytes(9),
            "Payload/H.app/main.jsbundle": PROMOTION,
        }
    )


def alipay_tar() -> bytes:
    """An Alipay offline package."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, body in {"appConfig.json": b'{"pages":["a"]}', "index.js": PROMOTION}.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return target.getvalue()


def baidu_zip() -> bytes:
    """A Baidu smart program."""
    return zipped(
        {
            "app.json": b'{"window":{"navigationBarTitleText":"\\u8bb0\\u8d26"}}',
            "pages/a.swan": "<view><text>记一笔</text><web-view src='https://h5.jiaoyi.test/'/></view>".encode(),
            "pages/a.swan.js": PROMOTION,
        }
    )


def zip_bomb() -> bytes:
    """A zip with 400 MB of zeros in 400 KB."""
    zeros = bytes(80 * 1024 * 1024)
    return zipped({f"assets/{number}.bin": zeros for number in range(5)})


def nested_zip(levels: int) -> bytes:
    """A promotion inside `levels` archives."""
    body = zipped({"index.js": PROMOTION})
    for level in range(levels):
        body = zipped({f"{level}.zip": body}, zipfile.ZIP_STORED)
    return body


def phone_fixtures() -> dict[str, bytes]:
    """Packages of phones and of other platforms."""
    return {
        "app.apk": apk(),
        "app.aab": aab(),
        "app.ipa": ipa(),
        "truncated.apk": apk()[:-200],
        "alipay.tar": alipay_tar(),
        "baidu.zip": baidu_zip(),
        "douyin.pkg": b"TPKG" + bytes(60),
        "nested.zip": nested_zip(1),
        "too_nested.zip": nested_zip(4),
    }


def all_fixtures() -> dict[str, bytes]:
    """Every fixture but the bomb, by file name."""
    return {**wxapkg_fixtures(), **phone_fixtures()}


def main(folder: Path) -> None:
    """Write them all."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, body in {**all_fixtures(), "bomb.apk": zip_bomb()}.items():
        (folder / name).write_bytes(body)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
