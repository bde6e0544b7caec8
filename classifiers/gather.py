"""Gathering what a document holds: links, bare addresses, words, text shapes, codes and accounts,
each put where it stands."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Set
from functools import partial
from itertools import islice

import numpy as np

from classifiers.bare_links import bare_links, blank_links
from classifiers.codes import account_after, code_after, code_before, handles
from classifiers.matcher import Hit, find_words
from classifiers.normalise import Folded, fold
from classifiers.passages import Page, Passages, Spotted
from classifiers.quotes import mark_quoted, mark_specimen
from classifiers.ruleset import Ruleset, Use
from core import Document, Reference, Signal
from core.document import PayloadType
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
_UNSEEN = frozenset(("canonical", "mini_program"))
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
    passages.hold(folded)
    passages.sign(everywhere=decided)
    _add_text_shapes(passages, likely, folded)
    _add_codes(passages, accounts)
    passages.admit_guarded()
    passages.apply_guards()
    mark_quoted(passages)
    mark_specimen(passages)
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
    return 0 if sends_reader(reference) else len(page.text)


def sends_reader(reference: Reference) -> bool:
    """Whether the page by itself sends its reader to the reference."""
    return reference.kind in _FORWARDING and not reference.is_behind_link


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
    forwards = reference is not None and sends_reader(reference)
    if not recognised and kind != "qr" and not forwards:
        return
    place = find_place()
    unit = passages.unit(passages.page.unit_at(place))
    block = passages.page.block_at(place) if passages.page.block_starts else -1
    payload = None if reference is None else reference.payload
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
                payload=payload,
            ),
        )
    if kind == "qr":
        unit.add(bits["qr"], _plain_link("qr", url, number, block, payload))
    elif forwards:
        unit.add(bits["forwarded"], _plain_link("forwarded", url, number, block))


def _plain_link(
    name: str, url: str, number: int, block: int, payload: PayloadType | None = None
) -> Signal:
    return Signal(
        kind=_KIND_OF[name],
        family=name,
        entry=name,
        raw=url,
        normalised=url,
        block=block,
        reference=number,
        payload=payload,
    )


def _add_bare_links(passages: Passages, document: Document) -> str:
    """Count addresses in the text that are not references already; return the text with all
    addresses blanked, so that their letters are not read as words."""
    text = passages.page.text
    spans = list(bare_links(text))
    if not spans:
        return text
    known = {reference.url for reference in document.references}
    for start, end in spans:
        url = text[start:end]
        if url not in known:
            _add_link(passages, url, partial(int, start), -1, None)
    return blank_links(text, spans)


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
                _add(passages, index, compiled.use, start, end)


def _likely_shapes(passages: Passages, folded: Folded) -> dict[int, int]:
    """For each unit the shapes that need company and may stand in it; empty where the page holds
    no company for any."""
    anchors = passages.ruleset.anchors
    if any((unit.bits | unit.guarded) & anchors.needs for unit in passages.units.values()):
        return anchors.shapes_by_unit(folded, passages.page.unit_starts)
    return {}


def _add_text_shapes(passages: Passages, likely: Mapping[int, int], folded: Folded) -> None:
    """Shapes that need company, sought in the units where a rule could fire."""
    page = passages.page
    bounds = np.searchsorted(folded.positions(), (*page.unit_starts, len(page.text))).tolist()
    for index in passages.lit if likely else ():
        here = likely.get(index)
        shapes = here and passages.ruleset.shapes_beside(passages.mask(index), here)
        if not shapes:
            continue
        first, last = bounds[index], bounds[index + 1]
        plain = folded.text[first:last]
        for compiled in shapes:
            for match in islice(compiled.pattern.finditer(plain), MAX_SHAPES_PER_UNIT):
                span = folded.raw_span(first + match.start(), first + match.end())
                if compiled.stops.isdisjoint(folded.raw[slice(*span)]):
                    _add(passages, index, compiled.use, *span)


def _add(passages: Passages, index: int, use: Use, start: int, end: int, plain: str = "") -> None:
    passages.spot(index, Hit(start, end, (use,), use.disguise, plain), use)


def _add_codes(passages: Passages, accounts: Set[int]) -> None:
    """Invitation codes behind code words, account names behind messaging words or an @."""
    page, ruleset = passages.page, passages.ruleset
    words = ruleset.code_word_bit
    for index in passages.lit:
        known = passages.units.get(index)
        for spotted in known.found.get(words, ())[:8] if known else ():
            if not isinstance(spotted, Spotted):
                continue
            hit = spotted.hit
            found = code_after(page.text, hit.end) or code_before(page.text, hit.start)
            if found:
                _add(passages, index, ruleset.code_use, *found)
        if index in accounts:
            start, end = page.unit_span(index)
            raw = page.text[start:end]
            for found in handles(raw)[:8] if "@" in raw else ():
                _add(passages, index, ruleset.handle_use, *found.moved(start))
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


def _in_word(char: str) -> bool:
    """Whether a Latin word goes on with `char` (Telegram-controlled, tgbot)."""
    return bool(char) and char.isascii() and (char.isalnum() or char in "-_/.")


def _add_accounts(passages: Passages, index: int, raw: str, start: int) -> None:
    lower = raw.lower()
    for word in passages.ruleset.handle_words:
        place = lower.find(word)
        while place >= 0 and place < 4_000:
            end = place + len(word)
            alone = not word.isascii() or not (
                _in_word(lower[place - 1 : place]) or _in_word(lower[end : end + 1])
            )
            found = account_after(raw, end) if alone else None
            if found:
                _add(passages, index, passages.ruleset.contact_use, *found.moved(start))
                break
            place = lower.find(word, place + len(word))
