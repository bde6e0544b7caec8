"""Hostile packages made from the fixtures, against the readers: no exception, hang or blow-up.

    python -m tests.fuzz.fuzz_packages --seconds 600 --seed 1

Mutations know the structure: numbers of index, directory and tables get telling values, files
inside an archive are damaged and packed again, packages are cut, spliced and encrypted. A package
that breaks the readers is written to `--keep` (a folder), as the slowest one is; the exit status is
then 1.
"""

from __future__ import annotations

import argparse
import random
import resource
import signal
import sys
import time
import traceback
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from core import Capture, GapKind
from crawler.extractors.packages import PackageName, PackageWords, extract_package
from tests import package_files as made
from tests import package_formats as formats

CASE_SECONDS = 10
MEMORY_BYTES = 2 * 1024**3
_WHEN = datetime(2026, 11, 1, tzinfo=UTC)
_WORDS = PackageWords(("www.w3.org",), ("isAudit", "审核模式"))
_NUMBERS = (0, 1, 2, 3, 7, 8, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0xFFFF, 0x10000, 2**24, 2**31 - 1,
            2**31, 2**32 - 1, 2**32 - 2)  # fmt: skip
_TEXTS = (b"'", b'"', b"`", b"\\", b"\\u", b"\\u{", b"/*", b"//", b"=/[", b"<script>", b"<!--",
          b"data:image/png;base64,", b"define(\"", b"://", b"\xff\xd8\xff\xe0", b"GIF89a",
          b"\x89PNG\r\n\x1a\n", b"RIFF\xff\xff\xff\x7fWEBPVP8 ", "返佣".encode(), b"\xe4\xb8",
          b"PK\x03\x04", b"PK\x05\x06", b"V1MMWX", b"bplist00", b"\x03\x00\x08\x00", b"dex\n035\0",
          b"{\"a\":[", b"Z([3,'", b"<web-view src='", b"isAudit", b"url:'https://")  # fmt: skip


class Broke(msgspec.Struct, frozen=True):
    """A package that broke the readers, and how."""

    body: bytes
    how: str


class Outcome(msgspec.Struct, frozen=True):
    """How a run went. Peak memory is the process's, in MB."""

    cases: int
    slowest_seconds: float
    slowest: bytes
    peak_mb: int
    broke: tuple[Broke, ...]


def _flip(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 8)):
        data[chance.randrange(len(data))] = chance.randrange(256)


def _number(data: bytearray, chance: random.Random) -> None:
    size = chance.choice((1, 2, 4))
    value = chance.choice(_NUMBERS) & (256**size - 1)
    early = chance.random() < 0.5
    at = chance.randrange(min(len(data), 200) if early else len(data))
    data[at : at + size] = value.to_bytes(size, chance.choice(("big", "little")))


def _cut(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(len(data)) :]


def _insert(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data) + 1)
    data[at:at] = chance.choice(_TEXTS) * chance.choice((1, 1, 2, 50, 3_000))


def _repeat(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data))
    piece = data[start : start + chance.choice((1, 4, 16, 200))]
    data[start:start] = piece * chance.choice((1, 2, 100, 5_000))


def _remove(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data))
    del data[start : start + chance.choice((1, 2, 4, 30))]


_MUTATIONS: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _flip, _number, _number, _cut, _insert, _repeat, _remove
)  # fmt: skip


def mutated(body: bytes, chance: random.Random) -> bytes:
    """`body` with one to five mutations."""
    data = bytearray(body)
    for _ in range(chance.randint(1, 5)):
        if data:
            chance.choice(_MUTATIONS)(data, chance)
    return bytes(data)


