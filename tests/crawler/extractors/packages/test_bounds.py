"""Packages that are made to cost much, or to hide from readers."""

from __future__ import annotations

import resource
import struct
import time

import pytest

from core import GapKind
from crawler.extractors.packages import PackageBounds
from crawler.extractors.packages.bounds import BOUNDS
from crawler.extractors.packages.carving import carved_pictures
from crawler.extractors.packages.member import Damage, Member, Meter
from crawler.extractors.packages.wxapkg import wxapkg_members
from crawler.extractors.packages.zip_archive import zip_members
from tests import package_files as made
from tests import package_formats as formats
from tests.crawler.extractors.packages.test_fixtures import read
from tests.fuzz.fuzz_packages import fuzz


@pytest.mark.timeout(60)
@pytest.mark.parametrize("start", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a"])
def test_starts_of_pictures_without_an_end_are_searched_once(start: bytes) -> None:
    """The square of the length would be hours; found by the fuzz target."""
    assert carved_pictures(start * (4 * 2**20 // len(start)), BOUNDS) == ([], False)


def test_a_zip_bomb_is_a_gap_in_seconds_and_little_memory() -> None:
    bomb = made.zip_bomb()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    found = read(bomb)
    assert time.process_time() - started < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500 * 1024
    assert {gap.kind for gap in found.gaps} == {GapKind.DECOMPRESSION_BOMB}


def test_what_stands_in_front_of_a_bomb_is_read() -> None:
    members = {"a.js": made.PROMOTION, "b.bin": bytes(80 * 1024 * 1024)}
    found = read(formats.zipped(members))
    assert made.INVITATION in {one.url for one in found.document.references}
    assert found.document.degraded


def test_a_file_listed_a_thousand_times_is_read_once() -> None:
    archive = formats.zipped({"a.js": made.PROMOTION})
    start = archive.index(b"PK\x01\x02")
    end = archive.index(b"PK\x05\x06")
    listed = archive[start:end] * 1_000
    body = archive[:start] + listed + archive[end:]
    found = read(body)
    assert len([one for one in found.document.references if one.url == made.INVITATION]) == 1


def test_more_files_than_a_package_may_have_are_told() -> None:
    members = {f"{number}.txt": str(number).encode() * 4 for number in range(30)}
    for body, reader in (
        (formats.zipped(members), zip_members),
        (made.wxapkg(members), wxapkg_members),
    ):
        meter = Meter(PackageBounds(members=10), len(body))
        items = list(reader(body, meter))
        assert sum(isinstance(item, Member) for item in items) == 10
        assert isinstance(items[-1], Damage)
        assert items[-1].kind is GapKind.BUDGET_REACHED


def test_files_that_all_claim_the_whole_package_are_stopped() -> None:
    body = bytearray(made.wxapkg({f"/{number:04}": b"x" * 100 for number in range(200)}))
    index_end = 14 + struct.unpack_from(">I", body, 5)[0]
    for number in range(200):
        at = bytes(body).index(f"/{number:04}".encode()) + 5
        struct.pack_into(">II", body, at, index_end, len(body) - index_end)
    items = list(wxapkg_members(bytes(body), Meter(BOUNDS, len(body))))
    assert sum(len(item.body) for item in items if isinstance(item, Member)) <= 2 * len(body)


@pytest.mark.parametrize(("offset", "value"), [(6, 0x0801), (8, 99)])
def test_flags_that_lie_do_not_hide_a_file(offset: int, value: int) -> None:
    """Encryption bits and unknown methods that Android ignores."""
    archive = bytearray(formats.zipped({"a.js": made.PROMOTION + made.PADDING}))
    local, central = archive.index(b"PK\x03\x04"), archive.index(b"PK\x01\x02")
    struct.pack_into("<H", archive, local + offset, value)
    struct.pack_into("<H", archive, central + offset + 2, value)
    found = read(bytes(archive))
    assert made.INVITATION in {one.url for one in found.document.references}


def test_a_name_is_never_more_than_a_label() -> None:
    found = read(made.wxapkg({"/a\x1b[31m\u202e\n../../etc/x.js": made.PROMOTION}))
    (gap,) = found.gaps
    assert "\x1b" not in gap.subject
    assert all("\u202e" not in block.locator.path for block in found.document.blocks)


@pytest.mark.parametrize("size", [0, 1, 5, 13, 14, 17, 18, 40])
@pytest.mark.parametrize("name", sorted(made.all_fixtures()))
def test_every_package_may_end_anywhere(name: str, size: int) -> None:
    found = read(made.all_fixtures()[name][:size])
    assert found.gaps
    assert found.document.degraded


def test_a_short_run_of_the_fuzz_target_finds_nothing() -> None:
    outcome = fuzz(7, cases=400)
    assert outcome.broke == ()
    assert outcome.slowest_seconds < 10


@pytest.mark.long
def test_a_long_run_of_the_fuzz_target_finds_nothing() -> None:
    assert fuzz(11, seconds=120).broke == ()
