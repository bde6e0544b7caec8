"""The schema of the catalogue's files; each file's head explains its keys to its editors."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Literal

import msgspec

from core import Words
from core.verdict import Asset, Service

Side = Literal["for", "against", "neutral"]
EntityKind = Literal[
    "exchange", "dex", "wallet", "otc", "launchpad", "mining", "rebate", "info"
]  # fmt: skip
HostKind = Literal[
    "short_link", "promoter_link", "link_page", "public_document", "app_link", "free_host",
    "file_drop", "identity_service",
]  # fmt: skip
MessagingKind = Literal[
    "group", "channel", "person", "bot", "mini_program", "payment", "install"
]  # fmt: skip


class _Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every catalogue entry has."""

    source: tuple[str, ...] = ()
    confirmed: bool = True


class Domains(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Registrable domains by role."""

    official: tuple[str, ...] = ()
    mirror: tuple[str, ...] = ()
    affiliate: tuple[str, ...] = ()
    infrastructure: tuple[str, ...] = ()

    def items(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """(role, domains) pairs."""
        for role in self.__struct_fields__:
            yield role, getattr(self, role)


class Entity(_Entry, frozen=True, kw_only=True):
    """An exchange, wallet, dealer, launchpad, pool or information site."""

    id: str
    kind: EntityKind
    names: tuple[str, ...] = ()
    guarded: tuple[str, ...] = ()
    domains: Domains = Domains()
    hosts: tuple[str, ...] = ()
    referral_paths: tuple[str, ...] = ()
    referral_parameters: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    apple_ids: tuple[int, ...] = ()
    schemes: tuple[str, ...] = ()
    handles: tuple[str, ...] = ()
    closed: bool = False


class ReferralShape(_Entry, frozen=True, kw_only=True):
    """A referral link recognised by its form on any host."""

    id: str
    entity: str
    strength: Literal["strong", "named"]
    path: str = ""
    query: dict[str, str] = {}
    parameters: tuple[str, ...] = ()
    fragment: str = ""


class ExchangesFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`exchanges.yaml`."""

    sources: dict[str, str]
    referral_parameters: tuple[str, ...]
    mirror_fragments: tuple[str, ...]
    shapes: tuple[ReferralShape, ...]
    entities: tuple[Entity, ...]


class HostGroup(_Entry, frozen=True, kw_only=True):
    """Hosts that hide where a link leads."""

    id: str
    kind: HostKind
    hosts: tuple[str, ...]


class Redirector(_Entry, frozen=True, kw_only=True):
    """A page whose address names its target in `parameter`."""

    id: str
    kind: Literal["redirector", "qr_picture"]
    path: str
    parameter: str
    host: str = ""


class RedirectorsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`redirectors.yaml`."""

    sources: dict[str, str]
    hosts: tuple[HostGroup, ...]
    nested_parameters: tuple[str, ...]
    redirectors: tuple[Redirector, ...]


class MessagingLink(_Entry, frozen=True, kw_only=True):
    """A link that leads to a private channel."""

    id: str
    kind: MessagingKind
    platform: str
    pattern: str
    example: str
    miss: str


class MessagingFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`messaging.yaml`."""

    sources: dict[str, str]
    links: tuple[MessagingLink, ...]
    handle_words: tuple[str, ...]


class LegalItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One item of an instrument: `number` is None where it was not confirmed."""

    scope: Literal["services", "names"]
    number: int | None = None
    assets: tuple[Asset, ...] = ()
    words: tuple[str, ...] = ()


class LegalException(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An asset whose words alone never make a violation."""

    asset: Asset
    reason: Words


class Instrument(_Entry, frozen=True, kw_only=True):
    """A notice, with the days on which it is in force (both included)."""

    id: str
    title: Words
    issued: date
    valid_from: date
    valid_to: date | None = None
    number: str = ""
    basis: bool = True
    repeals: tuple[str, ...] = ()
    items: tuple[LegalItem, ...] = ()
    exceptions: tuple[LegalException, ...] = ()

    def in_force(self, on: date) -> bool:
        """Whether this is a basis for removal on day `on`."""
        return (
            self.basis and self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)
        )


class LegalFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`legal_basis.yaml`."""

    sources: dict[str, str]
    services: dict[Service, Words]
    instruments: tuple[Instrument, ...]


class Cue(_Entry, frozen=True, kw_only=True):
    """Words that mean the same thing to a reader."""

    id: str
    about: str
    side: Side
    words: tuple[str, ...]
    hit: str
    miss: str
    ordinary: tuple[str, ...] = ()
    guarded: tuple[str, ...] = ()
    shadow_words: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    negatable: bool = True
    shadow: bool = False
    family: str = ""


class LexiconFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One family of `lexicon/`."""

    sources: dict[str, str]
    cues: tuple[Cue, ...]


