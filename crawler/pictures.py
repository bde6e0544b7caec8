"""Fetching and decoding the pictures of a page, each only once in a scan."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from core.errors import Unreadable
from core.gap import Gap, GapKind
from core.target import Limits
from core.text import one_line
from crawler.extractors import (
    PictureReference,
    PictureTooLarge,
    QrPayload,
    decode_picture,
)

Fetch = Callable[[str], Awaitable[tuple[bytes, str]]]
"""Gives body and media type of a picture; raises GapError-like exceptions mapped by the caller."""

Found = list[tuple[PictureReference, Sequence[QrPayload]]]
_Outcome = tuple[tuple[QrPayload, ...], Gap | None]


class PictureReader:
    """Reads QR codes from the pictures of pages; decoding runs in a thread, off the crawl loop."""

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
        self._threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pictures")

    async def read(
        self, pictures: Sequence[PictureReference], page: str
    ) -> tuple[Found, list[Gap]]:
        """QR payloads of `pictures` and what could not be read. Never raises."""
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
        outcomes = await asyncio.gather(*(self._outcome(picture) for picture in kept))
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

    async def decode(self, body: bytes, subject: str, media_type: str = "") -> _Outcome:
        """QR payloads of a picture at hand (a screenshot, say), or the gap."""
        loop = asyncio.get_running_loop()
        try:
            payloads = await loop.run_in_executor(
                self._threads, decode_picture, body, self._limits, media_type
            )
        except PictureTooLarge as error:
            return (), Gap(GapKind.PICTURE_TOO_LARGE, subject, str(error))
        except Unreadable as error:
            return (), Gap(GapKind.PICTURE_UNREADABLE, subject, str(error))
        return payloads, None

    def close(self) -> None:
        """Let the decoding thread end."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _outcome(self, picture: PictureReference) -> _Outcome:
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
            outcome = await self._fetched(picture)
        except BaseException as error:
            future.cancel()
            self._outcomes.pop(key, None)
            if not isinstance(error, Exception):
                raise
            outcome = (), Gap(GapKind.INTERNAL_ERROR, picture.url, one_line(repr(error)))
        else:
            future.set_result(outcome)
        return outcome

    async def _fetched(self, picture: PictureReference) -> _Outcome:
        if picture.data is not None:
            return await self.decode(picture.data, picture.locator.path, picture.media_type)
        try:
            body, media_type = await self._fetch(picture.url)
        except Exception as error:  # noqa: BLE001  (any failed download is a gap with its reason)
            return (), self._explain(error, picture.url)
        if not body:
            return (), Gap(GapKind.PICTURE_UNREADABLE, picture.url, "an empty picture")
        return await self.decode(body, picture.url, media_type)
