"""The queue and its worker process: a real one, frozen and killed by the tests."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from core.errors import Unreadable
from core.gap import Gap, GapKind
from core.target import Limits
from crawler.framing import framed
from crawler.words import Clues, WordMemo, WordReader, Words, WorkerProcess
from crawler.words.protocol import Reply
from tests.crawler.banners import PROMOTION, RECIPE, banner_png
from tests.scanning import ROOT

LIMITS = Limits()
TELLING = Clues("poster.png", "扫码进群", "填邀请码", 50, has_code=True)
PLAIN = Clues(page_chars=9_000)


@asynccontextmanager
async def reading(
    folder: Path | None = None,
    seconds: float = 60,
    worker: WorkerProcess | None = None,
    *,
    stopping: bool = False,
) -> AsyncIterator[WordReader]:
    limits = msgspec.structs.replace(LIMITS, words_seconds=seconds)
    reader = WordReader(limits, WordMemo(folder, "a"), stopping=lambda: stopping, worker=worker)
    try:
        yield reader
    finally:
        await reader.close()


def _said(words: Words) -> tuple[str, ...]:
    return tuple(line.text.replace(" ", "") for line in words.lines)


async def _read(reader: WordReader, body: bytes, clues: Clues = TELLING, name: str = "a") -> Words:
    return await reader.read(body, "image/png", name, clues)


def test_a_banner_is_read_and_its_twin_not_again() -> None:
    async def run() -> None:
        worker = WorkerProcess(LIMITS)
        async with reading(worker=worker) as reader:
            both = await asyncio.gather(_read(reader, banner_png()), _read(reader, banner_png()))
            assert [_said(words) for words in both] == [PROMOTION, PROMOTION]
            os.kill(worker.pid or 0, signal.SIGKILL)
            assert _said(await _read(reader, banner_png())) == PROMOTION
            assert reader.closing_gaps() == []
        assert worker.pid is None

    asyncio.run(run())


def test_the_memo_answers_in_the_next_scan_without_a_worker(tmp_path: Path) -> None:
    async def run() -> None:
        async with reading(tmp_path) as reader:
            await _read(reader, banner_png())
        worker = WorkerProcess(LIMITS)
        async with reading(tmp_path, worker=worker) as reader:
            assert _said(await _read(reader, banner_png())) == PROMOTION
            assert worker.pid is None

    asyncio.run(run())


def test_icons_are_not_read_and_are_no_gap() -> None:
    async def run() -> None:
        worker = WorkerProcess(LIMITS)
        async with reading(worker=worker) as reader:
            icon = banner_png(("币",), (40, 40))
            assert await _read(reader, icon) == Words()
            assert (worker.pid, reader.closing_gaps()) == (None, [])

    asyncio.run(run())


def test_zero_seconds_turn_it_off() -> None:
    async def run() -> None:
        async with reading(seconds=0) as reader:
            assert await _read(reader, banner_png()) == Words()
            assert reader.closing_gaps() == []

    asyncio.run(run())


@pytest.mark.parametrize("what", [signal.SIGSTOP, signal.SIGKILL])
def test_a_worker_that_hangs_or_dies_costs_its_own_picture_only(what: signal.Signals) -> None:
    async def run() -> None:
        worker = WorkerProcess(LIMITS, picture_seconds=3)
        async with reading(worker=worker) as reader:
            first = await _frozen(reader, worker)
            if what is signal.SIGKILL:  # while the picture is being read
                asyncio.get_running_loop().call_later(0.3, os.kill, first, what)
            lost = await _read(reader, banner_png(RECIPE), name="https://a.example/p.png")
            assert lost.lines == ()
            assert lost.missed
            assert lost.gap is not None
            assert (lost.gap.kind, lost.gap.subject) == (
                GapKind.TIMEOUT if what is signal.SIGSTOP else GapKind.PICTURE_UNREADABLE,
                "https://a.example/p.png",
            )
            again = await _read(reader, banner_png(RECIPE))
            assert (again.missed, again.gap) == (lost.missed, None)
            assert _said(await _read(reader, banner_png())) == PROMOTION
            assert worker.pid not in (first, None)

    asyncio.run(run())


async def _frozen(reader: WordReader, worker: WorkerProcess) -> int:
    """Freezes the worker; gives its process id. What it is given then keeps it busy."""
    await worker.start()
    pid = worker.pid or 0
    os.kill(pid, signal.SIGSTOP)
    return pid


async def _until_waiting(reader: WordReader, number: int) -> None:
    while reader.waiting != number:  # noqa: ASYNC110  (yields, and does not sleep)
        await asyncio.sleep(0)


def test_the_most_suspicious_of_those_that_wait_is_next() -> None:
    async def run() -> None:
        order: list[str] = []
        begun = asyncio.Event()
        worker = WorkerProcess(LIMITS)

        async def read(name: str, clues: Clues) -> None:
            await _read(reader, banner_png((name,) * 3), clues, name)
            order.append(name)

        def started() -> bool:
            begun.set()
            return False

        reader = WordReader(LIMITS, WordMemo(None, "a"), stopping=started, worker=worker)
        pid = await _frozen(reader, worker)
        tasks = [asyncio.create_task(read("first", PLAIN))]
        await begun.wait()
        tasks.append(asyncio.create_task(read("plain", PLAIN)))
        tasks.append(asyncio.create_task(read("telling", TELLING)))
        await _until_waiting(reader, 2)
        os.kill(pid, signal.SIGCONT)
        await asyncio.gather(*tasks)
        await reader.close()
        assert order == ["first", "telling", "plain"]

    asyncio.run(run())


def test_the_budget_leaves_out_plain_pictures_first_and_counts_them() -> None:
    async def run() -> None:
        async with reading(seconds=60) as reader:
            await _read(reader, banner_png())
        async with reading(seconds=0.001) as reader:
            assert _said(await _read(reader, banner_png())) == PROMOTION
            left = [await _read(reader, banner_png((text,))) for text in RECIPE]
            assert {words.missed for words in left} == {
                "words not read: limits.words_seconds (0.001) reached"
            }
            assert [words.gap for words in left] == [None, None, None]
            reason = "words in 3 pictures not read: limits.words_seconds (0.001) reached"
            assert reader.closing_gaps() == [Gap(GapKind.WORDS_NOT_READ, "pictures", reason)]

    asyncio.run(run())


def test_part_of_the_budget_waits_for_what_tells_more() -> None:
    async def run() -> None:
        worker = WorkerProcess(LIMITS, picture_seconds=3)
        async with reading(seconds=7, worker=worker) as reader:
            await _frozen(reader, worker)
            await _read(reader, banner_png())  # 3 of 7 seconds spent
            assert (await _read(reader, banner_png(RECIPE, (600, 600)), PLAIN)).missed
            assert _said(await _read(reader, banner_png(RECIPE))) == RECIPE

    asyncio.run(run())


def test_a_scan_that_is_told_to_end_leaves_the_rest() -> None:
    async def run() -> None:
        worker = WorkerProcess(LIMITS)
        async with reading(stopping=True, worker=worker) as reader:
            words = await _read(reader, banner_png())
            assert words == Words(missed="words not read: the scan was told to end")
            assert worker.pid is None

    asyncio.run(run())


def test_closing_in_the_middle_answers_whoever_waits() -> None:
    async def run() -> None:
        worker = WorkerProcess(LIMITS)
        async with reading(worker=worker) as reader:
            await _frozen(reader, worker)
            waiting = [
                asyncio.create_task(_read(reader, banner_png((text,) * 2))) for text in RECIPE
            ]
            await _until_waiting(reader, 2)
            await reader.close()
            async with asyncio.timeout(5):
                ended = await asyncio.gather(*waiting)
            assert {words.missed for words in ended} == {"words not read: the scan ended"}

    asyncio.run(run())


def test_too_much_at_once_drops_the_least_suspicious(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.words.reader._WAITING_BYTES", 0)

    async def run() -> None:
        async with reading() as reader:
            words = await _read(reader, banner_png())
            assert words.missed == "words not read: too many pictures waited at once"
            (gap,) = reader.closing_gaps()
            assert gap.reason.startswith("words in 1 picture not read: too many")

    asyncio.run(run())


def test_a_broken_memo_is_a_gap(tmp_path: Path) -> None:
    (tmp_path / "picture-words.sqlite3").write_bytes(b"no database" * 500)

    async def run() -> None:
        async with reading(tmp_path) as reader:
            assert _said(await _read(reader, banner_png())) == PROMOTION
            (gap,) = reader.closing_gaps()
            assert gap.kind is GapKind.INTERNAL_ERROR

    asyncio.run(run())


def test_the_worker_says_what_it_cannot_read_and_goes_on() -> None:
    async def run() -> None:
        worker = WorkerProcess(LIMITS)
        try:
            with pytest.raises(Unreadable, match="no picture of a known format"):
                await worker.read(b"no picture")
            pid = worker.pid
            assert len(await worker.read(banner_png())) == 3
            assert worker.pid == pid
        finally:
            await worker.close()

    asyncio.run(run())


def test_a_worker_that_does_not_start_in_time_is_ended() -> None:
    async def run() -> None:
        worker = WorkerProcess(LIMITS, start_seconds=0.001)
        async with reading(worker=worker) as reader:
            words = await _read(reader, banner_png())
            assert "did not start: no answer within 0.001 s" in words.missed
            assert worker.pid is None
            (gap,) = reader.closing_gaps()
            assert gap.kind is GapKind.WORDS_NOT_READ

    asyncio.run(run())


def test_the_worker_ends_when_its_input_does() -> None:
    command = [sys.executable, "-m", "crawler.words.worker"]
    done = subprocess.run(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (0, framed(Reply()))