class Packages:
    """Makes one hostile package after another."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._bodies = made.all_fixtures()
        self._inner = {
            "/app-config.json": made.MEMBERS["/app-config.json"],
            "/app-service.js": made.PROMOTION + made.ESCAPED,
            "/page-frame.html": made.MEMBERS["/page-frame.html"],
            "/p.wxml": b"<view><text>x</text><web-view src='https://h5.jiaoyi.test/'/></view>",
            "/i.png": made.qr_png(made.QR_TEXT),
            "/unknown.bin": b"\0\1\2" + made.PROMOTION + made.qr_png(made.QR_TEXT) + bytes(20),
            "classes.dex": formats.dex([made.INVITATION, "合约带单😀返佣"]),
            "resources.arsc": formats.resources(["注册即领新人礼包", made.INVITATION]),
            "AndroidManifest.xml": formats.binary_xml(
                formats.manifest("a.b", ["x"], ["y.z"], "c.d")
            ),
            "base/manifest/AndroidManifest.xml": formats.protobuf_xml(
                formats.manifest("a.b", ["x"], ["y.z"], "c.d")
            ),
            "base/resources.pb": formats.protobuf_resources(["一二三", "四五六"]),
            "Payload/H.app/Info.plist": made.info_plist(),
            "inner.apk": made.apk(),
        }

    def next(self) -> tuple[bytes, str]:
        """A package and the app id it is read with."""
        chance = self._chance
        app_id = chance.choice(("", "", made.APP_ID, made.WRONG_ID))
        sort = chance.random()
        if sort < 0.35:
            return mutated(self._bodies[chance.choice(sorted(self._bodies))], chance), app_id
        members = dict(chance.sample(sorted(self._inner.items()), chance.randint(1, 6)))
        members = {
            name: mutated(body, chance) if chance.random() < 0.7 else body
            for name, body in members.items()
        }
        if sort < 0.6:
            method = chance.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))
            return self._perhaps(formats.zipped(members, method)), app_id
        package = self._perhaps(made.wxapkg(members))
        return (made.encrypted(package) if sort < 0.8 else package), app_id

    def _perhaps(self, body: bytes) -> bytes:
        return mutated(body, self._chance) if self._chance.random() < 0.4 else body


def complaint(body: bytes, app_id: str, alarm_seconds: int = 0) -> str:
    """What is wrong with how `body` is read, or "". Reading is broken off after `alarm_seconds`,
    if not 0: then the caller has a handler for SIGALRM."""
    capture = Capture(requested_url="p:x", final_url="p:x", body=body, taken_at=_WHEN)
    if alarm_seconds:
        signal.alarm(alarm_seconds)
    try:
        found = extract_package(capture, PackageName("x", app_id), _WORDS)
        packed = msgspec.msgpack.encode(found)
    except BaseException:  # noqa: BLE001  (an alarm or a full memory is a finding too)
        return traceback.format_exc()
    finally:
        if alarm_seconds:
            signal.alarm(0)
    failed = [gap for gap in found.gaps if gap.kind is GapKind.READER_FAILED]
    if failed:
        return f"{failed[0].subject}: {failed[0].reason}"
    if found.gaps and not found.document.degraded:
        return "gaps without a degraded document"
    return "an answer of more than 64 MB" if len(packed) > 64 * 1024**2 else ""


def fuzz(seed: int, *, seconds: float = 0, cases: int = 0, alarm_seconds: int = 0) -> Outcome:
    """Read hostile packages until `seconds` have passed, `cases` are done, or five broke."""
    packages, broke = Packages(seed), list[Broke]()
    started = time.monotonic()
    done, slowest, slow_body = 0, 0.0, b""
    while len(broke) < 5:
        now = time.monotonic()
        if (seconds and now - started > seconds) or (cases and done >= cases):
            break
        body, app_id = packages.next()
        how = complaint(body, app_id, alarm_seconds)
        taken = time.monotonic() - now
        if taken > slowest:
            slowest, slow_body = taken, body
        done += 1
        if how:
            broke.append(Broke(body, how))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return Outcome(done, slowest, slow_body, peak, tuple(broke))


def _hung(*_: object) -> None:
    raise TimeoutError(f"a package was not read within {CASE_SECONDS} s")


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--keep", type=Path, default=Path("fuzz-findings"))
    asked = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    signal.signal(signal.SIGALRM, _hung)
    outcome = fuzz(asked.seed, seconds=asked.seconds, alarm_seconds=CASE_SECONDS)
    print(
        f"seed {asked.seed}: {outcome.cases:,} packages, slowest {outcome.slowest_seconds:.2f} s, "
        f"peak {outcome.peak_mb} MB, {len(outcome.broke)} broke the readers"
    )
    asked.keep.mkdir(parents=True, exist_ok=True)
    (asked.keep / f"{asked.seed}-slowest.bin").write_bytes(outcome.slowest)
    for number, one in enumerate(outcome.broke):
        (asked.keep / f"{asked.seed}-{number}.bin").write_bytes(one.body)
        print(one.how)
    return 1 if outcome.broke else 0


if __name__ == "__main__":
    sys.exit(main())
