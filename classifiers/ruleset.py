"""The catalogue compiled for speed: every signal a bit, every rule a few masks, every word a
pattern of one automaton."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache, reduce
from itertools import chain
from operator import or_
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from ahocorasick_rs import AhoCorasick

from classifiers.catalogue import load_catalogue
from classifiers.disguises import accidental, variants
from classifiers.normalise import Folded, fold_word
from classifiers.references import LinkIndex
from classifiers.schema import (
    LINK_SIGNALS,
    NAME_SIGNALS,
    QUOTED,
    SPECIMEN,
    Catalogue,
    Rule,
    TextShape,
)
from classifiers.shadow import live, shadow_entries, with_shadow
from classifiers.wording import Wording
from core.verdict import SignalKind

_REMEMBERED_MASKS = 50_000
"""Passages repeat from page to page of a site; what could fire on them is worked out once."""


_TOPICS = frozenset(("assets", "exchange_names"))
"""Families of names: of names that lie in one another the longest is meant."""


class Use(NamedTuple):
    """What a pattern means: a signal, the catalogue entry behind it, and how it was disguised."""

    signal: str
    bit: int
    entry: str
    family: str
    disguise: str = ""
    guarded: bool = False
    negatable: bool = False
    kind: SignalKind = "term"


class CompiledRule(NamedTuple):
    """`needs`: masks, all of which must share a bit with the passage; `of`: a mask of which
    `at_least` bits must be in it."""

    rule: Rule
    needs: tuple[int, ...]
    unless: int
    points: float
    of: int = 0
    at_least: int = 0

    def met_by(self, mask: int) -> bool:
        """Whether the signals of `mask` fire the rule."""
        if mask & self.unless:
            return False
        if self.at_least and (mask & self.of).bit_count() < self.at_least:
            return False
        return all(mask & need for need in self.needs)


class LearnedRules(NamedTuple):
    """The two rules that weigh wording: where it speaks for promotion, and where against."""

    speaks_for: CompiledRule
    against: CompiledRule


class CompiledShape(NamedTuple):
    """A text shape with its bit, what a match means and its guard mask (0 = none). A match over
    one of `stops` does not count: folding takes punctuation out beside ideographs."""

    shape: TextShape
    pattern: re.Pattern[str]
    bit: int
    use: Use
    needs: int
    hint: re.Pattern[str]
    stops: frozenset[str]


class Anchors:
    """Where the shapes that need company may stand: words of which a match holds one."""

    def __init__(self, shapes: Sequence[CompiledShape]) -> None:
        masks: dict[str, int] = {}
        for place, compiled in enumerate(shapes):
            for word in compiled.shape.anchors:
                masks[word] = masks.get(word, 0) | 1 << place
        self.needs = _union(compiled.needs for compiled in shapes)
        self._automaton = AhoCorasick(list(masks), store_patterns=False)
        self._masks = np.array(list(masks.values()), dtype=np.int64)
        self._bits = tuple(compiled.bit for compiled in shapes)
        self._named = lru_cache(maxsize=None)(self._bits_of)

    def shapes_by_unit(self, folded: Folded, unit_starts: Sequence[int]) -> dict[int, int]:
        """For each unit that holds an anchor, the bits of the shapes that may stand in it."""
        matches = self._automaton.find_matches_as_indexes(folded.text, overlapping=True)
        if not matches:
            return {}
        flat = np.fromiter(chain.from_iterable(matches), dtype=np.int64, count=3 * len(matches))
        anchor, start = flat[0::3], flat[1::3]
        units = np.searchsorted(unit_starts, folded.positions()[start], side="right") - 1
        masks = np.zeros(len(unit_starts), dtype=np.int64)
        np.bitwise_or.at(masks, units, self._masks[anchor])
        return {unit: self._named(int(masks[unit])) for unit in np.flatnonzero(masks).tolist()}

    def _bits_of(self, mask: int) -> int:
        return _union(bit for place, bit in enumerate(self._bits) if mask >> place & 1)


class Ruleset:
    """A compiled catalogue. Immutable once built; safe to share between threads."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.version = catalogue.version
        self.weights = catalogue.weights
        self.bit = _number_signals(catalogue)
        self.sets = {name: self.mask(members) for name, members in catalogue.sets.items()}
        self.guards = {
            self.bit[cue.id]: self.mask(cue.needs) for cue in catalogue.cues if cue.needs
        }
        self.guard_mask = sum(self.guards)
        self.company = self.mask(catalogue.disguises.company)
        self.name_company = self.mask(catalogue.disguises.name_company)
        self.sides = _sides(catalogue, self.bit)
        self.neutral = sum(bit for bit, side in self.sides.items() if side == "neutral")
        self.lure_mask = self.mask(LINK_SIGNALS) & ~self.neutral
        self._compile_words()
        self.shapes = [self._shape(shape) for shape in catalogue.text_shapes]
        self.free_shapes = [shape for shape in self.shapes if not shape.needs]
        self.guarded_shapes = [shape for shape in self.shapes if shape.needs]
        self.anchors = Anchors(self.guarded_shapes)
        self.wording = Wording(catalogue.wording.phrases, catalogue.wording.base)
        self.hint = _any_word(catalogue.hints)
        self.passage_wording = self._learned("passage")
        self.page_wording = self._learned("page")
        self.rules_for = self._rules("for")
        hopeful = (self.passage_wording.speaks_for, *self.rules_for)
        self.hopeful_rules = tuple(rule._replace(unless=0) for rule in hopeful)
        self._hopeful_bits = _read_by(self.hopeful_rules)
        self._could_fire: dict[tuple[int, int, bool], bool] = {}
        self._beside: dict[tuple[int, int], tuple[CompiledShape, ...]] = {}
        self.rules_against = self._rules("against")
        self.page_scope = _read_by(
            r for r in (*self.rules_for, *self.rules_against) if r.rule.scope == "page"
        )
        self.judged: dict[Any, Any] = {}
        self.links = LinkIndex(catalogue)
        self.code_bit, self.handle_bit = self.bit["code"], self.bit["handle"]
        self.code_use = Use("code", self.code_bit, "code", "code", kind="code")
        self.handle_use = Use("handle", self.handle_bit, "handle", "handle", kind="handle")
        self.quoted_use = Use(QUOTED, self.bit[QUOTED], QUOTED, QUOTED)
        self.specimen_use = Use(SPECIMEN, self.bit[SPECIMEN], SPECIMEN, SPECIMEN)
        self.promotional = self.mask(["promotional"]) if "promotional" in catalogue.sets else 0
        self.contact_use = self.handle_use._replace(kind="contact")
        self.code_word_bit = self.bit.get("code_word", 0)
        self.handle_words = tuple(word.lower() for word in catalogue.messaging.handle_words)

    def mask(self, names: Iterable[str]) -> int:
        """Union of the bits of signals and sets called `names`."""
        total = 0
        for name in names:
            bit = self.bit.get(name)
            total |= self.mask(self.catalogue.sets[name]) if bit is None else bit
        return total

    def could_fire(
        self, passage: int, page: int, shapes: int, *, account: bool, entry: bool
    ) -> bool:
        """Whether a rule for promotion could fire on a passage with the signals of `passage` (and
        `page` anywhere), if every code it allows, the text shapes of `shapes` that it allows,
        and an account where `account` says that one may stand, were there too."""
        more = self.handle_bit if account else 0
        if passage & self.code_word_bit:
            more |= self.code_bit
        if shapes:
            more |= _union(shape.bit for shape in self.shapes_beside(passage, shapes))
        here = (passage | more) & self._hopeful_bits
        key = (here, (page | here) & self.page_scope, entry)
        known = self._could_fire.get(key)
        if known is None:
            if len(self._could_fire) >= _REMEMBERED_MASKS:
                self._could_fire.clear()
            known = self._could_fire[key] = any(
                rule.met_by(key[1] if rule.rule.scope == "page" else here)
                for rule in self.hopeful_rules
                if entry or not rule.rule.entry
            )
        return known

    def shapes_beside(self, mask: int, likely: int) -> tuple[CompiledShape, ...]:
        """Those of the shapes in `likely` that find their company in `mask`."""
        key = (mask & self.anchors.needs, likely)
        known = self._beside.get(key)
        if known is None:
            if len(self._beside) >= _REMEMBERED_MASKS:
                self._beside.clear()
            known = self._beside[key] = tuple(
                shape for shape in self.guarded_shapes if shape.bit & likely and mask & shape.needs
            )
        return known

    def _rules(self, side: str) -> tuple[CompiledRule, ...]:
        return tuple(
            self._compiled(rule)
            for rule in self.catalogue.rules
            if rule.side == side and not rule.learned
        )

    def _learned(self, scope: str) -> LearnedRules:
        """The rules whose points depend on the wording of a passage, or of the page."""
        found = {r.side: r for r in self.catalogue.rules if r.learned and r.scope == scope}
        return LearnedRules(self._compiled(found["for"]), self._compiled(found["against"]))

    def _compiled(self, rule: Rule) -> CompiledRule:
        return CompiledRule(
            rule,
            tuple(self.mask(names) for names in rule.needs),
            self.mask(rule.unless),
            self.weights.points[rule.id],
            self.mask(rule.of),
            rule.at_least,
        )

    def _shape(self, shape: TextShape) -> CompiledShape:
        pattern = re.compile(shape.pattern)
        bit, needs = self.bit[shape.id], self.mask(shape.needs)
        use = Use(shape.id, bit, shape.id, shape.id, kind=shape.kind)
        hint = re.compile(shape.hint)
        return CompiledShape(shape, pattern, bit, use, needs, hint, _stops(shape.pattern))

    def _compile_words(self) -> None:
        uses: dict[str, list[Use]] = {}
        proper: set[str] = set()
        for cue in self.catalogue.cues:
            negatable = cue.side == "for" and cue.negatable
            for guarded, words in ((False, cue.words), (True, cue.guarded)):
                for word in words:
                    entry, bit = f"{cue.id}/{word}", self.bit[cue.id]
                    use = Use(cue.id, bit, entry, cue.family, "", guarded, negatable)
                    _add(uses, word, use)
                    proper.add(fold_word(word))
        for entity in self.catalogue.exchanges.entities:
            signal = NAME_SIGNALS[entity.kind]
            for guarded, names in ((False, entity.names), (True, entity.guarded)):
                weak = guarded or not entity.confirmed
                for name in names:
                    use = Use(signal, self.bit[signal], entity.id, "exchange_names", "", weak)
                    _add(uses, name, use)
                    proper.add(fold_word(name))
        file = self.catalogue.disguises
        for secret in file.protected:
            for spelling, disguise in variants(secret, file):
                if fold_word(spelling) not in proper:
                    entry = secret.entity or f"{secret.cue}/{secret.word}"
                    family = "exchange_names" if secret.entity else "disguises"
                    use = Use(secret.cue, self.bit[secret.cue], entry, family, disguise, True)
                    _add(uses, spelling, use)
        ordinary = {fold_word(p) for cue in self.catalogue.cues for p in cue.ordinary}
        ordinary |= {fold_word(phrase) for phrase in file.ordinary}
        coin_words = [w for w in uses if w.startswith("币")]
        ordinary |= set(accidental(file, iter(coin_words)))
        self.patterns = [*uses, *sorted(p for p in ordinary if p and p not in uses)]
        self.uses = tuple(tuple(uses.get(p, ())) for p in self.patterns)
        self.silent: npt.NDArray[np.bool_] = np.array(
            [p in ordinary and p not in proper for p in self.patterns], dtype=np.bool_
        )
        self.topic: npt.NDArray[np.bool_] = np.array(
            [bool(uses) and all(u.family in _TOPICS for u in uses) for uses in self.uses],
            dtype=np.bool_,
        )
        self.negatable = tuple(any(use.negatable for use in uses) for uses in self.uses)
        latin = [(_is_latin(p[0]), _is_latin(p[-1])) for p in self.patterns]
        self.border_before = np.array([first for first, _ in latin], dtype=np.bool_)
        self.border_after = np.array([last for _, last in latin], dtype=np.bool_)
        self.automaton = AhoCorasick(self.patterns, store_patterns=False)


