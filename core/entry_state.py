"""What an app or mini-program entry says of itself, small enough to keep, and how it changes.

An entry is reviewed once and shown for years: a ledger that becomes a trading app keeps its id.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from core.document import Document
from core.text import one_line
from core.urls import registrable_domain, scheme_of, split_host
from core.verdict import Verdict

EntryField = Literal["name", "owner", "category", "term", "domain"]
MAX_TERMS = 40
MAX_DOMAINS = 60
_VALUE_CHARS = 120
_BREAK = re.compile(r"[\n,,;;/|、>›]+")
_FOLD = re.compile(r"[\s\W_]+")
_LINKS = frozenset(("declared_domain", "link", "qr", "redirect"))
_WORDLESS = frozenset(("exchange_link", "mirror_host", "short_link", "deep_link", "app_id"))


class EntryState(msgspec.Struct, frozen=True, omit_defaults=True):
    """An entry at one time. `terms` are the words the judge recognised, `domains` registrable
    domains that it declares or links to; both sorted."""

    name: str = ""
    owner: str = ""
    categories: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    package: str = ""
    rules: str = ""
    """Version of the rule set that recognised `terms`."""


class EntryChange(msgspec.Struct, frozen=True):
    """One difference between two states: a value that was replaced, came (`before` is empty) or
    went (`after` is empty)."""

    field: EntryField
    before: str
    after: str


def state_of(document: Document, verdict: Verdict) -> EntryState | None:
    """The state of a listing entry; None for other documents."""
    entry = document.entry
    if entry is None:
        return None
    package = next((r.url for r in document.references if r.kind == "package"), "")
    words = {_kept(s.normalised) for s in verdict.signals if s.kind not in _WORDLESS}
    return EntryState(
        name=_kept(entry.name),
        owner=_kept(entry.owner),
        categories=tuple(sorted({_kept(one) for one in _BREAK.split(entry.category)} - {""})),
        terms=tuple(sorted(word for word in words if word and "://" not in word)[:MAX_TERMS]),
        domains=tuple(sorted(set(_domains(document)))[:MAX_DOMAINS]),
        package=_kept(package),
        rules=verdict.ruleset_version,
    )


def changes(
    before: EntryState, after: EntryState, *, whole: bool = True
) -> tuple[EntryChange, ...]:
    """What differs. `whole` false: part of the entry was not seen, so nothing counts as gone. Terms
    that different rule sets recognised are not compared."""
    texts: list[tuple[EntryField, str, str]] = [
        ("name", before.name, after.name),
        ("owner", before.owner, after.owner),
    ]
    found = [EntryChange(*one) for one in texts if one[1] != one[2] and (one[2] or whole)]
    sets: list[tuple[EntryField, tuple[str, ...], tuple[str, ...]]] = [
        ("category", before.categories, after.categories),
        ("domain", before.domains, after.domains),
    ]
    if before.rules == after.rules:
        sets.append(("term", before.terms, after.terms))
    for field, earlier, later in sets:
        came = [EntryChange(field, "", one) for one in later if one not in earlier]
        went = [EntryChange(field, one, "") for one in earlier if one not in later]
        found += [*came, *(went if whole else ())]
    return tuple(found)


def identities(state: EntryState, app_id: str) -> tuple[str, ...]:
    """What makes entries of several platforms one app: the same package or bundle, the same app id,
    or the same owner with the same name."""
    found = []
    for kind, value in (("id", state.package), ("id", app_id)):
        if len(value) > _SHORT_ID and not value.isdigit():
            found.append(f"{kind}:{value.casefold()}")
    owner, name = (_FOLD.sub("", text).casefold() for text in (state.owner, state.name))
    if owner and name:
        found.append(f"name:{owner}/{name}")
    return tuple(dict.fromkeys(found))


_SHORT_ID = 5
"""Ids this short, and bare numbers, are each store's own: equal ones mean nothing."""


def _domains(document: Document) -> Iterator[str]:
    for reference in document.references:
        if reference.kind in _LINKS and scheme_of(reference.url) in ("http", "https"):
            host = split_host(reference.url)
            if host:
                yield registrable_domain(host)[:_VALUE_CHARS]


def _kept(text: str) -> str:
    return one_line(text, _VALUE_CHARS).strip()
