"""The process that reads QR codes and PDFs: `python -m crawler.picture_process`.

It takes one task after another on standard input and answers on standard output. Native decoders
run here, so that a hang or a crash costs one picture,
and decoding never holds up the crawl loop. Memory is bounded by the operating system.
"""

from __future__ import annotations

import resource
import signal
import sys
from typing import Literal

import msgspec
from PIL import Image

from core.errors import Unreadable
from core.target import Limits
from crawler.extractors.opaque_codes import opaque_codes
from crawler.extractors.pdf_document import PdfReading
from crawler.extractors.qr_codes import MoreReaders, QrPayload, codes_of, decode_picture
from crawler.extractors.raster import PictureTooLarge
from crawler.framing import framed, next_frame

MOST_BYTES = 3 * 1024**3
"""Address space of the process: several times what the largest allowed picture needs."""


class PictureTask(msgspec.Struct, frozen=True, array_like=True, tag="picture"):
    """A picture to read; `thorough`: the page gives a reason to read it the slowest way too."""

    body: bytes
    media_type: str
    limits: Limits
    thorough: bool


class PdfTask(msgspec.Struct, frozen=True, array_like=True, tag="pdf"):
    """A PDF to read."""

    body: bytes
    limits: Limits


class PictureAnswer(msgspec.Struct, frozen=True, array_like=True):
    """What was read. `refused` says why the picture was not decoded, `failure` why only zxing-cpp
    read it."""

    payloads: tuple[QrPayload, ...] = ()
    refused: Literal["", "too_large", "unreadable"] = ""
    reason: str = ""
    failure: str = ""


class PdfAnswer(msgspec.Struct, frozen=True, array_like=True):
    """What was read of a PDF. `refused` says why nothing was, `failure` why only zxing-cpp read the
    codes."""

    reading: PdfReading = PdfReading()
    refused: str = ""
    failure: str = ""


def answer(task: PictureTask | PdfTask) -> PictureAnswer | PdfAnswer:
    """Read one picture with both readers, or one PDF."""
    return pdf_answer(task) if isinstance(task, PdfTask) else picture_answer(task)


def pdf_answer(task: PdfTask) -> PdfAnswer:
    """Read text, links and codes of a PDF."""
    from crawler.extractors.pdf_pages import read_pdf

    second = _SecondReader()
    more = MoreReaders(second.again)

    def decode(picture: Image.Image) -> list[QrPayload]:
        return codes_of(picture, more) or opaque_codes(picture)

    try:
        reading = read_pdf(task.body, task.limits, decode)
    except Unreadable as error:
        return PdfAnswer(refused=str(error))
    return PdfAnswer(reading, failure=second.failure)


def picture_answer(task: PictureTask) -> PictureAnswer:
    """Read one picture with both readers."""
    second = _SecondReader()
    hardest = second.hardest if task.thorough else None
    more = MoreReaders(second.again, hardest, opaque_codes)
    try:
        payloads = decode_picture(task.body, task.limits, task.media_type, more)
    except PictureTooLarge as error:
        return PictureAnswer(refused="too_large", reason=str(error))
    except Unreadable as error:
        return PictureAnswer(refused="unreadable", reason=str(error))
    return PictureAnswer(payloads, failure=second.failure)


class _SecondReader:
    """tapirscan, whose exceptions leave what zxing-cpp found standing."""

    def __init__(self) -> None:
        self.failure = ""

    def again(self, picture: Image.Image) -> list[QrPayload]:
        return self._read(picture, thorough=False)

    def hardest(self, picture: Image.Image) -> list[QrPayload]:
        return self._read(picture, thorough=True)

    def _read(self, picture: Image.Image, *, thorough: bool) -> list[QrPayload]:
        try:
            from crawler.extractors.second_reader import read_again

            return read_again(picture, "very-high" if thorough else "medium")
        except Exception as error:  # noqa: BLE001  (young native code: any failure is a reason)
            self.failure = f"{type(error).__name__}: {error}"
            return []


def main() -> None:
    """Answer tasks until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the scan, which ends us
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    tasks, answers = sys.stdin.buffer, sys.stdout.buffer
    while (packed := next_frame(tasks)) is not None:
        answers.write(framed(answer(msgspec.msgpack.decode(packed, type=PictureTask | PdfTask))))
        answers.flush()


if __name__ == "__main__":
    main()
