"""Many listing entries at the price of one: which of them surely are `clear`.

Nearly all entries of an export hold nothing that a rule could rest on, and most of what they cost
is the price of beginning: a dozen array operations on a short text. Their texts are joined with two
line breaks, over which nothing is folded together and no word reaches, and read in one pass; then
each entry is asked what could fire if everything it holds stood in one passage. That is more than
`classify` would ever grant, so "nothing" is sure; whoever is not sure is judged by `classify`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from classifiers.bare_links import bare_links
from classifiers.gather import MAX_REFERENCES, page_of, sends_reader
from classifiers.matcher import find_words, repeated_places
from classifiers.names import forbidden_words, name_texts
from classifiers.normalise import Folded, fold, fold_word
from classifiers.ruleset import Ruleset
from core import Document

_BETWEEN = "\n\n"
"""Folding looks two characters back; a line break ends every word."""


def quiet_entries(documents: Sequence[Document], ruleset: Ruleset) -> list[bool]:
    """For each listing entry, whether `classify` is sure to call it `clear` (its score aside).

    False means only "not sure". About a fifth of the time of `classify`, for a hundred or more.
    """
    texts = [page_of(document).text for document in documents]
    batch = _Batch(texts, ruleset)
    unsure = batch.unsure | _named(documents, ruleset)
    return [
        number not in unsure
        and document.entry is not None
        and not document.degraded
        and not _may_fire(document, batch, number, ruleset)
        for number, document in enumerate(documents)
    ]


class _Batch:
    """What was found in the joined texts: per document the bits of its words and the text shapes
    that may stand in it; `unsure` are those that need their own look."""

    def __init__(self, texts: Sequence[str], ruleset: Ruleset) -> None:
        self.starts = [0, *accumulate(len(text) + len(_BETWEEN) for text in texts)][:-1]
        text = _BETWEEN.join(texts)
        folded = fold(text)
        self.bits = [0] * len(texts)
        self.shapes = ruleset.anchors.shapes_by_unit(folded, self.starts) if texts else {}
        self.unsure = set(self._at(start for start, _ in bare_links(text)))
        self.unsure.update(self._at(repeated_places(folded)))
        self.unsure.update(self._at(_free_shapes(folded, ruleset)))
        for hit in find_words(folded, ruleset, thinned=False, doubled=False):
            place = bisect_right(self.starts, hit.start) - 1
            for use in hit.uses:
                self.bits[place] |= use.bit

    def _at(self, places: Iterable[int]) -> Iterator[int]:
        return (bisect_right(self.starts, place) - 1 for place in places)


def _free_shapes(folded: Folded, ruleset: Ruleset) -> Iterator[int]:
    """Raw places at which a shape that needs no company may stand."""
    for compiled in ruleset.free_shapes:
        if compiled.shape.raw:
            yield from (match.start() for match in compiled.hint.finditer(folded.raw))
        else:
            places = [match.start() for match in compiled.hint.finditer(folded.text)]
            yield from folded.positions()[places].tolist() if places else ()


def _named(documents: Sequence[Document], ruleset: Ruleset) -> set[int]:
    """Documents with a forbidden word in a name."""
    owners: list[int] = []
    names: list[str] = []
    for number, document in enumerate(documents):
        found = [text for _, text in name_texts(document)]
        names += found
        owners += [number] * len(found)
    starts = [0, *accumulate(len(name) + len(_BETWEEN) for name in names)]
    folded = fold(_BETWEEN.join(names))
    named: set[int] = set()
    for word in forbidden_words(ruleset):
        wanted = fold_word(word)
        place = folded.text.find(wanted)
        while place >= 0:
            raw = int(folded.positions()[place])
            named.add(owners[bisect_right(starts, raw) - 1])
            place = folded.text.find(wanted, place + 1)
    return named


def _may_fire(document: Document, batch: _Batch, number: int, ruleset: Ruleset) -> bool:
    """Whether a rule could fire if all words, shapes and links of the document stood together."""
    links = 0
    index = ruleset.links
    for reference in document.references[:MAX_REFERENCES]:
        if reference.kind == "qr" or sends_reader(reference) or index.read(reference.url):
            return True
        links = ruleset.bit["any_link"]
    mask = batch.bits[number] | links
    if not mask & ~ruleset.bit["any_link"]:
        return False
    shapes = batch.shapes.get(number, 0) if mask & ruleset.anchors.needs else 0
    return ruleset.could_fire(mask, mask, shapes, account=True, entry=True)
