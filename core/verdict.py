"""What the classifier says of a document: label, score, services and the evidence for them."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from core.document import PayloadType

Label = Literal["violation", "review", "clear", "undetermined"]
LABELS: tuple[Label, ...] = ("violation", "review", "clear", "undetermined")
CANDIDATE_LABELS: tuple[Label, ...] = ("violation", "review")
"""Labels of surfaces that a person should look at."""

Service = Literal["venue", "display", "marketing", "diversion"]
Asset = Literal["virtual_currency", "stablecoin", "rwa", "mining"]

SignalKind = Literal[
    "term",
    "exchange_link",
    "mirror_host",
    "referral",
    "code",
    "short_link",
    "messaging",
    "handle",
    "deep_link",
    "app_id",
    "chain_address",
    "contact",
]


class Words(msgspec.Struct, frozen=True):
    """A short text in both languages of the product."""

    zh: str
    en: str

    def text(self, lang: str) -> str:
        """`lang` is a tag such as `zh`, `zh-CN` or `en`; anything but Chinese reads English."""
        return self.zh if lang.startswith("zh") else self.en


class Signal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One thing the classifier recognised.

    `raw` is the text exactly as it stands in block `block` at [`start`, `end`) (characters), or
    the reference's URL when `reference` >= 0. `normalised` is what matched after `trace`, the
    transforms in the order they were applied. `entry` is the catalogue entry (`okx`,
    `okx_join`, `promo_reward/返佣`). `payload` is set where the reference is that of a code.
    """

    kind: SignalKind
    family: str
    entry: str
    raw: str
    normalised: str
    block: int = -1
    start: int = -1
    end: int = -1
    reference: int = -1
    trace: tuple[str, ...] = ()
    payload: PayloadType | None = None


class Evidence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One reason with its points (log-odds): positive speaks for promotion, negative against.

    `quote` is the raw text the reason rests on, `signals` are indices into `Verdict.signals`.
    `learned`: it rests on how the text is worded, not on a rule; a rule tells a person more.
    """

    rule: str
    points: float
    title: Words
    quote: str = ""
    block: int = -1
    signals: tuple[int, ...] = ()
    learned: bool = False


class ServiceFinding(msgspec.Struct, frozen=True):
    """One of the four services the surface provides, and the reason for saying so."""

    service: Service
    reason: Words


class LegalBasis(msgspec.Struct, frozen=True, omit_defaults=True):
    """The instrument and item in force on the capture's date. `item` is None where unconfirmed."""

    instrument: str
    title: str
    number: str = ""
    item: int | None = None


class Cloaking(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that client profiles `seen_by` saw each time and `hidden_from` never.

    `quotes` are the words, addresses and places that make the difference, raw.
    """

    seen_by: tuple[str, ...]
    hidden_from: tuple[str, ...]
    quotes: tuple[str, ...] = ()


class ProfileViews(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What looking at a surface as several visitors gave.

    `profiles` answered, each `takes` times; `found_by` are those that saw a finding at least once;
    `unseen` those that did not get to see the page (a gap each). `dynamic`: a finding came and went
    for the same visitor. `text_distance`: bits of 64 in which the text of the profile that differs
    most differs from what the product saw under its own name.
    """

    profiles: tuple[str, ...]
    takes: int
    found_by: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    cloaking: tuple[Cloaking, ...] = ()
    dynamic: bool = False
    text_distance: int = 0

    @property
    def seen_only_by(self) -> tuple[str, ...]:
        """The profiles that see what others never do, or none."""
        return tuple(dict.fromkeys(name for one in self.cloaking for name in one.seen_by))

    @property
    def hidden_from(self) -> tuple[str, ...]:
        """The profiles from which something is hidden that others see."""
        return tuple(dict.fromkeys(name for one in self.cloaking for name in one.hidden_from))


class Verdict(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The judgement of one document. The machine proposes; a person decides.

    `score` in [0, 1] is the logistic of the points in `evidence` plus the rule set's bias.
    `blocks` are the indices of the blocks that carry the finding; an article around them that
    speaks against shows in `evidence` with negative points and does not hide them.
    `conflict`: an actionable lure stands beside warning words. `degraded`: part of the document
    could not be read, so `clear` means only "nothing in what was seen". `repeated`: the finding
    rests on blocks that stand on many pages of the site, and is reported on the first of them.
    `views`: what other client profiles saw, where the target names some.
    """

    label: Label
    score: float
    on: date
    ruleset_version: str
    evidence: tuple[Evidence, ...] = ()
    signals: tuple[Signal, ...] = ()
    blocks: tuple[int, ...] = ()
    services: tuple[ServiceFinding, ...] = ()
    assets: tuple[Asset, ...] = ()
    legal_basis: tuple[LegalBasis, ...] = ()
    conflict: bool = False
    degraded: bool = False
    repeated: bool = False
    views: ProfileViews | None = None

    def reasons(self) -> tuple[Evidence, ...]:
        """The evidence that counts, in the order in which reports and pictures number it from 1."""
        return tuple(one for one in self.evidence if one.points)

    def reason(self, lang: str = "en") -> str:
        """The strongest reason for promotion as one line, or the empty string."""
        speaks = (e for e in self.evidence if e.points > 0)
        best = max(speaks, key=lambda e: (not e.learned, e.points), default=None)
        if best is None:
            return ""
        quote = f": {best.quote}" if best.quote else ""
        return f"{best.title.text(lang)}{quote}"