def load_ruleset(folder: Path) -> Ruleset:
    """Load the catalogue in `folder` and compile it, its shadow entries left out.

    Raises CatalogueError.
    """
    return Ruleset(live(load_catalogue(folder)))


def load_with_shadow(folder: Path) -> tuple[Ruleset, Ruleset | None]:
    """The live rule set of `folder`, and the one with its shadow entries switched on, or None where
    there are none. Raises CatalogueError."""
    catalogue = load_catalogue(folder)
    shadowed = Ruleset(with_shadow(catalogue)) if shadow_entries(catalogue) else None
    return Ruleset(live(catalogue)), shadowed


def _add(uses: dict[str, list[Use]], word: str, use: Use) -> None:
    folded = fold_word(word)
    if folded and all(
        old.signal != use.signal or old.entry != use.entry for old in uses.get(folded, [])
    ):
        uses.setdefault(folded, []).append(use)


def _read_by(rules: Iterable[CompiledRule]) -> int:
    """Every bit that any of `rules` looks at."""
    return _union(mask for rule in rules for mask in (*rule.needs, rule.of, rule.unless))


def _union(masks: Iterable[int]) -> int:
    return reduce(or_, masks, 0)


def _stops(pattern: str) -> frozenset[str]:
    """Sentence ends, and commas too where the pattern itself shuts them out."""
    return frozenset("。！？；\n，,、" if "，" in pattern else "。！？；\n")


