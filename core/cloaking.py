"""One page as several visitors saw it: what differs each time, and what merely changes. Pure.

Compared are findings, not bytes: the blocks that carry a finding, the words and references that
speak for promotion, and places on other sites a visitor is taken to. Of each of them is asked in
which takes it was there at all. What one visitor always sees and another never is *cloaking*; what
comes and goes for the same visitor is *dynamic* (a rotating banner, a clock, a token). What a page
holds and does not show (a string in a script) is another item than the same words shown.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from core.capture import Capture
from core.document import BlockKind, Document, Reference, ReferenceKind
from core.simhash import distance, simhash, stable_text
from core.urls import registrable_domain, split_host
from core.verdict import CANDIDATE_LABELS, Cloaking, ProfileViews, Signal, Verdict

FEWEST_TAKES = 2
"""Seen once, a difference may be chance."""

_UNSEEN = "~"
_SHOWN: frozenset[BlockKind] = frozenset(
    ("title", "visible", "alt", "listing_field", "ocr", "qr_text")
)
_NOT_FOLLOWED: frozenset[ReferenceKind] = frozenset(("script_url", "structured_data", "canonical"))
_MOST_QUOTES = 8
_SHORTEST_BLOCK = 2
_TOKEN = re.compile(r"[^/]*\d[^/]*|[^/]{24,}")

Kind = Literal["block", "term", "reference", "destination"]
Item = tuple[Kind, str]


class Take(msgspec.Struct, frozen=True, kw_only=True):
    """One look by one client profile.

    `telling` are the items that speak for promotion or lead off the site, each with its raw words;
    `blocks` and `addresses` are all that the page has, `shown` and `held` the letters of what it
    shows and of all it holds, `signature` the simhash of what it shows; `found` whether the verdict
    is a finding. Keys of what is not shown begin with `~`.
    """

    profile: str
    telling: dict[Item, str] = {}
    blocks: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    shown: str = ""
    held: str = ""
    signature: int = 0
    found: bool = False

    def has(self, item: Item) -> bool:
        """Whether `item`, telling or not, was there in this take."""
        kind, key = item
        if item in self.telling:
            return True
        if kind == "block":
            return key in self.blocks
        if kind == "term":
            return key in self.shown or (key[:1] == _UNSEEN and key[1:] in self.held)
        return kind == "reference" and key in self.addresses


def take_of(profile: str, capture: Capture, document: Document, verdict: Verdict) -> Take:
    """What `profile` saw, ready to compare."""
    found = verdict.label in CANDIDATE_LABELS
    texts = [stable_text(block.text) for block in document.blocks]
    shown = [n for n, block in enumerate(document.blocks) if block.kind in _SHOWN]
    telling: dict[Item, str] = dict(_destinations(capture, document))
    if found:
        telling |= _findings(document, verdict, texts)
    return Take(
        profile=profile,
        telling=telling,
        blocks=frozenset((*(texts[n] for n in shown), *(_UNSEEN + text for text in texts))),
        addresses=frozenset(_reference_keys(document)),
        shown="\n".join(texts[n] for n in shown),
        held="\n".join(texts),
        signature=simhash("".join(document.blocks[n].text for n in shown)),
        found=found,
    )


def nothing_there(profile: str) -> Take:
    """The take of a visitor who was told that there is no such page (404, 410)."""
    return Take(profile=profile)


def differs(takes: Sequence[Take]) -> bool:
    """Whether anything telling was there in some takes and not in others: worth a second look."""
    return any(not all(take.has(item) for take in takes) for item in _telling(takes))


def views_of(takes: Sequence[Take], own: str, unseen: Iterable[str] = ()) -> ProfileViews:
    """What all `takes` of a page together say. `own` is the product's own profile, with which the
    texts of the others are compared; `unseen` are profiles that did not get to see the page."""
    by_profile = _by_profile(takes)
    cloaked, dynamic = _sorted_out(by_profile, _telling(takes))
    return ProfileViews(
        profiles=tuple(by_profile),
        takes=max((len(some) for some in by_profile.values()), default=0),
        found_by=tuple(name for name, some in by_profile.items() if any(t.found for t in some)),
        unseen=tuple(unseen),
        cloaking=cloaked,
        dynamic=dynamic,
        text_distance=_text_distance(by_profile, own),
    )


def _telling(takes: Iterable[Take]) -> dict[Item, str]:
    """Every telling item of any take, with its raw words."""
    return {item: words for take in takes for item, words in take.telling.items()}


def _by_profile(takes: Iterable[Take]) -> dict[str, list[Take]]:
    found: dict[str, list[Take]] = {}
    for take in takes:
        found.setdefault(take.profile, []).append(take)
    return found


def _sorted_out(
    by_profile: dict[str, list[Take]], telling: dict[Item, str]
) -> tuple[tuple[Cloaking, ...], bool]:
    """Cloaked items, grouped by who sees them, and whether anything came and went."""
    groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = defaultdict(list)
    dynamic = False
    enough = {name: some for name, some in by_profile.items() if len(some) >= FEWEST_TAKES}
    for item, words in telling.items():
        seen = {name: sum(take.has(item) for take in some) for name, some in by_profile.items()}
        if any(0 < seen[name] < len(some) for name, some in by_profile.items()):
            dynamic = True
            continue
        always = tuple(name for name in enough if seen[name])
        never = tuple(name for name in enough if not seen[name])
        if always and never:
            groups[always, never].append(words)
    cloaked = (
        Cloaking(
            seen_by=seen, hidden_from=hidden, quotes=tuple(dict.fromkeys(quotes))[:_MOST_QUOTES]
        )
        for (seen, hidden), quotes in groups.items()
    )
    return tuple(cloaked), dynamic


def _text_distance(by_profile: dict[str, list[Take]], own: str) -> int:
    """The largest distance of a profile from `own`, each pair at its nearest takes."""
    mine = [take.signature for take in by_profile.get(own, ())]
    others = ([take.signature for take in some] for name, some in by_profile.items() if name != own)
    nearest = (min(distance(one, two) for one in mine for two in some) for some in others if mine)
    return max(nearest, default=0)


def _destinations(capture: Capture, document: Document) -> Iterator[tuple[Item, str]]:
    """Places on other sites that the page takes its visitor to by itself."""
    home = _site(capture.requested_url)
    redirects = (
        reference.url
        for reference in document.references
        if reference.kind == "redirect" and not reference.is_behind_link
    )
    for url in (capture.leads_to, capture.final_url, *redirects):
        if url and _site(url) != home:
            yield ("destination", _address(url)), url


def _findings(
    document: Document, verdict: Verdict, texts: Sequence[str]
) -> Iterator[tuple[Item, str]]:
    """What a finding rests on: the words and references that rules speak of, and their blocks."""
    cited = _cited(verdict)
    told = {signal.block for signal in cited if signal.reference < 0}
    shown = ["" if block.kind in _SHOWN else _UNSEEN for block in document.blocks]
    for block in told.intersection(verdict.blocks) if cited else verdict.blocks:
        if len(texts[block]) >= _SHORTEST_BLOCK:
            yield ("block", shown[block] + texts[block]), document.blocks[block].text
    for signal in cited:
        if signal.reference >= 0:
            reference = document.references[signal.reference]
            yield ("reference", _reference_key(reference)), reference.url
        elif signal.block >= 0 and len(term := stable_text(signal.raw)) >= _SHORTEST_BLOCK:
            yield ("term", shown[signal.block] + term), signal.raw


def _cited(verdict: Verdict) -> list[Signal]:
    """Signals of the evidence for promotion; how a text is worded is told by ordinary words."""
    speaks = (one for one in verdict.evidence if one.points > 0 and not one.learned)
    return [verdict.signals[n] for n in sorted({n for one in speaks for n in one.signals})]


def _reference_keys(document: Document) -> Iterator[str]:
    for reference in document.references:
        yield _reference_key(reference)
        yield _UNSEEN + _address(reference.url)


def _reference_key(reference: Reference) -> str:
    unseen = reference.hidden or reference.kind in _NOT_FOLLOWED
    return (_UNSEEN if unseen else "") + _address(reference.url)


def _site(url: str) -> str:
    host = split_host(url)
    return registrable_domain(host) or host


def _address(url: str) -> str:
    """Host and path of `url`; parts of the path that look like tokens are all the same."""
    host = split_host(url)
    if not host:
        return url.partition("?")[0]
    try:
        path = urlsplit(url).path
    except ValueError:
        path = ""
    return f"{host}/" + "/".join(_TOKEN.sub("#", part) for part in path.strip("/").split("/"))
