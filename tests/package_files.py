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


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive of `members`."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, body in members.items():
            archive.writestr(zipfile.ZipInfo(name), body, method)
    return target.getvalue()


def dex(strings: list[str]) -> bytes:
    """A program that has a string table and nothing else."""
    start = 0x70 + 4 * len(strings)
    offsets, data = b"", b""
    for text in strings:
        offsets += struct.pack("<I", start + len(data))
        raw = text.encode("utf-16", "surrogatepass")[2:]
        units = [
            raw[at : at + 2].decode("utf-16-le", "surrogatepass") for at in range(0, len(raw), 2)
        ]
        data += _uleb(len(units)) + "".join(units).encode("utf-8", "surrogatepass") + b"\0"
    header = b"dex\n035\0" + bytes(0x30) + struct.pack("<II", len(strings), 0x70)
    return header + bytes(0x70 - len(header)) + offsets + data


def _uleb(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def string_pool(strings: list[str], *, utf8: bool) -> bytes:
    """A string pool chunk."""
    offsets, data = b"", b""
    for text in strings:
        offsets += struct.pack("<I", len(data))
        if utf8:
            raw = text.encode()
            data += _short(len(text)) + _short(len(raw)) + raw + b"\0"
        else:
            raw = text.encode("utf-16-le")
            data += struct.pack("<H", len(raw) // 2) + raw + b"\0\0"
    data += bytes(-len(data) % 4)
    start = 28 + len(offsets)
    flags = 0x100 if utf8 else 0
    head = struct.pack("<HHIIIIII", 1, 28, start + len(data), len(strings), 0, flags, start, 0)
    return head + offsets + data


def _short(size: int) -> bytes:
    return bytes([size]) if size < 0x80 else bytes([0x80 | size >> 8, size & 0xFF])


def resources(strings: list[str]) -> bytes:
    """A resource table that has a string pool and nothing else."""
    pool = string_pool(strings, utf8=True)
    return struct.pack("<HHII", 2, 12, 12 + len(pool), 0) + pool


Tag = tuple[str, dict[str, str], list["Tag | str"]]


def manifest(package: str, schemes: list[str], hosts: list[str], queried: str) -> Tag:
    """An Android manifest with one intent filter and one `<queries>`."""
    data: list[Tag | str] = [("data", {"scheme": scheme}, []) for scheme in schemes]
    data += [("data", {"host": host}, []) for host in hosts]
    return (
        "manifest",
        {"package": package},
        [
            ("queries", {}, [("package", {"name": queried}, [])]),
            (
                "application",
                {"label": "行情助手"},
                [("activity", {}, [("intent-filter", {}, data)])],
            ),
        ],
    )


def binary_xml(root: Tag) -> bytes:
    """`root` as Android's binary XML."""
    names: dict[str, int] = {}

    def number(text: str) -> int:
        return names.setdefault(text, len(names))

    def chunks(tag: Tag | str) -> bytes:
        if isinstance(tag, str):
            return struct.pack(
                "<HHIIiiHBBI", 0x104, 16, 28, 1, -1, number(tag), 8, 0, 3, number(tag)
            )
        name, attributes, children = tag
        rows = b"".join(
            struct.pack("<iiiHBBI", -1, number(k), number(v), 8, 0, 3, number(v))
            for k, v in attributes.items()
        )
        size = 16 + 20 + len(rows)
        start = struct.pack("<HHIIiiiHHHHHH", 0x102, 16, size, 1, -1, -1, number(name),
                            20, 20, len(attributes), 0, 0, 0)  # fmt: skip
        end = struct.pack("<HHIIiii", 0x103, 16, 24, 1, -1, -1, number(name))
        return start + rows + b"".join(map(chunks, children)) + end

    body = chunks(root)
    pool = string_pool(list(names), utf8=False)
    return struct.pack("<HHI", 3, 8, 8 + len(pool) + len(body)) + pool + body


def _field(number: int, value: bytes) -> bytes:
    return _uleb(number << 3 | 2) + _uleb(len(value)) + value


def protobuf_xml(tag: Tag | str) -> bytes:
    """`tag` as an XmlNode of AAPT2."""
    if isinstance(tag, str):
        return _field(2, tag.encode())
    name, attributes, children = tag
    element = _field(3, name.encode())
    for key, value in attributes.items():
        element += _field(4, _field(2, key.encode()) + _field(3, value.encode()))
    for child in children:
        element += _field(5, protobuf_xml(child))
    return _field(1, element)


def protobuf_resources(strings: list[str]) -> bytes:
    """String resources as a ResourceTable of AAPT2; the last one stands in an array."""

    def entry(value: bytes) -> bytes:
        return _field(3, _field(2, b"name") + _field(6, _field(2, value)))

    items = [_field(2, _field(1, text.encode())) for text in strings]
    entries = b"".join(entry(_field(4, item)) for item in items[:-1])
    entries += entry(_field(5, _field(4, _field(1, _field(3, items[-1])))))
    return _field(2, _field(3, _field(2, b"string") + entries))


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
            "BundleConfig.pb": _field(1, b"x"),
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
