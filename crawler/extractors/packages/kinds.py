"""What kind of package bytes are: by their first bytes, and a zip archive by the names in it."""

from __future__ import annotations

from typing import Literal

from crawler.extractors.packages import wxapkg_cipher
from crawler.extractors.packages.tar_archive import is_tar
from crawler.extractors.packages.wxapkg import FIRST_MARK
from crawler.extractors.packages.zip_archive import EMPTY_MAGIC, MAGIC, zip_names

PackageKind = Literal[
    "wxapkg", "encrypted_wxapkg", "apk", "aab", "ipa", "baidu", "zip", "tar", "tpkg"
]
SUFFIXES = (
    ".wxapkg", ".apk", ".apks", ".xapk", ".aab", ".ipa", ".zip", ".tar", ".amr", ".pkg", ".swan",
)  # fmt: skip
"""What package files are called; Alipay's tar archives end in `.amr` or `.tar`."""

PLATFORMS: dict[PackageKind, str] = {
    "wxapkg": "wechat",
    "encrypted_wxapkg": "wechat",
    "apk": "android",
    "aab": "android",
    "ipa": "ios",
    "baidu": "baidu",
    "tar": "alipay",
    "tpkg": "douyin",
}
_LOOKED_AT = 20_000


def package_kind(body: bytes) -> PackageKind | None:
    """The kind of the package `body`; None for anything else."""
    if body.startswith(wxapkg_cipher.MAGIC):
        return "encrypted_wxapkg"
    if body.startswith((MAGIC, EMPTY_MAGIC)):
        return _zip_kind(body)
    if body[:1] == bytes([FIRST_MARK]):
        return "wxapkg"
    if body.startswith(b"TPKG"):
        return "tpkg"
    return "tar" if is_tar(body) else None


def _zip_kind(body: bytes) -> PackageKind:
    names = set(zip_names(body, _LOOKED_AT))
    if "BundleConfig.pb" in names or "base/manifest/AndroidManifest.xml" in names:
        return "aab"
    if "AndroidManifest.xml" in names or "classes.dex" in names:
        return "apk"
    if any(name.startswith("Payload/") and ".app/" in name for name in names):
        return "ipa"
    if "app.json" in names and any(name.endswith((".swan", ".swan.js")) for name in names):
        return "baidu"
    return "zip"