class TextShape(_Entry, frozen=True, kw_only=True):
    """Something recognised by how it looks. `pattern` is not tried on a page without a match of
    `hint`, nor, where there are `anchors`, on a unit without one of them."""

    id: str
    about: str
    side: Side
    kind: Literal["term", "chain_address", "code"]
    pattern: str
    hit: str
    miss: str
    hint: str = ""
    anchors: tuple[str, ...] = ()
    raw: bool = False
    needs: tuple[str, ...] = ()


class TextShapesFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`lexicon/text_shapes.yaml`."""

    sources: dict[str, str]
    shapes: tuple[TextShape, ...]


class Protected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A word that is written in disguise."""

    cue: str
    word: str
    entity: str = ""
    sound: tuple[str, ...] = ()
    initials: tuple[str, ...] = ()
    latin: bool = False


class DisguisesFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`lexicon/disguises.yaml`."""

    sources: dict[str, str]
    company: tuple[str, ...]
    name_company: tuple[str, ...]
    protected: tuple[Protected, ...]
    sounds: dict[str, str]
    parts: dict[str, tuple[str, ...]]
    prefixes: str
    ordinary: tuple[str, ...]


class Rule(_Entry, frozen=True, kw_only=True):
    """One reason with its conditions; see the head of `rules/referral.yaml`."""

    id: str
    title: Words
    side: Literal["for", "against"]
    prior: float
    needs: tuple[tuple[str, ...], ...] = ()
    of: tuple[str, ...] = ()
    at_least: int = 0
    hit: tuple[str, ...]
    miss: tuple[str, ...]
    unless: tuple[str, ...] = ()
    lure: bool = False
    mention: bool = False
    entry: bool = False
    learned: bool = False
    shadow: bool = False
    scope: Literal["passage", "block", "page"] = "passage"
    service: Service | None = None
    asset: Asset | None = None
    family: str = ""


class RulesFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One family of `rules/`."""

    rules: tuple[Rule, ...]


class SetsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`rules/sets.yaml`."""

    sources: dict[str, str]
    sets: dict[str, tuple[str, ...]]


class WeightsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`weights.yaml`: points are log-odds."""

    bias: float
    silence: float
    short_silence: float
    short_wording: float
    violation: float
    review: float
    beside_lure: float
    most_beside_lure: float
    names_word: float
    cloaking: float
    most_wording: float
    most_page_wording: float
    most_without_lure: float
    most_with_lure: float
    wording_beside_lure: float
    disguise_costs: dict[str, float]
    points: dict[str, float]


class WordingFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`wording.yaml`: points of words and short phrases in folded form; see `wording.py`."""

    base: float
    phrases: dict[str, float]


class HintsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`subject_hints.yaml`: words by which a short text may be about virtual currency."""

    words: tuple[str, ...]


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """All of it, checked against itself. `version` is the hash of the files' contents.

    As loaded it holds the shadow entries too: `classifiers.shadow` takes them out, or switches
    them on.
    """

    exchanges: ExchangesFile
    redirectors: RedirectorsFile
    messaging: MessagingFile
    legal: LegalFile
    cues: tuple[Cue, ...]
    text_shapes: tuple[TextShape, ...]
    disguises: DisguisesFile
    sets: dict[str, tuple[str, ...]]
    rules: tuple[Rule, ...]
    weights: WeightsFile
    wording: WordingFile
    hints: tuple[str, ...]
    version: str


NAME_SIGNALS: dict[EntityKind, str] = {
    "exchange": "exchange_name",
    "dex": "dex_name",
    "wallet": "wallet_name",
    "otc": "otc_name",
    "launchpad": "launchpad_name",
    "mining": "mining_name",
    "rebate": "rebate_name",
    "info": "info_name",
}

LINK_SIGNALS = (
    "exchange_referral", "exchange_signup_link", "exchange_mirror_link", "exchange_link",
    "wallet_link", "info_link", "mining_link", "referral_shape", "named_referral_shape",
    "mirror_host", "rebate_link", "launchpad_link", "dex_swap_link", "short_link",
    "promoter_link", "link_page", "public_document", "app_link", "free_host", "file_drop",
    "identity_service", "nested_target", "package_link", "exchange_app_link",
    "exchange_deep_link", "wallet_pairing", "group_link", "channel_link", "person_link",
    "bot_link", "mini_program_link", "payment_link", "install_link", "qr", "forwarded",
    "code", "handle", "any_link",
)  # fmt: skip

QUOTED = "quoted"
"""Signal of a unit most of whose promotional words stand inside quotation marks."""

SPECIMEN = "specimen"
"""Signal of a page that is a test, a filter or labelled data of software."""
