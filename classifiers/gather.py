"""Gathering what a document holds: links, bare addresses, words, text shapes, codes and accounts,
each put where it stands."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from itertools import islice

import numpy as np

from classifiers.bare_links import bare_links
from classifiers.codes import account_after, code_after, code_before, handles
from classifiers.matcher import find_words
from classifiers.normalise import Folded, fold
from classifiers.passages import Page, Passages
from classifiers.ruleset import CompiledShape, Ruleset
from core import Document, Reference, Signal
from core.verdict import SignalKind

_KIND_OF: dict[str, SignalKind] = {
    "exchange_referral": "referral",
    "referral_shape": "referral",
    "named_referral_shape": "referral",
    "rebate_link": "referral",
    "exchange_signup_link": "exchange_link",
    "exchange_link": "exchange_link",
    "wallet_link": "exchange_link",
    "info_link": "exchange_link",
    "mining_link": "exchange_link",
    "launchpad_link": "exchange_link",
    "dex_swap_link": "exchange_link",
    "any_link": "exchange_link",
    "exchange_mirror_link": "mirror_host",
    "mirror_host": "mirror_host",
    "short_link": "short_link",
    "promoter_link": "short_link",
    "link_page": "short_link",
    "app_link": "short_link",
    "public_document": "short_link",
    "free_host": "short_link",
    "file_drop": "short_link",
    "identity_service": "short_link",
    "nested_target": "short_link",
    "package_link": "app_id",
    "exchange_app_link": "app_id",
    "exchange_deep_link": "deep_link",
    "wallet_pairing": "deep_link",
    "install_link": "app_id",
    "qr": "referral",
    "forwarded": "referral",
}
_FORWARDING = frozenset(("redirect", "meta_refresh"))
_UNSEEN = frozenset(("canonical",))
MAX_REFERENCES = 5_000
MAX_SHAPES_PER_UNIT = 8


def find_passages(
    document: Document,
    ruleset: Ruleset,
    *,
    decided: bool = False,
    boilerplate: Collection[int] = (),
) -> Passages | None:
    """Everything found in `document`, in its place; None when no rule for promotion could fire on
    it (unless `decided` says to look anyway). Blocks in `boilerplate` and their links are passed
    over."""
    passages = Passages(page_of(document, boilerplate), ruleset)
    _add_references(passages, document, boilerplate)
    masked = _add_bare_links(passages, document)
    folded = fold(masked)
    passages.count_hits(find_words(folded, ruleset))
    _add_free_shapes(passages, folded)
    likely = _likely_shapes(passages, folded)
    accounts = _account_units(passages.page, ruleset.handle_words)
    entry = document.entry is not None
    if not passages.promising(accounts, likely, entry=entry) and not decided:
        return None
    passages.sign(everywhere=decided)
    _add_text_shapes(passages, likely, folded)
    _add_codes(passages)
    passages.admit_guarded()
    passages.apply_guards()
    return passages


def page_of(document: Document, boilerplate: Collection[int] = ()) -> Page:
    """The document's blocks as one text; those in `boilerplate` are left empty."""
    return Page(
        "" if number in boilerplate else block.text for number, block in enumerate(document.blocks)
    )


def _add_references(passages: Passages, document: Document, boilerplate: Collection[int]) -> None:
    index = passages.ruleset.links
    for number, reference in enumerate(document.references[:MAX_REFERENCES]):
        if reference.kind in _UNSEEN or reference.block in boilerplate:
            continue
        if reference.kind in ("link", "script_url", "structured_data") and index.is_plain(
            reference.url
        ):
            continue
        place = partial(_place, passages.page, reference)
        _add_link(passages, reference.url, place, number, reference)


def _place(page: Page, reference: Reference) -> int:
    """Raw position at which a reference is counted: its block, or the end of the page."""
    if 0 <= reference.block < len(page.block_starts):
        start = page.block_starts[reference.block]
        if reference.text:
            inside = page.text.find(reference.text, start, page.block_end(reference.block))
            return inside if inside >= 0 else start
        return start
    return 0 if reference.kind in _FORWARDING else len(page.text)


def _add_link(
    passages: Passages,
    url: str,
    find_place: Callable[[], int],
    number: int,
    reference: Reference | None,
) -> None:
    bits = passages.ruleset.bit
    leads_off = "://" in url or url.startswith(("//", "www."))
    if leads_off:
        passages.count_link(find_place, partial(_plain_link, "any_link", url, number))
    recognised = passages.ruleset.links.read(url)
    kind = "" if reference is None else reference.kind
    if not recognised and kind != "qr" and kind not in _FORWARDING:
        return
    place = find_place()
    unit = passages.unit(passages.page.unit_at(place))
    block = passages.page.block_at(place) if passages.page.block_starts else -1
    for found in recognised:
        unit.add(
            bits[found.signal],
            Signal(
                kind=_KIND_OF.get(found.signal, "messaging"),
                family=found.signal,
                entry=found.entry,
                raw=url,
                normalised=found.target,
                block=block,
                reference=number,
            ),
        )
    if kind == "qr":
        unit.add(bits["qr"], _plain_link("qr", url, number, block))
    elif kind in _FORWARDING:
        unit.add(bits["forwarded"], _plain_link("forwarded", url, number, block))


def _plain_link(name: str, url: str, number: int, block: int) -> Signal:
    return Signal(
        kind=_KIND_OF[name],
        family=name,
        entry=name,
        raw=url,
        normalised=url,
        block=block,
        reference=number,
    )


