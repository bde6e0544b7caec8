"""What a scan must say of one surface of the demonstration site; how a verdict is held to it."""

from __future__ import annotations

from typing import Literal

import msgspec

from core.document import BlockKind, Document, ReferenceKind
from core.verdict import Service, Signal, SignalKind, Verdict

REVIEW_OR_WORSE = ("violation", "review")


class Expectation(msgspec.Struct, frozen=True, kw_only=True):
    """The expected verdict of one surface.

    `path` is the page's path (or a listing entry's app id). A `violation` must carry a signal that
    is one of `signals`, concerns catalogue entity `entity` and stands in a block of kind `block` or
    a reference of one of the kinds `references`, whose text or URL holds `quote`; and `services`
    must be among the services found. `clear` means: below the review line. `any` is for surfaces
    whose finding belongs to the page that leads to them.
    """

    path: str
    label: Literal["violation", "clear", "any"]
    why: str = ""
    signals: tuple[SignalKind, ...] = ()
    entity: str = ""
    quote: str = ""
    block: BlockKind | None = None
    references: tuple[ReferenceKind, ...] = ()
    services: tuple[Service, ...] = ()
    also_seen_as: tuple[str, ...] = ()
    """Paths under which the same surface may be kept: what it redirects to."""
    needs_browser: bool = False
    robots_disallowed: bool = False


def shortfalls(expected: Expectation, document: Document, verdict: Verdict) -> list[str]:
    """What `verdict` lacks against `expected`, one line each; empty when it holds."""
    if expected.label == "any":
        return []
    if expected.label == "clear":
        if verdict.label not in REVIEW_OR_WORSE:
            return []
        return [f"{expected.path}: should be clear, is {_summary(verdict)}"]
    if verdict.label != "violation":
        return [f"{expected.path}: should be a violation, is {_summary(verdict)}"]
    lacking = []
    if not any(_fits(expected, signal, document) for signal in verdict.signals):
        seen = ", ".join(f"{s.kind}:{s.entry}" for s in verdict.signals) or "none"
        lacking.append(
            f"{expected.path}: no signal {'|'.join(expected.signals)} {expected.entity} "
            f"with `{expected.quote}` in {expected.block or '|'.join(expected.references)}; "
            f"signals seen: {seen}"
        )
    missing = set(expected.services) - {finding.service for finding in verdict.services}
    lacking += [f"{expected.path}: service `{service}` not found" for service in sorted(missing)]
    return lacking


def _summary(verdict: Verdict) -> str:
    return f"{verdict.label} ({verdict.score:.2f}: {verdict.reason() or 'no reason'})"


def _fits(expected: Expectation, signal: Signal, document: Document) -> bool:
    if expected.signals and signal.kind not in expected.signals:
        return False
    if expected.entity and not _concerns(signal.entry, expected.entity):
        return False
    texts = [signal.raw, signal.normalised]
    if signal.reference >= 0:
        reference = document.references[signal.reference]
        if expected.block or (expected.references and reference.kind not in expected.references):
            return False
        texts += [reference.url, reference.text]
    elif signal.block >= 0:
        block = document.blocks[signal.block]
        if expected.references or (expected.block and block.kind != expected.block):
            return False
        texts.append(block.text)
    return any(expected.quote in text for text in texts)


def _concerns(entry: str, entity: str) -> bool:
    return entry == entity or entry.startswith((f"{entity}_", f"{entity}/"))
