"""Loading the catalogue strictly, and checking its files against each other.

Every error is one line: `file:line: what; did you mean ...`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from classifiers.schema import (
    LINK_SIGNALS,
    NAME_SIGNALS,
    QUOTED,
    SPECIMEN,
    Catalogue,
    DisguisesFile,
    ExchangesFile,
    HintsFile,
    LegalFile,
    LexiconFile,
    MessagingFile,
    RedirectorsFile,
    Rule,
    RulesFile,
    SetsFile,
    TextShapesFile,
    WeightsFile,
    WordingFile,
)
from classifiers.wording import is_phrase
from core.strict_yaml import Loaded, did_you_mean, load_yaml

T = TypeVar("T")


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


def load_catalogue(folder: Path) -> Catalogue:
    """Read and cross-check the catalogue in `folder`.

    Raises CatalogueError on the first wrong line: unknown or duplicate key, duplicate id, regular
    expression that does not compile, or a name that no file defines.
    """
    exchanges = load_yaml(folder / "exchanges.yaml", ExchangesFile)
    redirectors = load_yaml(folder / "redirectors.yaml", RedirectorsFile)
    messaging = load_yaml(folder / "messaging.yaml", MessagingFile)
    legal = load_yaml(folder / "legal_basis.yaml", LegalFile)
    shapes = load_yaml(folder / "lexicon" / "text_shapes.yaml", TextShapesFile)
    disguises = load_yaml(folder / "lexicon" / "disguises.yaml", DisguisesFile)
    sets = load_yaml(folder / "rules" / "sets.yaml", SetsFile)
    weights = load_yaml(folder / "weights.yaml", WeightsFile)
    wording = load_yaml(folder / "wording.yaml", WordingFile)
    hints = load_yaml(folder / "subject_hints.yaml", HintsFile)
    lexicons = [
        load_yaml(path, LexiconFile)
        for path in sorted((folder / "lexicon").glob("*.yaml"))
        if path.stem not in ("text_shapes", "disguises")
    ]
    rules = [
        load_yaml(path, RulesFile)
        for path in sorted((folder / "rules").glob("*.yaml"))
        if path.stem != "sets"
    ]
    check = _Check()
    check.exchanges(exchanges)
    check.redirectors(redirectors)
    check.messaging(messaging)
    check.legal(legal)
    check.define(lexicons, shapes, sets)
    check.words(lexicons, shapes)
    check.disguises(disguises)
    check.rules(rules, weights)
    check.wording(wording)
    return Catalogue(
        exchanges=exchanges.value,
        redirectors=redirectors.value,
        messaging=messaging.value,
        legal=legal.value,
        cues=tuple(
            msgspec.structs.replace(cue, family=file.path.stem)
            for file in lexicons
            for cue in file.value.cues
        ),
        text_shapes=shapes.value.shapes,
        disguises=disguises.value,
        sets=sets.value.sets,
        rules=tuple(
            msgspec.structs.replace(rule, family=file.path.stem)
            for file in rules
            for rule in file.value.rules
        ),
        weights=weights.value,
        wording=wording.value,
        hints=hints.value.words,
        version=catalogue_version(folder),
    )


def catalogue_version(folder: Path) -> str:
    """Hash of the contents of every file that `load_catalogue` reads (not of the targets)."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.yaml")):
        name = path.relative_to(folder).as_posix()
        if not name.startswith("targets/"):
            digest.update(f"{name}\0".encode() + path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()[:16]


def judged_by(folder: Path, on: date) -> str:
    """What a verdict of day `on` rests on: the catalogue's version, and the instruments in force.

    Cheap: only the law is loaded. Raises CatalogueError.
    """
    legal = load_yaml(folder / "legal_basis.yaml", LegalFile).value
    return " ".join(
        (catalogue_version(folder), *(i.id for i in legal.instruments if i.in_force(on)))
    )


class _Check:
    """Checks that go beyond one file's schema. Every method raises CatalogueError."""

    def __init__(self) -> None:
        self.signals: set[str] = {*LINK_SIGNALS, *NAME_SIGNALS.values(), QUOTED, SPECIMEN}
        self.sets: set[str] = set()
        self.entities: set[str] = set()

    def exchanges(self, file: Loaded[ExchangesFile]) -> None:
        self.entities = self._ids(file.value.entities, file, "entities")
        self._ids(file.value.shapes, file, "shapes")
        domains: dict[str, str] = {}
        for position, entity in enumerate(file.value.entities):
            self._sources(entity.source, file.value.sources, file, "entities", position)
            for role, hosts in entity.domains.items():
                for host in hosts:
                    if host in domains:
                        raise file.error(
                            f"domain `{host}` stands at `{domains[host]}` and at `{entity.id}`",
                            "entities", position, "domains", role,
                        )  # fmt: skip
                    domains[host] = entity.id
        for position, shape in enumerate(file.value.shapes):
            where = ("shapes", position)
            self._sources(shape.source, file.value.sources, file, *where)
            self._known(shape.entity, self.entities, "entity", file, *where, "entity")
            self._regex(shape.path, file, *where, "path")
            self._regex(shape.fragment, file, *where, "fragment")
            for key, pattern in shape.query.items():
                self._regex(pattern, file, *where, "query", key)
            if not (shape.path or shape.query or shape.parameters or shape.fragment):
                raise file.error("a shape needs a path, a query or a fragment", *where)

    def redirectors(self, file: Loaded[RedirectorsFile]) -> None:
        self._ids(file.value.hosts, file, "hosts")
        self._ids(file.value.redirectors, file, "redirectors")
        for position, group in enumerate(file.value.hosts):
            self._sources(group.source, file.value.sources, file, "hosts", position)
        for position, entry in enumerate(file.value.redirectors):
            self._sources(entry.source, file.value.sources, file, "redirectors", position)
            if entry.path.startswith("^"):
                self._regex(entry.path, file, "redirectors", position, "path")

    def messaging(self, file: Loaded[MessagingFile]) -> None:
        self._ids(file.value.links, file, "links")
        for position, link in enumerate(file.value.links):
            where = ("links", position)
            self._sources(link.source, file.value.sources, file, *where)
            pattern = self._regex(link.pattern, file, *where, "pattern")
            if not pattern.search(link.example):
                raise file.error(f"`{link.id}` does not match its example", *where, "example")
            if pattern.search(link.miss):
                raise file.error(f"`{link.id}` matches its miss", *where, "miss")

    def legal(self, file: Loaded[LegalFile]) -> None:
        known = self._ids(file.value.instruments, file, "instruments")
        for position, instrument in enumerate(file.value.instruments):
            where = ("instruments", position)
            self._sources(instrument.source, file.value.sources, file, *where)
            for repealed in instrument.repeals:
                self._known(repealed, known, "instrument", file, *where, "repeals")

    def define(
        self,
        lexicons: list[Loaded[LexiconFile]],
        shapes: Loaded[TextShapesFile],
        sets: Loaded[SetsFile],
    ) -> None:
        for file in lexicons:
            for position, cue in enumerate(file.value.cues):
                self._new_signal(cue.id, file, "cues", position, "id")
        for position, shape in enumerate(shapes.value.shapes):
            self._new_signal(shape.id, shapes, "shapes", position, "id")
        for name, members in sets.value.sets.items():
            if name in self.signals:
                raise sets.error(f"set `{name}` has the name of a signal", "sets", name)
            self.sets.add(name)
            self._all_known(members, self.signals, sets, "sets", name)

    def words(self, lexicons: list[Loaded[LexiconFile]], shapes: Loaded[TextShapesFile]) -> None:
        everything = self.signals | self.sets
        for file in lexicons:
            for position, cue in enumerate(file.value.cues):
                where = ("cues", position)
                self._sources(cue.source, file.value.sources, file, *where)
                self._all_known(cue.needs, everything, file, *where, "needs")
                if cue.shadow and cue.shadow_words:
                    problem = f"cue `{cue.id}` is all shadow: write its shadow_words as words"
                    raise file.error(problem, *where, "shadow_words")
        for position, shape in enumerate(shapes.value.shapes):
            where = ("shapes", position)
            self._regex(shape.pattern, shapes, *where, "pattern")
            self._regex(shape.hint, shapes, *where, "hint")
            self._sources(shape.source, shapes.value.sources, shapes, *where)
            self._all_known(shape.needs, everything, shapes, *where, "needs")
            if bool(shape.needs) != bool(shape.anchors) or (shape.needs and shape.raw):
                problem = f"shape `{shape.id}` needs `needs` and `anchors` together, and no `raw`"
                raise shapes.error(f"{problem}, or neither of them", *where)

    def disguises(self, file: Loaded[DisguisesFile]) -> None:
        everything = self.signals | self.sets
        self._all_known(file.value.company, everything, file, "company")
        self._all_known(file.value.name_company, everything, file, "name_company")
        for position, word in enumerate(file.value.protected):
            where = ("protected", position)
            self._known(word.cue, self.signals, "signal", file, *where, "cue")
            if word.entity:
                self._known(word.entity, self.entities, "entity", file, *where, "entity")
            for sound in word.sound:
                if len(sound) > 1:
                    self._known(sound, file.value.sounds, "sound", file, *where, "sound")

    def rules(self, files: list[Loaded[RulesFile]], weights: Loaded[WeightsFile]) -> None:
        seen: set[str] = set()
        everything = self.signals | self.sets
        for file in files:
            for position, rule in enumerate(file.value.rules):
                where = ("rules", position)
                if rule.id in seen:
                    raise file.error(f"duplicate rule id `{rule.id}`", *where, "id")
                seen.add(rule.id)
                for line, names in enumerate(rule.needs):
                    self._all_known(names, everything, file, *where, "needs", line)
                self._all_known(rule.of, everything, file, *where, "of")
                self._all_known(rule.unless, everything, file, *where, "unless")
                if (not rule.needs and not rule.of and not rule.learned) or (
                    bool(rule.of) != bool(rule.at_least)
                ):
                    raise file.error(
                        f"rule `{rule.id}` needs `needs`, or `of` with `at_least`", *where
                    )
                if rule.learned and rule.shadow:
                    raise file.error(f"learned rule `{rule.id}` cannot be shadow", *where)
                if rule.id not in weights.value.points:
                    problem = f"rule `{rule.id}` has no points; add it to weights.yaml"
                    raise file.error(problem, *where, "id")
                self._sign(rule, weights)
        for name in weights.value.points:
            self._known(name, seen, "rule", weights, "points", name)
        learned = sorted((r.scope, r.side) for f in files for r in f.value.rules if r.learned)
        if learned != [(s, side) for s in ("page", "passage") for side in ("against", "for")]:
            problem = "the wording needs one learned rule of each side for passage and page"
            raise files[0].error(problem, "rules")

    @staticmethod
    def wording(wording: Loaded[WordingFile]) -> None:
        for phrase in wording.value.phrases:
            if not is_phrase(phrase):
                problem = f"`{phrase}` is no phrase: the head of the file tells their forms"
                raise wording.error(problem, "phrases", phrase)

    @staticmethod
    def _sign(rule: Rule, weights: Loaded[WeightsFile]) -> None:
        points = weights.value.points[rule.id]
        if (points < 0) if rule.side == "for" else (points > 0):
            raise weights.error(
                f"points of `{rule.id}` have the wrong sign for a rule that speaks {rule.side}",
                "points",
                rule.id,
            )

    def _all_known(
        self, names: Iterable[str], known: Iterable[str], file: Loaded[T], *where: str | int
    ) -> None:
        for name in names:
            self._known(name, known, "signal", file, *where)

    def _new_signal(self, name: str, file: Loaded[T], *where: str | int) -> None:
        if name in self.signals:
            raise file.error(f"duplicate signal id `{name}`", *where)
        self.signals.add(name)

    @staticmethod
    def _ids(entries: Iterable[_Identified], file: Loaded[T], key: str) -> set[str]:
        seen: set[str] = set()
        for position, entry in enumerate(entries):
            if entry.id in seen:
                raise file.error(f"duplicate id `{entry.id}`", key, position, "id")
            seen.add(entry.id)
        return seen

    @staticmethod
    def _known(
        name: str, known: Iterable[str], what: str, file: Loaded[T], *where: str | int
    ) -> None:
        if name not in known:
            raise file.error(f"unknown {what} `{name}`{did_you_mean(name, known)}", *where)

    def _sources(
        self, keys: tuple[str, ...], known: dict[str, str], file: Loaded[T], *where: str | int
    ) -> None:
        for key in keys:
            self._known(key, known, "source", file, *where, "source")

    @staticmethod
    def _regex(pattern: str, file: Loaded[T], *where: str | int) -> re.Pattern[str]:
        try:
            return re.compile(pattern, re.IGNORECASE)
        except re.error as error:
            raise file.error(f"bad regular expression `{pattern}`: {error}", *where) from error