def _add_bare_links(passages: Passages, document: Document) -> str:
    """Count addresses in the text that are not references already; return the text with all
    addresses blanked, so that their letters are not read as words."""
    text = passages.page.text
    spans = list(bare_links(text))
    if not spans:
        return text
    known = {reference.url for reference in document.references}
    pieces: list[str] = []
    last = 0
    for start, end in spans:
        url = text[start:end]
        if url not in known:
            _add_link(passages, url, partial(int, start), -1, None)
        pieces.append(text[last:start])
        pieces.append(" " * (end - start))
        last = end
    pieces.append(text[last:])
    return "".join(pieces)


def _add_free_shapes(passages: Passages, folded: Folded) -> None:
    """Shapes that need no company, sought once in the whole text."""
    page = passages.page
    for compiled in passages.ruleset.free_shapes:
        raw = compiled.shape.raw
        text = folded.raw if raw else folded.text
        if not compiled.hint.search(text):
            continue
        for match in compiled.pattern.finditer(text):
            start, end = match.span() if raw else folded.raw_span(*match.span())
            index = page.unit_at(start)
            if end <= page.unit_span(index)[1]:
                _add_shape(passages, index, compiled, start, end)


def _likely_shapes(passages: Passages, folded: Folded) -> int:
    """Mask of the shapes that need company and could stand somewhere on the page."""
    mask = passages.page_mask()
    for unit in passages.units.values():
        mask |= unit.guarded
    likely = 0
    for compiled in passages.ruleset.guarded_shapes:
        text = folded.raw if compiled.shape.raw else folded.text
        if mask & compiled.needs and compiled.hint.search(text):
            likely |= compiled.bit
    return likely


def _add_text_shapes(passages: Passages, likely: int, folded: Folded) -> None:
    """Shapes that need company, sought in the units where a rule could fire."""
    page = passages.page
    positions = folded.positions()
    wanted = [s for s in passages.ruleset.guarded_shapes if s.bit & likely]
    for index in passages.lit if wanted else ():
        mask = passages.mask(index)
        shapes = [s for s in wanted if mask & s.needs]
        if not shapes:
            continue
        start, end = page.unit_span(index)
        first, last = np.searchsorted(positions, (start, end)).tolist()
        raw, plain = folded.raw[start:end], folded.text[first:last]
        for compiled in shapes:
            if compiled.shape.raw:
                spans = [(start + a, start + b) for a, b in _spans(compiled, raw)]
            else:
                spans = [folded.raw_span(first + a, first + b) for a, b in _spans(compiled, plain)]
            for span in spans:
                if not compiled.stops.intersection(folded.raw[slice(*span)]):
                    _add_shape(passages, index, compiled, *span)


def _spans(compiled: CompiledShape, text: str) -> list[tuple[int, int]]:
    return [m.span() for m in islice(compiled.pattern.finditer(text), MAX_SHAPES_PER_UNIT)]


def _add_shape(
    passages: Passages, index: int, compiled: CompiledShape, start: int, end: int
) -> None:
    signal = _text_signal(passages.page, start, end, compiled.shape.kind, compiled.shape.id)
    passages.unit(index).add(compiled.bit, signal)


def _text_signal(
    page: Page, start: int, end: int, kind: SignalKind, entry: str, plain: str = ""
) -> Signal:
    block = page.block_at(start)
    offset = page.block_starts[block]
    end = min(end, page.block_end(block))
    raw = page.text[start:end]
    return Signal(
        kind=kind, family=entry, entry=entry, raw=raw, normalised=plain or raw, block=block,
        start=start - offset, end=end - offset,
    )  # fmt: skip


def _add_codes(passages: Passages) -> None:
    """Invitation codes behind code words, account names behind messaging words or an @."""
    page, ruleset = passages.page, passages.ruleset
    words = ruleset.code_word_bit
    for index in passages.lit:
        known = passages.units.get(index)
        start, end = page.unit_span(index)
        for signal in known.signals.get(words, ())[:8] if known else ():
            place = page.block_starts[signal.block] + signal.end
            found = code_after(page.text[: place + 60], place) or code_before(
                page.text, place - len(signal.raw)
            )
            if found:
                passages.unit(index).add(
                    ruleset.code_bit,
                    _text_signal(page, found.start, found.end, "code", "code", found.plain),
                )
        raw = page.text[start:end]
        if "@" in raw:
            for found in handles(raw)[:8]:
                passages.unit(index).add(
                    ruleset.handle_bit,
                    _text_signal(
                        page,
                        start + found.start,
                        start + found.end,
                        "handle",
                        "handle",
                        found.plain,
                    ),
                )
        _add_accounts(passages, index, raw, start)


def _account_units(page: Page, words: tuple[str, ...]) -> set[int]:
    """Units where an account name may stand: those with an @ or a messaging word."""
    lower = page.text.lower()
    if len(lower) != len(page.text):  # İ and its like: places would be off, so anywhere
        return set(range(len(page.unit_starts)))
    units: set[int] = set()
    for word in ("@", *words):
        place = lower.find(word)
        while place >= 0:
            unit = page.unit_at(place)
            units.add(unit)
            place = lower.find(word, page.unit_span(unit)[1])
    return units


def _add_accounts(passages: Passages, index: int, raw: str, start: int) -> None:
    lower = raw.lower()
    for word in passages.ruleset.handle_words:
        place = lower.find(word)
        while place >= 0 and place < 4_000:
            border = not word.isascii() or not (
                place and lower[place - 1].isascii() and lower[place - 1].isalnum()
            )
            found = account_after(raw, place + len(word)) if border else None
            if found:
                passages.unit(index).add(
                    passages.ruleset.handle_bit,
                    _text_signal(
                        passages.page,
                        start + found.start,
                        start + found.end,
                        "contact",
                        "handle",
                        found.plain,
                    ),
                )
                break
            place = lower.find(word, place + len(word))
