"""Rows are known again by their text, and by nothing that an attacker could fit."""

from __future__ import annotations

import json
import random

import pytest

from crawler.exports.known_rows import DIGEST_BYTES, KnownRows, fingerprint
from storage import Fingerprints


def row(**fields: str) -> bytes:
    return json.dumps({"app_id": "wx1", "name": "记账本", **fields}, ensure_ascii=False).encode()


@pytest.mark.parametrize("field", ["snapshot_time", "snapshotTime", "快照时间"])
def test_a_new_snapshot_time_is_no_change(field: str) -> None:
    before = row(**{field: "2026-11-21T08:00:00+08:00"})
    after = row(**{field: "2026-11-22T08:00:00.5Z"})
    assert fingerprint(before) == fingerprint(after)


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "记账木"},
        {"intro": "欧易返佣"},
        {"snapshot_time": "加微信 okx888 返佣"},
        {"intro": '"snapshot_time": "2026-11-21"'},
    ],
)
def test_any_other_change_is_one(fields: dict[str, str]) -> None:
    assert fingerprint(row(**fields)) != fingerprint(row())


def test_text_cannot_hide_in_a_quoted_snapshot_time() -> None:
    hidden = row(intro='"snapshot_time":"2026"')
    other = row(intro='"snapshot_time":"2027"')
    assert fingerprint(hidden) != fingerprint(other)


def test_known_rows_are_told_from_those_that_share_half_a_fingerprint() -> None:
    chance = random.Random(3)
    quiet = [chance.randbytes(DIGEST_BYTES) for _ in range(2_000)]
    quiet += [quiet[0][:8] + chance.randbytes(8) for _ in range(5)]
    hits = {chance.randbytes(DIGEST_BYTES): chance.randbytes(DIGEST_BYTES) for _ in range(20)}
    known = KnownRows(
        Fingerprints(b"".join(quiet), b"".join(digest + key for digest, key in hits.items()))
    )
    near = [quiet[0][:8] + bytes(8), bytes(8) + quiet[0][8:], bytes(16), b"\xff" * 16]
    assert known.are_quiet(quiet) == [True] * len(quiet)
    assert known.are_quiet(near) == [False] * len(near)
    assert [known.hit(digest) for digest in hits] == list(hits.values())
    assert known.hit(quiet[0]) is None


def test_nothing_is_known_at_first() -> None:
    known = KnownRows(Fingerprints())
    assert known.are_quiet([bytes(16)]) == [False]
    assert known.are_quiet([]) == []
