"""Fetching and decoding the pictures of a page, each only once: by address in a scan, by content in
all scans that share a memo."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence

from core.gap import Gap, GapKind
from core.target import Limits
from core.text import one_line
from crawler.extractors import PictureReference, QrPayload
from crawler.picture_decoder import PictureDecoder
from crawler.picture_memo import PictureMemo
from crawler.picture_process import PictureAnswer

Fetch = Callable[[str], Awaitable[tuple[bytes, str]]]
"""Gives body and media type of a picture; raises GapError-like exceptions mapped by the caller."""

Found = list[tuple[PictureReference, Sequence[QrPayload]]]
_Outcome = tuple[tuple[QrPayload, ...], Gap | None]


class PictureReader:
    """Reads QR codes from the pictures of pages; decoding runs in a process of its own."""

    def __init__(
        self,
        fetch: Fetch,
        explain: Callable[[BaseException, str], Gap | None],
        limits: Limits,
        *,
        remembered: int = 5_000,
    ) -> None:
        self._fetch = fetch
        self._explain = explain
        self._limits = limits
        self._remembered = remembered
        self._outcomes: OrderedDict[str, asyncio.Future[_Outcome]] = OrderedDict()
        self._decoder = PictureDecoder(limits)
        self._memo: PictureMemo | None = None

    def use_memo(self, memo: PictureMemo) -> None:
        """From now on do not decode again what `memo` knows, and tell it what is decoded."""
        self._memo = memo

    async def read(
        self, pictures: Sequence[PictureReference], page: str, *, thorough: bool = False
    ) -> tuple[Found, list[Gap]]:
        """QR payloads of `pictures` and what could not be read. Never raises. `thorough`: the page
        gives a reason to read pictures the slowest way too."""
        gaps: list[Gap] = []
        kept = pictures[: self._limits.max_pictures_per_page]
        if len(kept) < len(pictures):
            gaps.append(
                Gap(
                    GapKind.BUDGET_REACHED,
                    page,
                    f"{len(pictures) - len(kept)} of {len(pictures)} pictures not read "
                    "(limits.max_pictures_per_page)",
                )
            )
        outcomes = await asyncio.gather(
            *(self._outcome(picture, thorough=thorough) for picture in kept)
        )
        found: Found = []
        for picture, (payloads, gap) in zip(kept, outcomes, strict=True):
            if payloads:
                found.append((picture, payloads))
            if gap is not None:
                gaps.append(gap)
        return found, gaps

    def knows(self, url: str) -> bool:
        """Whether the picture at `url` was read before, or handed in with `remember`."""
        return url in self._outcomes

    async def remember(self, url: str, body: bytes) -> None:
        """Read a picture at hand (from an archive) so that `url` needs no fetching."""
        future: asyncio.Future[_Outcome] = asyncio.get_running_loop().create_future()
        self._outcomes[url] = future
        future.set_result(await self.decode(body, url))

    async def decode(
        self, body: bytes, subject: str, media_type: str = "", *, thorough: bool = False
    ) -> _Outcome:
        """QR payloads of a picture at hand (a screenshot, say), or the gap."""
        sha256 = hashlib.sha256(body).hexdigest()
        known = self._memo.get(sha256, thorough=thorough) if self._memo else None
        if known is not None:
            return known, None
        answer = await self._decoder.read(body, media_type, thorough=thorough)
        if self._memo and not answer.failure and not answer.refused:
            self._memo.put(sha256, answer.payloads, thorough=thorough)
        return answer.payloads, _gap_of(answer, subject)

    async def close(self) -> None:
        """Let the decoding process end."""
        await self._decoder.close()
        if self._memo:
            self._memo.close()

    async def _outcome(self, picture: PictureReference, *, thorough: bool) -> _Outcome:
        key = picture.url or hashlib.sha256(picture.data or b"").hexdigest()
        waiting = self._outcomes.get(key)
        if waiting is not None:
            payloads, _ = await asyncio.shield(waiting)
            return payloads, None  # its gap is counted where it was seen first
        future: asyncio.Future[_Outcome] = asyncio.get_running_loop().create_future()
        self._outcomes[key] = future
        while len(self._outcomes) > self._remembered:
            self._outcomes.popitem(last=False)
        try:
            outcome = await self._fetched(picture, thorough=thorough)
        except BaseException as error:
            future.cancel()
            self._outcomes.pop(key, None)
            if not isinstance(error, Exception):
                raise
            outcome = (), Gap(GapKind.INTERNAL_ERROR, picture.url, one_line(repr(error)))
        else:
            future.set_result(outcome)
        return outcome

    async def _fetched(self, picture: PictureReference, *, thorough: bool) -> _Outcome:
        if picture.data is not None:
            return await self.decode(
                picture.data, picture.locator.path, picture.media_type, thorough=thorough
            )
        try:
            body, media_type = await self._fetch(picture.url)
        except Exception as error:  # noqa: BLE001  (any failed download is a gap with its reason)
            return (), self._explain(error, picture.url)
        if not body:
            return (), Gap(GapKind.PICTURE_UNREADABLE, picture.url, "an empty picture")
        return await self.decode(body, picture.url, media_type, thorough=thorough)


def _gap_of(answer: PictureAnswer, subject: str) -> Gap | None:
    if answer.refused == "too_large":
        return Gap(GapKind.PICTURE_TOO_LARGE, subject, answer.reason)
    if answer.refused:
        return Gap(GapKind.PICTURE_UNREADABLE, subject, answer.reason)
    if answer.failure:
        reason = one_line(f"read by one QR reader alone: {answer.failure}", 300)
        return Gap(GapKind.READER_FAILED, subject, reason)
    return None
