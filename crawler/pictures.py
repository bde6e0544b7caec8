"""Fetching and reading the pictures of a page, each only once: by address in a scan, by content in
all scans that share a memo."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence

import msgspec

from core.capture import Picture
from core.document import Document, Locator
from core.gap import Gap, GapKind
from core.payloads import OPAQUE_MINI_PROGRAM
from core.target import Limits
from core.text import one_line
from crawler.extractors import (
    PdfReading,
    PictureReference,
    QrPayload,
    TextLine,
    asks_to_scan,
    is_pdf,
)
from crawler.frontier import Earlier, remember
from crawler.picture_decoder import PictureDecoder
from crawler.picture_memo import PictureMemo
from crawler.picture_process import PictureAnswer
from crawler.telling_pictures import TellingPictures
from crawler.words import Clues, WordReader, Words, clues_of

Fetch = Callable[[str], Awaitable[tuple[bytes, str]]]
"""Gives body and media type of a picture; raises GapError-like exceptions mapped by the caller."""

Found = list[tuple[PictureReference, Sequence[QrPayload]]]
FoundPdfs = list[tuple[PictureReference, PdfReading]]
FoundWords = list[tuple[PictureReference, Sequence[TextLine]]]
_Decoded = tuple[tuple[QrPayload, ...], Gap | None]


class Sights(msgspec.Struct, frozen=True):
    """What the pictures of one page show; `missed` says, a line each, which words were not read.

    `pictures` are those that show something, as far as they are at hand.
    """

    found: Found
    words: FoundWords
    pdfs: FoundPdfs
    gaps: list[Gap]
    missed: tuple[str, ...]
    pictures: tuple[Picture, ...] = ()


class _Outcome(msgspec.Struct, frozen=True):
    """What one picture shows."""

    payloads: tuple[QrPayload, ...] = ()
    words: Words = Words()
    pdf: PdfReading | None = None
    gap: Gap | None = None

    @property
    def tells(self) -> bool:
        """Whether it shows anything that was read."""
        return bool(self.payloads or self.words.lines)


class PictureReader:
    """Reads QR codes from the pictures of pages; decoding runs in a process of its own.

    With `words`, words too.
    """

    def __init__(
        self,
        fetch: Fetch,
        explain: Callable[[BaseException, str], Gap | None],
        limits: Limits,
        *,
        words: WordReader | None = None,
        remembered: int = 5_000,
    ) -> None:
        self._fetch = fetch
        self._explain = explain
        self._limits = limits
        self._words = words
        self._remembered = remembered
        self._outcomes: OrderedDict[str, asyncio.Future[_Outcome]] = OrderedDict()
        self._told: set[str] = set()
        self._telling = TellingPictures()
        self._decoder = PictureDecoder(limits)
        self._memo: PictureMemo | None = None

    def recall(self, earlier: Earlier) -> None:
        """Know again what was told of pictures before the scan was cut off."""
        self._told |= {key for (key,) in earlier.of("picture_gap")}
        if self._words is not None:
            self._words.recall(earlier)

    def use_memo(self, memo: PictureMemo) -> None:
        """From now on do not decode again what `memo` knows, and tell it what is decoded."""
        self._memo = memo

    async def read(
        self, pictures: Sequence[PictureReference], page: str, document: Document | None = None
    ) -> Sights:
        """QR payloads and words of `pictures` and what could not be read. Never raises.

        `document` is the page that shows them: it says which pictures are worth reading, and
        whether there is a reason to read them the slowest way too.
        """
        thorough = document is not None and asks_to_scan(document)
        kept, gaps = self._within_budget(pictures, page)
        outcomes = await asyncio.gather(
            *(self._outcome(picture, clues_of(picture, document), thorough) for picture in kept)
        )
        pairs = list(zip(kept, outcomes, strict=True))
        at_hand = (self._telling.get(picture) for picture, seen in pairs if seen.tells)
        return Sights(
            found=[(picture, seen.payloads) for picture, seen in pairs if seen.payloads],
            words=[(picture, seen.words.lines) for picture, seen in pairs if seen.words.lines],
            pdfs=[(picture, seen.pdf) for picture, seen in pairs if seen.pdf is not None],
            gaps=gaps + [seen.gap for seen in outcomes if seen.gap is not None],
            missed=tuple(dict.fromkeys(s.words.missed for s in outcomes if s.words.missed)),
            pictures=tuple(picture for picture in at_hand if picture is not None),
        )

    def _within_budget(
        self, pictures: Sequence[PictureReference], page: str
    ) -> tuple[list[PictureReference], list[Gap]]:
        """The pictures and PDFs to be read, and a gap for each sort of which there are more."""
        kept: list[PictureReference] = []
        gaps = []
        limits = self._limits
        sorts = (
            (False, limits.max_pictures_per_page, "pictures", "limits.max_pictures_per_page"),
            (True, limits.max_pdfs_per_page, "PDFs", "limits.max_pdfs_per_page"),
        )
        for are_pdfs, most, what, limit in sorts:
            these = [picture for picture in pictures if picture.is_pdf == are_pdfs]
            kept += these[:most]
            if len(these) > most:
                reason = f"{len(these) - most} of {len(these)} {what} not read ({limit})"
                gaps.append(Gap(GapKind.BUDGET_REACHED, page, reason))
        return kept, gaps

    def knows(self, url: str) -> bool:
        """Whether the picture at `url` was read before, or handed in with `remember`."""
        return url in self._outcomes

    async def remember(self, url: str, body: bytes) -> None:
        """Read a picture at hand (from an archive) so that `url` needs no fetching."""
        future: asyncio.Future[_Outcome] = asyncio.get_running_loop().create_future()
        self._outcomes[url] = future
        clues = clues_of(PictureReference(url, Locator("archive")), None)
        seen = await self._seen(body, url, "", clues, False)
        if seen.tells:
            self._telling.keep(url, body, "")
        future.set_result(seen)

    async def decode(
        self,
        body: bytes,
        subject: str,
        media_type: str = "",
        *,
        thorough: bool = False,
        max_bytes: int = 0,
    ) -> _Decoded:
        """QR payloads of a picture at hand, or the gap; `max_bytes`: another bound for a picture
        of our own making."""
        sha256 = hashlib.sha256(body).hexdigest()
        known = self._memo.get(sha256, thorough=thorough) if self._memo else None
        if known is not None:
            return known, None
        answer = await self._decoder.read(body, media_type, thorough=thorough, max_bytes=max_bytes)
        if self._memo and not answer.failure and not answer.refused:
            self._memo.put(sha256, answer.payloads, thorough=thorough)
        return answer.payloads, _gap_of(answer, subject)

    def closing_gaps(self) -> list[Gap]:
        """Gaps that are known only at the end of a scan."""
        return [] if self._words is None else self._words.closing_gaps()

    async def close(self) -> None:
        """Let the decoding process and the reader of words end."""
        if self._words is not None:
            await self._words.close()
        await self._decoder.close()
        if self._memo:
            self._memo.close()

    async def _outcome(self, picture: PictureReference, clues: Clues, thorough: bool) -> _Outcome:
        key = picture.url or hashlib.sha256(picture.data or b"").hexdigest()
        waiting = self._outcomes.get(key)
        if waiting is not None:
            seen = await asyncio.shield(waiting)
            return msgspec.structs.replace(seen, gap=None)  # counted where it was seen first
        future: asyncio.Future[_Outcome] = asyncio.get_running_loop().create_future()
        self._outcomes[key] = future
        while len(self._outcomes) > self._remembered:
            self._outcomes.popitem(last=False)
        try:
            outcome = await self._fetched(picture, clues, thorough)
        except BaseException as error:
            future.cancel()
            self._outcomes.pop(key, None)
            if not isinstance(error, Exception):
                raise
            gap = Gap(GapKind.INTERNAL_ERROR, picture.url, one_line(repr(error)))
            outcome = _Outcome(gap=gap)
        else:
            future.set_result(outcome)
        return self._told_once(key, outcome)

    def _told_once(self, key: str, outcome: _Outcome) -> _Outcome:
        """`outcome`, without the gap that a page before the scan was cut off has told."""
        if outcome.gap is None:
            return outcome
        if key in self._told:
            return msgspec.structs.replace(outcome, gap=None)
        remember("picture_gap", key)
        return outcome

    async def _fetched(self, picture: PictureReference, clues: Clues, thorough: bool) -> _Outcome:
        if picture.data is not None:
            subject, media_type = picture.address, picture.media_type
            return await self._seen(picture.data, subject, media_type, clues, thorough)
        try:
            body, media_type = await self._fetch(picture.url)
        except Exception as error:  # noqa: BLE001  (any failed download is a gap with its reason)
            return _Outcome(gap=self._explain(error, picture.url))
        if not body:
            return _Outcome(gap=Gap(GapKind.PICTURE_UNREADABLE, picture.url, "an empty picture"))
        if picture.is_pdf and not is_pdf(body, media_type):
            reason = f"a link to a PDF leads to `{one_line(media_type, 80)}`"
            return _Outcome(gap=Gap(GapKind.DOCUMENT_UNREADABLE, picture.url, reason))
        seen = await self._seen(body, picture.url, media_type, clues, thorough)
        if seen.tells:
            self._telling.keep(picture.url, body, media_type)
        return seen

    async def _seen(
        self, body: bytes, subject: str, media_type: str, clues: Clues, thorough: bool
    ) -> _Outcome:
        if is_pdf(body, media_type):
            return await self._seen_pdf(body, subject)
        payloads, gap = await self.decode(body, subject, media_type, thorough=thorough)
        if self._words is None or gap is not None:
            return _Outcome(payloads, gap=gap or opaque_gap(payloads, subject))
        clues = msgspec.structs.replace(clues, has_code=bool(payloads))
        words = await self._words.read(body, media_type, subject, clues)
        return _Outcome(payloads, words, gap=words.gap or opaque_gap(payloads, subject))

    async def _seen_pdf(self, body: bytes, subject: str) -> _Outcome:
        sha256 = hashlib.sha256(body).hexdigest()
        reading = self._memo.pdf(sha256, self._limits) if self._memo else None
        if reading is None:
            answer = await self._decoder.read_pdf(body)
            if answer.refused:
                return _Outcome(gap=Gap(GapKind.DOCUMENT_UNREADABLE, subject, answer.refused))
            reading = answer.reading
            if answer.failure:
                failed = _alone(answer.failure)
                return _Outcome(pdf=reading, gap=Gap(GapKind.READER_FAILED, subject, failed))
            if self._memo:
                self._memo.put_pdf(sha256, self._limits, reading)
        if reading.cut:
            reason = f"{reading.cut} (limits.max_pdf_pages, limits.pdf_seconds)"
            return _Outcome(pdf=reading, gap=Gap(GapKind.BUDGET_REACHED, subject, reason))
        codes = [code for page in reading.pages for code in page.codes]
        return _Outcome(pdf=reading, gap=opaque_gap(codes, subject))


def opaque_gap(payloads: Iterable[QrPayload], subject: str) -> Gap | None:
    """The gap where one of `payloads` stands for a code that only its platform opens."""
    if all(payload.text != OPAQUE_MINI_PROGRAM for payload in payloads):
        return None
    reason = "a circular mini-program code; only its platform can tell where it leads"
    return Gap(GapKind.OPAQUE_CODE, subject, reason)


def _gap_of(answer: PictureAnswer, subject: str) -> Gap | None:
    if answer.refused == "too_large":
        return Gap(GapKind.PICTURE_TOO_LARGE, subject, answer.reason)
    if answer.refused:
        return Gap(GapKind.PICTURE_UNREADABLE, subject, answer.reason)
    if answer.failure:
        return Gap(GapKind.READER_FAILED, subject, _alone(answer.failure))
    return None


def _alone(failure: str) -> str:
    return one_line(f"read by one QR reader alone: {failure}", 300)
