"""The bytes of pictures that said something, at hand until the pages that show them are judged."""

from __future__ import annotations

from collections import OrderedDict

from core.capture import Picture
from crawler.extractors import PictureReference

MOST_BYTES = 64 * 1024 * 1024


class TellingPictures:
    """Pictures by address, the last `most_bytes` of them; those of a page's own data: are not
    copied."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[str, tuple[bytes, str]] = OrderedDict()
        self._bytes = 0

    def keep(self, url: str, body: bytes, media_type: str) -> None:
        """Have the picture at `url` at hand, and let the oldest go."""
        self._bytes += len(body) - len(self._kept.pop(url, (b"", ""))[0])
        self._kept[url] = (body, media_type)
        while self._bytes > self._most_bytes:
            _, (oldest, _) = self._kept.popitem(last=False)
            self._bytes -= len(oldest)

    def get(self, picture: PictureReference) -> Picture | None:
        """The picture that a page shows; None when it is no longer at hand."""
        path = picture.locator.path
        if picture.data is not None:
            return Picture("", picture.data, picture.media_type, path)
        kept = self._kept.get(picture.url)
        return None if kept is None else Picture(picture.url, kept[0], kept[1], path)
