"""The pictures a finding rests on, as they came, and copies with the evidence boxed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from core.capture import Picture
from core.errors import Unreadable
from core.fingerprint import Mark as Fingerprint
from core.gap import Gap, GapKind
from core.target import Limits
from crawler.extractors import picture_hash, shown_frame
from crawler.items import Judged
from crawler.marked_copy import marked_copy
from crawler.pipelines.marks import SCREENSHOT, Mark, marks_of
from storage import EvidenceFile, EvidenceKind, MarkedCopy

Put = Callable[[bytes, EvidenceKind], EvidenceFile]


class KeptPictures(NamedTuple):
    """Files kept, which of them are marked copies of others, what could not be drawn, and by what
    the pictures are known again."""

    files: tuple[EvidenceFile, ...] = ()
    marked: tuple[MarkedCopy, ...] = ()
    gaps: tuple[Gap, ...] = ()
    fingerprints: frozenset[Fingerprint] = frozenset()


def kept_pictures(item: Judged, put: Put, limits: Limits) -> KeptPictures:
    """Keep the screenshot and the marked pictures of a finding, each with its marked copy.

    Takes a second or so where there is a screenshot: to be called in a thread. Raises what `put`
    raises; a picture that cannot be drawn is a gap.
    """
    marks = marks_of(item)
    kept = KeptPictures()
    if item.capture.screenshot:
        shot = Picture(SCREENSHOT, item.capture.screenshot, "image/png")
        kept = _with(kept, shot, "full_page", marks.get(SCREENSHOT, ()), put, _wide(limits, shot))
    for picture in item.pictures:
        found = marks.get(picture.address, ())
        if found:
            kept = _with(kept, picture, "picture", found, put, limits)
    return kept


def _with(
    kept: KeptPictures,
    picture: Picture,
    kind: EvidenceKind,
    marks: Sequence[Mark],
    put: Put,
    limits: Limits,
) -> KeptPictures:
    files = kept.files
    if hashlib.sha256(picture.body).hexdigest() not in {file.sha256 for file in files}:
        files = (*files, put(picture.body, kind))
    if not marks:
        return kept._replace(files=files)
    try:
        frame = shown_frame(picture.body, limits, picture.media_type, marks[0].box)
    except Unreadable as error:
        gap = Gap(GapKind.PICTURE_UNREADABLE, picture.address, f"not marked: {error}")
        return kept._replace(files=files, gaps=(*kept.gaps, gap))
    labelled = [(mark.box, _label(mark.numbers)) for mark in marks]
    drawn = put(marked_copy(frame, labelled), "marked")
    numbers = tuple(sorted({number for mark in marks for number in mark.numbers}))
    sha256 = hashlib.sha256(picture.body).hexdigest()
    copy = MarkedCopy(drawn.sha256, sha256, picture.address, numbers)
    shows = picture_hash(frame) if kind == "picture" else ""
    return kept._replace(
        files=(*files, drawn),
        marked=(*kept.marked, copy),
        fingerprints=kept.fingerprints | ({Fingerprint("poster", shows)} if shows else set()),
    )


def _label(numbers: tuple[int, ...]) -> str:
    """Numbers in order, neighbours as a range: `1-3 7`."""
    ranges: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return " ".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)


def _wide(limits: Limits, shot: Picture) -> Limits:
    """The bound on bytes is for pictures of others; this one the browser made."""
    most = max(limits.max_picture_bytes, len(shot.body))
    return msgspec.structs.replace(limits, max_picture_bytes=most)
