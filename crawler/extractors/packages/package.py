"""A package into a document: opened in memory, each file read, nothing written anywhere."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import PurePosixPath

import msgspec

from core import Block, Capture, Document, Gap, GapKind, ListingEntry
from core.document import Surface
from crawler.extractors.extraction import Extraction, PictureReference
from crawler.extractors.packages import wxapkg_cipher
from crawler.extractors.packages.bounds import BOUNDS, PackageBounds
from crawler.extractors.packages.contents import Contents
from crawler.extractors.packages.kinds import PLATFORMS, PackageKind, package_kind
from crawler.extractors.packages.member import Damage, Member, Members, Meter
from crawler.extractors.packages.readers import read_member, read_tail
from crawler.extractors.packages.tar_archive import tar_members
from crawler.extractors.packages.words import PackageWords
from crawler.extractors.packages.wxapkg import is_wxapkg, wxapkg_members
from crawler.extractors.packages.zip_archive import zip_members

_CODE_NAMES = ("qr", "ewm", "erweima", "code", "kefu", "weixin", "wechat", "poster", "haibao",
               "share", "群", "码", "海报")  # fmt: skip
_MAIN = frozenset({"app-config.json", "app.json", "game.json"})


class PackageName(msgspec.Struct, frozen=True):
    """What is known about a package besides its bytes. `app_id` opens an encrypted one; `platform`
    and `app_id` are those of the listing entry that links it, where one does."""

    name: str
    app_id: str = ""
    platform: str = ""


def extract_package(
    capture: Capture,
    known: PackageName,
    words: PackageWords | None = None,
    bounds: PackageBounds = BOUNDS,
) -> Extraction:
    """All that a package says. Never raises on hostile content.

    What could not be read is in `gaps` and makes the document `degraded`. The surface is
    `mini_program`, or `app_listing` for the packages of phones.
    """
    contents = Contents(known.name, bounds, words or PackageWords())
    kind = package_kind(capture.body)
    _read(contents, Member(known.name, capture.body), known, Meter(bounds, len(capture.body)), 0)
    if contents.switches:
        contents.degraded[_switched(contents.switches)] = None
    return Extraction(
        document=_document(capture, contents, known, kind),
        pictures=_likeliest_first(contents.pictures),
        gaps=contents.all_gaps(),
    )


def _read(
    contents: Contents, package: Member, known: PackageName, meter: Meter, depth: int
) -> None:
    for found in _members(contents, package, known, meter):
        name = f"{package.name}!{found.name}" if depth and found.name else found.name
        if isinstance(found, Damage):
            contents.damage(msgspec.structs.replace(found, name=name or package.name * bool(depth)))
        elif not contents.is_new(found.body):
            continue
        elif _is_package(found.body):
            if depth < meter.bounds.nesting:
                _read(contents, Member(name, found.body), known, meter, depth + 1)
            else:
                reason = "a package inside a package inside a package; it was not read"
                contents.note(GapKind.BUDGET_REACHED, reason, name)
        else:
            if PurePosixPath(found.name).name in _MAIN:
                contents.identity.part = "main"
            read_member(contents, Member(name, found.body))


def _is_package(body: bytes) -> bool:
    kind = package_kind(body)
    return kind is not None and (kind != "wxapkg" or is_wxapkg(body))


def _members(contents: Contents, package: Member, known: PackageName, meter: Meter) -> Members:
    body = package.body
    if not body:
        return iter([Damage(GapKind.EMPTY_BODY, "the file is empty")])
    kind = package_kind(body)
    if kind == "encrypted_wxapkg":
        return _encrypted(contents, body, known, meter)
    if kind == "wxapkg":
        return wxapkg_members(body, meter)
    if kind == "tar":
        return tar_members(body, meter)
    if kind == "tpkg":
        reason = "a Douyin package (TPKG): its layout is not read; it is listed, never clear"
        return iter([Damage(GapKind.NOT_A_PAGE, reason)])
    if kind is None:
        reason = "the bytes are no package of a known kind: damaged or something else"
        return iter([Damage(GapKind.NOT_A_PAGE, reason)])
    return zip_members(body, meter)


def _encrypted(contents: Contents, body: bytes, known: PackageName, meter: Meter) -> Members:
    app_id = known.app_id
    plain = wxapkg_cipher.decrypted(body, app_id) if app_id else None
    if plain is not None:
        yield from wxapkg_members(plain, meter)
        return
    if len(body) < wxapkg_cipher.HEAD_END:
        yield Damage(GapKind.UNDECODABLE, "encrypted, and it ends within its head: truncated")
        return
    reason = "encrypted, app id unknown"
    if app_id:
        reason = f"encrypted, and the app id {app_id} does not open it (wrong id, or damaged)"
    tail = wxapkg_cipher.tail_of(body)
    if tail is None:
        yield Damage(GapKind.UNDECODABLE, f"{reason}; nothing could be read")
        return
    hidden = "partial scan: names and the first 1,023 bytes stay hidden; give --app-id"
    yield Damage(GapKind.UNDECODABLE, f"{reason}; {hidden}")
    if len(tail[0]) > meter.room():
        yield meter.too_large("tail")
        return
    meter.count(len(tail[0]))
    read_tail(contents, tail[0], "(tail)")


def _document(
    capture: Capture, contents: Contents, known: PackageName, kind: PackageKind | None
) -> Document:
    entry = _entry(capture, contents, known, kind)
    inner = contents.identity.platform if kind == "zip" else ""
    is_phone = kind in ("apk", "aab", "ipa") or inner in ("android", "ios")
    surface: Surface = "app_listing" if is_phone else "mini_program"
    return Document(
        surface=surface,
        url=capture.final_url,
        title=entry.name,
        blocks=_in_order(contents.blocks),
        references=tuple(contents.references),
        entry=entry,
        degraded=tuple(contents.degraded),
    )


def _in_order(blocks: list[Block]) -> tuple[Block, ...]:
    """Titles first, as a reader meets them."""
    return tuple(sorted(blocks, key=lambda block: block.kind != "title"))


def _entry(
    capture: Capture, contents: Contents, known: PackageName, kind: PackageKind | None
) -> ListingEntry:
    """Who it is. The id ends in `#package`, so that what a package says and what its listing says
    are followed apart; without an app id its content stands for it."""
    identity = contents.identity
    app_id = known.app_id or identity.app_id
    if not app_id:
        app_id = f"sha256:{hashlib.sha256(capture.body).hexdigest()[:16]}"
    platform = PLATFORMS.get(kind, "") if kind else ""
    part = "" if identity.part or kind not in ("wxapkg", "encrypted_wxapkg") else known.name
    return ListingEntry(
        platform=known.platform or platform or identity.platform or "package",
        app_id=f"{app_id}#package{f':{part}' if part else ''}"[:300],
        name=identity.name or known.name,
        owner=identity.owner,
    )


def _switched(switches: dict[str, str]) -> str:
    shown = ", ".join(f"{name} in {member.lstrip('/')}" for name, member in _few(switches))
    return f"a server may decide what it shows ({shown}): what is switched on is not in the package"


def _few(switches: dict[str, str]) -> Iterator[tuple[str, str]]:
    return (pair for pair, _ in zip(switches.items(), range(4), strict=False))


def _likeliest_first(pictures: list[PictureReference]) -> tuple[PictureReference, ...]:
    """Pictures called like a code first, then by size: icons are small and many."""

    def rank(picture: PictureReference) -> tuple[bool, int]:
        name = picture.locator.path.lower()
        return not any(word in name for word in _CODE_NAMES), -len(picture.data or b"")

    return tuple(sorted(pictures, key=rank))


def unread_package(capture: Capture, known: PackageName, gap: Gap) -> Extraction:
    """What is said of a package whose reading was ended: that it is there, and why it is not
    read."""
    contents = Contents(known.name, BOUNDS, PackageWords())
    contents.note(gap.kind, gap.reason)
    kind = package_kind(capture.body)
    return Extraction(document=_document(capture, contents, known, kind), gaps=(gap,))
