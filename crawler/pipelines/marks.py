"""Which places of which picture each numbered reason of a verdict rests on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from core.capture import Box
from core.document import HOP, Locator
from core.verdict import Evidence, Signal
from crawler.items import Judged

SCREENSHOT = "screenshot"
"""What locators call the picture of the whole page."""


class Mark(msgspec.Struct, frozen=True):
    """A place in a picture, and the numbers of the reasons that rest on it."""

    box: Box
    numbers: tuple[int, ...]


def marks_of(judged: Judged) -> dict[str, tuple[Mark, ...]]:
    """Marks by the address of the picture they stand in; `SCREENSHOT` is the page itself.

    A reason that rests on what shows in no picture (a title, a script, hidden text) has none. How a
    text is worded is no matter of one place: such reasons have marks where no other has.
    """
    return _marks(judged, learned=False) or _marks(judged, learned=True)


def _marks(judged: Judged, *, learned: bool) -> dict[str, tuple[Mark, ...]]:
    places = _Places(judged)
    for number, reason in enumerate(judged.verdict.reasons(), 1):
        if reason.learned == learned:
            for locator in _locators(judged, reason):
                places.add(number, locator)
    return places.marks()


class _Places:
    """Collects the numbers of each place."""

    def __init__(self, judged: Judged) -> None:
        self._elements = dict(judged.capture.element_boxes)
        self._paths = {picture.address: picture.path for picture in judged.pictures}
        self._numbers: dict[str, dict[Box, list[int]]] = defaultdict(dict)

    def add(self, number: int, locator: Locator) -> None:
        """The place of `locator`: in a picture, on the page, or both."""
        path = locator.path.partition(HOP)[0]
        if locator.box is not None:
            self._add(path, locator.box, number)
            path = self._paths.get(path, "")
        element = self._elements.get(path)
        if element is not None:
            self._add(SCREENSHOT, element, number)

    def marks(self) -> dict[str, tuple[Mark, ...]]:
        return {
            address: tuple(Mark(box, tuple(numbers)) for box, numbers in boxes.items())
            for address, boxes in self._numbers.items()
        }

    def _add(self, address: str, box: Box, number: int) -> None:
        numbers = self._numbers[address].setdefault(box, [])
        if number not in numbers:
            numbers.append(number)


def _locators(judged: Judged, reason: Evidence) -> Iterator[Locator]:
    """Where the signals of a reason stand, or else the block it names."""
    signals = judged.verdict.signals
    cited = [signals[one] for one in reason.signals]
    for signal in cited:
        locator = _locator(judged, signal)
        if locator is not None:
            yield locator
    if not cited and reason.block >= 0:
        yield judged.document.blocks[reason.block].locator


def _locator(judged: Judged, signal: Signal) -> Locator | None:
    if signal.reference >= 0:
        return judged.document.references[signal.reference].locator
    return judged.document.blocks[signal.block].locator if signal.block >= 0 else None