def _any_word(words: Iterable[str]) -> re.Pattern[str]:
    """Finds any of `words` in folded text, Latin ones on word borders."""
    folded = sorted({fold_word(word) for word in words}, key=lambda word: (-len(word), word))
    latin = "|".join(re.escape(word) for word in folded if word.isascii())
    others = "|".join(re.escape(word) for word in folded if not word.isascii())
    return re.compile(rf"(?<![a-z])(?:{latin})(?![a-z])|{others}")


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _number_signals(catalogue: Catalogue) -> dict[str, int]:
    names = [
        *LINK_SIGNALS,
        *NAME_SIGNALS.values(),
        QUOTED,
        SPECIMEN,
        *(shape.id for shape in catalogue.text_shapes),
        *(cue.id for cue in catalogue.cues),
    ]
    return {name: 1 << position for position, name in enumerate(names)}


def _sides(catalogue: Catalogue, bits: dict[str, int]) -> dict[int, str]:
    sides = {bits[name]: "for" for name in LINK_SIGNALS}
    sides |= {bits[name]: "neutral" for name in NAME_SIGNALS.values()}
    sides |= {bits[QUOTED]: "against", bits[SPECIMEN]: "against"}
    for plain in (
        "any_link",
        "exchange_link",
        "wallet_link",
        "info_link",
        "mining_link",
        "free_host",
    ):
        sides[bits[plain]] = "neutral"
    sides |= {bits[shape.id]: shape.side for shape in catalogue.text_shapes}
    sides |= {bits[cue.id]: cue.side for cue in catalogue.cues}
    return sides
