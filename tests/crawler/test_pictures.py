"""Pictures are read by two readers in a process of their own, and by one when that fails."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest

from benchmarks.posters import DISTORTIONS, Poster, posters
from core.gap import Gap, GapKind
from core.target import Limits
from crawler.extractors import QrPayload, decode_picture
from crawler.picture_decoder import MOST_FAILURES, PictureDecoder
from crawler.picture_memo import FILE_NAME, PictureMemo
from crawler.pictures import PictureReader
from tests.crawler.extractors.drawn import INVITATION, code, encoded

BROKEN = Path(__file__).parent / "broken_readers"
T = TypeVar("T")


def done(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


async def _answers(limits: Limits, *bodies: bytes, thorough: bool = False) -> list[Any]:
    decoder = PictureDecoder(limits)
    try:
        return [await decoder.read(body, "", thorough=thorough) for body in bodies]
    finally:
        await decoder.close()


async def _never(url: str) -> tuple[bytes, str]:
    raise AssertionError(url)


async def _decoded(memo: Path | None, body: bytes) -> tuple[tuple[QrPayload, ...], Gap | None]:
    reader = PictureReader(_never, lambda *_: None, Limits(picture_seconds=1))
    if memo is not None:
        reader.use_memo(PictureMemo(memo))
    try:
        return await reader.decode(body, "poster")
    finally:
        await reader.close()


@pytest.fixture(scope="module")
def drawn() -> list[Poster]:
    return posters(4)


def test_every_styled_code_is_read(drawn: list[Poster]) -> None:
    kept = [poster for poster in drawn if poster.distortion != "warped"]
    assert {poster.distortion for poster in kept} > set(DISTORTIONS) - {"warped"}
    answers = done(_answers(Limits(), *(poster.body for poster in kept)))
    missed = [
        (poster.distortion, poster.texts)
        for poster, answer in zip(kept, answers, strict=True)
        if {payload.text for payload in answer.payloads} != set(poster.texts) or answer.failure
    ]
    assert missed == []


def test_a_warped_code_is_read_where_the_page_gives_a_reason(drawn: list[Poster]) -> None:
    bodies = [poster.body for poster in drawn if poster.distortion == "warped"]
    assert not any(answer.payloads for answer in done(_answers(Limits(), *bodies)))
    thorough = done(_answers(Limits(), *bodies, thorough=True))
    assert sum(bool(answer.payloads) for answer in thorough) >= len(bodies) - 1


def test_boxes_lie_on_the_codes(drawn: list[Poster]) -> None:
    eight = next(poster for poster in drawn if len(poster.texts) == 8)
    (answer,) = done(_answers(Limits(), eight.body))
    corners = sorted(payload.box[:2] for payload in answer.payloads)
    wanted = sorted((60 + 520 * (n % 2), 660 + 310 * (n // 2)) for n in range(8))
    for (left, top), (x, y) in zip(corners, wanted, strict=True):
        assert 0 <= left - x < 60
        assert 0 <= top - y < 60


@pytest.mark.parametrize(
    ("broken", "reason"),
    [("hangs", "no answer in 1 s"), ("crashes", "ended"), ("raises", "no native library")],
)
def test_a_broken_reader_leaves_what_the_first_one_reads(
    broken: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(BROKEN / broken))
    bodies = [encoded(code(f"{INVITATION}{n}")) for n in range(MOST_FAILURES + 1)]
    answers = done(_answers(Limits(picture_seconds=1), *bodies))
    assert [[p.text for p in answer.payloads] for answer in answers] == [
        [f"{INVITATION}{n}"] for n in range(MOST_FAILURES + 1)
    ]
    assert reason in answers[0].failure
    assert all(answer.failure for answer in answers)


def test_a_reader_that_hangs_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(BROKEN / "hangs"))
    payloads, gap = done(_decoded(None, encoded(code())))
    assert [payload.text for payload in payloads] == [INVITATION]
    assert gap is not None
    assert (gap.kind, gap.subject) == (GapKind.READER_FAILED, "poster")


def test_a_picture_seen_in_an_earlier_scan_is_not_decoded_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = encoded(code())
    first = done(_decoded(tmp_path, body))
    monkeypatch.setenv("PYTHONPATH", str(BROKEN / "hangs"))  # whoever decodes now fails
    assert done(_decoded(tmp_path, body)) == first == (first[0], None)


def test_a_picture_read_in_haste_is_read_again_with_a_reason(tmp_path: Path) -> None:
    memo = PictureMemo(tmp_path)
    memo.put("a", (), thorough=False)
    memo.put("b", (), thorough=True)
    memo.put("c", decode_picture(encoded(code()), Limits()), thorough=False)
    assert memo.get("a", thorough=False) == ()
    assert memo.get("a", thorough=True) is None
    assert memo.get("b", thorough=True) == ()
    assert [payload.text for payload in memo.get("c", thorough=True) or ()] == [INVITATION]
    assert memo.get("d", thorough=False) is None
    memo.close()


def test_a_memo_that_cannot_be_used_is_done_without(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"no database" * 100)
    payloads, gap = done(_decoded(tmp_path, encoded(code())))
    assert [payload.text for payload in payloads] == [INVITATION]
    assert gap is None
