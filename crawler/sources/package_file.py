"""Package files on disk: which files of a folder are packages, and a file as a capture."""

from __future__ import annotations

import hashlib
import io
import os
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from core.capture import Capture
from core.errors import BadInput
from crawler.extractors.packages import SUFFIXES, package_kind

HEAD_BYTES = 64 * 1024
_APP_ID = re.compile(r"wx[0-9a-f]{16}(?![0-9a-f])")
_UNPACKED = ("app.json", "app-config.json", "appConfig.json", "game.json", "AndroidManifest.xml")
_UNAMBIGUOUS = frozenset({"wxapkg", "encrypted_wxapkg", "apk", "aab", "ipa", "baidu", "tpkg"})
_PACKAGE_NAMES = tuple(suffix for suffix in SUFFIXES if suffix not in (".zip", ".tar", ".pkg"))


def is_package(head: bytes, name: str) -> bool:
    """Whether a file that begins with `head` is a package: by its content, or, where that may be
    any archive, by its name too."""
    kind = package_kind(head)
    if name.lower().endswith(_PACKAGE_NAMES):
        return True
    if kind == "wxapkg":
        return len(head) > 13 and head[13] == 0xED
    return kind in _UNAMBIGUOUS or (kind is not None and name.lower().endswith(SUFFIXES))


def packages_in(folder: Path) -> list[Path]:
    """The packages below `folder`, newer versions first; `folder` itself where it is an unpacked
    package. Links are not followed.

    Raises BadInput where there is none.
    """
    found = []
    for parent, folders, names in os.walk(folder):
        folders.sort(key=_natural, reverse=True)
        paths = (Path(parent) / name for name in sorted(names, key=_natural))
        found += [path for path in paths if _is_package_file(path)]
    if found:
        return found
    if any((folder / name).is_file() for name in _UNPACKED):
        return [folder]
    raise BadInput(
        f"{folder} holds no package",
        hint=f"packages end in {', '.join(_PACKAGE_NAMES)}, or begin as one",
    )


def _is_package_file(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return is_package(file.read(HEAD_BYTES), path.name)
    except OSError:
        return path.name.lower().endswith(_PACKAGE_NAMES)


def _natural(name: str) -> list[tuple[int, str]]:
    """Sorts `9` before `12`, as the versions of a client's folders."""
    return [(int(p), "") if p.isdecimal() else (-1, p) for p in re.split(r"(\d{1,18})", name)]


def app_id_in(path: Path) -> str:
    """The app id that the Windows client's folders have in their names (`.../wx.../12/x.wxapkg`),
    the nearest to the file; or ""."""
    found = _APP_ID.findall("/".join(path.resolve().parts))
    return found[-1] if found else ""


def read_package_file(path: Path, max_bytes: int) -> Capture:
    """The package file `path` (or the unpacked package in the folder `path`, as a zip) as a
    capture with the address `package:NAME#HASH`.

    Raises BadInput when it cannot be read, or is larger than `max_bytes`.
    """
    try:
        body = _zipped(path, max_bytes) if path.is_dir() else _bytes(path, max_bytes)
        taken_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror or error}") from error
    if len(body) > max_bytes:
        raise BadInput(
            f"{path} is larger than {max_bytes // 2**20} MB", hint="raise `max_package_bytes`"
        )
    address = f"package:{quote(path.name[:200])}#{hashlib.sha256(body).hexdigest()[:12]}"
    return Capture(
        requested_url=address,
        final_url=address,
        body=body,
        taken_at=taken_at,
        profile="saved",
    )


def _bytes(path: Path, max_bytes: int) -> bytes:
    with path.open("rb") as file:
        return file.read(max_bytes + 1)


def _zipped(folder: Path, max_bytes: int) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_symlink() or not path.is_file() or target.tell() > max_bytes:
                continue
            info = zipfile.ZipInfo(str(path.relative_to(folder)))
            archive.writestr(info, _bytes(path, max_bytes))
    return target.getvalue()
