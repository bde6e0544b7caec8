"""Changes of the catalogue that may be proposed, made in memory so that their effect can be tried.

Nothing here writes: a person who agrees edits the catalogue.
"""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import structs

from classifiers.schema import Catalogue, Cue, Entity, Rule
from core.errors import BadInput

ProposalKind = Literal["raise", "guard", "retire"]
RAISE_POINTS = 0.5
"""Log-odds by which a raised rule gives more."""


class Proposal(msgspec.Struct, frozen=True):
    """One change of a rule (its id) or a term (`promo_reward/返佣`, or an exchange's id).

    `raise`: a rule gives `RAISE_POINTS` more. `guard`: a rule does not fire beside words that speak
    against promotion; a term counts in company of other signals only. `retire`: it is taken out.
    """

    kind: ProposalKind
    subject: Literal["rule", "term"]
    name: str


def changed(catalogue: Catalogue, proposal: Proposal) -> Catalogue:
    """`catalogue` with `proposal` carried out. Raises BadInput where it has no such entry."""
    if proposal.subject == "rule":
        return _rule_changed(catalogue, proposal)
    return _term_changed(catalogue, proposal)


def is_guarded(catalogue: Catalogue, term: str) -> bool:
    """Whether a term counts in company only already."""
    cue, _, word = term.partition("/")
    if word:
        return any(one.id == cue and (one.needs or word in one.guarded) for one in catalogue.cues)
    return any(one.id == term and not one.names for one in catalogue.exchanges.entities)


def _rule_changed(catalogue: Catalogue, proposal: Proposal) -> Catalogue:
    found = next((rule for rule in catalogue.rules if rule.id == proposal.name), None)
    if found is None or found.learned:
        raise BadInput(f"no rule of the catalogue is called `{proposal.name}`")
    if proposal.kind == "raise":
        points = dict(catalogue.weights.points)
        points[found.id] += RAISE_POINTS
        return structs.replace(catalogue, weights=structs.replace(catalogue.weights, points=points))
    others = tuple(rule for rule in catalogue.rules if rule.id != found.id)
    if proposal.kind == "retire":
        return structs.replace(catalogue, rules=others)
    return structs.replace(catalogue, rules=(*others, _guarded_rule(catalogue, found)))


def _guarded_rule(catalogue: Catalogue, rule: Rule) -> Rule:
    wanted = {name for line in rule.needs for name in line} | set(rule.of)
    against = [c.id for c in catalogue.cues if c.side == "against" and c.id not in wanted]
    return structs.replace(rule, unless=tuple(dict.fromkeys((*rule.unless, *against))))


def _term_changed(catalogue: Catalogue, proposal: Proposal) -> Catalogue:
    cue_id, _, word = proposal.name.partition("/")
    retire = proposal.kind == "retire"
    if word:
        cues = tuple(
            _cue_changed(cue, word, retire=retire) if cue.id == cue_id else cue
            for cue in catalogue.cues
        )
        secret = catalogue.disguises.protected
        kept = tuple(one for one in secret if not (one.cue == cue_id and one.word == word))
        disguises = structs.replace(catalogue.disguises, protected=kept if retire else secret)
        after = structs.replace(catalogue, cues=cues, disguises=disguises)
    else:
        entities = tuple(
            _entity_changed(one, retire=retire) if one.id == cue_id else one
            for one in catalogue.exchanges.entities
        )
        exchanges = structs.replace(catalogue.exchanges, entities=entities)
        after = structs.replace(catalogue, exchanges=exchanges)
    if after == catalogue:
        raise BadInput(f"no term of the catalogue is called `{proposal.name}`")
    return after


def _cue_changed(cue: Cue, word: str, *, retire: bool) -> Cue:
    words = tuple(one for one in cue.words if one != word)
    guarded = tuple(one for one in cue.guarded if one != word)
    return structs.replace(cue, words=words, guarded=guarded if retire else (*guarded, word))


def _entity_changed(entity: Entity, *, retire: bool) -> Entity:
    guarded = () if retire else (*entity.names, *entity.guarded)
    return structs.replace(entity, names=(), guarded=guarded)
