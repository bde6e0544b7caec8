"""Which reader a file inside a package gets: by its bytes first, then by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

from core import GapKind
from core.errors import Unreadable
from crawler.extractors.charset import decode_text
from crawler.extractors.packages import android, binary_xml, code, dex, plists, protobuf
from crawler.extractors.packages.app_config import NAMES, read_app_config
from crawler.extractors.packages.carving import (
    carved_pictures,
    carved_strings,
    picture_kind,
    without,
)
from crawler.extractors.packages.contents import Contents
from crawler.extractors.packages.member import Member
from crawler.extractors.packages.string_pool import table_strings
from crawler.extractors.prose import HAN, is_prose
from crawler.extractors.signatures import binary_kind

Reader = Callable[[Contents, str, str], None]

_SCRIPTS = frozenset({"js", "mjs", "cjs", "wxs", "sjs", "bundle", "jsbundle", "jsx", "ts"})
_MARKUP = frozenset({"html", "htm", "xhtml", "wxml", "axml", "swan", "ttml", "qml", "ksml", "vue"})
_UNREAD = frozenset(
    {
        "ttf", "otf", "woff", "woff2", "mp3", "mp4", "m4a", "ogg", "wav", "aac", "mov", "webm",
        "rsa", "sf", "dsa", "ec", "car", "nib", "dylib_index", "ico", "icns", "glb", "pvr", "ktx",
    }
)  # fmt: skip
"""Fonts, films, signatures: nothing for a reader of texts or codes."""


def read_member(contents: Contents, member: Member) -> None:
    """Adds what one file says. Whatever is wrong with it is a gap, and costs this file alone."""
    try:
        _read(contents, member)
    except Unreadable as error:
        contents.note(GapKind.UNDECODABLE, str(error), member.name)
    except Exception as error:  # noqa: BLE001  (a fault of ours on hostile bytes is a gap, too)
        reason = f"its reader failed ({type(error).__name__}); it was not read"
        contents.note(GapKind.READER_FAILED, reason, member.name)


def _read(contents: Contents, member: Member) -> None:
    name, body = member.name, member.body
    suffix = PurePosixPath(name).suffix.lstrip(".").lower()
    base = PurePosixPath(name).name
    if picture := picture_kind(body):
        contents.add_picture(body, picture, name)
    elif suffix in _UNREAD:
        return
    elif body.startswith(dex.MAGIC):
        _read_dex(contents, body, name)
    elif body.startswith(binary_xml.MAGIC):
        _read_binary_xml(contents, body, name)
    elif suffix == "arsc":
        _add_strings(contents, table_strings(body, contents.bounds), name)
    elif suffix == "pb" and base == "resources.pb":
        _add_strings(contents, protobuf.bundle_strings(body, contents.bounds), name)
    elif base == "AndroidManifest.xml" and body[:1] == b"\x0a":
        android.read_manifest(contents, protobuf.bundle_xml(body), name)
    elif body.startswith(plists.MAGIC) or suffix == "plist":
        plists.read_plist(contents, body, name, is_info=_is_main_info(name))
    elif suffix == "svg":
        contents.add_picture(body, "image/svg+xml", name)
    else:
        _read_text(contents, body, name, base, suffix)


def _is_main_info(name: str) -> bool:
    """Whether it is the application's own list, not one of a framework or extension in it."""
    return name.endswith(".app/Info.plist") and name.count("/") == 2


def _read_text(contents: Contents, body: bytes, name: str, base: str, suffix: str) -> None:
    if binary_kind(body):
        read_bytes(contents, body, name)
        return
    if contents.chars_left <= 0:
        contents.cut("code")
        return
    text, lossy = _decoded(body[: 4 * contents.chars_left])
    if lossy and suffix not in _SCRIPTS | _MARKUP | {"json", "txt", "css", "xml", "strings"}:
        read_bytes(contents, body, name)
        return
    if base in NAMES:
        read_app_config(contents, text, name)
    _reader(suffix, text)(contents, text, name)


def _decoded(body: bytes) -> tuple[str, bool]:
    """The text of `body`, and whether some of it could not be read. Nearly all of it is UTF-8."""
    try:
        return body.decode("utf-8-sig"), False
    except UnicodeDecodeError:
        text, _, lossy = decode_text(body, "")
        return text, lossy


def _reader(suffix: str, text: str) -> Reader:
    start = text[:200].lstrip()
    if suffix in _SCRIPTS:
        return code.read_code
    if suffix in _MARKUP or (suffix == "xml" and start.startswith("<")):
        return code.read_markup
    if start[:1] in ("{", "["):
        return code.read_data
    if start[:1] == "<":
        return code.read_markup
    if "function" in text[:4_000] or "define(" in text[:4_000]:
        return code.read_code
    return code.read_prose


def read_bytes(contents: Contents, body: bytes, name: str) -> None:
    """A file of no known format: pictures, addresses and Chinese texts by their marks."""
    spans, more = carved_pictures(body, contents.bounds)
    for start, end in spans:
        contents.add_picture(body[start:end], picture_kind(body[start:]), name, f"bytes@{start}")
    if more:
        contents.cut("pictures")
    rest = without(body, spans) if spans else body
    _add_strings(contents, carved_strings(rest, contents.bounds), name)


def read_tail(contents: Contents, body: bytes, name: str) -> None:
    """The part of a package whose index is not known: pictures by their marks, the rest as code."""
    spans, more = carved_pictures(body, contents.bounds)
    for start, end in spans:
        contents.add_picture(body[start:end], picture_kind(body[start:]), name, f"bytes@{start}")
    if more:
        contents.cut("pictures")
    text = without(body, spans).replace(b"\0", b"\n").decode("utf-8", "replace")
    code.read_code(contents, text, name)


def _read_dex(contents: Contents, body: bytes, name: str) -> None:
    strings, problem = dex.dex_strings(body, contents.bounds)
    if problem:
        contents.note(GapKind.UNDECODABLE, problem, name)
    for text in strings:
        if "://" in text or "www." in text:
            contents.add_addresses(text, name)
        if HAN.search(text):
            contents.add_text("script", text, name)


def _read_binary_xml(contents: Contents, body: bytes, name: str) -> None:
    strings, elements = binary_xml.binary_xml(body, contents.bounds)
    if PurePosixPath(name).name == "AndroidManifest.xml":
        android.read_manifest(contents, elements, name)
    else:
        android.read_elements(contents, elements, name)
    _add_strings(contents, strings, name)


def _add_strings(contents: Contents, strings: Iterable[str], name: str) -> None:
    for text in strings:
        if "://" in text or "www." in text:
            contents.add_addresses(text, name)
        if is_prose(text):
            contents.add_text("structured_data", text, name)
